"""What can be measured in the voice without knowing its words: loudness, pitch and spectrum."""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from engine.project.timing import frame_count

RATE = 16_000
_HOP = RATE // 100
_RANGE = 40.0  # dB between the loud parts of a recording and what counts as silence
_SILENT = -60.0  # dBFS: nothing below this is speech, however quiet the rest
_PITCH = (65, 420)  # Hz
_WINDOW = 640  # samples (40 ms): more than two periods of the lowest voice
_OCTAVE = 0.1  # what a pitch an octave lower has to be better by: twice the period repeats just as well
_VOICED = 0.55  # normalised autocorrelation above which a sound has a pitch
BANDS = 12
_SPAN = (80.0, 6000.0)  # Hz covered by the bands
_FLOOR = 35.0  # dB below a band's loud parts where it is cut off, so that noise in silence does not matter
_BLOCK = 1000  # frames of 10 ms that are looked at together
_MOST = 60  # blocks, evenly spread, that a recording is balanced by: ten minutes


@dataclass(frozen=True)
class Prosody:
    """The voice at each frame.

    `level` float32 [T], 0 silence to 1 the loud parts of this recording (40 dB); `pitch` float32 [T], semitones above this
    voice's median, gliding through what has no pitch; `voiced` bool [T].
    """

    level: np.ndarray
    pitch: np.ndarray
    voiced: np.ndarray


def prosody(mono: np.ndarray, rate: Fraction) -> Prosody:
    """Loudness and pitch of `mono` (float32 [N], 16 kHz) at every frame that is needed to cover it."""
    padded = np.pad(mono, (0, _HOP)) if len(mono) < _HOP else mono
    level = _level(padded)
    hertz = np.concatenate([_hertz(padded, i, min(i + 1000, len(level))) for i in range(0, len(level), 1000)])
    voiced = (hertz > 0) & (level > 0.3)
    pitch = np.zeros(len(level))
    if voiced.any():
        tones = 12 * np.log2(hertz[voiced] / np.median(hertz[voiced]))
        pitch = np.interp(np.arange(len(pitch)), np.flatnonzero(voiced), np.clip(tones, -12, 12))
    at = np.arange(frame_count(Fraction(len(mono), RATE), rate)) * float(100 / rate)
    nearest = np.clip(np.rint(at).astype(int), 0, len(level) - 1)
    return Prosody(_sample(_smooth(level, 5), at), _sample(_smooth(pitch, 9), at), voiced[nearest])


