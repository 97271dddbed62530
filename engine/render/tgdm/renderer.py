"""The diffusion renderer: what the warp draws, with the face lit anew and mouth and eyes denoised. The same interface as
the warp's.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from engine.device import best_device
from engine.errors import InputError
from engine.face.fit import Fit
from engine.render.tgdm.light import FaceLight
from engine.render.tgdm.paste import with_face, with_parts
from engine.render.tgdm.regions import FACE, REGIONS, Region
from engine.render.tgdm.schedule import STEPS
from engine.render.tgdm.stage import Stage
from engine.render.tgdm.weights import Weights, load_weights
from engine.render.warp import WarpRenderer

TOGETHER = {"cuda": 8, "mps": 4, "cpu": 1}  # frames at once: more gain nothing on a processor


class TgdmRenderer:
    """`set_portrait` once, then `render` for any channel values."""

    def __init__(
        self,
        weights: Path,
        steps: int = STEPS,
        seed: int = 0,
        device: torch.device | None = None,
        personal: Path | None = None,
        face: Path | None = None,
    ) -> None:
        """`weights`: a file of `engine.training.train_tgdm` for mouth and eyes; `personal`: one of `personalise`, made for
        them; `face`: weights for the light and folds of the whole face, left to the warp without.

        The seed's noise is the same for every frame.

        Raises:
            ResourceError: the weights are none. InputError: the personal ones are none, or not for them.
        """
        self.warp = WarpRenderer()
        self._device = device or best_device()
        self.together = TOGETHER[self._device.type]
        self._weights = load_weights(weights, self._device, personal)
        self._face = load_weights(face, self._device) if face else None
        self._steps, self._seed = steps, seed
        self._parts: Stage | None = None
        self._whole: tuple[Stage, np.ndarray, FaceLight] | None = None

    def set_portrait(self, rgb: np.ndarray, alpha: np.ndarray | None, fit: Fit) -> None:
        """As WarpRenderer's; besides, its patches are encoded."""
        self.warp.set_portrait(rgb, alpha, fit)
        pictured = self.warp.geometry(fit.values())

        def stage(weights: Weights, regions: Sequence[Region], pixels: int) -> Stage:
            return Stage.of(weights.net, rgb, fit, pictured, regions, pixels, self._seed, self._device)

        self._parts = stage(self._weights, REGIONS, self._weights.side(fit.pose.scale))
        if self._face:
            whole = stage(self._face, (FACE,), self._face.pixels)
            rest = next(whole.changes([rgb], [pictured], 1))[1][0]
            self._whole = whole, rest, FaceLight.of(whole.patches.source[0])

    def render(self, values: np.ndarray) -> np.ndarray:
        """The portrait for channel values [C]: [H, W, 3] uint8 RGB.

        Raises:
            InputError: no portrait is set, or the values are not one for each channel.
        """
        return self.render_batch([values])[0]

    def render_batch(self, rows: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Several frames at once, which a graphics card does in less time."""
        return list(self.refine(rows))[-1]

    def refine(self, rows: Sequence[np.ndarray]) -> Iterator[list[np.ndarray]]:
        """The frames as they look after each step of denoising: light and folds first, mouth and eyes step by step."""
        if self._parts is None:
            raise InputError("no portrait to render: call set_portrait first")
        pictures = [self.warp.render(values) for values in rows]
        geometries = [self.warp.geometry(values) for values in rows]
        if self._whole:
            whole, rest, light = self._whole
            pictures = with_face(pictures, *next(whole.changes(pictures, geometries, 1)), rest, light)
        for views, changes in self._parts.changes(pictures, geometries, self._steps):
            yield with_parts(pictures, views, changes)
