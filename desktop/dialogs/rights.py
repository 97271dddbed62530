"""The right to a person's picture: asked once a picture, in a sentence, before it is animated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from desktop.document import Document
from desktop.theme import SPACE
from engine.export.rights import needing_word
from engine.project.edits import with_rights
from engine.project.media_ref import MediaRef
from engine.project.project import Rights

GROUNDS = ("It is me", "They agreed to it", "The person is not real", "The law allows it")


class RightsDialog(QDialog):
    """What is chosen becomes part of the project and of every video made from it."""

    def __init__(self, document: Document, media: MediaRef, then: Callable[[], object], parent: QWidget | None) -> None:
        """`then` is called once the user has said on what ground they may."""
        super().__init__(parent)
        self.setWindowTitle("May you use this picture?")
        self._document, self._media, self._then = document, media, then
        question = QLabel(
            f"You are about to animate the person in {media.name}. On what ground may you use their likeness? "
            "Your answer is kept in the project and written into the videos made from it."
        )
        question.setWordWrap(True)
        question.setMinimumWidth(380)
        self.grounds = QButtonGroup(self)
        self.words = QLineEdit()
        self.words.setPlaceholderText("A word more, if you like: who agreed, when, which licence")
        self.words.setAccessibleName("A word more")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton("Go on", QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setEnabled(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.grounds.buttonClicked.connect(lambda _: self.go.setEnabled(True))
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE * 2)
        column.setSpacing(SPACE)
        column.addWidget(question)
        for text in GROUNDS:
            choice = QRadioButton(text)
            self.grounds.addButton(choice)
            column.addWidget(choice)
        column.addWidget(self.words)
        column.addWidget(buttons)

    def accept(self) -> None:
        """Keep the word and go on with what was asked for."""
        chosen, more = self.grounds.checkedButton(), self.words.text().strip()
        if not chosen:
            return
        ground = f"{chosen.text()}: {more}" if more else chosen.text()
        word = Rights(self._media.sha256, ground, date.today().isoformat())
        self._document.edit("State the right to the picture", lambda project: with_rights(project, word))
        super().accept()
        self._then()


def with_the_right(document: Document, parent: QWidget | None, then: Callable[[], object]) -> RightsDialog | None:
    """Do `then`; before it, if a picture needs the user's word and has none yet, ask for it, one after the other."""
    missing = needing_word(document.project)
    if not missing:
        then()
        return None
    dialog = RightsDialog(document, missing[0], lambda: with_the_right(document, parent, then), parent)
    dialog.open()
    return dialog
