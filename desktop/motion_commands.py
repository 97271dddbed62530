"""Generating the performance: all of it, a range of it, or another take. The work itself is a job in the queue."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from fractions import Fraction

from PySide6.QtCore import QObject, Signal

from desktop.actions import Actions
from desktop.document import Document
from desktop.render_thread import QueuedJob, RenderThread
from desktop.selection import Selection
from engine import jobs
from engine.errors import EngineError, InputError
from engine.project.channels import NAMES
from engine.project.edits import with_seed
from engine.project.motion import Motion
from engine.project.project import Project
from engine.project.takes import same_performance, with_take
from engine.project.timing import ALWAYS, TimeRange

FADE = Fraction(1, 5)  # seconds over which a regenerated range meets what surrounds it


@dataclass(frozen=True, eq=False)
class Take:
    """One performance of the whole project, made in this session."""

    number: int
    seed: int
    motion: Motion


class MotionCommands(QObject):
    """What is generated becomes one step of undo, applied to the project as it is by then."""

    failed = Signal(object)  # EngineError: nothing was started
    takes_changed = Signal()

    def __init__(
        self,
        document: Document,
        selection: Selection,
        actions: Actions,
        thread: RenderThread,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._selection, self._thread = document, selection, thread
        self.takes: list[Take] = []
        self._number = self._regenerated = 0  # counted since the project was opened
        self._opened = 0  # how often another project was
        self._whole: QueuedJob | None = None  # the job that makes a whole performance, if one is on its way
        actions.connect("generate", self.generate)
        actions.connect("regenerate", self.regenerate_selection)
        actions.connect("new_take", self.new_take)
        document.replaced.connect(self._forget)

    def generate(self) -> None:
        """Perform the speech with the project's seed: the same project gives the same motion."""
        self._make_whole("Generate motion", self._document.project.seed)

    def new_take(self) -> None:
        """Perform it all once more, differently."""
        seed = max([self._document.project.seed, *(take.seed for take in self.takes)]) + 1
        self._make_whole("New take", seed)

    def regenerate_selection(self) -> None:
        """Perform the picked range anew, or what lies between in and out; picked channels alone, if any are."""
        span = self._selection.span or self._document.project.in_out
        if span == ALWAYS:
            self.failed.emit(InputError("nothing is selected: drag over a range of the timeline, or mark in and out"))
            return
        self.regenerate(span, self._selection.channels or NAMES)

    def regenerate(self, span: TimeRange, names: Collection[str]) -> None:
        """Perform these channels anew inside the range, unlike any take so far; locks hold."""
        if not self._ready():
            return
        project = self._document.project
        start, end = float(span.start), min(float(span.end), float(project.duration))
        seed = max([project.seed, *(take.seed for take in self.takes)]) + 1 + self._regenerated
        self._regenerated += 1

        def take(motion: Motion) -> None:
            self._apply("Regenerate range", lambda p: with_take(p, motion, span, names, FADE))

        self._start(f"Regenerate {start:.1f} to {end:.1f} s", with_seed(project, seed), take)

    def use(self, take: Take) -> None:
        """Perform this take; locked times stay."""
        self._apply(f"Use take {take.number}", lambda p: with_seed(with_take(p, take.motion), take.seed))

    def is_used(self, take: Take) -> bool:
        """Whether the project performs this very take."""
        return same_performance(self._document.project.motion, take.motion)

    def forget(self, take: Take) -> None:
        """Take it off the list."""
        self.takes.remove(take)
        self.takes_changed.emit()

    def _ready(self) -> bool:
        project = self._document.project
        for missing, what in (
            (project.portrait is None, "portrait: choose a picture of a face first"),
            (project.audio is None, "speech: import or record some first"),
        ):
            if missing:
                self.failed.emit(InputError(f"there is no {what}"))
                return False
        return True

    def _make_whole(self, name: str, seed: int) -> None:
        if not self._ready():
            return
        if self._whole and not self._whole.state.over:
            self._whole.cancel()  # the newest wish counts

        def done(motion: Motion) -> None:
            take = Take(self._number + 1, seed, motion)
            self._number += 1
            self.takes.append(take)
            self._apply(name, lambda p: with_seed(with_take(p, motion), seed))
            self.takes_changed.emit()

        self._whole = self._start(name, with_seed(self._document.project, seed), done)

    def _start(self, name: str, project: Project, done: Callable[[Motion], None]) -> QueuedJob:
        """Put the job in line; should another project be opened meanwhile, its result is nobody's."""
        job = self._thread.submit(name, jobs.generate_motion(project))
        opened = self._opened
        job.finished.connect(lambda motion: done(motion) if opened == self._opened else None)
        return job

    def _apply(self, name: str, edit: Callable[[Project], Project]) -> None:
        try:
            self._document.edit(name, edit)
        except EngineError as error:
            self.failed.emit(error)

    def _forget(self) -> None:
        self._opened += 1
        self._number = self._regenerated = 0
        self.takes.clear()
        self.takes_changed.emit()
