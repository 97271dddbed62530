"""The one thread that renders: it drives the engine's jobs and brings what they yield to the GUI thread.

Jobs wait in line. A preview goes before them between two yields, and of several previews the newest wins. Frames come
through a mailbox that keeps only the newest, with one bare signal; queued image signals would pile up in memory.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Generator
from enum import Enum
from threading import Condition
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal

from desktop.mailbox import Mailbox
from engine.errors import EngineError
from engine.events import Event, Finished, FrameReady, Progress

Events = Generator[Event, None, None]
DELIVERY = 0.016  # seconds between two deliveries to the GUI thread: no screen shows more
KINDS = (Progress, FrameReady, Finished)  # a job may yield children of these, which say more
STACK = 16 << 20  # bytes; macOS gives a thread 512 KiB, too little for compiling numerical code

log = logging.getLogger(__name__)


class State(Enum):
    """Where a job stands; the values are words for people."""

    WAITING = "Waiting"
    RUNNING = "Running"
    DONE = "Done"
    FAILED = "Failed"
    CANCELLED = "Cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self not in (State.WAITING, State.RUNNING)


class _Run:
    """What the render thread knows of a job or a preview: plain data, no Qt."""

    def __init__(self, events: Events, preview: bool = False) -> None:
        self.events, self.preview = events, preview
        self.closing = False  # to be closed instead of run on
        self.silent = False  # nobody wants its frames any more
        self.shown = False  # whether it has given a frame


class QueuedJob(QObject):
    """A job in the queue as the GUI thread sees it. All its signals come in the GUI thread; the last is `ended`."""

    progressed = Signal(object)  # Progress
    framed = Signal(object)  # FrameReady: some of the frames, never an older one after a newer one
    finished = Signal(object)  # the result
    failed = Signal(object)  # Exception
    ended = Signal()  # finished, failed or cancelled: `state` says which

    def __init__(self, name: str, thread: RenderThread, run: _Run) -> None:
        super().__init__()
        self.name, self.state = name, State.WAITING
        self.progress: Progress | None = None
        self.error: Exception | None = None
        self.started: float | None = None  # time.monotonic()
        self._thread, self._run, self._result = thread, run, None
        self._stage_began = 0.0

    @property
    def cancelling(self) -> bool:
        """Whether it has been told to stop and is still at it."""
        return self._run.closing and not self.state.over

    @property
    def seconds_left(self) -> float | None:
        """As long as the present stage will take if it goes on as it did; None while nobody can know."""
        if self.state is not State.RUNNING or not self.progress or not 0 < self.progress.done < self.progress.total:
            return None
        elapsed = time.monotonic() - self._stage_began
        return elapsed * (self.progress.total - self.progress.done) / self.progress.done

    def cancel(self) -> None:
        """Stop at the next yield; a job that has not begun never will."""
        self._thread._cancel(self._run)

    def _receive(self, kind: object, value: Any) -> None:
        if kind is State.RUNNING:
            self.state, self.started = State.RUNNING, time.monotonic()
            self.progressed.emit(Progress(0, 0, self.name))
        elif kind is Progress:
            if self.progress is None or self.progress.text != value.text:
                self._stage_began = time.monotonic()
            self.progress = value
            self.progressed.emit(value)
        elif kind is FrameReady:
            self.framed.emit(value)
        elif kind is Finished:
            self._result = value.result
        elif kind is State.DONE:
            self.state, self.error = value
            if self.state is State.DONE:
                self.finished.emit(self._result)
            elif self.error:
                self.failed.emit(self.error)
            self._result = None
            self.ended.emit()


class RenderThread(QThread):
    """A queue of jobs and one slot for previews, worked off in the background. Call everything from the GUI thread."""

    added = Signal(object)  # QueuedJob
    previewed = Signal(object)  # FrameReady
    preview_progressed = Signal(object)  # Progress
    preview_finished = Signal(object)  # the result of a preview that ran to its end
    preview_failed = Signal(object)  # Exception
    _ready = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setStackSize(STACK)
        self._condition = Condition()
        self._queue: deque[_Run] = deque()
        self._running: _Run | None = None
        self._preview: _Run | None = None  # the one that runs
        self._next_preview: _Run | None = None  # the one that waits
        self._stopping = False
        self._mailbox = Mailbox()
        self._jobs: dict[_Run, QueuedJob] = {}
        self._delivered = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._deliver)
        self._ready.connect(self._deliver_soon, Qt.ConnectionType.QueuedConnection)

    @property
    def jobs(self) -> list[QueuedJob]:
        """Those that wait or run, first come first."""
        return list(self._jobs.values())

    def submit(self, name: str, events: Events) -> QueuedJob:
        """Put a job in line. `name` is for people: "Export hello.mp4"."""
        run = _Run(events)
        job = self._jobs[run] = QueuedJob(name, self, run)
        with self._condition:
            self._queue.append(run)
            self._condition.notify()
        self.added.emit(job)
        return job

    def preview(self, events: Events) -> None:
        """Run this before all jobs. One that waits is forgotten; one that runs stops once it has given a frame."""
        with self._condition:
            self._next_preview = _Run(events, preview=True)
            self._condition.notify()

    def cancel_preview(self) -> None:
        """Forget previews that wait or run; none of their frames comes any more."""
        with self._condition:
            self._next_preview = None
            if self._preview:
                self._preview.closing = self._preview.silent = True

    def stop(self) -> None:
        """Close what runs at its next yield, forget the rest, end the thread. After that nothing is told any more."""
        with self._condition:
            self._stopping = True
            self._queue.clear()
            self._next_preview = None
            self._condition.notify()
        self.wait()
        self._timer.stop()

    def run(self) -> None:
        """The thread's own loop: one step of one job at a time."""
        while run := self._choose():
            self._step(run)
        for run in (self._preview, self._running):
            if run:
                _close(run.events)

    def _choose(self) -> _Run | None:
        """Who may do the next step; None: it is time to end."""
        with self._condition:
            while not self._stopping:
                if self._preview is None:
                    self._preview, self._next_preview = self._next_preview, None
                if self._preview:
                    if self._next_preview and self._preview.shown:
                        self._preview.closing = True
                    return self._preview
                if self._running is None and self._queue:
                    self._running = self._queue.popleft()
                    self._post(self._running, State.RUNNING, None)
                if self._running:
                    return self._running
                self._condition.wait()
        return None

    def _step(self, run: _Run) -> None:
        """Run to the next yield and post what comes."""
        outcome: State | None = None
        error: Exception | None = None
        try:
            if run.closing:
                run.events.close()
                outcome = State.CANCELLED
            else:
                event = next(run.events)
                run.shown = run.shown or isinstance(event, FrameReady)
                self._post(run, next(kind for kind in KINDS if isinstance(event, kind)), event)
        except StopIteration:
            outcome = State.DONE
        except Exception as raised:
            outcome, error = State.FAILED, raised
            if isinstance(raised, EngineError):
                raised.with_traceback(None)  # which would keep the job's images alive
            else:
                log.exception("a job failed unexpectedly")
        if outcome:
            self._post(run, State.DONE, (outcome, error))
            with self._condition:
                if run.preview:
                    self._preview = None
                else:
                    self._running = None

    def _cancel(self, run: _Run) -> None:
        with self._condition:
            run.closing = True
            if run in self._queue:
                self._queue.remove(run)
                self._post(run, State.DONE, (State.CANCELLED, None))

    def _post(self, run: _Run, kind: object, value: Any) -> None:
        if self._mailbox.put((run, kind), value):
            self._ready.emit()

    def _deliver_soon(self) -> None:
        if not self._timer.isActive() and not self._stopping:
            wait = DELIVERY - (time.monotonic() - self._delivered)
            self._timer.start(max(0, round(wait * 1000)))

    def _deliver(self) -> None:
        for (run, kind), value in self._mailbox.take():
            if run.preview:
                self._receive_preview(run, kind, value)
            elif job := self._jobs.get(run):
                if kind is State.DONE:
                    del self._jobs[run]
                job._receive(kind, value)
        self._delivered = time.monotonic()

    def _receive_preview(self, run: _Run, kind: object, value: Any) -> None:
        if run.silent:
            return
        if kind is FrameReady:
            self.previewed.emit(value)
        elif kind is Progress:
            self.preview_progressed.emit(value)
        elif kind is Finished:
            self.preview_finished.emit(value.result)
        elif kind is State.DONE and value[1]:
            self.preview_failed.emit(value[1])


def _close(events: Events) -> None:
    """Run the job's own clean-up; nobody waits for its result, so a failure is only written down."""
    try:
        events.close()
    except Exception:
        log.exception("a job failed while it was being closed")
