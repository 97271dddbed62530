"""What is measured of lips: their opening and width through time, and how two mouths compare. No models in here."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_closing
from scipy.stats import rankdata

from engine.motion.phones import SILENCE, Phone

FPS = 25
CLOSED = 0.15  # of a clip's p95 opening: below it lips count as closed
LOUD = 0.5  # level (0..1 over 40 dB) above which a frame is speech; gaps up to 0.3 s are filled
PAUSE = 0.3  # seconds; what is called a pause
SLACK = 0.04  # seconds around a phone in which its closure may fall: one frame


@dataclass(frozen=True)
class Lips:
    """Lips through time: `opening` and `width` [T] in eye distances, NaN where the face is not seen."""

    opening: np.ndarray
    width: np.ndarray

    @staticmethod
    def of(landmarks: np.ndarray) -> "Lips":
        """From landmarks [T, 478, 3] of any unit."""

        def apart(a: int, b: int) -> np.ndarray:
            return np.linalg.norm(landmarks[:, a] - landmarks[:, b], axis=1)

        return Lips(apart(13, 14) / apart(33, 263), apart(61, 291) / apart(33, 263))

    def later(self, frames: int) -> "Lips":
        """The same lips, `frames` later; NaN where nothing is known."""
        shifted = np.full((2, len(self.opening)), np.nan)
        source, target = (slice(None, -frames or None), slice(frames, None))
        if frames < 0:
            source, target = slice(-frames, None), slice(None, frames)
        shifted[0, target], shifted[1, target] = self.opening[source], self.width[source]
        return Lips(*shifted)

    def lasting(self, frames: int) -> "Lips":
        """The same lips for so many frames: cut off, or begun anew."""
        return Lips(np.resize(self.opening, frames), np.resize(self.width, frames))

    @property
    def large(self) -> float:
        """The opening that is exceeded in one frame of twenty."""
        return float(np.nanpercentile(self.opening, 95))

    def closed(self) -> np.ndarray:
        """Where the lips are closed, bool [T]."""
        return np.nan_to_num(self.opening, nan=np.inf) <= CLOSED * self.large

    def speed(self) -> np.ndarray:
        """How fast the lips open or close, [T], in large openings a second."""
        return np.abs(np.diff(self.opening, prepend=self.opening[:1])) * FPS / self.large


def speech(level: np.ndarray) -> np.ndarray:
    """Frames of speech, bool [T], from loudness [T] alone, so that it is the same for every method."""
    frames = int(PAUSE * FPS)
    return binary_closing(np.pad(level > LOUD, frames), np.ones(frames + 1))[frames:-frames]


def pauses(level: np.ndarray) -> np.ndarray:
    """Frames of pauses inside the speech, bool [T]: after its first and before its last word, a frame in from both edges."""
    talking = speech(level)
    if not talking.any():
        return talking
    first, last = np.flatnonzero(talking)[[0, -1]]
    inner = ~talking
    inner[: first + 1] = inner[last:] = False
    return inner & ~np.convolve(talking, [1, 1, 1], mode="same").astype(bool)


def correlation(one: np.ndarray, other: np.ndarray, where: np.ndarray) -> float:
    """Pearson's r over the frames `where` both are known; 0 where either stands still."""
    length = min(len(one), len(other), len(where))
    one, other, where = one[:length], other[:length], where[:length]
    where = where & np.isfinite(one) & np.isfinite(other)
    if where.sum() < 10 or one[where].std() < 1e-6 or other[where].std() < 1e-6:
        return 0.0
    return float(np.corrcoef(one[where], other[where])[0, 1])


def interval(values: list[float]) -> tuple[float, float]:
    """Mean and half of its 95 % confidence interval (normal approximation)."""
    half = 1.96 * np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return float(np.mean(values)), float(half)


@dataclass(frozen=True)
class Closures:
    """`kept`: which /p b m/ closed the lips; `false`: which other consonants and vowels did; `auc`: how well the opening tells
    frames of /p b m/ from other speech."""

    kept: list[bool]
    false: list[bool]
    auc: float


def closures(lips: Lips, phones: list[Phone]) -> Closures:
    """Whether lips close where these phones want it, and only there."""
    opening, shut = np.nan_to_num(lips.opening), lips.closed()
    times = np.arange(len(opening)) / FPS
    kept, false = [], []
    wanted, other = np.zeros(len(opening), bool), np.zeros(len(opening), bool)
    for phone in phones:
        inside = (times >= phone.start) & (times < phone.end)
        if phone.label in ("P", "B", "M"):
            near = (times >= phone.start - SLACK) & (times <= phone.end + SLACK)
            kept.append(bool(shut[near].any()))
            wanted |= inside
        elif phone.label != SILENCE:
            if inside.any():
                false.append(bool(shut[inside].all()))
            other |= inside
    return Closures(kept, false, _auc(-opening[wanted], -opening[other & ~wanted]))


def _auc(high: np.ndarray, low: np.ndarray) -> float:
    """The chance that one of `high` exceeds one of `low`."""
    if not len(high) or not len(low):
        return 0.5
    ranks = rankdata(np.concatenate([high, low]))
    return float((ranks[: len(high)].sum() - len(high) * (len(high) + 1) / 2) / (len(high) * len(low)))
