"""From phones and sound to the mouth: a table learned from tracked faces by `engine.training.learn_visemes`.

Half of a mouth's shape comes from the phones. Each has a target for every mouth channel, and a dominance that says how hard
and how far into its neighbours it pulls (Cohen and Massaro 1993, "Modeling coarticulation in synthetic visual speech"; here
with a Gaussian rather than an exponential fall, and measured rather than tuned). The other half is a linear reading of the
spectrum around each frame, which follows loudness and what the phones leave out. Both were learned from the same faces, and
err differently: their mean is closer to real mouths than either.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np

from engine.motion.features import Spectrum
from engine.motion.phones import SILENCE, Phone
from engine.project.channels import INDEX, NAMES
from engine.project.timing import frame_times
from engine.resources import resource

BREATH = "SP"  # the table's row for a pause inside speech, in which lips stay parted
_GAP = 0.2  # seconds; a shorter silence is the closure of a stop
_REST = 1.0  # seconds; in a longer silence the lips come to rest
LIP_CONTACT = {"P": 0.6, "B": 0.6, "M": 1.0}  # phones that close the lips, and for which share of their length
TEETH_CONTACT = {"F": 0.8, "V": 0.8}  # phones that bring the lower lip to the upper teeth
_APPROACH = 0.06  # seconds in which lips come together, and part again, at an even pace
_NEIGHBOURS = 4  # phones on either side that may be felt
_EDGE, _EDGE_MOST = 0.25, 0.05  # share of a phone's length at each end, and seconds at most, that is not all its own
_AROUND, _LISTEN = Fraction("0.08"), Fraction("0.08")  # seconds over which loudness is looked at, and averaged
TAPS = np.arange(-4, 5) * 0.04  # seconds around a frame at which its sound is read
_BLOCK = 1000  # frames that are made at once


@dataclass(frozen=True)
class Visemes:
    """The learned table: P phones, M mouth channels, F = len(TAPS) * BANDS + 1 readings of the spectrum.

    Targets and readings are changes from the lips at rest. `strength` [P] is the log of a phone's pull; `before` and `after`
    [P] are how many seconds it reaches.
    """

    labels: tuple[str, ...]
    channels: tuple[str, ...]
    target: np.ndarray
    strength: np.ndarray
    before: np.ndarray
    after: np.ndarray
    sound: np.ndarray


@cache
def load_visemes() -> Visemes:
    """The table that ships.

    Raises:
        ResourceError: it is missing or altered.
    """
    with np.load(resource("visemes.npz")) as data:
        arrays = {name: data[name] for name in data.files}
    labels, channels = (tuple(str(name) for name in arrays.pop(key)) for key in ("labels", "channels"))
    return Visemes(labels, channels, **arrays)


def mouth(
    phones: list[Phone], mono: np.ndarray, level: np.ndarray, rate: Fraction, table: Visemes | None = None
) -> np.ndarray:
    """Mouth and jaw while `phones` are spoken, as changes from lips at rest: float32 [T, C], other channels 0.

    `mono` is the sound they were heard in, float32 [N], 16 kHz; `level` [T] its loudness, 0..1. Silence is not read.
    """
    return np.concatenate([np.zeros((0, len(NAMES)), np.float32), *mouths(phones, mono, level, rate, table)])


def mouths(
    phones: list[Phone], mono: np.ndarray, level: np.ndarray, rate: Fraction, table: Visemes | None = None
) -> Iterator[np.ndarray]:
    """As `mouth`, piece after piece."""
    table, bands = table or load_visemes(), Spectrum(mono)
    hush = table.target[table.labels.index(BREATH)]
    audible, plain = (heard[:, None] for heard in audibility(level, rate))
    for first in range(0, len(level), _BLOCK):
        part = slice(first, min(first + _BLOCK, len(level)))
        times = frame_times(range(part.start, part.stop), rate)
        said = articulated(phones, times, table)
        hushed = np.minimum(said, hush)  # no mouth gapes where nothing is heard
        said = hushed + audible[part] * (said - hushed)
        motion = np.zeros((len(times), len(NAMES)), np.float32)
        shares = (said + plain[part] * (read_sound(bands, times) @ table.sound)) / (1 + plain[part])
        motion[:, [INDEX[name] for name in table.channels]] = shares
        yield motion


def audibility(level: np.ndarray, rate: Fraction) -> tuple[np.ndarray, np.ndarray]:
    """From loudness [T]: whether anything is heard around a frame, and how plainly the frame itself is; [T] 0..1 each."""
    from scipy.ndimage import gaussian_filter1d, maximum_filter1d

    around = maximum_filter1d(level, 2 * round(_AROUND * rate) + 1)
    smooth = gaussian_filter1d(level, float(_LISTEN * rate))
    return np.clip((around - 0.1) / 0.3, 0, 1), np.clip((smooth - 0.2) / 0.2, 0, 1)


def articulated(phones: list[Phone], times: np.ndarray, table: Visemes) -> np.ndarray:
    """The phones' half, [T, M]."""
    near = neighbourhood(phones, times, table.labels)
    pull = dominance(near, table.strength, table.before, table.after)
    return np.asarray(sum(pull[:, k, None] * table.target[near.rows[:, k]] for k in range(pull.shape[1])))


