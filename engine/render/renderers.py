"""Which renderers there are, by name: each is set a portrait once and then asked for a picture of any channel values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engine.errors import InputError

if TYPE_CHECKING:
    from engine.face.fit import Fit


class Renderer(Protocol):
    """What every renderer can do."""

    def set_portrait(self, rgb: np.ndarray, alpha: np.ndarray | None, fit: Fit) -> None:
        """Take a portrait: [H, W, 3] uint8, the file's opacity [H, W] uint8 or None, and the face to move."""

    def render(self, values: np.ndarray) -> np.ndarray:
        """The portrait for channel values [C]: [H, W, 3] uint8 RGB."""


def make_renderer(name: str, seed: int = 0) -> Renderer:
    """A renderer by its name; `auto` is the one that measures best today. The seed is for those that draw noise.

    Raises:
        InputError: there is none of that name.
    """
    if name not in RENDERERS:
        raise InputError(f"renderer {name!r}: choose from {', '.join(RENDERERS)}")
    return RENDERERS[name](seed)


def _warp(_: int) -> Renderer:
    from engine.render.warp import WarpRenderer

    return WarpRenderer()


RENDERERS: dict[str, Callable[[int], Renderer]] = {"auto": _warp, "warp": _warp}
