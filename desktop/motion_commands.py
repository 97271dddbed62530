"""Generating the performance: all of it, a range of it, or another take. The work itself is a job in the queue."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import closing
from fractions import Fraction

from PySide6.QtCore import QObject, Signal

from desktop.actions import Actions
from desktop.document import Document
from desktop.phone_track import PhoneTrack
from desktop.render_thread import Events, QueuedJob, RenderThread
from engine import jobs
from engine.errors import EngineError, InputError
from engine.events import Heard
from engine.project.channels import NAMES
from engine.project.edits import with_seed
from engine.project.motion import Motion
from engine.project.project import Project
from engine.project.takes import with_take
from engine.project.timing import ALWAYS, TimeRange

FADE = Fraction(1, 5)  # seconds over which a regenerated range meets what surrounds it


class MotionCommands(QObject):
    """What is generated becomes one step of undo, applied to the project as it is by then."""

    failed = Signal(object)  # EngineError: nothing was started
    notice = Signal(str)  # what somebody who waits for a change should know

    def __init__(
        self,
        document: Document,
        actions: Actions,
        thread: RenderThread,
        parent: QObject | None = None,
        phones: PhoneTrack | None = None,
    ) -> None:
        """`phones` is told what is heard on the way, and saves listening again."""
        super().__init__(parent)
        self._phones = phones
        self._document, self._thread = document, thread
        self._seed = 0  # the highest that has been used
        self._opened = 0  # how often another project was opened
        self.read: jobs.Reader | None = None  # who understands prompts; None: the encoder that ships
        self.ask_first: Callable[[Callable[[], object]], object] | None = None  # whether the portrait may be used
        self._stage = jobs.Stage()  # remembers whom it has followed through a video
        self._whole: QueuedJob | None = None  # the job that makes a whole performance, if one is on its way
        actions.connect("generate", lambda: self._start("Generate motion", self._document.project.seed, ALWAYS, NAMES))
        document.replaced.connect(self._forget)

    def regenerate(self, span: TimeRange = ALWAYS, names: Collection[str] = NAMES) -> None:
        """Perform the range again as speech, prompts and seed now have it; locks hold."""
        self._start(f"Regenerate {_words(span)}", self._document.project.seed, span, names)

    def new_take(self, span: TimeRange = ALWAYS, names: Collection[str] = NAMES) -> None:
        """Perform the range unlike any time before; locks hold."""
        self._seed = max(self._seed, self._document.project.seed) + 1
        self._start(f"New take of {_words(span)}", self._seed, span, names)

    def _start(self, name: str, seed: int, span: TimeRange, names: Collection[str]) -> None:
        project = self._document.project
        if missing := _missing(project):
            self.failed.emit(InputError(f"there is no {missing}"))
        elif self.ask_first:
            self.ask_first(lambda: self._generate(name, seed, span, names))
        else:
            self._generate(name, seed, span, names)

    def _generate(self, name: str, seed: int, span: TimeRange, names: Collection[str]) -> None:
        project = self._document.project
        whole = span == ALWAYS and set(names) == set(NAMES)
        if whole and self._whole and not self._whole.state.over:
            self._whole.cancel()  # the newest wish counts
        audio, phones = project.audio, self._phones
        known = phones.known(audio) if phones and audio else ()
        told: list[Heard] = []
        again = with_seed(project, seed)
        generating = jobs.generate_motion(again, self._stage, self.read, known, span, names)
        job = self._thread.submit(name, _noting(generating, told))
        self._whole = job if whole else self._whole
        opened = self._opened

        def done(motion: Motion) -> None:
            if opened == self._opened:  # else it is another project's performance
                if phones and audio and told:
                    phones.learn(audio, told[-1].phones)
                self._apply(name, motion, seed if whole else None, span, names)
                if told and told[-1].voiceless:
                    self.notice.emit("No voice is heard in the recording, so the lips rest. Is it the right one?")

        job.finished.connect(done)

    def _apply(self, name: str, motion: Motion, seed: int | None, span: TimeRange, names: Collection[str]) -> None:
        def edit(project: Project) -> Project:
            taken = with_take(project, motion, span, names, FADE)
            return taken if seed is None else with_seed(taken, seed)

        before = self._document.project
        try:
            self._document.edit(name, edit)
        except EngineError as error:
            self.failed.emit(error)
            return
        if self._document.project is before:
            self.notice.emit("This is what speech and prompts give already. Choose New take for another performance.")

    def _forget(self) -> None:
        self._opened += 1
        self._seed, self._whole = 0, None


def _noting(events: Events, told: list[Heard]) -> Events:
    """The same events; what was heard is put aside, which the thread's mailbox might drop for something newer."""
    with closing(events):
        for event in events:
            if isinstance(event, Heard):
                told.append(event)
            yield event


def _missing(project: Project) -> str:
    if project.portrait is None:
        return "portrait: choose a picture of a face first"
    return "" if project.audio or project.drives else "speech: import or record some first"


def _words(span: TimeRange) -> str:
    if span == ALWAYS:
        return "everything"
    return (
        f"{float(span.start):.1f} s on"
        if span.end == ALWAYS.end
        else f"{float(span.start):.1f} to {float(span.end):.1f} s"
    )
