"""A recording as AToM's ear takes it: any range of frames of it, so that an hour needs no more memory than a minute."""

import math
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from engine.motion.atom.network import BANDS, PER_FRAME, TOKENS, UNTOLD, Atom
from engine.motion.features import RATE, Spectrum
from engine.motion.phones import LABELS, SILENCE, Phone
from engine.project.timing import frame_count

FPS = Fraction(25)  # frames of motion in a second, as trained
_BLOCK = 1500  # frames that are listened to at once
_MARGIN = 16  # frames to either side of a range that the ear hears too
_GAP = 0.2  # seconds; a shorter silence is the closure of a stop
_EDGE = 5  # frames over which a pause begins and ends


class Speech:
    """Sound (float32 [N], 16 kHz) and its phones; `source`: UNTOLD, HEARD or KNOWN, where the phones come from.

    `pausing` float32 [T] is 1 in pauses and 0 in speech, as far as the phones tell.
    """

    def __init__(self, mono: np.ndarray, phones: list[Phone], source: int) -> None:
        self.frames = frame_count(Fraction(len(mono), RATE), FPS)
        self._bands = Spectrum(mono if len(mono) >= RATE // 100 else np.pad(mono, (0, RATE // 100)), BANDS)
        self._labels = labels_at(phones, (np.arange(TOKENS * self.frames) + 0.5) / float(TOKENS * FPS))
        self._source = source
        self.pausing = _pausing(phones, self.frames) if source != UNTOLD else np.zeros(self.frames, np.float32)
        if source == UNTOLD:
            self._labels[:] = -1

    def window(self, network: Atom, first: int, end: int) -> tuple[Tensor, Tensor]:
        """Tokens [1, 2T, E] and mean lips [1, T, K] of frames `first` to `end`."""
        tokens, mean, _ = self._heard(network, first, end)
        return tokens[:, TOKENS * _MARGIN : -TOKENS * _MARGIN], mean[:, _MARGIN:-_MARGIN]

    def mean(self, network: Atom) -> np.ndarray:
        """Mean lips [T, K] of it all."""
        edges = range(0, self.frames, _BLOCK)
        parts = [self.window(network, first, min(first + _BLOCK, self.frames))[1][0] for first in edges]
        return torch.cat(parts).numpy() if parts else np.zeros((0, network.settings.lips), np.float32)

    def logits(self, network: Atom) -> Tensor:
        """What the ear itself thinks of every token's phone, [2T, P]."""
        own = slice(TOKENS * _MARGIN, -TOKENS * _MARGIN)
        edges = range(0, self.frames, _BLOCK)
        return torch.cat([self._heard(network, i, min(i + _BLOCK, self.frames))[2][0, own] for i in edges])

    def _heard(self, network: Atom, first: int, end: int) -> tuple[Tensor, Tensor, Tensor]:
        frames = np.arange(first - _MARGIN, end + _MARGIN)
        fine = np.clip((frames[:, None] * PER_FRAME + np.arange(PER_FRAME)).ravel(), 0, len(self._bands) - 1)
        bands = self._bands[fine[0] : fine[-1] + 1]
        half = np.clip((frames[:, None] * TOKENS + np.arange(TOKENS)).ravel(), 0, len(self._labels) - 1)
        sound = torch.from_numpy(bands[fine - fine[0]])[None]
        labels = torch.from_numpy(self._labels[half])[None]
        with torch.inference_mode():
            heard: tuple[Tensor, Tensor, Tensor] = network.ear(sound, labels, torch.tensor([self._source]))
        return heard


def _pausing(phones: list[Phone], frames: int) -> np.ndarray:
    """1 in the pauses between and around `phones`, 0 where somebody speaks, with soft edges; float32 [frames]."""
    from scipy.ndimage import uniform_filter1d

    pauses = [(p.start, p.end) for p in phones if p.label == SILENCE and p.end - p.start >= _GAP]
    silent = np.zeros(frames, np.float32)
    for start, end in pauses:
        silent[math.ceil(start * FPS) : math.ceil(end * FPS)] = 1
    return np.asarray(uniform_filter1d(silent, _EDGE))


def labels_at(phones: list[Phone], times: np.ndarray) -> np.ndarray:
    """Index into LABELS of the phone that sounds at each of `times` [N]; `phones` are contiguous."""
    which = np.searchsorted([phone.end for phone in phones[:-1]], times, side="right")
    return np.array([LABELS.index(phone.label) for phone in phones])[which]
