"""The keyframes of several curves as arrays: to draw them, and to find the one under the mouse."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from desktop.widgets.curve_shapes import CurveShape, share
from desktop.widgets.plot_area import PlotArea
from engine.project.curve import Keyframe, Layer
from engine.project.key_edits import KeyRef

Side = Literal["left", "right"]


class Grip(NamedTuple):
    """The end of one Bezier handle: its key, which side, where it ends (seconds, share), whether it was set by hand."""

    ref: KeyRef
    side: Side
    seconds: float
    share: float
    own: bool


@dataclass(frozen=True)
class KeyTable:
    """K keys: references, float64 seconds [K] and float64 shares [K]."""

    refs: tuple[KeyRef, ...]
    keys: tuple[Keyframe, ...]
    seconds: np.ndarray
    shares: np.ndarray

    @staticmethod
    def of(shapes: Sequence[CurveShape]) -> KeyTable:
        """The keys of all these curves that set values (see `CurveShape.set_keys`)."""
        columns = [shape.set_keys for shape in shapes]
        return KeyTable(
            tuple(ref for column in columns for ref in column.refs),
            tuple(key for column in columns for key in column.keys),
            np.concatenate([np.zeros(0), *(column.seconds for column in columns)]),
            np.concatenate([np.zeros(0), *(column.shares for column in columns)]),
        )

    @cached_property
    def index(self) -> dict[KeyRef, int]:
        """Where in the table a key is."""
        return {ref: i for i, ref in enumerate(self.refs)}

    def at(self, place: QPointF, area: PlotArea, reach: float, first: Collection[KeyRef] = ()) -> KeyRef | None:
        """The key nearest to this pixel within `reach` pixels; those in `first` come first."""
        if not self.refs:
            return None
        far = np.hypot(area.xs(self.seconds) - place.x(), area.ys(self.shares) - place.y())
        near = sorted(np.flatnonzero(far <= reach), key=lambda i: (self.refs[i] not in first, far[i]))
        return self.refs[near[0]] if near else None

    def inside(self, box: QRectF, area: PlotArea) -> frozenset[KeyRef]:
        """The keys in a rectangle of pixels."""
        x, y = area.xs(self.seconds), area.ys(self.shares)
        hit = (x >= box.left()) & (x <= box.right()) & (y >= box.top()) & (y <= box.bottom())
        return frozenset(self.refs[i] for i in np.flatnonzero(hit))


def grips(shape: CurveShape, refs: Iterable[KeyRef]) -> Iterable[Grip]:
    """The handles of these keys of one curve."""
    for ref in refs:
        if ref.layer < len(shape.curve.layers):
            layer = shape.curve.layers[ref.layer]
            times = [key.time for key in layer.keys]
            if ref.time in times:
                yield from _grips_of(shape, layer, ref, times.index(ref.time))


def _grips_of(shape: CurveShape, layer: Layer, ref: KeyRef, i: int) -> Iterable[Grip]:
    knots, keys = layer.knots, layer.keys
    if i + 1 < len(keys) and keys[i].interpolation == "bezier":
        seconds = knots.times[i] + knots.ax[i] * (knots.times[i + 1] - knots.times[i])
        yield Grip(ref, "right", float(seconds), float(share(shape.channel, knots.ay[i])), keys[i].right is not None)
    if i > 0 and keys[i - 1].interpolation == "bezier":
        j = i - 1
        seconds = knots.times[j] + knots.bx[j] * (knots.times[i] - knots.times[j])
        yield Grip(ref, "left", float(seconds), float(share(shape.channel, knots.by[j])), keys[i].left is not None)
