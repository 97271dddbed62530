"""Where everything in a portrait is for one set of channel values."""

from dataclasses import dataclass

import numpy as np

from engine.render.outline import Box
from engine.render.turn import Turn


@dataclass(frozen=True)
class Geometry:
    """What the warp draws by, and a renderer on top of it can be conditioned on. Places are in pixels.

    landmarks [478, 3]: the face's, z smaller = nearer; unturned: the same before the head turns.
    points [V, 3]: of the mesh; lips [N] and lids (two of [N]) are indices of the points around the holes.
    teeth [M, 3]: of the mouth's interior. turn: of the head since the picture.
    box: the part of the picture that may differ from the portrait. For its pixels, source [h, w, 2] float32 is the
    place shown there, less `offset` [2]; triangle [h, w] int32 the mesh's triangle, -1 where the person is not.
    """

    landmarks: np.ndarray
    unturned: np.ndarray
    points: np.ndarray
    lips: list[int]
    lids: tuple[list[int], list[int]]
    teeth: np.ndarray
    turn: Turn
    box: Box
    source: np.ndarray
    offset: np.ndarray
    triangle: np.ndarray

    def places(self, box: Box) -> np.ndarray:
        """[h, w, 2] float32: the place in the portrait that each pixel of a box inside `self.box` shows."""
        x, y = box.x0 - self.box.x0, box.y0 - self.box.y0
        return self.source[y : y + box.shape[0], x : x + box.shape[1]] + self.offset

    def stretch(self) -> np.ndarray:
        """Pixels drawn for each pixel of the portrait, [h, w] float32 over `box`; inf where nothing is drawn.

        Above 1 there is less detail than the place asks for; at the edges of folds the figure means nothing.
        """
        down, across = np.gradient(self.source, axis=(0, 1))
        area = np.abs(across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0])
        shown = (self.triangle >= 0) & (area > 1e-6)
        return np.where(shown, 1 / np.maximum(area, 1e-6), np.inf).astype(np.float32)
