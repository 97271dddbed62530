"""The performance: one curve a channel, and what regenerating may and may not change."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from engine.errors import InputError
from engine.project.channels import BY_NAME, CHANNELS, INDEX, NAMES, Channel
from engine.project.curve import Curve, between_samples, evaluate
from engine.project.record import Record
from engine.project.timing import ALWAYS, DEFAULT_RATE, TimeRange, frame_times, length_in_frames, parse_rate


@dataclass(frozen=True)
class Motion(Record):
    """All curves over time: `frames` frames at `rate`. `curves` holds every channel; those not given are neutral."""

    rate: Fraction = DEFAULT_RATE
    frames: int = 0
    curves: Mapping[str, Curve] = field(default_factory=dict, repr=False, hash=False)

    def __post_init__(self) -> None:
        parse_rate(self.rate)
        if self.frames < 0:
            raise InputError(f"motion of {self.frames} frames: give 0 or more")
        for name, curve in self.curves.items():
            if name not in INDEX:
                raise InputError(f"there is no channel {name!r}: see engine/project/channels.py")
            if len(curve.generated) not in (0, self.frames):
                raise InputError(
                    f"{name} has {len(curve.generated)} generated samples in a motion of {self.frames} frames"
                )
        object.__setattr__(self, "curves", {name: self.curves.get(name, Curve()) for name in NAMES})

    def __getitem__(self, name: str) -> Curve:
        if name not in self.curves:
            raise InputError(f"there is no channel {name!r}: see engine/project/channels.py")
        return self.curves[name]

    @property
    def duration(self) -> Fraction:
        """Seconds."""
        return self.frames / self.rate

    @staticmethod
    def from_dense(values: np.ndarray, rate: Fraction) -> "Motion":
        """A motion whose generated samples are `values`, float32 [T, C] in table order, finite."""
        columns = _columns(values)
        return Motion(rate, len(values), {name: Curve(columns[i]) for name, i in INDEX.items()})


def sample(motion: Motion, times: np.ndarray) -> np.ndarray:
    """Every channel, edits included, at `times` (float64 seconds [T]): float32 [T, C]."""
    values = np.empty((len(CHANNELS), *np.shape(times)), np.float32)
    plain = []
    for row, channel in enumerate(CHANNELS):
        curve = motion[channel.name]
        if len(curve.generated) and len(curve.generated) == motion.frames and not curve.layers and not curve.mutes:
            plain.append(row)
        else:
            values[row] = evaluate(curve, channel, times, motion.rate)
    if plain:  # together, which is many times quicker for few times
        columns = [motion[CHANNELS[row].name].generated for row in plain]
        low, high = (np.array([[getattr(CHANNELS[row], end)] for row in plain]) for end in ("low", "high"))
        values[plain] = np.clip(between_samples(columns, times, motion.rate), low, high)
    return np.ascontiguousarray(values.T)


def dense(motion: Motion) -> np.ndarray:
    """Every channel, edits included, at every frame: float32 [frames, C]."""
    return sample(motion, frame_times(range(motion.frames), motion.rate))


def resized(motion: Motion, frames: int) -> Motion:
    """The motion cut to `frames` frames, or made longer by holding the last one."""
    if frames == motion.frames:
        return motion
    curves = {name: replace(curve, generated=_held(curve.generated, frames)) for name, curve in motion.curves.items()}
    return replace(motion, frames=frames, curves=curves)


def regenerate(
    motion: Motion,
    values: np.ndarray,
    span: TimeRange = ALWAYS,
    names: Collection[str] = NAMES,
    fade: Fraction = Fraction(0),
) -> Motion:
    """The motion with the generated samples of `names` inside `span` taken from `values`.

    `values` is a whole performance at the motion's rate, float32 [T, C]; the result has its length. Layers stay, and
    locked times come out bit for bit as they were. To meet what stays, the new samples are shifted, and the shift eases
    away over `fade` seconds.
    """
    columns, total = _columns(values), len(values)
    added = np.arange(total) >= motion.frames
    motion = resized(motion, total)
    inside = _mark(span.frames(motion.rate, total), total) | added
    steps = length_in_frames(fade, motion.rate)
    curves = dict(motion.curves)
    for name in names:
        curve = motion[name]
        free = inside & ~locked_frames(curve, motion.rate, total)
        if free.any():
            old = _generated(curve, BY_NAME[name], total)
            met = _met(old, columns[INDEX[name]], free, steps, BY_NAME[name])
            curves[name] = replace(curve, generated=met)
    return replace(motion, curves=curves)


def locked_frames(curve: Curve, rate: Fraction, total: int) -> np.ndarray:
    """Which of `total` generated samples regenerating may not touch; bool [total]."""
    locked = np.zeros(total, dtype=bool)
    for lock in curve.locks:
        locked |= _mark(lock.supporting_frames(rate, total), total)
    return locked


def _columns(values: np.ndarray) -> np.ndarray:
    """[T, C] as read-only, contiguous float32 [C, T], so that its rows can be shared as generated samples."""
    if values.ndim != 2 or values.shape[1] != len(CHANNELS):
        raise InputError(f"values of shape {values.shape}: give [frames, {len(CHANNELS)}], the channels in table order")
    columns = np.array(values.T, dtype=np.float32, order="C")
    columns.setflags(write=False)
    return columns


def _mark(frames: range, total: int) -> np.ndarray:
    marked = np.zeros(total, dtype=bool)
    marked[frames.start : frames.stop] = True
    return marked


def _held(samples: np.ndarray, frames: int) -> np.ndarray:
    if not len(samples):
        return samples
    return np.pad(samples[:frames], (0, max(frames - len(samples), 0)), mode="edge") if frames else samples[:0]


def _generated(curve: Curve, channel: Channel, total: int) -> np.ndarray:
    return curve.generated if len(curve.generated) else np.full(total, channel.neutral, np.float32)


def _met(old: np.ndarray, new: np.ndarray, free: np.ndarray, fade: float, channel: Channel) -> np.ndarray:
    """`new` where free, else `old`; shifted to meet `old` where that stays, less and less over `fade` frames; arrays [T]."""
    stays = np.flatnonzero(~free)
    if not stays.size or fade <= 0:
        return np.where(free, new, old)
    frame = np.arange(len(free))
    after = np.searchsorted(stays, frame)
    last, following = stays[np.maximum(after - 1, 0)], stays[np.minimum(after, len(stays) - 1)]
    between = np.where((after > 0) & (after < len(stays)), following - last, np.inf)
    shift = (old - new).astype(float)
    eased = new.astype(float)
    for edge, there in ((last, after > 0), (following, after < len(stays))):
        away = np.clip(np.abs(frame - edge) / np.minimum(fade + 1, between), 0, 1)
        eased += there * shift[edge] * (1 - away * away * (3 - 2 * away))
    return np.where(free, np.clip(eased, channel.low, channel.high), old).astype(np.float32)