class Spectrum:
    """Log-mel spectrum of `mono` (float32 [N], 16 kHz) every 10 ms, float32 [N // 160, count], as `balanced` tells.

    Any range of it is made when asked for, so that an hour needs no more memory than a minute.
    """

    def __init__(self, mono: np.ndarray, count: int = BANDS) -> None:
        self._mono, self._count = mono, count
        self.shape = (len(mono) // _HOP, count)
        blocks = range(0, len(self), _BLOCK)
        some = blocks[:: max(-(-len(blocks) // _MOST), 1)]
        energies = [self._energies(first, min(first + _BLOCK, len(self))) for first in some]
        self._floor, self._middle = _balance(np.concatenate(energies or [np.ones((1, count))]))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, part: slice) -> np.ndarray:
        first, end, _ = part.indices(len(self))
        return _balanced(self._energies(first, end), self._floor, self._middle)

    def _energies(self, first: int, end: int) -> np.ndarray:
        return _band_energies(self._mono, first, end, _mel_filters(1.0, self._count))


def spectrum(mono: np.ndarray) -> np.ndarray:
    """All of a `Spectrum` at once."""
    return Spectrum(mono)[:]


def band_energies(mono: np.ndarray, warp: float = 1.0, count: int = BANDS) -> np.ndarray:
    """Energy of `count` mel bands every 10 ms, [N // 160, count]; `warp` above 1 listens as if the voice were lower."""
    return _band_energies(mono, 0, len(mono) // _HOP, _mel_filters(warp, count))


def _band_energies(mono: np.ndarray, first: int, end: int, filters: np.ndarray) -> np.ndarray:
    """Energies through `filters` [257, B] of the frames of 10 ms from `first` to `end`, [end - first, B]."""
    window, bands = np.hanning(512), np.empty((end - first, filters.shape[1]))
    for start in range(first, end, _BLOCK):
        at = np.arange(start, min(start + _BLOCK, end))[:, None] * _HOP + np.arange(512) + (_HOP - 512) // 2
        pieces = np.where((at >= 0) & (at < len(mono)), mono[np.clip(at, 0, len(mono) - 1)], 0)
        bands[start - first : start - first + len(at)] = np.abs(np.fft.rfft(pieces * window)) ** 2 @ filters
    return bands


def balanced(bands: np.ndarray) -> np.ndarray:
    """Band energies [N, B] in units of 10 dB, each counted from its mean over the loud parts, float32.

    So neither gain nor microphone shows. What lies far below a band's loud parts is cut off: noise in silence does not show.
    """
    return _balanced(bands, *_balance(bands)) if len(bands) else np.zeros(bands.shape, np.float32)


def _balance(bands: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From band energies [N, B]: where each band is cut off, and its mean over the loud parts, [B] each."""
    whole = np.log10(bands.sum(axis=1) + 1e-9)
    tens = np.log10(bands + 1e-9)
    floor = np.percentile(tens, 95, axis=0) - _FLOOR / 10
    loud = whole >= np.percentile(whole, 95) - 2.5
    return floor, np.maximum(tens[loud], floor).mean(axis=0)


def _balanced(bands: np.ndarray, floor: np.ndarray, middle: np.ndarray) -> np.ndarray:
    return (np.maximum(np.log10(bands + 1e-9), floor) - middle).astype(np.float32)


@lru_cache(maxsize=4)
def _mel_filters(warp: float, count: int) -> np.ndarray:
    """Triangles [257, count], evenly spaced on the mel scale (O'Shaughnessy 1987)."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in _SPAN)
    edges = 700 * (10 ** (np.linspace(low, high, count + 2) / 2595) - 1) * warp
    hertz = np.arange(257)[:, None] * RATE / 512
    rising = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(rising, falling), 0, None)


def _level(mono: np.ndarray) -> np.ndarray:
    """Loudness every 10 ms, 0..1 over the 40 dB below this recording's loud parts."""
    frames = mono[: len(mono) // _HOP * _HOP].reshape(-1, _HOP)
    decibels = 10 * np.log10(np.einsum("ij,ij->i", frames, frames) / _HOP + 1e-12)
    top = max(float(np.percentile(decibels, 95)), _SILENT + _RANGE / 2)
    return np.clip(1 + (decibels - top) / _RANGE, 0, 1)


def _hertz(mono: np.ndarray, first: int, last: int) -> np.ndarray:
    """Pitch of the 10-ms frames from `first` to `last`, 0 where there is none, by normalised autocorrelation."""
    starts = np.arange(first, last) * _HOP + (_HOP - _WINDOW) // 2
    windows = mono[np.clip(starts[:, None] + np.arange(_WINDOW), 0, len(mono) - 1)] * np.hanning(_WINDOW)
    power = np.abs(np.fft.rfft(windows - windows.mean(axis=1, keepdims=True), 2 * _WINDOW)) ** 2
    similar = np.fft.irfft(power)[:, : RATE // _PITCH[0]]
    taper = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(_WINDOW), 2 * _WINDOW)) ** 2)[: RATE // _PITCH[0]]
    similar = similar / (similar[:, :1] + 1e-9) * (taper[0] / taper)
    lags = np.arange(RATE // _PITCH[1], similar.shape[1])
    lag = lags[np.argmax(similar[:, lags] - _OCTAVE * np.log2(lags), axis=1)]
    return np.where(similar[np.arange(len(lag)), lag] > _VOICED, RATE / lag, 0)


def _smooth(values: np.ndarray, width: int) -> np.ndarray:
    return np.convolve(np.pad(values, width // 2, mode="edge"), np.hanning(width + 2)[1:-1] * 2 / (width + 1), "valid")


def _sample(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Values of 10-ms frames at fractional frame numbers."""
    return np.interp(at, np.arange(len(values)) + 0.5, values).astype(np.float32)
