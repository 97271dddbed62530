"""A target video with the portrait's face in it: followed, swapped in pieces that survive a stop, put together."""

import hashlib
import json
import shutil
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import ExportError
from engine.events import Event, Finished, FrameReady, Progress
from engine.export.frame_files import FrameFiles
from engine.export.swap_target import Sightings, Target, entering, read_target, sightings
from engine.face.fit import Fit
from engine.face.head_model import load_head_model
from engine.face.tracks import FaceTracks, find_tracks
from engine.media.join import join_parts
from engine.media.video import VideoInfo, probe, read_frames
from engine.media.video_writer import VideoWriter
from engine.project.project import SwapClip
from engine.project.record import encode
from engine.project.swap_curves import swap_curves
from engine.project.timing import frame_count, frame_times
from engine.render.renderers import Renderer
from engine.render.swap import SwapLook, Swapper

PIECE = 200  # frames of a part: what a stop costs at most
RUN_UP = 8  # frames before each part that are swapped but not written, so that light and cover are settled


Kept = tuple[FrameFiles, list[str]]
"""Where frames that have been drawn before lie, and the key of each frame of the video."""


@dataclass(frozen=True)
class SwapTask:
    """All that decides the pixels: the portrait and its fit, the clip, and what draws the portrait, and in what way."""

    rgb: np.ndarray
    alpha: np.ndarray | None
    fit: Fit
    clip: SwapClip
    renderer: Renderer
    drawing: str = ""

    @property
    def fingerprint(self) -> str:
        """Differs for tasks whose pixels may differ."""
        told = {"clip": encode(self.clip, []), "renderer": [type(self.renderer).__name__, self.drawing]}
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
        for array in (self.rgb, self.fit.landmarks, self.fit.identity):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def working_folder(output: Path) -> Path:
    """Where the parts of an unfinished swap lie, beside the video it is to become."""
    return output.with_name(f".{output.name}.swap")


def swap_video(
    task: SwapTask, output: Path, tags: dict[str, str], known: FaceTracks | None = None, kept: Kept | None = None
) -> Iterator[Event]:
    """Write the clip's video with the swap to `output` (MP4): Progress, FrameReady, then Finished(output).

    `known` are the video's faces, if they have been followed already; pieces all of whose frames are `kept` are not
    drawn again.

    The sound is the video's own, copied. A job that is closed leaves its finished parts in `working_folder(output)`;
    the same task goes on from there. The frames do not depend on where it was stopped.

    Raises:
        FaceError: no such face. MediaError: the video cannot be read. ExportError: the place cannot take the file.
    """
    video = task.clip.media.locate()
    info = probe(video)
    total = frame_count(info.seconds, info.rate)
    folder = _prepared(output, task.fingerprint)
    yield Progress(0, total, "Following the faces")
    target = yield from _target(task.clip, video, info, total, folder / "target.npz", known)
    curves = swap_curves(task.clip, float(task.clip.span.start) + _since(task.clip, info, len(target.track.visible)))
    curves["strength"] *= entering(target.track.visible, target.track.starts)
    swapper = Swapper(task.rgb, task.alpha, task.fit, task.renderer, target.cover(), target.unit)
    pieces = [range(at, min(at + PIECE, len(curves["strength"]))) for at in range(0, len(curves["strength"]), PIECE)]
    parts = [folder / f"part-{number:05d}.mp4" for number in range(len(pieces))]
    before: deque[np.ndarray] = deque(maxlen=RUN_UP)
    frames = read_frames(video, info.rate)
    for piece, part in zip(pieces, parts, strict=True):
        if part.exists():
            for _ in piece:
                before.append(next(frames))
            yield Progress(piece.stop, total, "Swapping")
            continue
        done = kept if kept and piece.stop <= len(kept[1]) and all(kept[1][i] in kept[0] for i in piece) else None
        yield from _swapped(task, piece, part, swapper, target, curves, before, frames, info, total, done)
    yield Progress(total, total, "Putting it together")
    join_parts(parts, output, info.rate, video, tags)
    shutil.rmtree(folder)
    yield Finished(output)


def _swapped(
    task: SwapTask,
    piece: range,
    part: Path,
    swapper: Swapper,
    target: Target,
    curves: dict[str, np.ndarray],
    before: deque[np.ndarray],
    frames: Iterator[np.ndarray],
    info: VideoInfo,
    total: int,
    kept: Kept | None,
) -> Iterator[Event]:
    """One piece of the video into a file of its own."""
    fits = target.fits(range(piece.start - len(before), piece.stop))
    asked = {i: {name: float(column[i]) for name, column in curves.items()} for i in fits}

    def drawn(index: int, frame: np.ndarray) -> np.ndarray:
        if index in target.track.starts:
            swapper.new_shot()
        fit, clip = fits[index], task.clip
        look = SwapLook(**asked[index], cover=clip.cover, outline=clip.outline)
        return frame if fit is None else swapper.swap(frame, fit, look)

    swapper.new_shot()
    for index, frame in enumerate(list(before), piece.start - len(before)) if kept is None else ():
        drawn(index, frame)
    with VideoWriter(part, info.size, info.rate, frames=len(piece)) as writer:
        for index in piece:
            frame = next(frames)
            before.append(frame)
            image = kept[0].get(kept[1][index]) if kept else None
            image = drawn(index, frame) if image is None else image
            writer.write(image)
            yield FrameReady(index, image)
            yield Progress(index + 1, total, "Swapping")


def _target(
    clip: SwapClip, video: Path, info: VideoInfo, total: int, kept: Path, known: FaceTracks | None
) -> Generator[Event, None, Target]:
    """Follow the clip's face through the video, or read from `kept` what an earlier run found; returns a Target."""
    if not kept.exists():
        tracks = known or (yield from followed(video, info, total))
        seen = sightings(tracks, clip, info.rate)
        np.savez(kept, faces=seen.faces, starts=seen.starts, samples=seen.samples)
    with np.load(kept) as data:
        seen = Sightings(data["faces"], tuple(map(int, data["starts"])), data["samples"])
    return (yield from read_target(seen, info.rate))


def followed(video: Path, info: VideoInfo, total: int) -> Generator[Event, None, FaceTracks]:
    """Every face of the video, followed: yields Progress, returns FaceTracks."""
    for event in find_tracks(read_frames(video, info.rate), load_head_model(), total):
        if isinstance(event, Finished):
            tracks: FaceTracks = event.result
            return tracks
        yield event
    raise AssertionError("following ends with Finished")


def _since(clip: SwapClip, info: VideoInfo, frames: int) -> np.ndarray:
    """Seconds since the clip's start for each frame of its video."""
    return frame_times(range(frames), info.rate) - float(clip.offset)


def _prepared(output: Path, fingerprint: str) -> Path:
    """The working folder of this output: as it was left by the same task, else empty."""
    if output.is_dir():
        raise ExportError(f"{output}: is a folder; name a file in it")
    folder = working_folder(output)
    note = folder / "task.txt"
    try:
        if folder.exists() and not (note.exists() and note.read_text() == fingerprint):
            shutil.rmtree(folder)
        folder.mkdir(exist_ok=True)
        note.write_text(fingerprint)
    except OSError as error:
        raise ExportError(f"{output} cannot be made there ({error.strerror}): choose another folder") from error
    return folder
