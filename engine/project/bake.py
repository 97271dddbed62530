"""From dense samples to few keys, and smoothing on the way."""

from fractions import Fraction

import numpy as np

from engine.project.curve import Keyframe
from engine.project.timing import frame_to_seconds


def smooth(values: np.ndarray, width: float) -> np.ndarray:
    """`values` [T] under a Gaussian with a standard deviation of `width` frames, ends held; float64 [T]."""
    if width <= 0 or not len(values):
        return values.astype(np.float64)
    reach = int(np.ceil(3 * width))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    padded = np.pad(values.astype(np.float64), reach, mode="edge")
    return np.convolve(padded, weights / weights.sum(), mode="valid")


def fitted_keys(values: np.ndarray, first_frame: int, rate: Fraction, tolerance: float) -> tuple[Keyframe, ...]:
    """Few linear keys, each on a frame, whose line stays within `tolerance` of `values` [T >= 1].

    Ramer (1972), Douglas & Peucker (1973): keep the sample farthest from the chord, then look at both halves.
    """
    kept = {0, len(values) - 1}
    stretches = [(0, len(values) - 1)]
    while stretches:
        start, end = stretches.pop()
        chord = np.interp(np.arange(start, end + 1), (start, end), (values[start], values[end]))
        off = np.abs(values[start : end + 1] - chord)
        if off.max() > tolerance:
            worst = start + int(off.argmax())
            kept.add(worst)
            stretches += [(start, worst), (worst, end)]
    return tuple(Keyframe(frame_to_seconds(first_frame + i, rate), float(values[i]), "linear") for i in sorted(kept))
