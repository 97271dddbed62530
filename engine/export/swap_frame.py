"""One frame of a swap, to see what it will be like before the whole is made; and the faces to choose from in it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine.events import Event, Finished, Progress
from engine.export.swap_video import SwapTask
from engine.face.fit import fit_face
from engine.face.landmarks import Box, detect_faces
from engine.face.unwrap import Unwrapper
from engine.media.frame_reader import FrameReader
from engine.media.image import is_picture, read_image
from engine.media.video import probe
from engine.project.swap_curves import swap_curves
from engine.project.timing import frame_count
from engine.render.swap import SwapLook, Swapper
from engine.render.swap_cover import Cover

LOOKS = 4  # frames of a video, from all over it, in which faces are looked for


@dataclass(frozen=True)
class SwapFrame:
    """`before` and `after` [H, W, 3] uint8, alike where there is nobody to swap; `faces` [S, S, 3] uint8 of all that are
    in the frame, largest first."""

    before: np.ndarray
    after: np.ndarray
    faces: tuple[np.ndarray, ...]


def swap_frame(task: SwapTask, seconds: Fraction) -> Iterator[Event]:
    """The frame at `seconds` of the clip's media: Progress, then Finished(SwapFrame). Faster and rougher than the whole:
    the face is read from this frame alone, and is the one of the clip's number there."""
    yield Progress(0, 3, "Reading the frame")
    video = task.clip.media.locate()
    info = probe(video)
    index = min(max(int(seconds * info.rate), 0), frame_count(info.seconds, info.rate) - 1)
    with closing(FrameReader(video)) as reader:
        frame = reader.frame(index)
    yield Progress(1, 3, "Looking for faces")
    faces = detect_faces(frame)
    yield Progress(2, 3, "Swapping")
    chosen = task.clip.face or 0
    after = _swapped(task, frame, faces[chosen], seconds) if chosen < len(faces) else frame
    yield Finished(SwapFrame(frame, after, tuple(thumbnail(frame, face) for face in faces)))


def _swapped(task: SwapTask, frame: np.ndarray, face: np.ndarray, seconds: Fraction) -> np.ndarray:
    model = task.fit.person.model
    target = fit_face(face, model)
    cover = Cover(model, [Unwrapper(model).flat(frame, face)])
    swapper = Swapper(task.rgb, task.alpha, task.fit, task.renderer, cover, target.pose.scale)
    at = np.array([float(task.clip.span.start + seconds - task.clip.offset)])
    curves = {name: float(column[0]) for name, column in swap_curves(task.clip, at).items()}
    return swapper.swap(frame, target, SwapLook(**curves, cover=task.clip.cover, outline=task.clip.outline))


def thumbnail(rgb: np.ndarray, face: np.ndarray, side: int = 72) -> np.ndarray:
    """The face with landmarks [478, 3] px and a little around it, [side, side, 3] uint8."""
    box = Box.around(face)
    steps = np.linspace(-1.4 * box.half, 1.4 * box.half, side)
    rows = np.clip(np.rint(box.y + steps).astype(int), 0, rgb.shape[0] - 1)
    columns = np.clip(np.rint(box.x + steps).astype(int), 0, rgb.shape[1] - 1)
    return np.ascontiguousarray(rgb[np.ix_(rows, columns)])


def face_pictures(media: Path) -> tuple[np.ndarray, ...]:
    """All faces of a picture, [S, S, 3] uint8 each, largest first; of a video, those of a frame with as many as any."""
    if is_picture(media):
        seen = [read_image(media).rgb]
    else:
        with closing(FrameReader(media)) as reader:
            last = frame_count(reader.info.seconds, reader.info.rate) - 1
            seen = [reader.frame(share * last // LOOKS) for share in range(LOOKS)]
    found = [(rgb, detect_faces(rgb)) for rgb in seen]
    rgb, faces = max(found, key=lambda pair: len(pair[1]))
    return tuple(thumbnail(rgb, face) for face in faces)
