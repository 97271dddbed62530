"""A bar across the window that says what happened and what to do; it stands in nobody's way."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton

from desktop.theme import SPACE, Palette, icon

NOTICE_MS = 8000  # good news goes away by itself
READ_MS = 2000  # that an error stays at least
KINDS = {"info": "info", "good": "check", "warning": "warning", "error": "error"}  # kind -> icon


class MessageBar(QFrame):
    """Shows one message at a time, the newest."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self._kind = "info"
        self._symbol = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._buttons = QHBoxLayout()
        self._close = QToolButton()
        self._close.setAccessibleName("Dismiss message")
        self._close.setToolTip("Dismiss")
        self._close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE * 2, SPACE, SPACE, SPACE)
        row.setSpacing(SPACE)
        row.addWidget(self._symbol)
        row.addWidget(self._text, 1)
        row.addLayout(self._buttons)
        row.addWidget(self._close)
        self._timer = QTimer(self, singleShot=True, interval=NOTICE_MS)
        self._timer.timeout.connect(self.hide)
        self._since = QElapsedTimer()
        self.hide()

    @property
    def text(self) -> str:
        """What it says now, "" while hidden."""
        return "" if self.isHidden() else self._text.text()

    def say(self, text: str, kind: str = "info", actions: tuple[tuple[str, Callable[[], object]], ...] = ()) -> None:
        """Show a message of a kind of `KINDS`, with buttons that each do something and dismiss it."""
        self._kind = kind
        self._text.setText(text)
        self.setAccessibleName(text)
        while item := self._buttons.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        for label, call in actions:
            button = QPushButton(label)
            button.clicked.connect(self.hide)
            button.clicked.connect(lambda _checked=False, call=call: call())
            self._buttons.addWidget(button)
        self.refresh()
        self.show()
        self._since.start()
        if kind in ("info", "good") and not actions:
            self._timer.start()
        else:
            self._timer.stop()

    def move_on(self, at_once: bool = False) -> None:
        """The user has gone on: an error that asks nothing of them leaves, once there was time to read it."""
        asks = self._buttons.count() > 0
        if self._kind == "error" and not asks and (at_once or self._since.hasExpired(READ_MS)):
            self.hide()

    def refresh(self) -> None:
        """Draw icons in the colours of the theme."""
        self._symbol.setPixmap(icon(KINDS[self._kind], self._palette, self._colour()).pixmap(18, 18))
        self._close.setIcon(icon("close", self._palette))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A raised strip with the kind's colour at its left edge."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.raised))
        painter.fillRect(0, 0, 3, self.height(), QColor(self._colour()))

    def _colour(self) -> str:
        palette = self._palette
        return {"good": palette.good, "warning": palette.warning, "error": palette.error}.get(
            self._kind, palette.accent
        )
