"""Smoothing of measured curves without lag and without blunting what is fast."""

import numpy as np

REACH = 0.16  # seconds to either side that may be averaged in
SPREAD = 0.06  # seconds; standard deviation of the time weights
STEP = 4.0  # changes of this many noise levels are motion, not noise


def smooth(curves: np.ndarray, rate: float, floor: np.ndarray | float = 1e-6) -> np.ndarray:
    """A bilateral filter over time (Tomasi & Manduchi 1998, eq. 5), for each column of [T, C] on its own.

    Symmetric in time, so nothing is delayed; neighbours that differ by far more than the noise count for nothing, so
    blinks and lip closures keep their depth. A column's noise is what its second differences show.

    Args:
        curves: [T, C] one value a frame.
        rate: frames a second.
        floor: least noise level assumed, a number or one a column.

    Returns:
        [T, C] of the same dtype.
    """
    frames = len(curves)
    if frames < 3:
        return curves.copy()
    span = np.maximum(STEP * np.maximum(noise(curves), floor), 1e-9)
    total, weight = curves.astype(np.float64), np.ones(curves.shape)
    for shift in range(1, min(frames - 1, round(REACH * rate)) + 1):
        near = np.exp(-0.5 * (shift / (SPREAD * rate)) ** 2)
        alike = near * np.exp(-0.5 * ((curves[shift:] - curves[:-shift]) / span) ** 2)
        total[:-shift] += alike * curves[shift:]
        weight[:-shift] += alike
        total[shift:] += alike * curves[:-shift]
        weight[shift:] += alike
    return (total / weight).astype(curves.dtype)


def noise(curves: np.ndarray) -> np.ndarray:
    """Standard deviation [C] of white noise on slowly moving columns [T, C]: the median second difference, scaled."""
    if len(curves) < 3:
        return np.zeros(curves.shape[1])
    bend = np.abs(curves[2:] - 2 * curves[1:-1] + curves[:-2])
    return 1.4826 * np.median(bend, axis=0) / np.sqrt(6)
