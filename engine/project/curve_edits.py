"""Edits of curves as a whole: layers, locks, mutes, regeneration. Each takes a project and returns another one."""

from collections.abc import Callable, Collection
from dataclasses import replace
from fractions import Fraction

import numpy as np

from engine.errors import InputError
from engine.project.bake import fitted_keys, smooth
from engine.project.channels import BY_NAME, NAMES
from engine.project.curve import Curve, Keyframe, Layer, evaluate
from engine.project.motion import Motion, regenerate, resized
from engine.project.project import Project
from engine.project.swap_curves import channel_of, curve_of, swap_curve_of, with_swap_curve
from engine.project.timing import ALWAYS, TimeRange, frame_count, frame_times, length_in_frames, union, without

CurveEdit = Callable[[str, Curve], Curve]


def with_curves(project: Project, names: Collection[str], edit: CurveEdit) -> Project:
    """The project with each named curve replaced by `edit(name, curve)`: the one gate for edits, which guards locks.

    Names are those of channels and of swap clips' curves (see `swap_curves`).

    Raises:
        InputError: no such channel, or the curve would change at a locked frame.
    """
    motion = project.motion
    curves = dict(motion.curves)
    for name in names:
        if swap_curve_of(name):
            bare = replace(curve_of(project, name), generated=np.zeros(0, np.float32))
            project = with_swap_curve(project, name, edit(name, bare))
        else:
            curves[name] = edit(name, motion[name])
            _refuse_change_under_lock(motion, name, curves[name])
    return replace(project, motion=replace(motion, curves=curves))


def _refuse_change_under_lock(motion: Motion, name: str, changed: Curve) -> None:
    for lock in motion[name].locks:
        times = frame_times(lock.frames(motion.rate, motion.frames), motion.rate)
        before, after = (
            evaluate(replace(curve, mutes=()), BY_NAME[name], times, motion.rate) for curve in (motion[name], changed)
        )
        if (different := before != after).any():
            raise InputError(f"{name} is locked at {times[different][0]:.3f} s: unlock it first, or edit elsewhere")


# ~~~~generated~~~~ -> ~~~~|layer|~~~~
def with_layer(project: Project, name: str, layer: Layer) -> Project:
    """The project with one more layer on top of this channel's curve."""
    return with_curves(project, [name], lambda _, curve: replace(curve, layers=(*curve.layers, layer)))


# layers A B C -> A B' C    None takes it away
def with_layer_changed(project: Project, name: str, index: int, layer: Layer | None) -> Project:
    """The project with this layer of the channel's curve replaced or, for None, removed."""

    def edit(name: str, curve: Curve) -> Curve:
        if not 0 <= index < len(curve.layers):
            raise InputError(f"{name} has no layer {index}, it has {len(curve.layers)}")
        put = () if layer is None else (layer,)
        return replace(curve, layers=(*curve.layers[:index], *put, *curve.layers[index + 1 :]))

    return with_curves(project, [name], edit)


# ~~~|--layer--|~~~ -> ~~~|l|~~~~~|r|~~~
def without_edits(project: Project, names: Collection[str], span: TimeRange = ALWAYS) -> Project:
    """The project with these channels back to what was generated, inside `span`; outside it nothing changes."""

    def cut(layer: Layer) -> Layer | None:
        cuts = union((*layer.cuts, span)) if layer.span.overlaps(span) else layer.cuts
        left: tuple[TimeRange, ...] = (layer.span,)
        for hole in cuts:
            left = without(left, hole)
        return replace(layer, cuts=cuts) if left else None

    return with_curves(
        project,
        names,
        lambda _, curve: replace(curve, layers=tuple(filter(None, map(cut, curve.layers)))),
    )


# ~~~~~~~~~~~ -> ~~~|^^^^|~~~    the same amount everywhere in the range, whatever is regenerated beneath
def with_offset(
    project: Project, names: Collection[str], span: TimeRange, amount: float, fade: Fraction = Fraction(0)
) -> Project:
    """The project with `amount` added to these channels inside `span`."""
    layer = Layer((Keyframe(span.start, amount),), span, "add", fade, fade)
    return with_curves(project, names, lambda _, curve: replace(curve, layers=(*curve.layers, layer)))


