"""A face through a video, as channel values: landmarks, then who it is, then every frame fitted, then smoothed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from engine.errors import FaceError
from engine.events import Event, Finished, Progress
from engine.face.eyes import lid_gaps
from engine.face.fit import Fit, fit_face, fit_frame
from engine.face.head_model import EXPRESSIONS, LANDMARKS, HeadModel, Person
from engine.face.landmarks import LandmarkTracker, eye_distance
from engine.face.pose import Pose
from engine.face.shots import CutFinder
from engine.face.side_view import from_the_side
from engine.face.smoothing import smooth
from engine.project.channels import CHANNELS, INDEX

PICKED = 16  # frames from which it is learned whose face this is
POSE = ("yaw", "pitch", "roll", "scale", "x", "y")


@dataclass(frozen=True)
class Track:
    """One face through T frames. Where it is not visible the last frame it was seen in is held (at first, the next)."""

    values: np.ndarray  # [T, C] float32 channels: expression absolute, head and gaze against each shot's own median
    rate: Fraction
    landmarks: np.ndarray  # [T, 478, 3] float32 px as measured
    visible: np.ndarray  # [T] bool
    poses: np.ndarray  # [T, 6] yaw, pitch, roll (degrees), scale (px per eye distance), x, y (px)
    gazes: np.ndarray  # [T, 2] yaw, pitch, degrees against the head
    person: Person
    starts: tuple[int, ...] = (0,)  # the first frame of each shot

    @property
    def shots(self) -> list[tuple[int, int]]:
        """Half-open ranges of frames between cuts."""
        return list(pairwise((*self.starts, len(self.visible))))

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """Half-open ranges of frames in which the face is not visible."""
        return runs(~self.visible)

    def fit(self, frame: int) -> Fit:
        """The fit behind one frame."""
        expression = self.values[frame, : len(EXPRESSIONS)]
        yaw, pitch = map(float, self.gazes[frame])
        return Fit(self.landmarks[frame], self.person, expression, (yaw, pitch), Pose(*map(float, self.poses[frame])))


def track_frames(
    frames: Iterable[np.ndarray], rate: Fraction, model: HeadModel, total: int = 0, index: int | None = None
) -> Iterator[Event]:
    """Track one face: yields Progress, then Finished(Track).

    Args:
        frames: RGB frames [H, W, 3] uint8 at a constant rate.
        rate: that rate.
        model: the head model.
        total: how many frames there will be, if known, for the progress.
        index: which face of the first frame with that many, largest first; None = the largest.

    Raises:
        FaceError: no frame shows such a face.
    """
    seen: list[np.ndarray | None] = []
    starts: list[int] = []
    cuts = CutFinder()
    with LandmarkTracker(index, model.mirror[:LANDMARKS]) as tracker:
        for frame in frames:
            if cuts.begins(frame):
                if cuts.back and all(face is None for face in seen[starts[-1] :]):
                    starts.pop()  # the same shot again after some frames of nothing
                else:
                    starts.append(len(seen))
                tracker.look_again()
            seen.append(tracker.track(frame))
            yield Progress(len(seen), max(total, len(seen)), "Following the face")
    if all(face is None for face in seen):
        which = "no face" if index is None else f"no face {index}"
        raise FaceError(f"{which} found in any of {len(seen)} frames: use a video in which it is plainly visible")
    yield from read_track(seen, rate, model, tuple(starts))


def read_track(
    seen: Sequence[np.ndarray | None], rate: Fraction, model: HeadModel, starts: tuple[int, ...] = (0,)
) -> Iterator[Event]:
    """Landmarks [478, 3] or None for each frame to channel values: yields Progress, then Finished(Track).

    `starts` are the first frames of the shots. At least one frame must show the face.
    """
    visible = np.array([face is not None for face in seen], bool)
    landmarks = held(seen)
    person = whose(landmarks[visible], model)
    open_gaps = np.percentile(lid_gaps(landmarks[visible]), 75, axis=0)
    fits: list[Fit] = []
    for count, face in enumerate(landmarks):
        last = fits[-1] if fits else None
        if last is not None and not visible[count]:
            fits.append(last)
        else:
            fits.append(fit_frame(face, person, None if count in starts else last, open_gaps))
        yield Progress(count + 1, len(landmarks), "Reading the expression")
    yield Finished(_track(fits, rate, visible, landmarks, starts))


def whose(landmarks: np.ndarray, model: HeadModel) -> Person:
    """The person behind landmarks [T, 478, 3]: the mean identity of the plainest frames from all over the clip.

    Plain is: eyes open, lips closed, facing us; so that the neutral face is not learned from a wide-open mouth.
    """
    plain = []
    for part in np.array_split(np.arange(len(landmarks)), min(PICKED, len(landmarks))):
        some = part[:: max(1, len(part) // 25)]
        plain.append(min(some, key=lambda frame: _commotion(landmarks[frame])))
    identities = [fit_face(landmarks[frame], model).identity for frame in plain]
    return model.person(np.mean(identities, axis=0))


def _commotion(face: np.ndarray) -> float:
    """How far one face [478, 3] is from plain, in eye distances."""
    turned = abs((face[33, 0] - face[1, 0]) + (face[263, 0] - face[1, 0]))
    gape = np.linalg.norm((face[13] - face[14])[:2])
    return float(turned / 2 + gape) / eye_distance(face) - float(lid_gaps(face).mean())


def held(faces: Sequence[np.ndarray | None]) -> np.ndarray:
    """[T, 478, 3] in which missing faces repeat the one before, or the first one there is."""
    last = next(face for face in faces if face is not None)
    filled = []
    for face in faces:
        last = face if face is not None else last
        filled.append(last)
    return np.stack(filled)


def runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Half-open ranges over which flags [T] are true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _track(
    fits: list[Fit], rate: Fraction, visible: np.ndarray, landmarks: np.ndarray, starts: tuple[int, ...]
) -> Track:
    expression = np.array([fit.expression for fit in fits], np.float32)
    poses = np.array([[getattr(fit.pose, name) for name in POSE] for fit in fits])
    gazes = np.array([fit.gaze for fit in fits])
    every = np.concatenate([expression, poses, gazes], axis=1)
    shots = list(pairwise((*starts, len(fits))))
    for first, last in shots:
        for start, end in runs(visible[first:last]):
            every[first + start : first + end] = smooth(every[first + start : first + end], float(rate))
    for start, end in runs(~visible):
        every[start:end] = every[start - 1] if start else every[end]
    count = len(EXPRESSIONS)
    poses, gazes = every[:, count : count + 6], every[:, count + 6 :]
    expression = from_the_side(every[:, :count], poses[:, 0])
    parts = (expression, poses, gazes, visible)
    values = np.concatenate([channel_values(*(part[first:last] for part in parts)) for first, last in shots])
    for start, end in runs(~visible):
        values[start:end] = values[start - 1] if start else values[end]
    return Track(values, rate, landmarks, visible, poses, gazes, fits[0].person, starts)


def channel_values(expression: np.ndarray, poses: np.ndarray, gazes: np.ndarray, visible: np.ndarray) -> np.ndarray:
    """Channels [T, C] float32 from expressions [T, 52] and absolute poses [T, 6] and gazes [T, 2].

    Head and gaze are counted from their medians over the visible frames (or all, if none is).
    """
    visible = visible if visible.any() else ~visible
    yaw, pitch, roll, scale, x, y = (poses - np.median(poses[visible], axis=0) * [1, 1, 1, 0, 1, 1]).T
    size = np.median(scale[visible])
    look = gazes - np.median(gazes[visible], axis=0)
    values = np.empty((len(poses), len(CHANNELS)), np.float32)
    values[:, : len(EXPRESSIONS)] = expression
    columns = {"headYaw": yaw, "headPitch": pitch, "headRoll": roll, "headScale": scale / size}
    columns |= {"headX": x / size, "headY": -y / size, "gazeYaw": look[:, 0], "gazePitch": look[:, 1]}
    for name, column in columns.items():
        values[:, INDEX[name]] = column
    low, high = ([getattr(channel, end) for channel in CHANNELS] for end in ("low", "high"))
    return np.clip(values, low, high).astype(np.float32)
