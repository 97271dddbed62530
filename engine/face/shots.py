"""Cuts: where a video goes on with another picture altogether."""

from collections import deque

import numpy as np

GRID = 24  # the picture is compared as so many by so many patches
BINS = 8  # levels a colour channel, for the histogram
ELSEWHERE = 0.12  # share of the pixels whose colour must be another one; within shots up to 0.05, across cuts from 0.18
UNLIKE = 0.02  # mean change of a patch, of the range from black to white
SUDDEN = 4.0  # times the usual change of the frames just before
STILL = 0.004  # change of a patch that is none
REMEMBERED = 8  # frames that tell what is usual


class CutFinder:
    """Sees each frame of a video in order, and says which ones begin a new shot."""

    def __init__(self) -> None:
        self._last: tuple[np.ndarray, np.ndarray] | None = None
        self._ends: deque[tuple[np.ndarray, np.ndarray]] = deque(maxlen=2)
        self._usual: deque[float] = deque(maxlen=REMEMBERED)
        self.back = False
        """Whether the shot that begins goes on with the one before the last, as after a black frame."""

    def begins(self, rgb: np.ndarray) -> bool:
        """Whether rgb [H, W, 3] uint8 is the first frame of a shot; the very first frame of all is.

        Three things must come together, so that flashes, fast heads and hands before the lens are no cuts: patches look
        different, far more so than they did a moment ago, and the colours are different ones, wherever they may be.
        """
        last, seen = self._last, (_patches(rgb), _colours(rgb))
        self._last = seen
        if last is None:
            return True
        change, other = _difference(seen, last)
        sudden = not self._usual or change > SUDDEN * max(float(np.median(self._usual)), STILL)
        cut = change > UNLIKE and other > ELSEWHERE and sudden
        if cut:
            self._ends.append(last)
            change, other = _difference(seen, self._ends[0])
            self.back = len(self._ends) == 2 and (change < UNLIKE or other < ELSEWHERE)
            self._usual.clear()
        else:
            self._usual.append(change)
        return cut


def _difference(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> tuple[float, float]:
    """Mean change of a patch, and the share of pixels of other colours."""
    return float(np.abs(one[0] - other[0]).mean()), float(np.abs(one[1] - other[1]).sum()) / 2


def _patches(rgb: np.ndarray) -> np.ndarray:
    """Mean brightness of GRID by GRID patches, float in 0..1."""
    rows, columns = (np.linspace(0, size, GRID + 1).astype(int)[:-1] for size in rgb.shape[:2])
    few = rgb[:: max(1, rgb.shape[0] // 240), :: max(1, rgb.shape[1] // 240)].mean(2) / 255
    rows, columns = (at * size // whole for at, size, whole in zip((rows, columns), few.shape, rgb.shape, strict=False))
    sums = np.add.reduceat(np.add.reduceat(few, rows, axis=0), columns, axis=1)
    counts = np.outer(np.diff([*rows, few.shape[0]]), np.diff([*columns, few.shape[1]]))
    return sums / np.maximum(counts, 1)


def _colours(rgb: np.ndarray) -> np.ndarray:
    """The share of pixels of each of BINS^3 colours, blurred over neighbours so that noise at a border counts little."""
    few = rgb[:: max(1, rgb.shape[0] // 120), :: max(1, rgb.shape[1] // 120)]
    share = few.reshape(-1, 3).astype(np.float32) * (BINS / 256) - 0.5
    shares = np.zeros((BINS,) * 3)
    low = np.floor(share).astype(int)
    part = share - low
    for corner in np.ndindex(2, 2, 2):
        at = np.clip(low + corner, 0, BINS - 1)
        weight = np.prod(np.where(corner, part, 1 - part), axis=1)
        np.add.at(shares, tuple(at.T), weight)
    return shares.ravel() / len(few.reshape(-1, 3))
