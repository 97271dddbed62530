"""Shown when something failed that should not: what happened to the work, and the details for a report."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.theme import SPACE


class CrashDialog(QDialog):
    """The user may always go on."""

    def __init__(self, details: str, kept: Path | None, parent: QWidget | None = None) -> None:
        """`details` is the traceback, `kept` where unsaved work was put."""
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        heading = QLabel("Something went wrong inside Portrayal")
        heading.setProperty("role", "heading")
        safe = f"Your work was saved aside to {kept}." if kept else "There was no unsaved work to lose."
        text = QLabel(
            f"This is a fault of the program, not yours. {safe} You can go on working; if something looks wrong, "
            "undo the last change, or save under another name and start Portrayal again."
        )
        text.setWordWrap(True)
        self.details = QPlainTextEdit(details, readOnly=True)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setAccessibleName("Details of the fault")
        buttons = QDialogButtonBox()
        copy = buttons.addButton("Copy details", QDialogButtonBox.ButtonRole.ActionRole)
        copy.setAutoDefault(False)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
        buttons.addButton("Continue", QDialogButtonBox.ButtonRole.AcceptRole).setDefault(True)
        buttons.accepted.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE * 2)
        layout.setSpacing(SPACE * 2)
        for widget in (heading, text, self.details, buttons):
            layout.addWidget(widget)

    def sizeHint(self) -> QSize:
        """Wide enough for most lines of a traceback."""
        return QSize(640, 400)
