"""Rational time: the only place that converts between seconds, frames and audio samples.

Seconds and rates are `Fraction`s, so nothing drifts. Frame `i` is shown during [i / rate, (i + 1) / rate); every
range is half-open, so neighbouring ranges share no frame and leave none out.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from engine.errors import InputError

DEFAULT_RATE = Fraction(25)
_BROADCAST = tuple(Fraction(n * 1000, 1001) for n in (15, 24, 30, 48, 60, 120))  # written 23.976, 29.97, 59.94 ...


def parse_rate(value: str | float | Fraction) -> Fraction:
    """Frames per second from "25", "29.97", "30000/1001" or a number; 23.976 and the like become exact n*1000/1001.

    Raises:
        InputError: not a number from 1 to 1000.
    """
    try:
        exact = isinstance(value, Fraction) or "/" in str(value)
        near = float(Fraction(value)) if exact else float(value)
        if not 1 <= near <= 1000:  # also keeps "1e999999999" away from Fraction, which would spell it out
            raise ValueError
        rate = Fraction(value) if exact else Fraction(str(value))
    except (ValueError, TypeError, ArithmeticError) as error:
        raise InputError(
            f"frame rate {value!r}: give frames per second from 1 to 1000, as 25, 29.97 or 30000/1001"
        ) from error
    if exact or rate.denominator == 1:
        return rate
    return next((known for known in _BROADCAST if abs(known - rate) < Fraction(5, 1000)), rate)


def to_seconds(value: str | float | Fraction) -> Fraction:
    """Exact seconds from a number, "12.5" or "1:02:03.5".

    A float means the nearest fraction with a denominator up to a million, so that `i / 29.97...` finds frame i again.

    Raises:
        InputError: not a finite time.
    """
    if isinstance(value, Fraction):
        return value
    try:
        if isinstance(value, str):
            parts = value.strip().split(":")
            if len(parts) > 3:
                raise ValueError
            return sum((_nearest(float(part)) * 60**i for i, part in enumerate(reversed(parts))), Fraction(0))
        return _nearest(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"time {value!r}: give seconds, as 12.5, or minutes and seconds, as 1:02.5") from error


def _nearest(value: float) -> Fraction:
    return Fraction(value).limit_denominator(1_000_000)


def frame_to_seconds(frame: int, rate: Fraction) -> Fraction:
    """When the frame begins."""
    return frame / rate


def seconds_to_frame(seconds: float | Fraction, rate: Fraction) -> int:
    """The frame shown at this time."""
    return math.floor(to_seconds(seconds) * rate)


def frame_count(seconds: float | Fraction, rate: Fraction) -> int:
    """How many frames it takes to cover a clip this long."""
    return math.ceil(to_seconds(seconds) * rate)


def frame_to_sample(frame: int, rate: Fraction, sample_rate: int) -> int:
    """The first audio sample heard with this frame: the frame's samples end where the next frame's begin."""
    return math.ceil(frame * sample_rate / rate)


def sample_to_frame(sample: int, rate: Fraction, sample_rate: int) -> int:
    """The frame shown while this audio sample is heard."""
    return math.floor(sample * rate / sample_rate)


def frame_times(frames: range, rate: Fraction) -> np.ndarray:
    """When these frames begin, float64 seconds, each the double nearest to the exact time."""
    return times_of(frames, rate)


def times_of(frames: Sequence[int], rate: Fraction) -> np.ndarray:
    """The same of any frames, in any order."""
    return np.array(frames, np.float64) * rate.denominator / rate.numerator


def frame_positions(times: np.ndarray, rate: Fraction) -> np.ndarray:
    """Where `times` (float64 seconds) lie, in frames; within a millionth of a frame they mean that very frame."""
    positions = times * float(rate)
    nearest = np.rint(positions)
    return np.where(np.abs(positions - nearest) < 1e-6, nearest, positions)


def length_in_frames(seconds: Fraction, rate: Fraction) -> float:
    """How many frames this lasts, with what is left over as a fraction."""
    return float(seconds * rate)


def timecode(frame: int, rate: Fraction) -> str:
    """HH:MM:SS:FF without dropped numbers: at 29.97 a "second" counts 30 frames, as editors show it."""
    base = math.ceil(rate)
    seconds, rest = divmod(abs(frame), base)
    minutes, seconds = divmod(seconds, 60)
    sign = "-" if frame < 0 else ""
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}:{seconds:02}:{rest:02}"


@dataclass(frozen=True, order=True)
class TimeRange:
    """Seconds [start, end). `end` may be `math.inf`: to the end, however long the project is."""

    start: Fraction
    end: Fraction | float

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", to_seconds(self.start))
        object.__setattr__(self, "end", math.inf if self.end == math.inf else to_seconds(self.end))
        if not self.start < self.end:
            raise InputError(f"time range {float(self.start):g} to {float(self.end):g} s: it must end after its start")

    def __contains__(self, seconds: Fraction) -> bool:
        return self.start <= seconds < self.end

    @property
    def duration(self) -> Fraction | float:
        """Seconds from start to end."""
        return self.end - self.start

    def overlaps(self, other: "TimeRange") -> bool:
        """Whether some time lies in both."""
        return self.start < other.end and other.start < self.end

    def shifted(self, by: Fraction) -> "TimeRange":
        """The same length, `by` seconds later."""
        return TimeRange(self.start + by, self.end + by)

    def frames(self, rate: Fraction, total: int) -> range:
        """Those of `total` frames that begin inside."""
        stop = total if self.end == math.inf else min(max(math.ceil(self.end * rate), 0), total)
        return range(min(max(math.ceil(self.start * rate), 0), stop), stop)

    def supporting_frames(self, rate: Fraction, total: int) -> range:
        """Those of `total` frames that times inside depend on: between two frames, on both."""
        before = min(max(seconds_to_frame(self.start, rate), 0), max(total - 1, 0))
        return range(before, min(self.frames(rate, total).stop + 1, total))

    def mask(self, times: np.ndarray) -> np.ndarray:
        """Which of these times (float64 seconds) lie inside; bool, same shape."""
        return (times >= float(self.start)) & (times < float(self.end))


ALWAYS = TimeRange(Fraction(0), math.inf)


def union(ranges: Iterable[TimeRange]) -> tuple[TimeRange, ...]:
    """The same times as few ranges as possible, in order.  |-A-| |-B-||-C-| -> |-A-| |-BC-|"""
    merged: list[TimeRange] = []
    for span in sorted(ranges):
        if merged and span.start <= merged[-1].end:
            merged[-1] = TimeRange(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def without(ranges: Iterable[TimeRange], hole: TimeRange) -> tuple[TimeRange, ...]:
    """What is left of the ranges outside `hole`.  |---A---| -> |A|   |A|"""
    left: list[TimeRange] = []
    for span in ranges:
        if not span.overlaps(hole):
            left.append(span)
            continue
        if span.start < hole.start:
            left.append(TimeRange(span.start, hole.start))
        if hole.end < span.end:
            left.append(TimeRange(Fraction(hole.end), span.end))
    return tuple(left)
