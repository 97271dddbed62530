"""Work is kept safe between saves: beside the project, or in the user's data folder while it has no file yet."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

from desktop.background import Background
from desktop.document import Document
from engine.errors import EngineError
from engine.project.project import Project
from engine.project.storage import SUFFIX, autosave_path, recoverable, save_project

PAUSE_MS = 10_000  # after a change; many changes in that time are one autosave


class Autosave(QObject):
    """Saves the document's project aside some time after each change, in a thread: the project is a value."""

    failed = Signal(object)  # the error
    saved = Signal(object)  # the path

    def __init__(
        self, document: Document, unsaved: Path, background: Background, parent: QObject | None = None
    ) -> None:
        """`unsaved` is the folder for projects that have no file yet."""
        super().__init__(parent)
        self._document, self._background = document, background
        self._untitled = unsaved / f"untitled-{os.getpid()}-{id(self):x}{SUFFIX}"
        self._lock: QLockFile | None = None
        self._kept: Path | None = None
        self._begun: Path | None = None  # what a thread writes or has written
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._start)
        document.changed.connect(self._changed)
        document.replaced.connect(self.forget)
        document.path_changed.connect(self._path_changed)

    def now(self) -> Path | None:
        """Save aside at once, in this thread; the path, or None if there was nothing to save or it failed."""
        self._timer.stop()
        if not self._document.dirty:
            return None
        target = self._target()
        try:
            save_project(self._document.project, target)
        except EngineError:
            return None
        self._kept = target
        return target

    def forget(self) -> None:
        """The user has saved, or does not want this work: its autosave goes away."""
        self._timer.stop()
        if self._kept:
            self._kept.unlink(missing_ok=True)
            self._kept = None

    def close(self) -> None:
        """The program ends in good order, its threads have ended: nothing to recover."""
        self._kept = self._kept or self._begun
        self.forget()
        if self._lock:
            self._lock.unlock()

    def _changed(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _path_changed(self) -> None:
        if not self._document.dirty:
            self.forget()

    def _target(self) -> Path:
        if self._document.path:
            return autosave_path(self._document.path)
        if self._lock is None:
            self._untitled.parent.mkdir(parents=True, exist_ok=True)
            self._lock = QLockFile(f"{self._untitled}.lock")
            self._lock.setStaleLockTime(0)  # only a dead process's lock is stale, however old
            self._lock.tryLock(0)
        return self._untitled

    def _start(self) -> None:
        if not self._document.dirty:
            return
        project, target = self._document.project, self._target()
        self._begun = target
        self._background.start(
            lambda: save_project(project, target), lambda _: self._finished(project, target), self.failed.emit
        )

    def _finished(self, project: Project, target: Path) -> None:
        if self._kept and self._kept != target:
            self._kept.unlink(missing_ok=True)
        self._kept = target
        if not self._document.dirty or target != self._target():  # saved or replaced meanwhile
            self.forget()
        else:
            self.saved.emit(target)


@dataclass(frozen=True)
class Recoverable:
    """Work that a crash left behind: the autosave, and the project file it belongs to if it had one."""

    autosave: Path
    path: Path | None

    @property
    def name(self) -> str:
        """For people."""
        return self.path.stem if self.path else "Untitled project"

    @property
    def when(self) -> datetime:
        """When it was saved aside."""
        return datetime.fromtimestamp(self.autosave.stat().st_mtime)

    def discard(self) -> None:
        """Delete it."""
        self.autosave.unlink(missing_ok=True)


def left_behind(unsaved: Path, recent: list[Path]) -> list[Recoverable]:
    """What can be recovered: untitled work of programs that no longer run, and autosaves newer than their projects."""
    found = [Recoverable(autosave, path) for path in recent if (autosave := recoverable(path))]
    for file in sorted(unsaved.glob(f"untitled-*{SUFFIX}")):
        lock = QLockFile(f"{file}.lock")
        lock.setStaleLockTime(0)
        if lock.tryLock(0):  # nobody holds it
            lock.unlock()
            found.append(Recoverable(file, None))
    return sorted(found, key=lambda one: one.when, reverse=True)