# ~~~/\/\/\~~~ -> ~~~|----|~~~    factor 0 is neutral, 1 leaves it, 2 exaggerates
def with_scale(
    project: Project, names: Collection[str], span: TimeRange, factor: float, fade: Fraction = Fraction(0)
) -> Project:
    """The project with these channels' distance from neutral multiplied by `factor` inside `span`."""
    layer = Layer((Keyframe(span.start, factor),), span, "scale", fade, fade)
    return with_curves(project, names, lambda _, curve: replace(curve, layers=(*curve.layers, layer)))


# ~~~generated~~~ -> ~~~|o--o-o---o|~~~    same shape, now keys to edit
def with_baked(
    project: Project, names: Collection[str], span: TimeRange, tolerance: float = 0.004, width: Fraction = Fraction(0)
) -> Project:
    """The project with these curves turned into as few keys as keep within `tolerance` of each channel's range.

    With `width` (seconds) the curve is smoothed on the way, and eases into its surroundings over that time.
    """
    motion = project.motion
    frames = span.frames(motion.rate, motion.frames)
    if not frames:
        raise InputError(f"no frame between {float(span.start):g} and {float(span.end):g} s: choose a longer range")
    times = frame_times(range(motion.frames), motion.rate)

    def edit(name: str, curve: Curve) -> Curve:
        channel = channel_of(name)
        heard = evaluate(replace(curve, mutes=()), channel, times, motion.rate)
        values = smooth(heard, length_in_frames(width, motion.rate))
        allowed = tolerance * (channel.high - channel.low)
        keys = fitted_keys(values[frames.start : frames.stop], frames.start, motion.rate, allowed)
        return replace(curve, layers=(*curve.layers, Layer(keys, span, "replace", width, width)))

    return with_curves(project, names, edit)


# ~~/\/\/\~~ -> ~~|~~~~|~~
def with_smoothed(project: Project, names: Collection[str], span: TimeRange, width: Fraction) -> Project:
    """The project with these channels smoothed inside `span` by a Gaussian of `width` seconds, as keys."""
    return with_baked(project, names, span, width=width)


# ~~~~~~~~ -> ~~|lock|~~
def with_lock(project: Project, names: Collection[str], span: TimeRange = ALWAYS) -> Project:
    """The project with these channels guarded inside `span` against edits and regeneration."""
    return with_curves(project, names, lambda _, curve: replace(curve, locks=union((*curve.locks, span))))


# ~~|--lock--|~~ -> ~~|lk|~~|k|~~
def without_lock(project: Project, names: Collection[str], span: TimeRange = ALWAYS) -> Project:
    """The project with these channels free again inside `span`."""
    return with_curves(project, names, lambda _, curve: replace(curve, locks=without(curve.locks, span)))


# ~~~~~~~~ -> ~~|____|~~    a switch on what is shown, so locks do not mind
def with_mute(project: Project, names: Collection[str], span: TimeRange = ALWAYS) -> Project:
    """The project with these channels at neutral inside `span`; what they hold stays."""
    return with_curves(project, names, lambda _, curve: replace(curve, mutes=union((*curve.mutes, span))))


# ~~|____|~~ -> ~~~~~~~~
def without_mute(project: Project, names: Collection[str], span: TimeRange = ALWAYS) -> Project:
    """The project with these channels heard again inside `span`."""
    return with_curves(project, names, lambda _, curve: replace(curve, mutes=without(curve.mutes, span)))


# ~~old~~old~~old~~ -> ~~old~~|new|~~old~~    layers stay, locks hold
def with_regenerated(
    project: Project,
    values: np.ndarray,
    span: TimeRange = ALWAYS,
    names: Collection[str] = NAMES,
    fade: Fraction = Fraction(0),
) -> Project:
    """The project with new generated samples, float32 [T, C], for these channels inside `span` (see `regenerate`)."""
    return replace(project, motion=regenerate(project.motion, values, span, names, fade))


# ~~~~| -> ~~~~----|
def with_length(project: Project, seconds: Fraction) -> Project:
    """The project with a motion this long: cut, or its last frame held. Hand-made motion gets its length here."""
    return replace(project, motion=resized(project.motion, frame_count(seconds, project.motion.rate)))
