"""Whose face goes in a swap: chosen among the faces of a video, followed through it, with what tells how it looks."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np

from engine.errors import FaceError
from engine.events import Event, Finished
from engine.face.fit import Fit
from engine.face.head_model import load_head_model
from engine.face.smoothing import smooth
from engine.face.tracking import Track, read_track, runs
from engine.face.tracks import FaceTrack, FaceTracks, choose, through
from engine.project.project import FacePart, SwapClip
from engine.project.timing import seconds_to_frame
from engine.render.swap_cover import Cover

AROUND = 16  # frames on either side of a part that count when its landmarks are smoothed
BLINKED = 4  # frames; shorter gaps between sightings are bridged
ENTER = 3  # frames over which a swap comes and goes with its face
SAMPLES = 48  # of the face, from all its tracks


@dataclass(frozen=True)
class Sightings:
    """Where the chosen face is: `faces` [T, 478, 3] px, nan where it is not seen; first frames of the shots; samples of
    the face laid flat [N, SIDE, SIDE, 3] uint8."""

    faces: np.ndarray
    starts: tuple[int, ...]
    samples: np.ndarray


@dataclass(frozen=True)
class Target:
    """Whose face goes: followed through the video, with samples of it laid flat."""

    track: Track
    samples: np.ndarray

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


def sightings(tracks: FaceTracks, clip: SwapClip, rate: Fraction) -> Sightings:
    """The face that the clip chooses, through all the video's frames, `rate` a second.

    Raises:
        FaceError: there is no such face.
    """
    try:
        chosen = [track for track in chosen_tracks(tracks, clip, rate) if track.seen]
    except FaceError as error:
        raise FaceError(f"{clip.media.name}: {error}") from error
    if not chosen:
        raise FaceError(f"{clip.media.name}: no face found in any of {tracks.frames} frames")
    seen = bridged(through(chosen, tracks.frames), tracks.starts)
    faces = np.array([np.full((478, 3), np.nan, np.float32) if face is None else face for face in seen])
    samples = [sample for track in chosen for sample in track.samples]
    return Sightings(faces, tracks.starts, np.array(samples[:: max(1, len(samples) // SAMPLES)]))


def read_target(seen: Sightings, rate: Fraction) -> Generator[Event, None, Target]:
    """What the face does in each frame: yields Progress, returns a Target."""
    found = [None if np.isnan(face[0, 0]) else face for face in seen.faces]
    track: Track | None = None
    for event in read_track(found, rate, load_head_model(), seen.starts):
        if isinstance(event, Finished):
            track = event.result
        else:
            yield event
    assert track is not None
    return Target(track, seen.samples)


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
