"""The Qt holder of the project: undo, dirty star, saving. Everything that changes the project goes through `edit`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.project.project import Project
from engine.project.storage import autosave_path, load_project, save_project

Edit = Callable[[Project], Project]


class Document(QObject):
    """One open project. `changed(old, new)` follows every edit, undo and redo; `replaced()` follows new and open."""

    changed = Signal(object, object)
    replaced = Signal()
    path_changed = Signal()

    def __init__(self, unpack_to: Path, parent: QObject | None = None) -> None:
        """`unpack_to` is the folder for media that opened projects carry inside; it must outlive the document."""
        super().__init__(parent)
        self.project = Project()
        self.path: Path | None = None
        self.undo_stack = QUndoStack(self)
        self._unpack_to = unpack_to

    @property
    def dirty(self) -> bool:
        """Whether there is work that the file does not hold."""
        return not self.undo_stack.isClean()

    def edit(self, name: str, edit: Edit, merge: str | None = None) -> None:
        """Apply a pure edit as one step of undo called `name`.

        Edits in a row with the same `merge` key (one drag of the mouse: make it unique for each drag) become one step.
        An edit that changes nothing leaves no step.

        Raises:
            EngineError: the edit refuses; the project stays as it was.
        """
        old, new = self.project, edit(self.project)
        if new != old:
            self.undo_stack.push(_Step(self, name, old, new, merge))

    def new(self, project: Project | None = None) -> None:
        """Start afresh, from a given project if there is one."""
        self._replace(project or Project(), None)

    def open(self, path: Path, recover: Path | None = None) -> None:
        """Open a project file; with `recover` (its autosave) the unsaved work in that instead.

        Raises:
            ProjectError: damaged, newer, or no project; the open one stays.
        """
        project = load_project(recover or path, self._unpack_to)
        self._replace(project, path)
        if recover:
            self.undo_stack.resetClean()

    def save(self, path: Path) -> None:
        """Write the project; the older file stays whole until the new one is.

        Raises:
            MediaError, ExportError: see `save_project`.
        """
        save_project(self.project, path)
        self.path = path
        self.undo_stack.setClean()
        autosave_path(path).unlink(missing_ok=True)
        self.path_changed.emit()

    def _replace(self, project: Project, path: Path | None) -> None:
        self.project, self.path = project, path
        self.undo_stack.clear()
        self.replaced.emit()
        self.path_changed.emit()

    def _show(self, project: Project) -> None:
        old, self.project = self.project, project
        self.changed.emit(old, project)


class _Step(QUndoCommand):
    """Two values of the project; merging keeps the older's old one."""

    def __init__(self, document: Document, name: str, old: Project, new: Project, merge: str | None) -> None:
        super().__init__(name)
        self._document, self._old, self._new, self._merge = document, old, new, merge

    def id(self) -> int:
        return -1 if self._merge is None else hash(self._merge) % 2**31

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Step) or other._merge != self._merge:
            return False
        self._new = other._new
        self.setObsolete(self._new == self._old)  # dragged there and back: nothing to undo
        return True

    def redo(self) -> None:
        self._document._show(self._new)

    def undo(self) -> None:
        self._document._show(self._old)
