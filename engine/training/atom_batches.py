"""Windows of the pack as batches, each heard through another throat, room, microphone and noise than it was recorded with.

All of it is done on band energies rather than on sound, which costs a hundredth: a longer or shorter vocal tract shifts the
bands, a room smears their energy over time, a noise adds to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from scipy.signal import lfilter
from torch.utils.data import IterableDataset, get_worker_info

from engine.motion.atom.network import BANDS, HEARD, KNOWN, PER_FRAME, TOKENS, UNTOLD, Settings
from engine.motion.phones import LABELS
from engine.training.atom_pack import SILENT, Clip, Pack, tens

FRAMES = 75  # in a window
_WARP, _TEMPO, _LOUDER = 0.25, 0.18, 0.35  # logs: of vocal tract, tempo, size of motion, at most
_FLOOR, _LOUD = 3.5, 2.5  # tens of dB: as engine.motion.features.balanced
_SPAN = (80.0, 6000.0)  # Hz, as engine.motion.features
_TOLD = (0.3, 0.35, 0.35)  # how often phones are unknown, recognised, known
_SPLICED = 0.4  # how often other clips of the same voice follow
_ANEW = 0.06  # share of phones that are replaced by any other
MIRRORED = np.array([-1, 1, -1, -1, 1], np.float32)  # yaw, pitch, roll, x, y of a head in a mirror
_NO_SOUND, _NO_CONDITION, _NO_PROSODY = 0.12, 0.2, 0.5  # how often each is left out


@dataclass(frozen=True)
class Batch:
    """Tensors as `engine.motion.atom.network` takes them; `labels` [B, 2T] is what the ear should hear; `faced` [B]."""

    sound: torch.Tensor
    told: torch.Tensor
    source: torch.Tensor
    labels: torch.Tensor
    lips: torch.Tensor
    upper: torch.Tensor
    prosody: torch.Tensor
    condition: torch.Tensor
    known: torch.Tensor
    hears: torch.Tensor
    faced: torch.Tensor


class Batches(IterableDataset[Batch]):
    """Draws batches of `count` windows from a pack, each worker its own. `weights`: how often a source is drawn, by name."""

    def __init__(
        self, pack: Pack, shapes: np.ndarray, weights: dict[str, float], s: Settings, count: int, seed: int
    ) -> None:
        self._pack, self._shapes, self._settings, self._count, self._seed = pack, shapes, s, count, seed
        self._dice = np.random.default_rng(seed)
        self._clips = [clip for clip in pack.clips if not clip.held and clip.source in weights]
        frames = {name: sum(c.frames for c in self._clips if c.source == name) for name in weights}
        chance = np.array([weights[clip.source] * clip.frames / frames[clip.source] for clip in self._clips])
        self._chance = chance / chance.sum()
        self._voices: dict[str, list[Clip]] = {}
        for clip in self._clips:
            self._voices.setdefault(clip.voice, []).append(clip)
        self.manners = {clip.name: manner(pack, clip) for clip in pack.clips}

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        self._dice = np.random.default_rng([self._seed, worker.id if worker else 0])
        while True:
            yield self.draw(self._count)

    def draw(self, count: int) -> Batch:
        """`count` windows."""
        dice, s = self._dice, self._settings
        picked = [self._clips[i] for i in dice.choice(len(self._clips), count, p=self._chance)]
        windows, faced = zip(*(self._window(clip) for clip in picked), strict=True)
        sound, phones, lips, upper, voice = (np.stack(part) for part in zip(*windows, strict=True))
        gain = np.exp(dice.uniform(-_LOUDER, _LOUDER, count))
        manners = np.stack([self.manners[clip.name] for clip in picked])
        manners[:, :2] += np.log(gain)[:, None] / 0.3
        who = dice.integers(len(self._shapes), size=count)
        lips = lips * (gain * (1 + 0.5 * self._shapes[who, 0]))[:, None, None]
        condition = np.concatenate([manners, self._shapes[who] * 5], axis=1)
        condition[:, : s.manner] *= dice.random((count, 1)) > _NO_CONDITION
        condition[:, s.manner :] *= dice.random((count, 1)) > _NO_CONDITION
        flipped = dice.random(count) < 0.5
        upper[flipped, :, -5:] *= MIRRORED
        prosody = np.concatenate([np.ones((count, FRAMES, 1)), voice], axis=2)
        prosody *= (dice.random(count) > _NO_PROSODY)[:, None, None]
        source = dice.choice([UNTOLD, HEARD, KNOWN], count, p=_TOLD)
        told = np.stack([self._told(track, way) for track, way in zip(phones, source, strict=True)])
        arrays = (heard_anew(sound, dice), told, source, phones[:, :, 0], lips, upper, prosody, condition)
        known = np.stack([self._known() for _ in range(count)])
        hears = dice.random(count) > _NO_SOUND
        kinds = (np.float32, np.int64, np.int64, np.int64, *[np.float32] * 7)
        return Batch(
            *(
                torch.from_numpy(a.astype(k))
                for a, k in zip((*arrays, known, hears, np.array(faced)), kinds, strict=True)
            )
        )

    def _window(self, clip: Clip) -> tuple[tuple[np.ndarray, ...], bool]:
        """Sound [4T, BANDS], phones [2T, 2], lips, upper, voice [T, .], at another tempo; and whether the face is real."""
        dice = self._dice
        tempo = float(np.exp(dice.uniform(-_TEMPO, _TEMPO))) if dice.random() < 0.6 else 1.0
        parts, faced = parts_of(self._pack, clip), clip.faced
        if dice.random() < _SPLICED:
            others = self._voices[clip.voice]
            for _ in range(2):
                parts = spliced(parts, parts_of(self._pack, others[dice.integers(len(others))]), dice)
            faced = False  # the head jumps where one clip follows another
        spare = len(parts[2]) - tempo * FRAMES
        start = float(np.rint(dice.uniform(min(spare, -5), max(spare, 5))))
        at = start + tempo * np.arange(FRAMES)
        fine = PER_FRAME * start + tempo * (np.arange(PER_FRAME * FRAMES) + 0.5) - 0.5
        half = PER_FRAME * start + tempo * (np.arange(TOKENS * FRAMES) + 0.5) * PER_FRAME / TOKENS - 0.5
        return window_of(parts, at, fine, half), faced

    def _told(self, track: np.ndarray, way: int) -> np.ndarray:
        """The phones [2T] that the network is told, of those aligned and recognised, [2T, 2]."""
        if way == UNTOLD:
            return np.full(len(track), -1)
        told = np.roll(track[:, 0 if way == KNOWN else 1], self._dice.integers(-1, 2)).copy()
        edges = np.flatnonzero(np.diff(told, prepend=-2, append=-2))
        for first, last in pairwise(edges):
            if way == HEARD and self._dice.random() < _ANEW:
                told[first:last] = self._dice.integers(len(LABELS))
        return told

    def _known(self) -> np.ndarray:
        """Which frames are given: none, the first, the first and last, or a stretch within."""
        known, dice = np.zeros(FRAMES), self._dice
        kind = dice.random()
        if kind > 0.45:
            known[: dice.integers(1, 26)] = 1
        if kind > 0.7:
            known[FRAMES - dice.integers(1, 16) :] = 1
        if kind > 0.85:
            first = dice.integers(FRAMES)
            known[first : first + dice.integers(1, 15)] = 1
        return known


def parts_of(pack: Pack, clip: Clip) -> tuple[np.ndarray, ...]:
    """The clip's own sound, phones, lips, upper and voice."""
    own = slice(PER_FRAME * clip.start, PER_FRAME * (clip.start + clip.frames))
    frames = slice(clip.start, clip.start + clip.frames)
    motion = (array[frames].astype(np.float32) for array in (pack.lips, pack.upper, pack.voice))
    return pack.sound[own], pack.phones[own], *motion


