"""Takes: the performances generated so far, to compare and to go back to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from desktop.document import Document
from engine.project.channels import NAMES
from engine.project.curve import Curve
from engine.project.motion import Motion
from engine.project.project import Project
from engine.project.takes import with_take
from engine.project.timing import ALWAYS, TimeRange

MOST = 8  # takes kept: ten minutes of motion are some 4 MB


@dataclass(frozen=True, eq=False)
class Take:
    """A performance as it was generated, without edits."""

    name: str
    motion: Motion


class Takes(QObject):
    """Notes by itself whenever the generated samples of the document change. Forgotten when it is closed."""

    changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._takes: list[Take] = []
        self._count = 0
        document.changed.connect(self._project_changed)
        document.replaced.connect(self._project_replaced)

    @property
    def all(self) -> tuple[Take, ...]:
        """Oldest first."""
        return tuple(self._takes)

    @property
    def current(self) -> Take | None:
        """The take that the document's generated samples are, if they are all of one."""
        return self._known(self._document.project.motion)

    def with_take(self, project: Project, take: Take, names: Collection[str], span: TimeRange = ALWAYS) -> Project:
        """The project with this take's samples in place of those it has; locks hold, edits stay."""
        return with_take(project, take.motion, span, names)

    def _project_changed(self, old: Project, new: Project) -> None:
        if old.motion is not new.motion and not _same(old.motion, new.motion):
            self._note(old.motion)
            self._note(new.motion)
            self.changed.emit()

    def _project_replaced(self) -> None:
        self._takes, self._count = [], 0
        self.changed.emit()

    def _note(self, motion: Motion) -> None:
        if motion.frames and any(len(curve.generated) for curve in motion.curves.values()) and not self._known(motion):
            self._count += 1
            bare = Motion(motion.rate, motion.frames, {name: Curve(motion[name].generated) for name in NAMES})
            self._takes = [*self._takes, Take(f"Take {self._count}", bare)][-MOST:]

    def _known(self, motion: Motion) -> Take | None:
        return next((take for take in self._takes if _same(take.motion, motion)), None)


def _same(one: Motion, other: Motion) -> bool:
    """Whether both have the same generated samples."""
    if (one.frames, one.rate) != (other.frames, other.rate):
        return False
    pairs = ((one[name].generated, other[name].generated) for name in NAMES)
    return all(a is b or np.array_equal(a, b) for a, b in pairs)
