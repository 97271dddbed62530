"""Swap clips on the timeline: a video that shows with the portrait's face in it, or a face put onto the performance."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from engine.events import Event
from engine.export.swap_target import Target, entering, read_target, sightings
from engine.export.swap_video import RUN_UP, SwapTask, followed
from engine.face.fit import Fit
from engine.face.head_model import EXPRESSIONS, LANDMARKS
from engine.face.tracks import FaceTracks
from engine.face.unwrap import Unwrapper
from engine.media.frame_reader import FrameReader
from engine.media.image import is_picture
from engine.media.video import probe
from engine.project.channels import INDEX
from engine.project.media_ref import MediaRef
from engine.project.project import Portrait, Project, SwapClip
from engine.project.swap_curves import swap_curves
from engine.project.timing import ALWAYS, DEFAULT_RATE, TimeRange, frame_count, seconds_to_frame, times_of
from engine.render.renderers import choose_for_swap
from engine.render.swap import SwapLook, Swapper
from engine.render.swap_cover import Cover

BLOCK = 64  # frames whose faces are smoothed at once
SKIPPED = 3  # frames of the video that may be left out before its light is found anew


class Layer(Protocol):
    """What a swap clip lays over what is below it."""

    def shown(self, clip: SwapClip, seconds: Fraction, below: np.ndarray, values: np.ndarray) -> np.ndarray:
        """The picture [H, W, 3] uint8 at project time `seconds`, inside the clip's span, over the picture `below`, [H, W,
        3] uint8, of the performance `values` [C]. The clip says strength, mask and whether it is on."""

    def close(self) -> None:
        """Let go of files."""


class VideoLayer:
    """Covers what is below with the clip's video, the portrait's face in it."""

    def __init__(self, task: SwapTask, target: Target, run_up: int = RUN_UP) -> None:
        """`run_up`: how many frames before one that is asked for out of turn settle its light and cover."""
        self._run_up = run_up
        self._target, self._entering = target, entering(target.track.visible, target.track.starts)
        self._swapper = Swapper(task.rgb, task.alpha, task.fit, task.renderer, target.cover(), target.unit)
        self._reader = FrameReader(task.clip.media.locate())
        self._fits: dict[int, Fit | None] = {}
        self._last = -1 - SKIPPED

    def close(self) -> None:
        """Let go of the video."""
        self._reader.close()

    def shown(self, clip: SwapClip, seconds: Fraction, below: np.ndarray, values: np.ndarray) -> np.ndarray:
        """The video's picture, as large as it fits into the one below, black beside it."""
        return fitted_into(self.picture(clip, seconds), (below.shape[0], below.shape[1]))

    def picture(self, clip: SwapClip, seconds: Fraction) -> np.ndarray:
        """The video's own picture at project time `seconds` with the face in it. Light and cover settle over the
        frames before it, so that a picture does not depend on which was asked for last; in a draft they do not."""
        index = media_frame(clip, seconds, self._reader.info.rate, len(self._entering))
        if not 0 <= index - self._last <= SKIPPED:
            self._swapper.new_shot()
            for before in range(max(index - self._run_up, 0), index):
                self._drawn(clip, seconds, before)
        self._last = index
        return self._drawn(clip, seconds, index)

    def before(self, clip: SwapClip, seconds: Fraction) -> np.ndarray:
        """The video's own picture at project time `seconds` without it."""
        return self._reader.frame(media_frame(clip, seconds, self._reader.info.rate, len(self._entering)))

    def _drawn(self, clip: SwapClip, seconds: Fraction, index: int) -> np.ndarray:
        frame = self._reader.frame(index)
        if index in self._target.track.starts:
            self._swapper.new_shot()
        look, fit = look_at(clip, seconds), self._fit(index)
        look = replace(look, strength=look.strength * float(self._entering[index]))
        return frame if fit is None else self._swapper.swap(frame, fit, look)

    def _fit(self, index: int) -> Fit | None:
        if index not in self._fits:
            first = max(index - RUN_UP, 0)
            self._fits = self._target.fits(range(first, min(first + BLOCK, len(self._entering))))
        return self._fits[index]


class PlainLayer:
    """Covers what is below with the clip's video as it is: nobody's face has been followed yet."""

    def __init__(self, video: Path) -> None:
        self._reader = FrameReader(video)

    def close(self) -> None:
        """Let go of the video."""
        self._reader.close()

    def shown(self, clip: SwapClip, seconds: Fraction, below: np.ndarray, values: np.ndarray) -> np.ndarray:
        """The video's picture, fitted."""
        info = self._reader.info
        index = media_frame(clip, seconds, info.rate, frame_count(info.seconds, info.rate))
        return fitted_into(self._reader.frame(index), (below.shape[0], below.shape[1]))


