"""Commands on the project as a whole: new, open, save, the sample, and getting lost work back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from desktop.actions import Actions
from desktop.autosave import Autosave, Recoverable
from desktop.document import Document
from desktop.settings import Settings
from engine.errors import EngineError
from engine.project.edits import with_media
from engine.project.project import Project
from engine.project.storage import SUFFIX, check_media, load_project, recoverable
from engine.resources import resource

FILTER = f"Portrayal projects (*{SUFFIX})"
Answer = QMessageBox.StandardButton


class Projects(QObject):
    """Every way to another project asks first whether unsaved work shall be kept."""

    notice = Signal(str, str)  # text and kind, for the message bar
    failed = Signal(object)  # an exception
    opened = Signal()  # a project is there to work on, also an empty one
    closed = Signal()  # back to the welcome page
    sample_opened = Signal()

    def __init__(
        self, document: Document, settings: Settings, autosave: Autosave, actions: Actions, window: QWidget
    ) -> None:
        super().__init__(window)
        self._document, self._settings, self._autosave, self._window = document, settings, autosave, window
        actions.connect("new", self.new)
        actions.connect("open", self.choose)
        actions.connect("sample", self.sample)
        actions.connect("save", self.save)
        actions.connect("save_as", self.save_as)
        actions.connect("close", self.close)

    @property
    def name(self) -> str:
        """The open project's name, for the window's title."""
        return self._document.path.stem if self._document.path else "Untitled"

    def new(self) -> None:
        """An empty project."""
        if self.may_leave():
            self._document.new()
            self.opened.emit()

    def close(self) -> None:
        """Put the project away."""
        if self.may_leave():
            self._document.new()
            self.closed.emit()

    def choose(self) -> None:
        """Ask for a project file and open it."""
        folder = str(self._settings.folder("project"))
        name, _ = QFileDialog.getOpenFileName(self._window, "Open project", folder, FILTER)
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> bool:
        """Open a project file, or its newer autosave if the user wants that; whether it worked."""
        if not self.may_leave():
            return False
        autosave = recoverable(path)
        return self._open(path, autosave if autosave and self._wants_autosave(path) else None)

    def recover(self, found: Recoverable) -> bool:
        """Open work that a crash left behind; whether it worked."""
        if not self.may_leave():
            return False
        if found.path:
            return self._open(found.path, found.autosave)
        try:
            project = load_project(found.autosave, self._settings.folders.unpacked)
        except EngineError as error:
            self.failed.emit(error)
            return False
        self._document.new(project)
        self._document.undo_stack.resetClean()
        if self._autosave.now():  # safe again under a name of our own
            found.discard()
        self.opened.emit()
        return True

    def sample(self) -> None:
        """A project made of the samples that ship; it has no file, so that saving asks for a place."""
        if not self.may_leave():
            return
        self._document.new(sample_project(self._settings.folders.unpacked))
        self.opened.emit()
        self.sample_opened.emit()

    def save(self) -> bool:
        """Save to the project's file, asking for one if it has none; whether it is saved."""
        return self._save(self._document.path) if self._document.path else self.save_as()

    def save_as(self) -> bool:
        """Ask for a file and save to it; whether it is saved."""
        start = self._document.path or self._settings.folder("project") / f"{self._suggested()}{SUFFIX}"
        name, _ = QFileDialog.getSaveFileName(self._window, "Save project as", str(start), FILTER)
        if not name:
            return False
        path = Path(name)
        return self._save(path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX))

    def may_leave(self) -> bool:
        """Whether the open project may be replaced: it is saved, or the user said so."""
        if not self._document.dirty:
            return True
        answer = self._ask_to_save()
        if answer == Answer.Save:
            return self.save()
        if answer == Answer.Discard:
            self._autosave.forget()
        return answer == Answer.Discard

    def _ask_to_save(self) -> QMessageBox.StandardButton:
        box = QMessageBox(self._window)
        box.setWindowTitle("Portrayal")
        box.setText(f"Save the changes to “{self.name}”?")
        box.setInformativeText("They are lost if you do not save them.")
        box.setStandardButtons(Answer.Save | Answer.Discard | Answer.Cancel)
        box.setDefaultButton(Answer.Save)
        return Answer(box.exec())

    def _wants_autosave(self, path: Path) -> bool:
        box = QMessageBox(self._window)
        box.setWindowTitle("Recover work")
        box.setText(f"There is unsaved work for “{path.stem}”.")
        box.setInformativeText("Portrayal ended before it was saved. Open it with that work, or as last saved?")
        recover = box.addButton("Recover", QMessageBox.ButtonRole.AcceptRole)
        box.addButton("Open as saved", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(recover)
        box.exec()
        return box.clickedButton() is recover

    def _open(self, path: Path, autosave: Path | None) -> bool:
        try:
            self._document.open(path, autosave)
        except EngineError as error:
            self.failed.emit(error)
            return False
        self._remember(path)
        self.opened.emit()
        try:
            check_media(self._document.project)
        except EngineError as error:
            self.failed.emit(error)
        return True

    def _save(self, path: Path) -> bool:
        try:
            self._document.save(path)
        except EngineError as error:
            self.failed.emit(error)
            return False
        self._remember(path)
        self.notice.emit(f"Saved to {path}", "good")
        return True

    def _remember(self, path: Path) -> None:
        self._settings.remember(path)
        self._settings.set_folder("project", path.absolute().parent)

    def _suggested(self) -> str:
        portrait = self._document.project.portrait
        return Path(portrait.media.name).stem if portrait else "Untitled"


def sample_project(unpack_to: Path) -> Project:
    """The sample that ships, its media to be saved inside: wherever the user keeps the project, it stays whole."""
    project = load_project(resource("samples/sample.portrayal"), unpack_to)
    return with_media(project, lambda ref: replace(ref, embedded=True))
