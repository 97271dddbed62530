"""Bounded regularised least squares, small and fast: what fitting, tracking and dragging share."""

import numpy as np
from numba import njit


def bounded_least_squares(
    normal: np.ndarray, right: np.ndarray, low: np.ndarray, high: np.ndarray, start: np.ndarray, sweeps: int = 60
) -> np.ndarray:
    """Minimise x'Hx/2 - g'x within bounds by cyclic coordinate descent (each step exact, so it never diverges).

    Args:
        normal: H [N, N], symmetric positive definite.
        right: g [N].
        low, high: bounds [N].
        start: [N] where to begin; the last frame's answer saves sweeps.

    Returns:
        x [N] float64; stops early when a whole sweep moves nothing by more than 1e-4.
    """
    x = np.clip(np.asarray(start, np.float64), low, high)
    normal, right, low, high = (np.ascontiguousarray(array, np.float64) for array in (normal, right, low, high))
    _descend(normal, right, low, high, x, sweeps)
    return x


@njit(cache=True, nogil=True)
def _descend(normal, right, low, high, x, sweeps):  # type: ignore[no-untyped-def]
    for _ in range(sweeps):
        moved = 0.0
        for i in range(len(x)):
            slope = right[i]
            for j in range(len(x)):
                slope -= normal[i, j] * x[j]
            new = min(max(x[i] + slope / normal[i, i], low[i]), high[i])
            moved = max(moved, abs(new - x[i]))
            x[i] = new
        if moved < 1e-4:
            return