def spliced(
    one: tuple[np.ndarray, ...], other: tuple[np.ndarray, ...], dice: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Two clips as one, with 0 to 0.3 s of the silence at the end of the first and at the beginning of the other.

    Clips begin and end in silence, which would else be learned: that nobody speaks on.
    """
    spoken = [np.flatnonzero(parts[1][:, 0] > 0) // PER_FRAME for parts in (one, other)]
    if not len(spoken[0]) or not len(spoken[1]):
        return one
    cut = min(int(spoken[0][-1]) + 1 + int(dice.integers(8)), len(one[2]))
    begin = max(int(spoken[1][0]) - int(dice.integers(8)), 0)
    ends = [(cut, begin)] * 5
    ends[:2] = [(PER_FRAME * cut, PER_FRAME * begin)] * 2
    parts = [np.concatenate([a[:x], b[y:]]) for a, b, (x, y) in zip(one, other, ends, strict=True)]
    jump = parts[2][cut] - parts[2][cut - 1]
    share = np.clip(1 - np.abs(np.arange(len(parts[2])) - cut + 0.5) / 3, 0, 1)[:, None] / 2
    parts[2] = parts[2] + np.where(np.arange(len(share))[:, None] < cut, share, -share) * jump
    return tuple(parts)


def window_of(
    parts: tuple[np.ndarray, ...], at: np.ndarray, fine: np.ndarray, half: np.ndarray
) -> tuple[np.ndarray, ...]:
    """The clip at frames `at` [T] of motion, `fine` [4T] and `half` [2T] of sound; silence where it has ended."""
    sound, phones, *motion = parts
    last = len(sound) - 1
    heard = tens(sound[np.clip(np.rint(fine).astype(int), 0, last)])
    heard[(fine < -0.5) | (fine > last + 0.5)] = SILENT
    labels = phones[np.clip(np.rint(half).astype(int), 0, last)].astype(int)
    labels[(half < -0.5) | (half > last + 0.5)] = 0
    return heard, labels, *(cubic(array, at) for array in motion)


def cubic(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Values [N, K] at frame numbers `at` [T], by Catmull and Rom's cubic; the ends are held."""
    first = np.floor(at).astype(int)
    t = (at - first)[:, None].astype(np.float32)
    a, b, c, d = (values[np.clip(first + k, 0, len(values) - 1)] for k in (-1, 0, 1, 2))
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))


