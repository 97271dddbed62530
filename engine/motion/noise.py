"""Steady noise (a fan, traffic, tape hiss) is taken out of speech before anything listens to it: what hums on in a pause is
not heard as speech, and the lips rest."""

from collections.abc import Generator

import numpy as np

from engine.events import Progress, in_one_go
from engine.motion.features import RATE

_HOP, _SIDE = 128, 512  # samples: 8 ms, 32 ms
_BLOCK = 2048  # frames that are cleaned at once
_MARGIN = 8  # frames to either side of them that are looked at, too
_MOST = 30  # blocks, evenly spread, in which the noise is looked for: eight minutes
_QUIETEST = 10  # per cent of a band's moments that are taken for noise alone
_LASTING, _SMOOTH = 15, (7, 3)  # frames of such a moment; frames and bands over which a band's power is smoothed
_OVER = 3.0  # times the noise that is taken away, because the quietest moments are less than its mean
_LEAST = 0.1  # of a band's amplitude is left
_VOICE = 10**0.6  # times the noise, for an eighth of a second: where nothing is louder, there is no voice
_VOICED = 4  # the band from 125 Hz, below which rooms rumble and nobody speaks
_CLEAN = 10**-2.8  # of the loud parts' power: less noise than that stays, which the ear was trained with


def quieting(mono: np.ndarray) -> Generator[Progress, None, np.ndarray]:
    """`mono` (float32 [N], 16 kHz) with its steady noise taken out, **in place**, and returned; a clean recording stays bit
    for bit, and one that is nothing but noise becomes silent. Progress after each piece.

    Spectral subtraction (Boll 1979) with a smoothed gain; the noise is each band's tenth percentile over the recording.
    """
    frames = -(-len(mono) // _HOP)
    blocks = [(first, min(first + _BLOCK, frames)) for first in range(0, frames, _BLOCK)]
    noise, loudest = _noise(mono, blocks)
    if noise is None:
        return mono
    if loudest < _VOICE * noise[_VOICED:].sum():
        mono[:] = 0
        return mono
    before = np.zeros(0, np.float32)  # samples that the last block has changed, as they were
    for first, end in blocks:
        start, stop = first * _HOP, min(end * _HOP, len(mono))
        sound = np.concatenate([before, mono[start : stop + _MARGIN * _HOP]])
        before, skip = mono[max(stop - _MARGIN * _HOP, 0) : stop].copy(), len(before)
        mono[start:stop] = _subtracted(sound, noise)[skip : skip + stop - start]
        yield Progress(stop // RATE, len(mono) // RATE, "Taking noise out of the speech")
    return mono


quieted = in_one_go(quieting)
"""The same argument and sound as `quieting`, without progress or places to stop."""


def _noise(mono: np.ndarray, blocks: list[tuple[int, int]]) -> tuple[np.ndarray | None, float]:
    """Power of the steady noise, [bands, 1], or None where there is next to none; and of the loudest eighth
    of a second from the band _VOICED on."""
    from scipy.ndimage import uniform_filter1d

    lasting: list[np.ndarray] = []
    whole: list[np.ndarray] = []
    loudest = 0.0
    for first, end in blocks[:: max(-(-len(blocks) // _MOST), 1)]:
        power = np.abs(_spectra(mono[first * _HOP : end * _HOP])) ** 2
        lasting.append(uniform_filter1d(power, _LASTING, axis=1)[:, :: _LASTING // 3])
        whole.append(power.sum(axis=0))
        loudest = max(loudest, float(uniform_filter1d(power[_VOICED:].sum(axis=0), _LASTING).max()))
    if not whole:
        return None, loudest
    noise = np.percentile(np.concatenate(lasting, axis=1), _QUIETEST, axis=1)[:, None]
    return (noise if noise.sum() > _CLEAN * np.percentile(np.concatenate(whole), 95) else None), loudest


def _subtracted(sound: np.ndarray, noise: np.ndarray) -> np.ndarray:
    from scipy.ndimage import uniform_filter
    from scipy.signal import istft

    spectra = _spectra(sound)
    power = uniform_filter(np.abs(spectra) ** 2, _SMOOTH[::-1])
    gain = np.maximum(1 - _OVER * noise / np.maximum(power, 1e-20), _LEAST)
    _, cleaned = istft(spectra * gain, RATE, nperseg=_SIDE, noverlap=_SIDE - _HOP)
    return np.asarray(cleaned[: len(sound)], np.float32)


def _spectra(sound: np.ndarray) -> np.ndarray:
    """Short-time spectra [bands, T] every 8 ms, from the first sample to beyond the last."""
    from scipy.signal import stft

    sound = np.pad(sound, (0, max(0, _SIDE - len(sound))))
    return np.asarray(stft(sound, RATE, nperseg=_SIDE, noverlap=_SIDE - _HOP)[2])
