"""Which times a ruler marks and names, so that names never touch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from engine.project.timing import frame_to_seconds, seconds_to_frame, timecode

_IN_A_SECOND = (1, 2, 5, 10)
_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


class Tick(NamedTuple):
    """A mark at `seconds`; `label` is empty for a small one."""

    seconds: float
    label: str


def steps(rate: Fraction) -> list[int]:
    """Distances between marks to choose from, in frames."""
    base = math.ceil(rate)
    return [step for step in _IN_A_SECOND if step < base] + [base * seconds for seconds in _SECONDS]


def ticks(start: float, end: float, rate: Fraction, names: int, frames: bool = False) -> Iterator[Tick]:
    """Marks from `start` to `end` seconds, about `names` of them named: in timecode, or with `frames` by number."""
    wanted = (end - start) * float(rate) / max(names, 1)
    choices = steps(rate)
    big = next((step for step in choices if step >= wanted), choices[-1])
    small = max((step for step in choices if big % step == 0 and big // step in (2, 4, 5)), default=big)
    first = max(seconds_to_frame(start, rate) // big * big, 0)
    for frame in range(first, seconds_to_frame(end, rate) + 2, small):
        named = frame % big == 0
        label = (str(frame) if frames else timecode(frame, rate)) if named else ""
        yield Tick(float(frame_to_seconds(frame, rate)), label)
