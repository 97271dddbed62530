"""Offers work that a crash left behind."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.autosave import Recoverable
from desktop.theme import SPACE


class RecoverDialog(QDialog):
    """One row for each piece of lost work; what is neither recovered nor deleted is offered again next time."""

    def __init__(
        self, found: list[Recoverable], recover: Callable[[Recoverable], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._found, self._recover = list(found), recover
        self.setWindowTitle("Recover work")
        heading = QLabel("Portrayal ended before this work was saved")
        heading.setProperty("role", "heading")
        text = QLabel("Open it again, or delete it for good. What you leave here is offered again at the next start.")
        text.setProperty("role", "muted")
        text.setWordWrap(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Work that can be recovered")
        for one in self._found:
            self.list.addItem(QListWidgetItem(f"{one.name}\n{one.when:%d %b %Y, %H:%M}"))
        self.list.setCurrentRow(0)
        self.list.itemDoubleClicked.connect(self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE * 2)
        column.setSpacing(SPACE)
        for widget in (heading, text, self.list):
            column.addWidget(widget)
        column.addLayout(self._buttons())

    def sizeHint(self) -> QSize:
        return QSize(480, 320)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        delete, later, recover = QPushButton("Delete"), QPushButton("Later"), QPushButton("Recover")
        delete.setAutoDefault(False)
        later.setAutoDefault(False)
        delete.clicked.connect(self._delete)
        later.clicked.connect(self.reject)
        recover.clicked.connect(self._open)
        recover.setDefault(True)
        row.addWidget(delete)
        row.addStretch(1)
        row.addWidget(later)
        row.addWidget(recover)
        return row

    def _open(self) -> None:
        row = self.list.currentRow()
        if row >= 0:
            self.accept()
            self._recover(self._found[row])

    def _delete(self) -> None:
        row = self.list.currentRow()
        if row >= 0:
            self._found.pop(row).discard()
            self.list.takeItem(row)
        if not self._found:
            self.reject()
