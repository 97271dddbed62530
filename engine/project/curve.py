"""A curve: what was generated for one channel, the user's layers over it, and where it is locked or muted."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Literal, Protocol, get_args

import numpy as np

from engine.errors import InputError
from engine.project.channels import Channel
from engine.project.interpolation import Knots, interpolate
from engine.project.record import Record
from engine.project.timing import TimeRange, frame_positions, to_seconds

Interpolation = Literal["bezier", "linear", "step"]
Blend = Literal["replace", "add", "scale"]
Handle = tuple[float, float]
"""Where a Bezier handle ends, seen from its key: seconds, value. Seconds are <= 0 on the left, >= 0 on the right."""


@dataclass(frozen=True)
class Keyframe(Record):
    """A value at a time; `interpolation` leads to the next key. A handle of None is placed to give a smooth curve."""

    time: Fraction
    value: float
    interpolation: Interpolation = "bezier"
    left: Handle | None = None
    right: Handle | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", to_seconds(self.time))
        object.__setattr__(self, "value", float(self.value))
        numbers = [self.value, *(self.left or ()), *(self.right or ())]
        if not all(map(math.isfinite, numbers)):
            raise InputError(f"key at {float(self.time):g} s with value {self.value:g}: give finite values and handles")
        if self.interpolation not in get_args(Interpolation):
            raise InputError(
                f"interpolation {self.interpolation!r}: choose one of {', '.join(get_args(Interpolation))}"
            )
        if (self.left and self.left[0] > 0) or (self.right and self.right[0] < 0):
            raise InputError(
                f"handle of the key at {float(self.time):g} s points backwards in time: left handles end before the key"
            )


class Faded(Protocol):
    """Anything that acts over a range with fades: layers, prompt clips, swap clips."""

    @property
    def span(self) -> TimeRange: ...
    @property
    def fade_in(self) -> Fraction: ...
    @property
    def fade_out(self) -> Fraction: ...


def envelope(clip: Faded, times: np.ndarray) -> np.ndarray:
    """How strongly the clip acts at `times` (float64 seconds): 0 outside, 1 inside, smoothstep over the fades.

    One clip's fade-out and the next one's fade-in over the same time add up to 1.
    """
    rise = np.ones(times.shape)
    if clip.fade_in:
        rise = np.minimum(rise, (times - float(clip.span.start)) / float(clip.fade_in))
    if clip.fade_out and clip.span.end != math.inf:
        rise = np.minimum(rise, (float(clip.span.end) - times) / float(clip.fade_out))
    rise = np.clip(rise, 0, 1)
    return np.where(clip.span.mask(times), rise * rise * (3 - 2 * rise), 0.0)


def check_fades(clip: Faded) -> None:
    """Raise InputError for a negative fade."""
    if min(clip.fade_in, clip.fade_out) < 0:
        raise InputError(f"fades of {float(clip.fade_in):g} and {float(clip.fade_out):g} s: they must be 0 or longer")


@dataclass(frozen=True)
class Layer(Record):
    """Keys over a range, blended onto what lies beneath: replace it, add to it, or scale its distance from neutral.

    `cuts` are where the layer was taken out again. Keys may lie outside the range; they still shape what is inside.
    """

    keys: tuple[Keyframe, ...]
    span: TimeRange
    blend: Blend = "replace"
    fade_in: Fraction = Fraction(0)
    fade_out: Fraction = Fraction(0)
    cuts: tuple[TimeRange, ...] = ()

    def __post_init__(self) -> None:
        check_fades(self)
        times = [key.time for key in self.keys]
        if not times or any(a >= b for a, b in pairwise(times)):
            raise InputError("a layer needs one key or more, in order of time, with no two at the same time")
        if self.blend not in BLENDS:
            raise InputError(f"blend {self.blend!r}: choose one of {', '.join(BLENDS)}")

    @cached_property
    def knots(self) -> Knots:
        """The keys as arrays, made once a layer."""
        return Knots.of(self.keys)

    def acts_at(self, times: np.ndarray) -> np.ndarray:
        """Which of these times (float64 seconds) the layer touches; bool, same shape."""
        acting = self.span.mask(times)
        for cut in self.cuts:
            acting &= ~cut.mask(times)
        return acting


BLENDS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray, float], np.ndarray]] = {
    "replace": lambda under, value, weight, neutral: under * (1 - weight) + value * weight,
    "add": lambda under, value, weight, neutral: under + value * weight,
    "scale": lambda under, value, weight, neutral: neutral + (under - neutral) * (1 + (value - 1) * weight),
}

_NOTHING = np.zeros(0, np.float32)
_NOTHING.setflags(write=False)


@dataclass(frozen=True, eq=False)
class Curve(Record):
    """One channel over time. `generated` is float32 [frames], read-only, one sample a frame, or empty for neutral.

    Locks guard the curve against regeneration and edits; where it is muted it gives neutral, whatever it holds.
    """

    generated: np.ndarray = dataclass_field(default_factory=lambda: _NOTHING, repr=False)
    layers: tuple[Layer, ...] = ()
    locks: tuple[TimeRange, ...] = ()
    mutes: tuple[TimeRange, ...] = ()

    def __post_init__(self) -> None:
        samples = self.generated
        if samples.dtype != np.float32 or samples.flags.writeable:
            samples = np.array(samples, dtype=np.float32)
            samples.setflags(write=False)
            object.__setattr__(self, "generated", samples)
        if samples.ndim != 1 or not np.isfinite(samples).all():
            raise InputError(f"generated samples of shape {samples.shape}: give one finite value a frame")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Curve):
            return NotImplemented
        mine, theirs = ((c.layers, c.locks, c.mutes, c.extra) for c in (self, other))
        return mine == theirs and (self.generated is other.generated or np.array_equal(self.generated, other.generated))


def evaluate(curve: Curve, channel: Channel, times: np.ndarray, rate: Fraction) -> np.ndarray:
    """The curve at `times` (float64 seconds, any order): float32, same shape, within the channel's range.

    `rate` is that of the generated samples. A time within a millionth of a frame of a sample gives that very sample;
    others are interpolated linearly; before the first and after the last sample it is held.
    """
    values = _generated_at(curve, channel, times, rate)
    for layer in curve.layers:
        at = layer.acts_at(times)
        where = times[at]
        if where.size:
            weight = envelope(layer, where)
            values[at] = BLENDS[layer.blend](values[at], interpolate(layer.knots, where), weight, channel.neutral)
    for muted in curve.mutes:
        values[muted.mask(times)] = channel.neutral
    return np.clip(values, channel.low, channel.high).astype(np.float32)


def _generated_at(curve: Curve, channel: Channel, times: np.ndarray, rate: Fraction) -> np.ndarray:
    if not len(curve.generated):
        return np.full(times.shape, channel.neutral, float)
    return between_samples([curve.generated], times, rate)[0]


def between_samples(columns: Sequence[np.ndarray], times: np.ndarray, rate: Fraction) -> np.ndarray:
    """Several rows of samples, all as long and not empty, at `times` as `evaluate` has it: float64 [len(columns), T]."""
    last = len(columns[0]) - 1
    position = np.clip(frame_positions(times, rate), 0, last)
    before = position.astype(np.intp)
    part, after = position - before, np.minimum(before + 1, last)
    here, there = (np.stack([column[at] for column in columns]) for at in (before, after))
    return here.astype(np.float64) * (1 - part) + there * part