@dataclass(frozen=True)
class Neighbourhood:
    """The K phones around each of T moments: their table `rows`, whether they are `ahead`, seconds `away`, and `there` at all.

    `away` counts from the middle of a phone, which is all its own.
    """

    rows: np.ndarray
    ahead: np.ndarray
    away: np.ndarray
    there: np.ndarray


def neighbourhood(phones: list[Phone], times: np.ndarray, labels: tuple[str, ...]) -> Neighbourhood:
    """The phones that may be felt at each moment; silences too short to be pauses are left out."""
    felt = [phone for phone in phones if phone.label != SILENCE or phone.end - phone.start >= _GAP] or phones
    start, end = np.array([[phone.start, phone.end] for phone in felt]).T
    inner = (start > 0) & (end < phones[-1].end) & (end - start < _REST)
    names = [BREATH if phone.label == SILENCE and i else phone.label for phone, i in zip(felt, inner, strict=True)]
    rows = np.array([labels.index(name) for name in names])
    here = np.searchsorted((start[1:] + end[:-1]) / 2, times)
    around = here[:, None] + np.arange(-_NEIGHBOURS, _NEIGHBOURS + 1)
    there = (around >= 0) & (around < len(felt))
    around = np.clip(around, 0, len(felt) - 1)
    offset = times[:, None] - ((start + end) / 2)[around]
    half = (end - start) / 2
    own = half - np.minimum(2 * _EDGE * half, _EDGE_MOST)
    away = np.maximum(np.abs(offset) - own[around], 0)
    return Neighbourhood(rows[around], offset < 0, away, there)


def dominance(near: Neighbourhood, strength: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The share of each neighbour in the mouth, [T, K]; rows sum to 1."""
    reach = np.where(near.ahead, before[near.rows], after[near.rows])
    pull = np.where(near.there, strength[near.rows] - (near.away / reach) ** 2, -np.inf)
    pull = np.exp(pull - pull.max(axis=1, keepdims=True))
    return pull / pull.sum(axis=1, keepdims=True)


def contact(phones: list[Phone], times: np.ndarray, shares: dict[str, float], opening: np.ndarray) -> np.ndarray:
    """How far the lips are in contact at `times` (evenly spaced): [T], 1 in these phones' own time, falling to 0 around it.

    It lies where the lips would be closest in any case, by their `opening` [T]: elsewhere it would tear at the motion around
    it. It lasts one frame at least, wherever the frames fall, and longer in a phone whose share is longer than the approach.
    """
    held = np.zeros(len(times))
    step = times[1] - times[0] if len(times) > 1 else 1.0
    margin = int(np.ceil(_APPROACH / step)) + 1
    for phone in phones:
        share = shares.get(phone.label)
        first, last = int(np.floor(phone.start / step + 1e-6)), int(np.ceil(phone.end / step - 1e-6))
        first, last = max(first, 0), min(last, len(times) - 1)
        if share is None or first > last:
            continue
        own = slice(first, last + 1)
        centre = (phone.start + phone.end) / 2
        closest = times[own][np.argmin(opening[own] + 1e-6 * np.abs(times[own] - centre))]
        half = max(share * (phone.end - phone.start) - _APPROACH, 0) / 2
        middle = np.clip(np.clip(closest, phone.start + half, phone.end - half), closest - half, closest + half)
        around = np.arange(max(first - margin, 0), min(last + margin + 1, len(times)))
        away = np.maximum(np.abs(times[around] - middle) - half, 0)
        held[around] = np.maximum(held[around], 1 - np.minimum(away / _APPROACH, 1))
    return held


def read_sound(bands: np.ndarray | Spectrum, times: np.ndarray) -> np.ndarray:
    """What the linear reading sees of a spectrum [N, BANDS] at each moment: [T, F], means over 40 ms at TAPS and a one."""
    if not len(bands) or not len(times):
        return np.zeros((len(times), len(TAPS) * bands.shape[1] + 1))
    first = np.clip(np.rint((times[:, None] + TAPS) * 100).astype(int) - 2, 0, len(bands) - 1)
    last = np.minimum(first + 4, len(bands))
    begun = first.min()
    total = np.concatenate([np.zeros((1, bands.shape[1])), np.cumsum(bands[begun : last.max()], axis=0, dtype=float)])
    read = (total[last - begun] - total[first - begun]) / (last - first)[:, :, None]
    return np.concatenate([read.reshape(len(times), -1), np.ones((len(times), 1))], axis=1)
