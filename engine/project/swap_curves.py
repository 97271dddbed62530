"""What a swap clip asks for at each moment: its numbers, its keys, its fades and whether it is on.

Its keys are edited as those of channels are, through `curve_edits.with_curves`: curve "swap:0:strength" is the strength of
the first swap clip, over the project's time.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from engine.errors import InputError
from engine.project.channels import BY_NAME, Channel
from engine.project.curve import Curve, Keyframe, Layer, envelope, evaluate
from engine.project.edits import clip_at, with_clip_changed
from engine.project.interpolation import Knots, interpolate
from engine.project.project import Project, SwapClip
from engine.project.timing import ALWAYS

ROUNDING = 1e-9  # seconds: a key holds from the very frame that begins with it
SWAP_CHANNELS = {
    "strength": Channel("strength", "swap"),
    "on": Channel("on", "swap"),
    "grow": Channel("grow", "swap", -0.5, 0.5, unit="eye distances"),
    "feather": Channel("feather", "swap", 0.0, 0.6, unit="eye distances"),
}
"""By SWAP_KEYS: within which values they are edited."""


def swap_curves(clip: SwapClip, times: np.ndarray) -> dict[str, np.ndarray]:
    """strength (0 where off or outside the clip), grow and feather at project `times` (float64 seconds [T]): [T] each."""
    since = times - float(clip.span.start) + ROUNDING
    curves = {name: _values(clip, name, since) for name in ("strength", "grow", "feather")}
    on = _values(clip, "on", since) > 0.5
    curves["strength"] = np.clip(curves["strength"], 0, 1) * on * envelope(clip, times)
    curves["feather"] = np.maximum(curves["feather"], 0)
    return curves


def with_swap_key(clip: SwapClip, name: str, since: Fraction, value: float) -> SwapClip:
    """The clip with a key for one of SWAP_KEYS, `since` seconds after its start; another there is replaced."""
    new = Keyframe(since, value, "step" if name == "on" else "bezier")
    others = [key for key in clip.keys.get(name, ()) if key.time != new.time]
    return _with_keys(clip, name, tuple(sorted([*others, new], key=lambda key: key.time)))


def swap_curve_name(index: int, key: str) -> str:
    """What the curve of this one of SWAP_KEYS, of this swap clip, is called."""
    return f"swap:{index}:{key}"


def swap_curve_of(name: str) -> tuple[int, str] | None:
    """The swap clip's index and which of SWAP_KEYS, or None for the name of a channel."""
    kind, _, rest = name.partition(":")
    index, _, key = rest.partition(":")
    return (int(index), key) if kind == "swap" else None


def channel_of(name: str) -> Channel:
    """The range of a curve's values, be it a channel's or a swap clip's."""
    swap = swap_curve_of(name)
    return replace(SWAP_CHANNELS[swap[1]], name=name) if swap else BY_NAME[name]


def curve_of(project: Project, name: str) -> Curve:
    """The curve of a channel, or of a swap clip: its keys, or its number as one sample that is held."""
    swap = swap_curve_of(name)
    if not swap:
        return project.motion[name]
    clip: SwapClip = clip_at(project, "swaps", swap[0])
    keys = tuple(replace(key, time=key.time + clip.span.start) for key in clip.keys.get(swap[1], ()))
    return Curve(layers=(Layer(keys, ALWAYS),)) if keys else Curve(np.array([_number(clip, swap[1])], np.float32))


# -------- -> --o--o--    on the clip, from its own start
def with_swap_curve(project: Project, name: str, curve: Curve) -> Project:
    """The project with this curve's keys on its swap clip; without keys the clip's number holds again.

    Raises:
        InputError: there is more to the curve than keys, or no such clip.
    """
    swap = swap_curve_of(name)
    assert swap
    clip: SwapClip = clip_at(project, "swaps", swap[0])
    keys = tuple(_on_clip(key, swap[1], clip.span.start) for key in _only_keys(curve))
    return with_clip_changed(project, "swaps", swap[0], keys=_with_keys(clip, swap[1], keys).keys)


# the first key of "on" |-----o-----| -> |o----o-----|    what lies before it stays as it was
def _with_keys(clip: SwapClip, name: str, keys: tuple[Keyframe, ...]) -> SwapClip:
    if name == "on" and keys and not clip.keys.get("on") and keys[0].time > 0:
        keys = (Keyframe(Fraction(0), 1.0, "step"), *keys)
    others = {key: value for key, value in clip.keys.items() if key != name}
    return replace(clip, keys={**others, name: keys} if keys else others)


def value_at(project: Project, name: str, seconds: Fraction) -> float:
    """What the curve of a channel or a swap clip gives at this time."""
    return float(
        evaluate(curve_of(project, name), channel_of(name), np.array([float(seconds)]), project.motion.rate)[0]
    )


def _only_keys(curve: Curve) -> tuple[Keyframe, ...]:
    layers = curve.layers
    whole = all(layer.blend == "replace" and layer.span.end == ALWAYS.end and not layer.cuts for layer in layers)
    if len(layers) > 1 or not whole or curve.locks or curve.mutes:
        raise InputError("the curves of a face swap hold keyframes and nothing else: add, move or delete these")
    return layers[0].keys if layers else ()


def _on_clip(key: Keyframe, name: str, start: Fraction) -> Keyframe:
    key = replace(key, time=key.time - start)
    return replace(key, value=float(key.value > 0.5), interpolation="step") if name == "on" else key


def _number(clip: SwapClip, name: str) -> float:
    return 1.0 if name == "on" else float(getattr(clip, name))


def _values(clip: SwapClip, name: str, since: np.ndarray) -> np.ndarray:
    keys = clip.keys.get(name, ())
    return interpolate(Knots.of(keys), since) if keys else np.full(since.shape, _number(clip, name))
