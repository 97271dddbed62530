"""What regenerating a project leaves as it is, so that what is generated anew can be drawn to meet it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from engine.project.channels import BY_NAME, INDEX, NAMES
from engine.project.motion import Motion, locked_frames, resized
from engine.project.takes import at_rate
from engine.project.timing import ALWAYS, TimeRange


@dataclass(frozen=True)
class Kept:
    """Channel values float32 [T, C] at some frame rate that stay, where bool `where` [T, C]."""

    values: np.ndarray
    where: np.ndarray

    def beyond(self, base: np.ndarray) -> "Kept":
        """The same as changes from `base` [T, C]."""
        return replace(self, values=(self.values - base).astype(np.float32))

    def holds(self, names: Collection[str]) -> np.ndarray:
        """Frames in which all of these channels stay, bool [T]."""
        return np.asarray(self.where[:, [INDEX[name] for name in names]].all(axis=1))


def kept(
    motion: Motion, rate: Fraction, frames: int, span: TimeRange = ALWAYS, names: Collection[str] = NAMES
) -> Kept | None:
    """What stays of the generated samples of `motion`, at `rate` over `frames` frames, when these channels are generated
    anew inside `span`: locks, and all that lies outside. None if that is nothing."""
    if not any(len(curve.generated) for curve in motion.curves.values()):
        return None
    before = at_rate(motion, rate) if motion.rate != rate else motion
    long = resized(before, frames)
    inside = np.arange(frames) >= before.frames  # what is longer than before is new in any case
    part = span.frames(rate, frames)
    inside[part.start : part.stop] = True
    values, where = np.empty((frames, len(NAMES)), np.float32), np.ones((frames, len(NAMES)), bool)
    for name, i in INDEX.items():
        curve = long[name]
        values[:, i] = curve.generated if len(curve.generated) else BY_NAME[name].neutral
        if name in names:
            where[:, i] = ~inside | locked_frames(curve, rate, frames)
    return Kept(values, where) if where.any() else None
