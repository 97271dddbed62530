"""Edits of single keys: add, change, move, delete, copy, mirror, paste. Each returns another project."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from engine.errors import InputError
from engine.project.curve import Curve, Handle, Keyframe, Layer
from engine.project.curve_edits import with_curves
from engine.project.project import Project
from engine.project.swap_curves import channel_of, curve_of
from engine.project.timing import ALWAYS, TimeRange

REACH = Fraction(1, 2)
"""Seconds for which a lone key on a generated curve takes hold, before and after it."""

FLIPPED = ("gazeYaw", "headYaw", "headRoll", "headX")
"""Channels that change sign when a face is mirrored; the others swap with their partner or stay."""

Keys = Mapping[str, tuple[Keyframe, ...]]
"""Keys on their way from one place to another: by channel, times counted from the earliest."""


class KeyRef(NamedTuple):
    """One key: its channel, the index of its layer, its time."""

    channel: str
    layer: int
    time: Fraction


# ~~~~~~~~~ -> ~~-o-~~    or, where a layer of keys acts already, |o---o| -> |o-o-o|
def with_key(project: Project, name: str, key: Keyframe, layer: int | None = None) -> Project:
    """The project with this key, replacing one at the same time.

    It goes into `layer` or else the uppermost replacing layer within reach; failing that it gets a layer of its own,
    which blends into a generated curve within REACH and takes over a curve that has nothing generated.
    """
    return with_curves(project, [name], lambda _, curve: _with_key(curve, key, layer))


# o--o--o -> o--o--o'    changed keys win over the ones that lie where they arrive
def with_keys_changed(project: Project, refs: Collection[KeyRef], change: Callable[[Keyframe], Keyframe]) -> Project:
    """The project with `change` applied to each of these keys: value, time, interpolation, handles."""

    def edit(name: str, curve: Curve) -> Curve:
        meant = _meant(curve, refs, name)
        return _with_layers(curve, lambda i, layer: _changed(layer, meant[i], change))

    return with_curves(project, _channels(refs), edit)


# o--o----- -> ---o--o--
def with_keys_moved(project: Project, refs: Collection[KeyRef], by: Fraction, value: float = 0.0) -> Project:
    """The project with these keys `by` seconds later and `value` higher; only what shows is clipped to the range."""
    return with_keys_changed(project, refs, lambda key: replace(key, time=key.time + by, value=key.value + value))


# o--o--o -> o-----o    a layer that loses its last key goes with it
def without_keys(project: Project, refs: Collection[KeyRef]) -> Project:
    """The project without these keys."""

    def edit(name: str, curve: Curve) -> Curve:
        meant = _meant(curve, refs, name)
        return _with_layers(curve, lambda i, layer: _put(layer, (), meant[i]))

    return with_curves(project, _channels(refs), edit)


def copied(project: Project, refs: Collection[KeyRef]) -> Keys:
    """These keys, to paste elsewhere."""
    if not refs:
        raise InputError("no keys to copy: select some first")
    start = min(ref.time for ref in refs)
    found: dict[str, dict[Fraction, Keyframe]] = {}
    for name in _channels(refs):
        curve = curve_of(project, name)
        for layer, times in zip(curve.layers, _meant(curve, refs, name), strict=True):
            keys = (replace(key, time=key.time - start) for key in layer.keys if key.time in times)
            found.setdefault(name, {}).update({key.time: key for key in keys})
    return {name: tuple(sorted(keys.values(), key=lambda key: key.time)) for name, keys in found.items()}


# mouthSmileLeft -> mouthSmileRight, headYaw +5 -> headYaw -5
def mirrored(keys: Keys) -> Keys:
    """The keys of the mirrored face; twice gives the same again."""
    return {
        channel_of(name).partner or name: tuple(map(_flipped, channel_keys)) if name in FLIPPED else channel_keys
        for name, channel_keys in keys.items()
    }


# |o--o| ------ -> |o--o| |o--o|
def with_pasted(project: Project, keys: Keys, at: Fraction) -> Project:
    """The project with these keys put in, the earliest at `at`, as if each had been added by hand."""

    def edit(name: str, curve: Curve) -> Curve:
        for key in keys[name]:
            curve = _with_key(curve, replace(key, time=key.time + at), None)
        return curve

    return with_curves(project, tuple(keys), edit)


def _with_key(curve: Curve, key: Keyframe, index: int | None) -> Curve:
    reach = TimeRange(key.time - REACH, key.time + REACH)
    if index is None:
        near = (i for i, layer in enumerate(curve.layers) if layer.blend == "replace" and _open(layer, key.time, reach))
        index = max(near, default=None)
    if index is None:
        bare = not len(curve.generated)
        layer = Layer((key,), ALWAYS) if bare else Layer((key,), reach, "replace", REACH, REACH)
        return replace(curve, layers=(*curve.layers, layer))
    if not 0 <= index < len(curve.layers):
        raise InputError(f"there is no layer {index}, the curve has {len(curve.layers)}")
    return _with_layers(curve, lambda i, layer: _put(layer, (key,)) if i == index else layer)


def _open(layer: Layer, time: Fraction, reach: TimeRange) -> bool:
    return layer.span.overlaps(reach) and not any(time in cut for cut in layer.cuts)


def _put(layer: Layer, keys: Collection[Keyframe], remove: Collection[Fraction] = ()) -> Layer | None:
    """The layer with keys removed and put in, its range grown until no fade weakens a new one; None if none is left."""
    kept = {key.time: key for key in layer.keys if key.time not in remove}
    kept.update({key.time: key for key in keys})
    if not kept:
        return None
    span = layer.span
    for key in keys:
        margin = Fraction(0) if key.time in layer.span else REACH
        start, end = key.time - max(layer.fade_in, margin), key.time + max(layer.fade_out, margin)
        span = TimeRange(min(span.start, start), max(span.end, end))
    return replace(layer, keys=tuple(kept[time] for time in sorted(kept)), span=span)


def _changed(layer: Layer, times: Collection[Fraction], change: Callable[[Keyframe], Keyframe]) -> Layer | None:
    """The layer with these keys changed; its range goes along when all of them are."""
    keys = [change(key) for key in layer.keys if key.time in times]
    if len(keys) == len(layer.keys) and layer.span.end != math.inf:
        layer = replace(layer, span=layer.span.shifted(min(key.time for key in keys) - layer.keys[0].time))
    return _put(layer, keys, times)


def _with_layers(curve: Curve, edit: Callable[[int, Layer], Layer | None]) -> Curve:
    edited = (edit(i, layer) for i, layer in enumerate(curve.layers))
    return replace(curve, layers=tuple(layer for layer in edited if layer is not None))


def _channels(refs: Collection[KeyRef]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ref.channel for ref in refs))


def _meant(curve: Curve, refs: Collection[KeyRef], name: str) -> list[set[Fraction]]:
    """For each layer, the times of the keys that are meant; InputError if one is not there."""
    there = {(i, key.time) for i, layer in enumerate(curve.layers) for key in layer.keys}
    meant: list[set[Fraction]] = [set() for _ in curve.layers]
    for ref in refs:
        if ref.channel == name:
            if ref[1:] not in there:
                raise InputError(f"{name} has no key at {float(ref.time):g} s in layer {ref.layer}")
            meant[ref.layer].add(ref.time)
    return meant


def _flipped(key: Keyframe) -> Keyframe:
    def flip(handle: Handle | None) -> Handle | None:
        return handle and (handle[0], -handle[1])

    return replace(key, value=-key.value, left=flip(key.left), right=flip(key.right))