class FaceLayer:
    """Puts the face of the clip's picture onto the performance."""

    def __init__(self, task: SwapTask, rgb: np.ndarray, fit: Fit) -> None:
        """`rgb` [H, W, 3] uint8 and its fit: the portrait that performs, as large as it is rendered."""
        cover = Cover(fit.person.model, [Unwrapper(fit.person.model).flat(rgb, fit.landmarks)])
        self._swapper = Swapper(task.rgb, task.alpha, task.fit, task.renderer, cover, fit.pose.scale)
        self._fit = fit

    def close(self) -> None:
        """There is nothing to let go of."""

    def shown(self, clip: SwapClip, seconds: Fraction, below: np.ndarray, values: np.ndarray) -> np.ndarray:
        """What is below, with that face."""
        self._swapper.new_shot()
        return self._swapper.swap(below, performing(self._fit, values), look_at(clip, seconds))


def performing(fit: Fit, values: np.ndarray) -> Fit:
    """The fit of a portrait's picture once it is rendered with channel values [C]."""
    yaw, pitch = fit.gaze
    gaze = (yaw + float(values[INDEX["gazeYaw"]]), pitch + float(values[INDEX["gazePitch"]]))
    landmarks = fit.points(values)[:LANDMARKS].astype(np.float32)
    expression = np.asarray(values[: len(EXPRESSIONS)], np.float32)
    return replace(fit, landmarks=landmarks, expression=expression, gaze=gaze, pose=fit.pose.moved(values))


Pictured = tuple[np.ndarray, np.ndarray | None, Fit]
"""A portrait: its picture [H, W, 3] uint8, the file's opacity [H, W] uint8 or None, and its fit."""
Fitting = Callable[[Portrait], Generator[Event, None, Pictured]]


class Layers:
    """Makes the layers of a project's swap clips and keeps them for as long as clips want them."""

    def __init__(self, faces: dict[str, FaceTracks]) -> None:
        """`faces` are those found in videos, by SHA-256: known ones save the following, new ones are added."""
        self._faces = faces
        self._made: dict[object, Layer] = {}

    def over(
        self, project: Project, span: TimeRange, shown: Pictured, fitting: Fitting, draft: bool
    ) -> Generator[Event, None, list[tuple[SwapClip, Layer]]]:
        """The clips that show in this span, lowest first, each with its layer.

        `shown` is the portrait as it is rendered; `fitting` reads one from its file. Videos whose faces nobody has
        followed yet are followed. A `draft` shows them as they are, and the warp draws in others.

        Raises:
            FaceError: no such face. MediaError: a file cannot be read.
        """
        kinds = {clip: self._key(project, clip, draft) for clip in project.swaps}
        for key in self._made.keys() - kinds.values():
            self._made.pop(key).close()
        for clip, key in kinds.items():
            if key not in self._made and clip.span.overlaps(span):
                self._made[key] = yield from self._make(project, clip, shown, fitting, draft)
        return [(clip, self._made[key]) for clip, key in kinds.items() if clip.span.overlaps(span)]

    def _key(self, project: Project, clip: SwapClip, draft: bool) -> object:
        """Layers made for equal keys are alike."""
        picture = _is_picture(clip.media)
        if draft and not picture and clip.media.sha256 not in self._faces:
            return clip.media
        size = project.settings.size if picture else None
        drawn = "warp" if draft else (project.seed, replace(project.settings, rate=DEFAULT_RATE, size=None))
        return project.portrait, drawn, size, clip.media, clip.face, clip.face_at, clip.parts

    def _make(
        self, project: Project, clip: SwapClip, shown: Pictured, fitting: Fitting, draft: bool
    ) -> Generator[Event, None, Layer]:
        picture = _is_picture(clip.media)
        if draft and not picture and clip.media.sha256 not in self._faces:
            return PlainLayer(clip.media.locate())
        assert project.portrait
        pictured = yield from fitting(Portrait(clip.media, clip.face) if picture else project.portrait)
        task = SwapTask(*pictured, clip, choose_for_swap(project, *pictured, draft))
        if picture:
            return FaceLayer(task, shown[0], shown[2])
        tracks = yield from faces_of(clip, self._faces)
        rate = probe(clip.media.path).rate
        target = yield from read_target(sightings(tracks, clip, rate), rate)
        return VideoLayer(task, target, 0 if draft else RUN_UP)


