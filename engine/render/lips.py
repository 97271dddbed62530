"""Lips that close without what showed between them: no teeth along the line where they meet."""

import cv2
import numpy as np

from engine.render.membrane import spanned
from engine.render.outline import Box, grown, soft_polygon
from engine.render.paint import blend, sample

EDGE = 0.02  # IOD; teeth may reach this far onto what the landmarks call lips


class Lips:
    """The lips of one portrait, as they would look with nothing between them."""

    def __init__(self, rgb: np.ndarray, hole: np.ndarray, middle: np.ndarray, colour: np.ndarray, unit: float) -> None:
        """Pixels, as pictured: `hole` [N, 2] between the lips, `middle` [M, 2] along their middle; `colour` [3]."""
        self._gap = _height(hole)
        self._box = Box.around(middle, 0.05 * unit + 2, rgb.shape)
        inside = soft_polygon(hole, self._box) > 0
        between = grown(inside, max(2.0, EDGE * unit)) & (soft_polygon(middle, self._box) > 0.5) | inside
        bare = spanned(self._box.of(rgb), between, colour) if between.any() else self._box.of(rgb)
        mask = cv2.GaussianBlur(between.astype(np.float32), (0, 0), max(0.5, 0.005 * unit))
        mask[between] = 1
        self._bare = np.dstack([bare, 255 * mask]).clip(0, 255).astype(np.uint8)

    def close(self, picture: np.ndarray, hole: np.ndarray, places: np.ndarray, box: Box) -> None:
        """Lay over the warped lips in picture [H, W, 3] uint8 as far as they have closed, in place.

        Args:
            hole: [N, 2] as in the constructor, where it is now.
            places: [h, w, 2] float32, the place in the portrait that each pixel of the box shows.
        """
        closing = 2 * (1 - _height(hole) / max(self._gap, 1e-3))
        if self._gap > 0.2 and closing > 0:
            bare = sample(self._bare, places - self._box.origin)
            blend(box.of(picture), bare[..., :3].astype(np.float32), bare[..., 3] * np.float32(min(closing, 1) / 255))


def _height(hole: np.ndarray) -> float:
    """Mean height of a hole [N, 2], pixels."""
    width = float(np.ptp(hole[:, 0]))
    return cv2.contourArea(np.ascontiguousarray(hole, np.float32)) / max(width, 1.0)
