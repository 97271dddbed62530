"""Edits while the mouse drags."""

from __future__ import annotations

from itertools import count

from PySide6.QtCore import QObject, Signal

from desktop.document import Document, Edit
from engine.errors import EngineError
from engine.project.project import Project

_tokens = count()


class DragEdit(QObject):
    """Applies every step of a drag to the project as it was when the drag began, so that nothing passed over on the way
    is lost, and makes all of them one step of undo. What the engine refuses is told once a drag.
    """

    failed = Signal(object)  # EngineError

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._gesture: object = None
        self._told = False
        self._token = ""
        self._base: Project | None = None
        self._shown: Project | None = None

    def step(self, gesture: object, name: str, edit: Edit) -> bool:
        """Show `edit` of the project as it was when `gesture` (any value, another one for each drag) began."""
        if gesture != self._gesture:
            self._gesture, self._told = gesture, False
            self._begin()
        elif self._document.project is not self._shown:  # something else changed it meanwhile: go on from there
            self._begin()
        base = self._base
        assert base is not None
        try:
            self._document.edit(name, lambda _: edit(base), self._token)
        except EngineError as error:
            if not self._told:
                self._told = True
                self.failed.emit(error)
            return False
        finally:
            self._shown = self._document.project
        return True

    def cancel(self) -> None:
        """Back to how it was when the drag began."""
        if self._base is not None and self._document.project is self._shown:
            base = self._base
            self._document.edit("Cancel", lambda _: base, self._token)
        self._gesture = None

    def _begin(self) -> None:
        self._base = self._shown = self._document.project
        self._token = f"drag {next(_tokens)}"
