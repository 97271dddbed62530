"""Snapping: drags stick to what lies near, else to frames."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from desktop.widgets.time_view import TimeView

REACH = 8  # pixels


class Snap(NamedTuple):
    """Where a dragged time comes to lie, and the time it stuck to, if any."""

    time: Fraction
    stuck: Fraction | None = None


def snapped(seconds: float, targets: Iterable[Fraction], view: TimeView, width: float, on: bool = True) -> Snap:
    """The target nearest to `seconds` within REACH pixels, else the nearest frame; with snapping off, that time."""
    if not on:
        return Snap(Fraction(max(seconds, 0)).limit_denominator(1_000_000))
    near = min(targets, key=lambda target: abs(float(target) - seconds), default=None)
    if near is not None and abs(float(near) - seconds) <= REACH * view.seconds / width:
        return Snap(near, near)
    return Snap(view.nearest_frame(seconds))


def snapped_move(
    start: float, end: float, targets: Iterable[Fraction], view: TimeView, width: float, on: bool = True
) -> Snap:
    """Where a range beginning at `start` comes to lie when either of its ends may stick; `time` is its new start."""
    known = tuple(targets)
    left = snapped(start, known, view, width, on)
    if end == math.inf:
        return left
    right = snapped(end, known, view, width, on)
    sticks_left = left.stuck is not None
    if right.stuck is None or (sticks_left and abs(float(left.time) - start) <= abs(float(right.time) - end)):
        return left
    length = Fraction(end - start).limit_denominator(1_000_000)
    return Snap(max(right.time - length, Fraction(0)), right.stuck)
