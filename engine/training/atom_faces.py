"""Real faces for AToM: tracked landmarks of a speaker without the motion of the head, and the head's motion."""

import hashlib
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.events import in_one_go
from engine.face.head_model import load_head_model
from engine.face.landmarks import LandmarkTracker
from engine.face.pose import angles
from engine.media.audio import read_mono
from engine.media.video import read_frames
from engine.motion.atom.face_space import DEPTH, FaceSpace
from engine.motion.atom.hearing import SPEEDS
from engine.motion.features import RATE
from engine.motion.phones import SILENCE, Phone, recognise, recognising_at
from engine.training.track_grid import FRAMES, clips, words_of

STEADY = (6, 168, 197, 195, 5, 33, 133, 362, 263, 10, 109, 338, 67, 297, 151, 9, 8, 127, 356, 93, 323, 234, 454)
_JITTER = 1.0  # frames: standard deviation of the smoothing of the head's pose
_SHUT = 0.07  # share of a clip's range of openings below which lips count as closed
_WITHIN = 0.2  # seconds at each end of a pause that are not yet, or no longer, rest


@dataclass(frozen=True)
class Speaking:
    """One clip: sound, its phones as told by its text and as heard, landmarks in head space less rest [T, 478, 3] in eye
    distances, the same on both sides; the head's pose [T, 5] less its mean, as the channels of `face_space.HEAD`."""

    name: str
    mono: np.ndarray
    aligned: list[Phone]
    heard: list[Phone]
    residual: np.ndarray
    head: np.ndarray


class Hearing:
    """`recognise` that remembers, in a file, what it heard."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[tuple[str, object], Any] = pickle.loads(path.read_bytes()) if path.exists() else {}

    def phones(self, mono: np.ndarray, text: str | None = None) -> list[Phone]:
        """Phones of the recording."""
        key = (hashlib.md5(mono.tobytes()).hexdigest(), text)
        if key not in self._known:
            self._known[key] = recognise(mono, text)
        found: list[Phone] = self._known[key]
        return found

    def views(self, mono: np.ndarray) -> list[list[Phone]]:
        """Phones of the recording from sound alone, as recognised at each of `SPEEDS`."""
        key = (hashlib.md5(mono.tobytes()).hexdigest(), SPEEDS)
        if key not in self._known:
            self._known[key] = in_one_go(recognising_at)(mono, SPEEDS)
        found: list[list[Phone]] = self._known[key]
        return found

    def save(self) -> None:
        """Write what is known to the file."""
        partial = self._path.with_suffix(".part")
        partial.write_bytes(pickle.dumps(self._known))
        partial.rename(self._path)


def speaking(data: Path, cache: Path, hearing: Hearing) -> Iterator[Speaking]:
    """Every clip of GRID speaker 1 in which the face is seen throughout; landmarks are kept in `cache`/grid_lm."""
    paths = clips(data)
    tracked = {path: _landmarks(path, cache / "grid_lm") for path in paths}
    faces = {path: found for path, found in tracked.items() if len(found) == FRAMES and np.isfinite(found).all()}
    shape = _shape(np.concatenate([found[::25] for found in faces.values()]))
    mirror = load_head_model().mirror[: len(shape)]
    for path, landmarks in faces.items():
        mono = read_mono(path, RATE)
        aligned = hearing.phones(mono, words_of(path))
        points, head = _without_head(landmarks, shape)
        residual = points - np.median(points[at_rest(aligned, len(points))], axis=0)
        both = (residual + residual[:, mirror] * [-1, 1, 1]) / 2
        yield Speaking(path.stem, mono, aligned, hearing.phones(mono), both.astype(np.float32), head)


def at_rest(phones: list[Phone], frames: int, fps: int = 25) -> np.ndarray:
    """Frames well inside the pauses, bool [T]; all, where there is none."""
    times = np.arange(frames) / fps
    quiet = [p for p in phones if p.label == SILENCE]
    deep = [(times > p.start + _WITHIN * (p.start > 0)) & (times < p.end - _WITHIN) for p in quiet]
    rest = np.any(deep, axis=0) if deep else np.zeros(frames, bool)
    return rest if rest.any() else np.ones(frames, bool)


def closed_lips(clip: Speaking) -> np.ndarray:
    """Frames whose lips meet, bool [T]: as far below the clip's large openings as lips can be."""
    opening = clip.residual[:, 13, 1] - clip.residual[:, 14, 1]
    low, high = np.percentile(opening, [2, 95])
    return opening < low + _SHUT * (high - low)


