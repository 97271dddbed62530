"""What a swap clip asks for at each moment: its numbers, its keys, its fades and whether it is on."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from engine.project.curve import Keyframe, envelope
from engine.project.interpolation import Knots, interpolate
from engine.project.project import SwapClip

ROUNDING = 1e-9  # seconds: a key holds from the very frame that begins with it


def swap_curves(clip: SwapClip, times: np.ndarray) -> dict[str, np.ndarray]:
    """strength (0 where off or outside the clip), grow and feather at project `times` (float64 seconds [T]): [T] each."""
    since = times - float(clip.span.start) + ROUNDING
    curves = {name: _curve(clip, name, getattr(clip, name), since) for name in ("strength", "grow", "feather")}
    on = _curve(clip, "on", 1.0, since) > 0.5
    curves["strength"] = np.clip(curves["strength"], 0, 1) * on * envelope(clip, times)
    curves["feather"] = np.maximum(curves["feather"], 0)
    return curves


def with_swap_key(clip: SwapClip, name: str, since: Fraction, value: float) -> SwapClip:
    """The clip with a key for one of SWAP_KEYS, `since` seconds after its start; another there is replaced."""
    new = Keyframe(since, value, "step" if name == "on" else "bezier")
    others = [key for key in clip.keys.get(name, ()) if key.time != new.time]
    return replace(clip, keys={**clip.keys, name: tuple(sorted([*others, new], key=lambda key: key.time))})


def _curve(clip: SwapClip, name: str, otherwise: float, since: np.ndarray) -> np.ndarray:
    keys = clip.keys.get(name, ())
    return interpolate(Knots.of(keys), since) if keys else np.full(since.shape, otherwise)
