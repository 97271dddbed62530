"""How AToM's lips follow a voice beside a fan, with the noise taken out beforehand and without."""

from collections.abc import Callable, Sequence

import numpy as np

from engine.motion.features import RATE
from engine.motion.noise import quieted
from engine.motion.phones import Phone
from engine.training.atom_faces import Hearing
from engine.training.evaluate_lips import Clip
from engine.training.lip_figures import Lips, correlation, speech

LOUD = (20, 15, 8)  # dB of the voice over the fan


def with_fan(mono: np.ndarray, decibels: float, seed: int) -> np.ndarray:
    """`mono` (float32 [N], 16 kHz) with noise, weaker the higher it is, so far below the louder half of it."""
    noise = np.random.default_rng(seed).standard_normal(len(mono))
    hertz = np.maximum(np.fft.rfftfreq(len(mono), 1 / RATE), 60)
    hum = np.fft.irfft(np.fft.rfft(noise) * np.sqrt(200 / hertz), len(mono))
    voice = np.sqrt(np.mean(mono[np.abs(mono) > np.median(np.abs(mono))] ** 2))
    return np.asarray(mono + hum / hum.std() * voice * 10 ** (-decibels / 20), np.float32)


def beside_a_fan(
    clips: Sequence[Clip], hearing: Hearing, act: Callable[[np.ndarray, list[list[Phone]]], list[Lips]]
) -> dict[str, dict[str, float]]:
    """By loudness, as it is and quieted: agreement in speech, and how far lips are open in silence, of a large opening.

    `act` makes takes from sound and its phones as heard at several speeds.
    """
    figures: dict[str, dict[str, float]] = {}
    for decibels in LOUD:
        for name in ("as it is", "quieted"):
            rows: list[tuple[float, ...]] = []
            for number, clip in enumerate(clips):
                noisy = with_fan(clip.mono, decibels, number)
                heard = quieted(noisy) if name == "quieted" else noisy
                takes = act(heard, hearing.views(heard))
                opening, width = (np.mean([getattr(t, part) for t in takes], 0) for part in ("opening", "width"))
                talking = speech(clip.level)
                agree = (
                    correlation(a, b, talking) for a, b in ((opening, clip.lips.opening), (width, clip.lips.width))
                )
                silent = opening[: len(talking)][~talking[: len(opening)]]
                rows.append((*agree, float(silent.mean()) / takes[0].large if len(silent) else np.nan))
            parts = np.nanmean(rows, axis=0).round(3).tolist()
            figures[f"{decibels} dB, {name}"] = dict(zip(("opening", "width", "open in silence"), parts, strict=True))
    return figures