def manner(pack: Pack, clip: Clip) -> np.ndarray:
    """How lively a clip is, [4], each about 0 and of unit size: lips' first and second direction, face, head; 0 unknown."""
    own = slice(clip.start, clip.start + clip.frames)
    lips, upper = pack.lips[own].astype(float), pack.upper[own].astype(float)
    sizes = [lips[:, 0].std(), lips[:, 1].std(), upper[:, :-5].std(0).mean(), upper[:, -5:].std(0).mean()]
    found = np.clip((np.log(np.array(sizes) + 1e-3) - np.log([0.9, 0.9, 0.8, 0.4])) / 0.3, -3, 3)
    found[2:] *= clip.faced
    return found


def heard_anew(sound: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """Log energies [B, N, BANDS] through other throats, rooms, microphones and noises, as the network hears: `balanced`."""
    count = len(sound)
    bent = np.stack([one @ _shift(w) for one, w in zip(sound, dice.uniform(-_WARP, _WARP, count), strict=True)])
    power = 10.0**bent
    for i in np.flatnonzero(dice.random(count) < 0.4):
        fall = 10 ** (-6 * 0.01 / dice.uniform(0.1, 0.7))  # of energy in 10 ms, by the room's reverberation time
        late = lfilter([0, 1 - fall], [1, -fall], power[i], axis=0)
        power[i] += 10 ** dice.uniform(-1.5, 0) * late
    top = np.percentile(power, 95, axis=1, keepdims=True)
    colour = 10 ** np.cumsum(dice.normal(0, 0.12, (count, 1, BANDS)), axis=2)
    moving = 10 ** dice.normal(0, 0.15, (count, sound.shape[1], 1))
    noise = top.mean(axis=2, keepdims=True) ** 0.5 * top**0.5 * colour * moving
    power += 10 ** dice.uniform(-5, -0.7, (count, 1, 1)) * noise
    return balanced(np.log10(power + 1e-12)) + microphone(count, dice)


def microphone(count: int, dice: np.random.Generator) -> np.ndarray:
    """What is wrong with the balance, [B, 1, BANDS]: a level, a smooth slope over the bands, now and then a dead band."""
    curve = dice.normal(0, 0.1, (count, 1, 3)) @ np.cos(np.outer(np.arange(3), np.linspace(0, np.pi, BANDS)))
    return curve + dice.normal(0, 0.05, (count, 1, BANDS))


def balanced(tens: np.ndarray) -> np.ndarray:
    """As `engine.motion.features.balanced`, for log10 energies [B, N, BANDS]."""
    whole = np.log10((10.0**tens).sum(axis=2))
    tens = np.maximum(tens, np.percentile(tens, 95, axis=1, keepdims=True) - _FLOOR)
    loud = (whole >= np.percentile(whole, 95, axis=1, keepdims=True) - _LOUD)[..., None]
    return tens - (tens * loud).sum(axis=1, keepdims=True) / loud.sum(axis=1, keepdims=True)


def _shift(warp: float) -> np.ndarray:
    """[BANDS, BANDS]: bands of a voice to those of one whose tract is exp(warp) as long."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in _SPAN)
    mels = np.linspace(low, high, BANDS + 2)[1:-1]
    asked = 2595 * np.log10(1 + 700 * (10 ** (mels / 2595) - 1) * np.exp(warp) / 700)
    at = np.clip((asked - mels[0]) / (mels[1] - mels[0]), 0, BANDS - 1)
    first = np.minimum(at.astype(int), BANDS - 2)
    share = at - first
    matrix = np.zeros((BANDS, BANDS))
    matrix[first, np.arange(BANDS)] = 1 - share
    matrix[first + 1, np.arange(BANDS)] += share
    return matrix
