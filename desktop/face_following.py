"""The faces of videos that faces are swapped in: followed in the queue as soon as such a video comes into the project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.document import Document
from desktop.media_kinds import kind_of
from desktop.render_thread import QueuedJob, RenderThread
from engine import swap_jobs
from engine.events import Progress
from engine.jobs import Stage
from engine.project.project import SwapClip

if TYPE_CHECKING:
    from engine.face.tracks import FaceTracks


class FaceFollowing(QObject):
    """Each video is followed once, unless its job was cancelled or failed: then when it is asked for again."""

    found = Signal(str)  # the SHA-256 of a video whose faces are known now
    progressed = Signal(str, object)  # SHA-256, Progress
    ended = Signal(str)  # SHA-256: known, cancelled or failed

    def __init__(self, document: Document, thread: RenderThread, stage: Stage, parent: QObject | None = None) -> None:
        """`stage` keeps what is found."""
        super().__init__(parent)
        self._document, self._thread, self.stage = document, thread, stage
        self._jobs: dict[str, QueuedJob] = {}
        self._given_up: set[str] = set()
        document.changed.connect(lambda old, new: self._follow_new())
        document.replaced.connect(self._follow_new)
        self._follow_new()

    def tracks(self, clip: SwapClip) -> FaceTracks | None:
        """The faces of the clip's video, if they are known."""
        return self.stage.faces.get(clip.media.sha256)

    def follow(self, clip: SwapClip) -> None:
        """Put following them into the queue, unless they are known or it is there."""
        name = clip.media.sha256
        if name in self.stage.faces or name in self._jobs:
            return
        self._given_up.discard(name)
        job = self._thread.submit(f"Follow the faces in {clip.media.name}", swap_jobs.follow_faces(clip, self.stage))
        self._jobs[name] = job
        job.progressed.connect(lambda progress: self._tell(name, progress))
        job.ended.connect(lambda: self._end(name))

    def is_following(self, clip: SwapClip) -> bool:
        """Whether it is in the queue."""
        return clip.media.sha256 in self._jobs

    def _follow_new(self) -> None:
        for clip in self._document.project.swaps:
            if kind_of(Path(clip.media.path)) == "video" and clip.media.sha256 not in self._given_up:
                self.follow(clip)

    def _tell(self, name: str, progress: Progress) -> None:
        self.progressed.emit(name, progress)

    def _end(self, name: str) -> None:
        self._jobs.pop(name, None)
        if name in self.stage.faces:
            self.found.emit(name)
        else:
            self._given_up.add(name)
        self.ended.emit(name)
