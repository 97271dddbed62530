"""Long series drawn fast: at every zoom, no more extremes than pixels."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np


class Extremes(NamedTuple):
    """The lowest and highest value of each piece of a series; piece i begins at sample `first + i * step`."""

    first: int
    step: int
    low: np.ndarray
    high: np.ndarray


class Peaks:
    """The lowest and highest values over 1, 2, 4, 8 ... samples of a float32 series [N], made when first asked for.

    A series that is known by extremes only, as long sound is, gives its highest values too.
    """

    def __init__(self, samples: np.ndarray, highest: np.ndarray | None = None) -> None:
        self.samples, self._highest = samples, samples if highest is None else highest

    @cached_property
    def _levels(self) -> list[tuple[np.ndarray, np.ndarray]]:
        levels = [(self.samples, self._highest)]
        while len(levels[-1][0]) > 64:
            low, high = levels[-1]
            levels.append((_halved(low, np.minimum), _halved(high, np.maximum)))
        return levels

    def between(self, first: float, last: float, most: int) -> Extremes:
        """Extremes that cover samples `first` to `last` (positions, may lie outside), `most` of them or a few more.

        They begin at multiples of their length, so that scrolling does not make them flicker.
        """
        begin = max(int(first) - 1, 0)
        end = max(min(int(np.ceil(last)) + 2, len(self.samples)), begin)
        level = min(max(int(np.ceil(np.log2(max(end - begin, 1) / max(most, 1)))), 0), len(self._levels) - 1)
        low, high = self._levels[level]
        step = 1 << level
        i, j = begin // step, -(-end // step)
        return Extremes(i * step, step, low[i:j], high[i:j])


def _halved(values: np.ndarray, reduce: np.ufunc) -> np.ndarray:
    if len(values) % 2:
        values = np.append(values, values[-1:])
    halved: np.ndarray = reduce(values[::2], values[1::2])
    return halved


def zigzag(extremes: Extremes) -> tuple[np.ndarray, np.ndarray]:
    """Sample positions and values of a line through the extremes: through every sample, or low and high in turn."""
    count = len(extremes.low)
    if extremes.step == 1:
        return extremes.first + np.arange(count, dtype=np.float64), extremes.low
    centre = extremes.first + (np.arange(count) + 0.5) * extremes.step - 0.5
    positions = np.repeat(centre, 2)
    values = np.empty(2 * count, np.float32)
    values[0::2], values[1::2] = extremes.low, extremes.high
    return positions, values