def told_of(project: Project, frames: Sequence[int], performed: Sequence[bytes]) -> list[bytes]:
    """What decides each of these frames, besides the portrait and its look: `performed` stands for the performance, which
    is left out where a video covers it."""
    rate, told = project.settings.rate, list(performed)
    times = times_of(frames, rate)
    for clip in project.swaps:
        inside, video = clip.span.frames(rate, max(frames, default=0) + 1), shows_video(clip)
        whose = repr((clip.media.sha256, clip.face, clip.face_at, clip.parts, clip.cover, clip.outline)).encode()
        seconds = np.round(times + float(clip.offset - clip.span.start), 6)
        asked = np.stack([seconds, *swap_curves(clip, times).values()], axis=1)
        for at, frame in enumerate(frames):
            if frame in inside:
                told[at] = (b"" if video else told[at]) + whose + asked[at].tobytes()
    whole = only_swap(project)
    return [content + whole.media.sha256.encode() for content in told] if whole else told


def shows_video(clip: SwapClip) -> bool:
    """Whether the clip covers the performance with a video; else it puts a picture's face onto it."""
    return not _is_picture(clip.media)


def still(project: Project) -> bool:
    """Whether nothing is performed."""
    return not project.motion.frames and not any(curve.layers for curve in project.motion.curves.values())


def only_swap(project: Project) -> SwapClip | None:
    """The clip whose video is all that there is to see, if nothing is performed: the picture is as large as that."""
    videos = [clip for clip in project.swaps if shows_video(clip)]
    return min(videos, key=lambda clip: clip.span.start) if videos and still(project) and not project.audio else None


def whole_video(project: Project) -> SwapClip | None:
    """The clip that the project consists of, if its video from beginning to end is all that comes out of it."""
    clip = only_swap(project)
    if clip is None or len(project.swaps) > 1 or project.in_out != ALWAYS or project.settings.size or clip.gain != 1:
        return None
    info = probe(clip.media.path)
    whole = clip.span.start == clip.offset == 0 and clip.span.duration == info.seconds
    return clip if whole and info.rate == project.settings.rate else None


def canvas(project: Project, portrait: tuple[int, ...]) -> tuple[int, int]:
    """(height, width) of the project's picture; `portrait` is the shape of the portrait as it is rendered."""
    clip = only_swap(project)
    if clip is None:
        return portrait[0], portrait[1]
    width, height = probe(clip.media.path).size
    factor = (project.settings.size or max(width, height)) / max(width, height)
    return max(1, round(factor * height)), max(1, round(factor * width))


@lru_cache(maxsize=256)
def _is_picture(media: MediaRef) -> bool:
    return is_picture(media.path)


def faces_of(clip: SwapClip, faces: dict[str, FaceTracks]) -> Generator[Event, None, FaceTracks]:
    """Every face of the clip's video, from `faces` or followed now and put there."""
    if clip.media.sha256 not in faces:
        video = clip.media.locate()
        info = probe(video)
        faces[clip.media.sha256] = yield from followed(video, info, frame_count(info.seconds, info.rate))
    return faces[clip.media.sha256]


def media_frame(clip: SwapClip, seconds: Fraction, rate: Fraction, frames: int) -> int:
    """Which of the video's frames shows at project time `seconds`; the last one, once it has ended."""
    return min(max(seconds_to_frame(clip.offset + seconds - clip.span.start, rate), 0), frames - 1)


def look_at(clip: SwapClip, seconds: Fraction) -> SwapLook:
    """What the clip asks for at project time `seconds`."""
    curves = swap_curves(clip, np.array([float(seconds)]))
    return SwapLook(
        **{name: float(column[0]) for name, column in curves.items()}, cover=clip.cover, outline=clip.outline
    )


def fitted_into(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """image [h, w, 3] uint8 as large as it goes into (height, width), in the middle, black around; itself if it fits."""
    if image.shape[:2] == size:
        return image
    factor = min(size[0] / image.shape[0], size[1] / image.shape[1])
    height, width = (max(1, round(factor * side)) for side in image.shape[:2])
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    out = np.zeros((*size, 3), np.uint8)
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    out[top : top + height, left : left + width] = cv2.resize(image, (width, height), interpolation=way)
    return out