def learn_space(residual: np.ndarray, landmarks: tuple[int, ...], count: int, stress: dict[int, float]) -> FaceSpace:
    """The first `count` principal directions of residuals [T, 478, 3]; `stress`: landmarks that count more than one."""
    weights = np.sqrt([stress.get(landmark, 1.0) for landmark in landmarks])[:, None] * [1, 1, DEPTH]
    flat = (residual[:, landmarks] * weights).reshape(len(residual), -1)
    _, _, rows = np.linalg.svd(flat[:: max(len(flat) // 20000, 1)], full_matrices=False)
    found = flat @ rows[:count].T
    directions = rows[:count].reshape(count, len(landmarks), 3) / weights
    return FaceSpace(landmarks, directions.astype(np.float32), found.std(axis=0).astype(np.float32))


def _landmarks(path: Path, cache: Path) -> np.ndarray:
    """[T, 478, 3] px of the frames in which the face is seen."""
    kept = cache / f"{path.stem}.npy"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with LandmarkTracker() as tracker:
            faces = [face for rgb in read_frames(path) if (face := tracker.track(rgb)) is not None]
        np.save(kept, np.array(faces, np.float32))
    return np.load(kept)


def _shape(landmarks: np.ndarray) -> np.ndarray:
    """The speaker's mean face [478, 3] in head space, from landmarks [N, 478, 3] px."""
    shape = load_head_model().neutral[: landmarks.shape[1]]
    for _ in range(3):
        turn, scale = _turns(landmarks, shape)
        points = landmarks * [1, -1, -1]
        shape = np.einsum("tij,tpi->tpj", turn / scale[:, None, None], points - _middle(points)).mean(axis=0)
        shape /= np.linalg.norm(shape[33] - shape[263])
    return shape


def _without_head(landmarks: np.ndarray, shape: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Landmarks [T, 478, 3] px in head space, eye distances; and the head's pose [T, 5] less its mean."""
    from scipy.ndimage import gaussian_filter1d

    points = landmarks * [1.0, -1.0, -1.0]
    turn, scale = _turns(landmarks, shape)
    smooth = gaussian_filter1d(turn, _JITTER, axis=0)
    left, _, right = np.linalg.svd(smooth)
    turn = left @ right
    size = scale.mean()
    middle = _middle(points)
    place = gaussian_filter1d(middle[:, 0, :2], _JITTER, axis=0) / size
    head = np.column_stack([[angles(matrix) for matrix in turn], place])
    still = np.einsum("tij,tpi->tpj", turn, points - middle) / size
    still -= (still - shape)[:, STEADY].mean(axis=1, keepdims=True)
    return still, (head - head.mean(axis=0)).astype(np.float32)


def _middle(points: np.ndarray) -> np.ndarray:
    return points[:, STEADY].mean(axis=1, keepdims=True)


def _turns(landmarks: np.ndarray, shape: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotations [T, 3, 3] from head to camera and scales [T], by the parts of a face that do not move (Umeyama 1991)."""
    seen = (landmarks * [1, -1, -1])[:, STEADY].astype(float)
    seen = seen - seen.mean(axis=1, keepdims=True)
    own = shape[list(STEADY)].astype(float)
    own = own - own.mean(axis=0)
    left, sizes, right = np.linalg.svd(np.einsum("tpi,pj->tij", seen, own))
    flip = np.ones_like(sizes)
    flip[:, 2] = np.linalg.det(left @ right)
    turn = (left * flip[:, None]) @ right
    return turn, (sizes * flip).sum(axis=1) / (own**2).sum()
