"""Easing: how the curve leads from one key to the next, chosen by name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from engine.errors import InputError
from engine.project.curve import Curve, Keyframe, Layer
from engine.project.curve_edits import with_curves
from engine.project.key_edits import KeyRef
from engine.project.project import Project


class Easing(NamedTuple):
    """Two Bezier handles as shares of the way in time and in value from one key to the next."""

    x1: float
    y1: float
    x2: float
    y2: float


EASINGS: dict[str, Easing | None] = {
    "linear": None,
    "step": None,
    "smooth": None,  # the curve finds its own way, without overshoot
    "ease in": Easing(0.5, 0, 0.9, 0.9),
    "ease out": Easing(0.1, 0.1, 0.5, 1),
    "ease both": Easing(0.5, 0, 0.5, 1),
    "fast in": Easing(0.8, 0, 0.95, 0.6),
    "fast out": Easing(0.05, 0.4, 0.2, 1),
    "overshoot": Easing(0.3, 0.4, 0.55, 1.3),
    "wind up": Easing(0.45, -0.3, 0.7, 0.6),
}


# o-----o -> o~~~~~o    from each of these keys to the one after it
def with_eased(project: Project, refs: Collection[KeyRef], easing: str) -> Project:
    """The project with the way from each of these keys to the next of its layer shaped by an easing of the table.

    Raises:
        InputError: no such easing or key, or the curve is locked there.
    """
    if easing not in EASINGS:
        raise InputError(f"easing {easing!r}: choose from {', '.join(EASINGS)}")

    def edit(name: str, curve: Curve) -> Curve:
        mine = {ref[1:] for ref in refs if ref.channel == name}
        if missing := mine - {(i, key.time) for i, layer in enumerate(curve.layers) for key in layer.keys}:
            layer, time = min(missing)
            raise InputError(f"{name} has no key at {float(time):g} s in layer {layer}")
        layers = (
            _eased(layer, {time for index, time in mine if index == i}, easing) for i, layer in enumerate(curve.layers)
        )
        return replace(curve, layers=tuple(layers))

    return with_curves(project, tuple(dict.fromkeys(ref.channel for ref in refs)), edit)


def _eased(layer: Layer, times: Collection[object], easing: str) -> Layer:
    keys = list(layer.keys)
    shape = EASINGS[easing]
    for i, key in enumerate(layer.keys[:-1]):
        if key.time not in times:
            continue
        if shape:
            keys[i], keys[i + 1] = _shaped(keys[i], keys[i + 1], shape)
        elif easing == "smooth":
            keys[i] = replace(keys[i], interpolation="bezier", right=None)
            keys[i + 1] = replace(keys[i + 1], left=None)
        else:
            keys[i] = replace(keys[i], interpolation=easing)  # type: ignore[arg-type]
    return replace(layer, keys=tuple(keys))


def _shaped(key: Keyframe, following: Keyframe, shape: Easing) -> tuple[Keyframe, Keyframe]:
    seconds, rise = float(following.time - key.time), following.value - key.value
    right = (shape.x1 * seconds, shape.y1 * rise)
    left = ((shape.x2 - 1) * seconds, (shape.y2 - 1) * rise)
    return replace(key, interpolation="bezier", right=right), replace(following, left=left)
