"""What the mouse does on a plot of curves: a small machine of gestures, without any drawing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt

from desktop.widgets.curve_layer import Scene
from desktop.widgets.key_table import Grip, KeyTable, grips
from desktop.widgets.plot_area import PlotArea
from engine.project.key_edits import KeyRef

KEY, GRIP, CURVE = 8.0, 7.0, 6.0  # pixels within which each is hit

Gesture = Literal["keys", "grip", "box", "pan"]


class Hit(NamedTuple):
    """What lies under the mouse, the foremost only."""

    key: KeyRef | None = None
    grip: Grip | None = None
    curve: str | None = None


def hit_at(
    place: QPointF,
    area: PlotArea,
    table: KeyTable,
    shown_grips: Iterable[Grip],
    scene: Scene,
    selected: frozenset[KeyRef],
) -> Hit:
    """The key, handle or curve under the mouse; selected keys and picked curves come first."""
    if key := table.at(place, area, KEY / 2, selected):  # a key wins over a short handle that ends beside it
        return Hit(key=key)
    for grip in shown_grips:
        if (area.point(grip.seconds, grip.share) - place).manhattanLength() <= GRIP:
            return Hit(grip=grip)
    key = table.at(place, area, KEY, selected)
    return Hit(key=key) if key else Hit(curve=curve_at(place, area, scene))


def curve_at(place: QPointF, area: PlotArea, scene: Scene) -> str | None:
    """The curve that passes nearest to this pixel."""
    best: tuple[bool, float] | None = None
    found = None
    for name in scene.shown:
        shape = scene.shapes[name]
        if name not in scene.picked and not shape.moves:
            continue
        samples = shape.values.samples
        if not len(samples):
            continue
        far = abs(area.y(value_at(samples, area.seconds_at(place.x()) * float(shape.rate))) - place.y())
        rank = (name not in scene.picked, far)
        if far <= CURVE and (best is None or rank < best):
            best, found = rank, name
    return found


def value_at(samples: np.ndarray, position: float) -> float:
    i = min(max(int(position), 0), len(samples) - 1)
    after = samples[min(i + 1, len(samples) - 1)]
    return float(samples[i] + (after - samples[i]) * min(max(position - i, 0.0), 1.0))


def visible_grips(scene: Scene, selected: Iterable[KeyRef], most: int = 40) -> tuple[Grip, ...]:
    """The handles of the selected keys, unless there are so many that they would only be in the way."""
    by_channel: dict[str, list[KeyRef]] = {}
    for ref in selected:
        by_channel.setdefault(ref.channel, []).append(ref)
    if sum(map(len, by_channel.values())) > most:
        return ()
    return tuple(g for name, refs in by_channel.items() if name in scene.shown for g in grips(scene.shapes[name], refs))


@dataclass
class Drag:
    """A gesture in progress. Keys are dragged against how they were when it began."""

    kind: Gesture
    press: QPointF
    area: PlotArea
    refs: frozenset[KeyRef] = frozenset()
    anchor: KeyRef | None = None  # the key that was taken hold of: it is the one that sticks
    grip: Grip | None = None
    before: frozenset[KeyRef] = frozenset()  # what was selected when a box was begun
    moving: bool = False

    def box(self, to: QPointF) -> QRectF:
        """The rectangle from the press to here."""
        return QRectF(self.press, to).normalized()

    def by(self, to: QPointF, modifiers: Qt.KeyboardModifier) -> tuple[float, float]:
        """Seconds and share from the press to here; with Shift only the greater of the two."""
        seconds = self.area.seconds_at(to.x()) - self.area.seconds_at(self.press.x())
        share = self.area.share_at(to.y()) - self.area.share_at(self.press.y())
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            if abs(to.x() - self.press.x()) >= abs(to.y() - self.press.y()):
                share = 0.0
            else:
                seconds = 0.0
        return seconds, share


def landing(refs: Iterable[KeyRef], by: Fraction) -> Fraction:
    """`by`, but no key before time 0."""
    return max(by, -min(ref.time for ref in refs))
