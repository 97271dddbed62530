"""A target video with the portrait's face in it: followed, swapped in pieces that survive a stop, put together."""

import hashlib
import json
import shutil
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from engine.errors import ExportError, FaceError
from engine.events import Event, Finished, FrameReady, Progress
from engine.face.fit import Fit
from engine.face.head_model import load_head_model
from engine.face.smoothing import smooth
from engine.face.tracking import Track, read_track, runs
from engine.face.tracks import FaceTrack, FaceTracks, choose, find_tracks, through
from engine.media.join import join_parts
from engine.media.video import VideoInfo, probe, read_frames
from engine.media.video_writer import VideoWriter
from engine.project.project import FacePart, SwapClip
from engine.project.record import encode
from engine.project.swap_curves import swap_curves
from engine.project.timing import frame_count, frame_times, seconds_to_frame
from engine.render.swap import Renderer, SwapLook, Swapper
from engine.render.swap_cover import Cover

PIECE = 200  # frames of a part: what a stop costs at most
RUN_UP = 8  # frames before each part that are swapped but not written, so that light and cover are settled
AROUND = 16  # frames on either side of a part that count when its landmarks are smoothed
BLINKED = 4  # frames; shorter gaps between sightings are bridged
ENTER = 3  # frames over which a swap comes and goes with its face
SAMPLES = 48  # of the face, from all its tracks


@dataclass(frozen=True)
class SwapTask:
    """All that decides the pixels: the portrait and its fit, the clip, and what draws the portrait."""

    rgb: np.ndarray
    alpha: np.ndarray | None
    fit: Fit
    clip: SwapClip
    renderer: Renderer

    @property
    def fingerprint(self) -> str:
        """Differs for tasks whose pixels may differ."""
        told = {"clip": encode(self.clip, []), "renderer": type(self.renderer).__name__, "version": 1}
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
        for array in (self.rgb, self.fit.landmarks, self.fit.identity):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def working_folder(output: Path) -> Path:
    """Where the parts of an unfinished swap lie, beside the video it is to become."""
    return output.with_name(f".{output.name}.swap")


def swap_video(task: SwapTask, output: Path, tags: dict[str, str]) -> Iterator[Event]:
    """Write the clip's video with the swap to `output` (MP4): Progress, FrameReady, then Finished(output).

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
    target = yield from _target(task.clip, video, info, total, folder / "target.npz")
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
        yield from _swapped(piece, part, swapper, target, curves, before, frames, info, total)
    yield Progress(total, total, "Putting it together")
    join_parts(parts, output, info.rate, video, tags)
    shutil.rmtree(folder)
    yield Finished(output)


def _swapped(
    piece: range,
    part: Path,
    swapper: Swapper,
    target: "Target",
    curves: dict[str, np.ndarray],
    before: deque[np.ndarray],
    frames: Iterator[np.ndarray],
    info: VideoInfo,
    total: int,
) -> Iterator[Event]:
    """One piece of the video into a file of its own."""
    fits = target.fits(range(piece.start - len(before), piece.stop))
    asked = {i: {name: float(column[i]) for name, column in curves.items()} for i in fits}

    def drawn(index: int, frame: np.ndarray) -> np.ndarray:
        if index in target.track.starts:
            swapper.new_shot()
        fit = fits[index]
        return frame if fit is None else swapper.swap(frame, fit, SwapLook(**asked[index], cover=target.covers))

    swapper.new_shot()
    for index, frame in enumerate(list(before), piece.start - len(before)):
        drawn(index, frame)
    with VideoWriter(part, info.size, info.rate, frames=len(piece)) as writer:
        for index in piece:
            frame = next(frames)
            before.append(frame)
            image = drawn(index, frame)
            writer.write(image)
            yield FrameReady(index, image)
            yield Progress(index + 1, total, "Swapping")


@dataclass(frozen=True)
class Target:
    """Whose face goes: followed through the video, with samples of it laid flat."""

    track: Track
    samples: np.ndarray
    covers: bool

    @property
    def unit(self) -> float:
        """Pixels an eye distance, typically."""
        return float(np.median(self.track.poses[self.track.visible, 3]))

    def cover(self) -> Cover:
        """What tells what lies over this face."""
        return Cover(self.track.person.model, list(self.samples))

    def fits(self, frames: range) -> dict[int, Fit | None]:
        """The target's face for each of these frames, landmarks smoothed; None where it is not seen."""
        track = self.track
        wide = range(max(frames.start - AROUND, 0), min(frames.stop + AROUND, len(track.visible)))
        steady = track.landmarks[wide.start : wide.stop].copy()
        for start, end in track.shots:
            for first, last in runs(track.visible[max(start, wide.start) : min(end, wide.stop)]):
                a = max(start, wide.start) - wide.start
                flat = steady[a + first : a + last].reshape(last - first, -1)
                steady[a + first : a + last] = smooth(flat, float(track.rate)).reshape(last - first, -1, 3)
        return {
            frame: replace(track.fit(frame), landmarks=steady[frame - wide.start]) if track.visible[frame] else None
            for frame in frames
        }


