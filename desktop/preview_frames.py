"""Which picture belongs under the playhead: remembered, or asked of the render thread.

While nothing else is to be done, the frames to come are rendered too, so that playing and looping are smooth.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImageReader

from desktop.document import Document
from desktop.final_frames import FinalFrames, FinalKey
from desktop.frame_store import FrameStore, Picture, ranges_of
from desktop.playback import Playback
from desktop.render_thread import Events, QueuedJob, RenderThread
from desktop.selection import Selection
from engine import jobs
from engine.errors import EngineError
from engine.events import FrameReady
from engine.export.frame_files import fitted_to
from engine.project.edits import with_settings
from engine.project.media_ref import MediaRef
from engine.project.motion import sample
from engine.project.project import Project, SwapClip
from engine.project.timing import frame_times, seconds_to_frame

QUALITIES: dict[str, int | None] = {"Draft": 512, "Good": 768, "Full": None}  # longer side; None: as exported
REST_MS = 600  # milliseconds without a request after which the frames to come are rendered
REPORT_MS = 150  # milliseconds between two reports of what is rendered
LATEST = 0.3  # seconds: a frame that took longer was held up by something else
FAR = 4000  # frames: how far ahead to look


class PreviewFrames(QObject):
    """Follows playhead and project. All signals come in the GUI thread."""

    shown = Signal(object)  # Picture, or None while there is no portrait
    portrait_changed = Signal(object)  # engine.jobs.FittedPortrait at preview size, or None
    waiting_for = Signal(str)  # what takes so long, "" when nothing does
    rendered_changed = Signal(object, object)  # fresh and stale: lists of TimeRange
    refused = Signal(object)  # Exception: the portrait cannot be shown
    troubled = Signal(object)  # EngineError: a face swap cannot be shown

    def __init__(
        self,
        document: Document,
        selection: Selection,
        thread: RenderThread,
        playback: Playback,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._selection, self._thread, self._playback = document, selection, thread, playback
        self.store = FrameStore()
        self.quality = "Good"
        self.fitted: jobs.FittedPortrait | None = None
        self.latency = 0.0  # seconds from asking for a frame to having it, smoothed
        self.stage = jobs.Stage()
        self.stage.draft = True
        self._asked: Hashable = None
        self._asked_at = 0.0
        self._shown_frame = 0
        self._shown: Picture | None = None
        self._answered = False  # whether what was asked for last is shown
        self._told: set[str] = set()  # what was troubled about
        self._refused: Hashable = None  # the look that cannot be rendered: it is not tried again and again
        self._ahead = False
        self._rest = _timer(self, REST_MS, self._render_ahead)
        self._report = _timer(self, REPORT_MS, self._tell_rendered)
        selection.playhead_changed.connect(lambda _: self.ask())
        document.changed.connect(lambda old, new: self._follow())
        document.replaced.connect(self._start_over)
        thread.previewed.connect(self._arrived)
        thread.preview_progressed.connect(lambda progress: self.waiting_for.emit(progress.text))
        thread.preview_failed.connect(self._failed)
        thread.added.connect(self._make_way)
        self._finals: FinalFrames | None = None
        self._measured: tuple[Project | None, tuple[int, ...], tuple[int, ...]] = None, (), ()  # see _shape
        self._start_over()

    def show_finals(self, finals: FinalFrames) -> None:
        """Show frames that are final in place of drafts, and the frame under the playhead while it is denoised."""
        self._finals = finals
        finals.stage.faces = self.stage.faces  # a video's faces are followed once for both
        finals.changed.connect(self._follow)
        finals.estimated.connect(self._show_estimate)

    def set_quality(self, name: str) -> None:
        """Render previews at one of QUALITIES."""
        self.quality = name
        self._follow()

    def full_size(self, picture: Picture | None = None) -> tuple[int, int]:
        """(width, height) of the exported picture, or what stands for it; (1, 1) while nobody knows."""
        if self.fitted is None:
            return 1, 1
        if picture and picture.image.shape != self.fitted.rgb.shape:  # as large as a video
            return picture.image.shape[1], picture.image.shape[0]
        height, width = self.fitted.rgb.shape[:2]
        scale = (self._wanted_side(self._document.project) or max(width, height)) / max(width, height)
        return round(width * scale), round(height * scale)

    def look_again(self) -> None:
        """Faces of a video have been found: what shows may be another picture now."""
        self.ask()
        self._report_soon()

    def ask(self) -> None:
        """Show what belongs under the playhead, at once if it is remembered."""
        project = self._document.project
        look = self._look(project)
        if project.portrait is None or look == self._refused:
            return
        here = self._frame_at(self._selection.playhead)
        if self._show_remembered(here, self._keys([here])[0]):
            return
        if self._playback.playing:  # what is asked for now will be there a little later
            later = Fraction(self.latency * self._playback.speed).limit_denominator(1000)
            here = self._frame_at(self._selection.playhead + later)
        key = self._keys([here])[0]
        if key != self._asked or self._ahead:
            self._asked, self._asked_at, self._answered, self._ahead = key, time.monotonic(), False, False
            self._thread.preview(self._events(self._at_preview_size(project), [(here, key)]))

    # --- asking

    def _show_remembered(self, frame: int, key: Hashable) -> bool:
        picture = self.store.get(frame, key)
        if picture is None:
            return False
        self._asked, self._answered = key, True
        self._show(replace(picture, index=frame))
        return True

    def _show_estimate(self, frame: FrameReady) -> None:
        picture, here = self._shown, self._frame_at(self._selection.playhead)
        if picture and picture.index == frame.index == here and not self._playback.playing:
            self.shown.emit(replace(picture, image=fitted_to(frame.image, picture.image.shape)))

    def _is_past(self, frame: int) -> bool:
        """Whether, while it plays, a later frame shows already, asked for ahead of its time."""
        speed = self._playback.speed
        reach = abs(self.latency * speed) * self._document.project.settings.rate + 2
        return speed != 0 and 0 < (self._shown_frame - frame) * (1 if speed > 0 else -1) <= reach

    def _events(self, project: Project, wanted: Iterable[tuple[int, Hashable]]) -> Events:
        """Runs in the render thread: a Picture of each frame and its key, kept and given."""
        for frame, key in wanted:
            fitted, _ = yield from self.stage.set_up(project)
            if _still(project):
                image, values = fitted.rgb, fitted.fit.values()
            else:
                values = sample(project.motion, frame_times(range(frame, frame + 1), project.settings.rate))[0]
                final = self._finals.picture(key) if self._finals and isinstance(key, FinalKey) else None
                image = self._rendered(project, frame) if final is None else final
            covered = image.shape != fitted.rgb.shape or bool(project.swaps and _video_at(project, frame))
            picture = Picture(frame, image, values, fitted, key, covered)
            self.store.put(picture)
            yield picture

    def _rendered(self, project: Project, frame: int) -> np.ndarray:
        """The frame's picture; where a face swap cannot be shown, that is told once, and the rest shows."""
        try:
            rendering = jobs.render_clip(project, range(frame, frame + 1), self.stage)
            return next(event.image for event in rendering if isinstance(event, FrameReady))
        except EngineError as error:
            if not project.swaps:
                raise
            if str(error) not in self._told:
                self._told.add(str(error))
                self.troubled.emit(error)
            return self._rendered(replace(project, swaps=()), frame)

    def _render_ahead(self) -> None:
        """Nobody has asked for anything: render what comes next, then what lies before, as far as memory goes."""
        project = self._document.project
        if self._playback.playing or self._thread.jobs or not self._answered or self.fitted is None or _still(project):
            return
        here, last = self._frame_at(self._selection.playhead), self._playback.last_frame
        frames = [*range(here, min(last + 1, here + FAR)), *range(max(here - FAR, 0), here)]
        frames = frames[: self.store.room_for(self.fitted.rgb)]
        wanted = list(zip(frames, self._keys(frames), strict=True))
        missing = [(frame, key) for frame, key in wanted if self.store.get(frame, key) is None]
        if missing:
            self._ahead = True
            self._thread.preview(self._events(self._at_preview_size(project), missing))

    def _make_way(self, job: QueuedJob) -> None:
        """A job is more urgent than what nobody has asked for."""
        job.ended.connect(self._rest.start)
        if self._ahead:
            self._ahead = False
            self._thread.cancel_preview()

    # --- what comes back

    def _arrived(self, picture: FrameReady) -> None:
        if not isinstance(picture, Picture):
            return
        self._report_soon()
        if self._ahead or self._answered:
            return
        if picture.key == self._asked:
            self._answered = True
            took = time.monotonic() - self._asked_at
            if picture.fitted is self.fitted:  # a new portrait's set-up says nothing about frames
                self.latency += (min(took, LATEST) - self.latency) * 0.3
        self._show(picture)

    def _show(self, picture: Picture) -> None:
        if self._is_past(picture.index):
            return
        self._shown_frame, self._shown = picture.index, picture
        if picture.fitted is not self.fitted:
            self.fitted = picture.fitted
            self.portrait_changed.emit(self.fitted)
        self.waiting_for.emit("")
        self.shown.emit(picture)
        self._rest.start()

    def _failed(self, error: Exception) -> None:
        self._refused = self._look(self._document.project)
        self.waiting_for.emit("")
        self._forget_portrait()
        self.refused.emit(error)

    # --- following the project

    def _follow(self) -> None:
        if self._document.project.portrait is None:
            self._thread.cancel_preview()
            self._forget_portrait()
        self.ask()
        self._report_soon()

    def _start_over(self) -> None:
        self._thread.cancel_preview()
        self.store.clear()
        self._asked, self._refused, self._answered, self._ahead = None, None, False, False
        self._forget_portrait()
        self._follow()

    def _forget_portrait(self) -> None:
        self.fitted = self._shown = None
        self.portrait_changed.emit(None)
        self.shown.emit(None)

    def _report_soon(self) -> None:
        if not self._report.isActive():
            self._report.start()

    def _tell_rendered(self) -> None:
        frames = self.store.frames()
        keys = self._keys(frames)
        rate = self._document.project.settings.rate
        fresh = [f for f, key in zip(frames, keys, strict=True) if isinstance(key, FinalKey) or self.store.has(key)]
        stale = sorted(set(frames) - set(fresh))
        self.rendered_changed.emit(ranges_of(fresh, rate), ranges_of(stale, rate))

    def _frame_at(self, seconds: Fraction) -> int:
        return min(max(seconds_to_frame(seconds, self._document.project.settings.rate), 0), self._playback.last_frame)

    def _keys(self, frames: list[int]) -> list[Hashable]:
        """What each of these frames shows, as something to remember it by."""
        project = self._document.project
        look = self._look(project)
        if _still(project):
            return [look] * len(frames)
        rate = project.settings.rate
        times = np.array(frames, np.float64) * rate.denominator / rate.numerator
        rows = sample(project.motion, times)
        drafts: list[Hashable] = [
            (look, row.tobytes(), self._swapped(frame)) for frame, row in zip(frames, rows, strict=True)
        ]
        return self._with_finals(project, frames, drafts)

    def _with_finals(self, project: Project, frames: list[int], drafts: list[Hashable]) -> list[Hashable]:
        """The keys, of final frames where there are such."""
        if self._finals is None or self.fitted is None:
            return drafts
        pairs = zip(self._finals.keys(project, frames), drafts, strict=True)
        return [FinalKey(final, self._shape()) if final else draft for final, draft in pairs]

    def _shape(self) -> tuple[int, ...]:
        """Of the picture that shows: as the portrait is rendered, or of a video where that is all there is."""
        assert self.fitted
        project, shape = self._document.project, self.fitted.rgb.shape
        if not project.swaps:
            return shape
        if self._measured[:2] != (project, shape):
            from engine.export.layers import canvas

            self._measured = project, shape, canvas(self._at_preview_size(project), shape)
        return self._measured[2]

    def _swapped(self, frame: int) -> Hashable:
        """Which face swaps show in a frame, and what of them."""
        project = self._document.project
        at, known = frame / project.settings.rate, self.stage.faces
        clips = [clip for clip in project.swaps if at in clip.span]
        return (at, *((_hashable(clip), clip.media.sha256 in known) for clip in clips)) if clips else None

    def _look(self, project: Project) -> Hashable:
        """Everything but the motion that decides what a frame looks like."""
        return project.portrait, self._preview_side(project)

    def _at_preview_size(self, project: Project) -> Project:
        return with_settings(project, size=self._preview_side(project), renderer="warp")

    def _preview_side(self, project: Project) -> int | None:
        wanted, limit = self._wanted_side(project), QUALITIES[self.quality]
        if limit is None or (wanted is not None and wanted <= limit):
            return project.settings.size
        return limit

    def _wanted_side(self, project: Project) -> int | None:
        """The longer side of the exported picture, None if that takes reading it."""
        if project.settings.size or project.portrait is None:
            return project.settings.size
        return _longer_side(project.portrait.media)


def _still(project: Project) -> bool:
    """Whether nothing moves yet: the portrait shows as it was pictured."""
    moves = project.motion.frames or any(curve.layers for curve in project.motion.curves.values())
    return not moves and not project.swaps


def _video_at(project: Project, frame: int) -> bool:
    """Whether a swap clip's video covers the performance in this frame."""
    from engine.export.layers import shows_video

    return any(frame / project.settings.rate in clip.span and shows_video(clip) for clip in project.swaps)


def _hashable(clip: SwapClip) -> Hashable:
    """All of a clip, its keys included."""
    return clip, *((name, keys) for name, keys in sorted(clip.keys.items()))


@lru_cache(maxsize=8)
def _longer_side(media: MediaRef) -> int | None:
    """Of a picture, in pixels, read from its head; None if Qt cannot read it."""
    size = QImageReader(media.path).size()
    return max(size.width(), size.height()) if size.isValid() else None


def _timer(parent: QObject, milliseconds: int, call: Callable[[], None]) -> QTimer:
    timer = QTimer(parent, singleShot=True, interval=milliseconds)
    timer.timeout.connect(call)
    return timer
