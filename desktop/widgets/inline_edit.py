"""A line of text edited in place, over a painted widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget


class InlineEdit(QLineEdit):
    """Enter or a click elsewhere keeps the text, Escape does not; then it is gone."""

    def __init__(
        self, over: QWidget, rect: QRect, text: str, done: Callable[[str], object], offers: Sequence[str] = ()
    ) -> None:
        super().__init__(text, over)
        self._done: Callable[[str], object] | None = done
        self.setAccessibleName("Text")
        if offers:
            completer = QCompleter(list(offers), self)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            self.setCompleter(completer)
        shown = rect.intersected(over.rect())
        shown.setWidth(max(shown.width(), 140))
        shown.moveRight(min(shown.right(), over.width() - 1))
        self.setGeometry(shown)
        self.returnPressed.connect(self._keep)
        self.show()
        self.selectAll()
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._finish(None)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._keep()

    def _keep(self) -> None:
        self._finish(self.text())

    def _finish(self, text: str | None) -> None:
        done, self._done = self._done, None
        if done is None:
            return
        self.hide()
        self.deleteLater()
        if text is not None:
            done(text.strip())
