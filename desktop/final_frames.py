"""Final frames: what the preview shows as a draft of the warp, drawn by diffusion in the background and kept on disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.actions import Actions
from desktop.document import Document
from desktop.frame_store import ranges_of
from desktop.render_thread import QueuedJob, RenderThread
from desktop.selection import Selection
from desktop.settings import Settings
from engine import jobs
from engine.errors import InputError
from engine.events import Estimate, FrameReady
from engine.export.frame_files import FrameFiles, fitted_to, frame_keys
from engine.project.edits import with_settings
from engine.project.project import Project
from engine.project.timing import ALWAYS, TimeRange, frame_count, seconds_to_frame

REPORT_MS = 250  # milliseconds between two looks at which frames are final


class FinalKey(NamedTuple):
    """A final frame as the preview keeps it in memory: its file, and the size it is shown at."""

    key: str
    shape: tuple[int, ...]


class FinalFrames(QObject):
    """Starts the job, and knows which frames of the project as it is now are final."""

    changed = Signal()  # more frames are final, or fewer
    estimated = Signal(object)  # FrameReady: a frame of the project as it is now, as far as it is denoised
    ranges_changed = Signal(object)  # list of TimeRange
    failed = Signal(object)  # EngineError: nothing was started
    notice = Signal(str)

    def __init__(
        self,
        document: Document,
        selection: Selection,
        actions: Actions,
        thread: RenderThread,
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._selection, self._thread = document, selection, thread
        self.files = FrameFiles(settings.folders.data / "frames")
        self.stage = jobs.Stage(self.files)
        self._look = QTimer(self, singleShot=True, interval=REPORT_MS)
        self._look.timeout.connect(self._tell)
        actions.connect("render_final", self.render)
        document.changed.connect(lambda old, new: self._look_soon())
        document.replaced.connect(self._look_soon)

    def keys(self, project: Project, frames: Sequence[int]) -> list[str]:
        """The key of each frame's file; "" where the frame has none on disk or is to be as the warp draws it."""
        if not self.wanted(project) or not self.files.any():
            return [""] * len(frames)
        return [key if key in self.files else "" for key in frame_keys(project, frames)]

    def picture(self, key: FinalKey) -> np.ndarray | None:
        """The frame, as large as it is to be shown; None if its file is gone. Takes a moment."""
        found = self.files.get(key.key)
        return None if found is None else fitted_to(found, key.shape)

    @staticmethod
    def wanted(project: Project) -> bool:
        """Whether the exported video may be drawn by diffusion."""
        return project.portrait is not None and project.settings.renderer != "warp"

    def for_export(self, project: Project) -> Project:
        """The project to export: where every frame is final already, nothing needs to be chosen by its time."""
        frames = _frames(project, project.in_out)
        complete = bool(frames) and all(self.keys(project, frames))
        return with_settings(project, renderer="tgdm") if complete else project

    def render(self) -> None:
        """Render the picked range, or else what is to be exported: from the playhead on, then what lies before."""
        project = self._document.project
        if not self.wanted(project):
            self.failed.emit(InputError(_obstacle(project)))
            return
        span = self._selection.span or project.in_out
        frames = _frames(project, span)
        keys = dict(zip(frames, frame_keys(project, frames), strict=True))
        here = seconds_to_frame(self._selection.playhead, project.settings.rate)
        missing = [frame for frame in frames if keys[frame] not in self.files]
        missing = [frame for frame in missing if frame >= here] + [frame for frame in missing if frame < here]
        if not missing:
            self.notice.emit("Every frame of this part is final already." if frames else "There is nothing here yet.")
            return
        drawn = with_settings(project, renderer="tgdm")
        rendering = jobs.render_clip(drawn, missing, self.stage, estimates=True)
        job = self._thread.submit(f"Final, {_words(span)}", rendering)
        self._follow(job, keys)

    def _follow(self, job: QueuedJob, keys: dict[int, str]) -> None:
        def show(frame: FrameReady) -> None:
            project = self._document.project
            if not isinstance(frame, Estimate):
                self._look_soon()
            elif self.wanted(project) and frame_keys(project, [frame.index]) == [keys[frame.index]]:
                self.estimated.emit(frame)

        job.framed.connect(show)
        job.ended.connect(self._look_soon)

    def _look_soon(self) -> None:
        if not self._look.isActive():
            self._look.start()

    def _tell(self) -> None:
        project = self._document.project
        frames = _frames(project, ALWAYS)
        final = [frame for frame, key in zip(frames, self.keys(project, frames), strict=True) if key]
        self.ranges_changed.emit(ranges_of(final, project.settings.rate))
        self.changed.emit()


def _frames(project: Project, span: TimeRange) -> range:
    rate = project.settings.rate
    return (
        span.frames(rate, frame_count(project.duration, rate)) if project.motion.frames or project.swaps else range(0)
    )


def _obstacle(project: Project) -> str:
    if project.portrait is None:
        return "there is no portrait: choose a picture of a face first"
    return "this project is rendered by the warp, which the preview shows: choose another renderer under Output"


def _words(span: TimeRange) -> str:
    if span == ALWAYS:
        return "everything"
    end = "on" if span.end == ALWAYS.end else f"to {float(span.end):.1f} s"
    return f"{float(span.start):.1f} {end}"