def _target(clip: SwapClip, video: Path, info: VideoInfo, total: int, kept: Path) -> Generator[Event, None, Target]:
    """Follow the clip's face through the video, or read from `kept` what an earlier run found; returns a Target."""
    model = load_head_model()
    if not kept.exists():
        tracks: FaceTracks | None = None
        for event in find_tracks(read_frames(video, info.rate), model, total):
            if isinstance(event, Finished):
                tracks = event.result
            else:
                yield event
        assert tracks is not None
        chosen = chosen_tracks(tracks, clip, info.rate)
        if not chosen:
            raise FaceError(f"{video.name}: no face found in any of {tracks.frames} frames")
        seen = bridged(through(chosen, tracks.frames), tracks.starts)
        faces = np.array([np.full((478, 3), np.nan, np.float32) if face is None else face for face in seen])
        samples = [sample for track in chosen for sample in track.samples]
        few = samples[:: max(1, len(samples) // SAMPLES)]
        np.savez(kept, faces=faces, starts=tracks.starts, samples=np.array(few))
    with np.load(kept) as data:
        faces, starts, samples_kept = data["faces"], tuple(map(int, data["starts"])), data["samples"]
    found = [None if np.isnan(face[0, 0]) else face for face in faces]
    track: Track | None = None
    for event in read_track(found, info.rate, model, starts):
        if isinstance(event, Finished):
            track = event.result
        else:
            yield event
    assert track is not None
    return Target(track, samples_kept, clip.cover)


def chosen_tracks(tracks: FaceTracks, clip: SwapClip, rate: Fraction) -> list[FaceTrack]:
    """The face tracks that the clip's parts name, or those of its face through all shots; without overlaps."""
    if not clip.parts:
        at = None if clip.face_at is None else min(seconds_to_frame(clip.face_at, rate), tracks.frames - 1)
        return choose(tracks, clip.face, at)
    return [_part(tracks.tracks[part.track], part) for part in clip.parts if 0 <= part.track < len(tracks.tracks)]


def _part(track: FaceTrack, part: FacePart) -> FaceTrack:
    first, end = max(part.first - track.start, 0), max(part.end - track.start, 0)
    return replace(track, start=track.start + first, faces=track.faces[first:end])


def bridged(seen: list[np.ndarray | None], starts: tuple[int, ...]) -> list[np.ndarray | None]:
    """seen with gaps of up to BLINKED frames inside a shot filled in, from the face before to the face after."""
    faces = list(seen)
    for start, end in runs(np.array([face is None for face in seen])):
        if start and end < len(faces) and end - start <= BLINKED and not any(start <= cut <= end for cut in starts):
            before, after = faces[start - 1], faces[end]
            assert before is not None and after is not None
            for frame in range(start, end):
                share = np.float32((frame - start + 1) / (end - start + 1))
                faces[frame] = before + (after - before) * share
    return faces


def entering(visible: np.ndarray, starts: tuple[int, ...]) -> np.ndarray:
    """[T] 0..1: 1 but near frames of the same shot in which the face is not seen, where the swap comes and goes."""
    weight = visible.astype(float)
    for first, last in pairwise((*starts, len(visible))):
        for start, end in runs(visible[first:last]):
            frame = np.arange(end - start)
            into = (frame + 1) / (ENTER + 1) if start else np.ones(len(frame))
            out = (len(frame) - frame) / (ENTER + 1) if first + end < last else np.ones(len(frame))
            weight[first + start : first + end] = np.clip(np.minimum(into, out), 0, 1)
    return weight


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
