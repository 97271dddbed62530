"""Smoothing of measured curves without lag and without blunting what is fast."""

import numpy as np

TREND = 0.16  # seconds; standard deviation of the slow part, which is taken out first
REACH = 0.12  # seconds to either side that may be averaged in
SPREAD = 0.04  # seconds; standard deviation of the time weights
STEP = 2.0  # changes of this many noise levels are motion, not noise


def smooth(curves: np.ndarray, rate: float) -> np.ndarray:
    """A bilateral filter over time (Tomasi & Manduchi 1998, eq. 5) for each column of [T, C] on its own.

    Symmetric in time, so nothing is delayed; neighbours that differ by far more than the noise count for nothing, so
    blinks and lip closures keep their depth. It runs on what is left above a slow trend, lest slopes and the crests of
    waves be taken for steps. A column's noise is what its second differences show.

    Args:
        curves: [T, C] one value a frame.
        rate: frames a second.

    Returns:
        [T, C] of the same dtype.
    """
    frames = len(curves)
    if frames < 3:
        return curves.copy()
    trend = _blurred(curves.astype(np.float64), TREND * rate)
    quick = curves - trend
    span = np.maximum(STEP * noise(curves), 1e-9)
    total, weight = quick.copy(), np.ones(curves.shape)
    for shift in range(1, min(frames - 1, round(REACH * rate)) + 1):
        near = np.exp(-0.5 * (shift / (SPREAD * rate)) ** 2)
        alike = near * np.exp(-0.5 * ((quick[shift:] - quick[:-shift]) / span) ** 2)
        total[:-shift] += alike * quick[shift:]
        weight[:-shift] += alike
        total[shift:] += alike * quick[:-shift]
        weight[shift:] += alike
    return (trend + total / weight).astype(curves.dtype)


def noise(curves: np.ndarray) -> np.ndarray:
    """Standard deviation [C] of white noise on columns [T, C] that move at times: from the calmest quarter of their
    second differences, which for a normal distribution lies at 0.3186 of the standard deviation."""
    if len(curves) < 3:
        return np.zeros(curves.shape[1])
    bend = np.abs(curves[2:] - 2 * curves[1:-1] + curves[:-2])
    return np.quantile(bend, 0.25, axis=0) / (0.3186 * np.sqrt(6))


def _blurred(curves: np.ndarray, sigma: float) -> np.ndarray:
    """A Gaussian over the rows of [T, C], the ends continued by point reflection so that slopes go on."""
    reach = min(round(3 * sigma), len(curves) - 1)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    before = 2 * curves[:1] - curves[reach:0:-1]
    after = 2 * curves[-1:] - curves[-2 : -reach - 2 : -1]
    longer = np.concatenate([before, curves, after])
    shares = zip(kernel / kernel.sum(), range(2 * reach + 1), strict=True)
    return sum((share * longer[shift : shift + len(curves)] for share, shift in shares), np.zeros_like(curves))
