"""Values between keys: Bezier, linear or step, for many times at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np


class Key(Protocol):
    """What interpolation needs of a key; handles are (seconds, value) offsets from it."""

    @property
    def time(self) -> Fraction: ...
    @property
    def value(self) -> float: ...
    @property
    def interpolation(self) -> str: ...
    @property
    def left(self) -> tuple[float, float] | None: ...
    @property
    def right(self) -> tuple[float, float] | None: ...


@dataclass(frozen=True, eq=False)
class Knots:
    """K keys as float64 arrays, and the inner control points of the K - 1 segments between them.

    `ax`, `bx` lie in 0..1 of the segment's time, so that time never runs backwards; `ay`, `by` are values.
    """

    times: np.ndarray
    values: np.ndarray
    kinds: np.ndarray
    ax: np.ndarray
    ay: np.ndarray
    bx: np.ndarray
    by: np.ndarray

    @staticmethod
    def of(keys: Sequence[Key]) -> "Knots":
        """The keys, which are in order of time, as arrays."""
        times = np.array([float(key.time) for key in keys])
        values = np.array([key.value for key in keys])
        kinds = np.array([key.interpolation for key in keys])
        length, slopes = np.diff(times), _smooth_slopes(times, values)
        ax, ay = _controls([key.right for key in keys[:-1]], length, slopes[:-1])
        bx, by = _controls([key.left for key in keys[1:]], -length, slopes[1:])
        return Knots(times, values, kinds, ax, values[:-1] + ay, 1 - bx, values[1:] + by)


def _smooth_slopes(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Value a second at each key that makes a curve without overshoot: flat at the ends and at every extreme.

    Fritsch & Butland (1984): the weighted harmonic mean of the slopes on both sides.
    """
    slopes = np.zeros(len(times))
    length = np.diff(times)
    chord = np.diff(values) / length
    before, after = chord[:-1], chord[1:]
    same = before * after > 0
    near, far = length[1:] + 2 * length[:-1], 2 * length[1:] + length[:-1]
    safe = np.where(same, before, 1), np.where(same, after, 1)
    slopes[1:-1] = np.where(same, (near + far) / (far / safe[0] + near / safe[1]), 0)
    return slopes


def _controls(
    handles: Sequence[tuple[float, float] | None], length: np.ndarray, slopes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Share of the segment (0..1) and value offset of each handle; longer handles are shortened in their direction."""
    given = np.array([handle is not None for handle in handles], dtype=bool)
    offsets = np.array([handle or (0.0, 0.0) for handle in handles]).reshape(-1, 2)
    share = np.where(given, offsets[:, 0] / length, 1 / 3)
    value = np.where(given, offsets[:, 1], slopes * length / 3)
    shorten = 1 / np.maximum(share, 1)
    return share * shorten, value * shorten


def interpolate(knots: Knots, times: np.ndarray) -> np.ndarray:
    """Values at `times`, float64; exact at the keys, held before the first and after the last."""
    x, y = knots.times, knots.values
    held = np.where(times < x[0], y[0], y[-1])
    between = (times >= x[0]) & (times < x[-1])
    if not between.any():
        return held
    inner = times[between]
    i = np.searchsorted(x, inner, side="right") - 1
    share = (inner - x[i]) / (x[i + 1] - x[i])
    result = y[i] + (y[i + 1] - y[i]) * np.where(knots.kinds[i] == "step", 0, share)
    curved = knots.kinds[i] == "bezier"
    j = i[curved]
    u = _solve(knots.ax[j], knots.bx[j], share[curved])
    result[curved] = _cubic(y[j], knots.ay[j], knots.by[j], y[j + 1], u)
    held[between] = result
    return held


def _cubic(p0: np.ndarray, p1: np.ndarray, p2: np.ndarray, p3: np.ndarray, u: np.ndarray) -> np.ndarray:
    v = 1 - u
    return p0 * v * v * v + 3 * u * v * (p1 * v + p2 * u) + p3 * u * u * u


def _solve(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The Bezier parameter at which time has run through `share` of the segment.

    With both controls inside 0..1 time is monotone in the parameter, so halving cannot fail, whatever the handles.
    """
    low, width = np.zeros(share.shape), 1.0
    for _ in range(32):
        width /= 2
        middle = low + width
        rest = 1 - middle
        time = 3 * middle * rest * (a * rest + b * middle) + middle * middle * middle
        low = np.where(time <= share, middle, low)
    return low
