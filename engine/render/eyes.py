"""Eyeballs: a layer of their own under the lids, completed where the picture hides them, that turn with the gaze."""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.render.outline import Box, soft_polygon
from engine.render.paint import blend

SHADOW = 0.45  # how dark the upper lid's shadow is at the lid ...
SHADOW_DEPTH = 0.07  # ... and how deep it reaches, IOD


@dataclass(frozen=True)
class Iris:
    """Centre [2] and radius, pixels."""

    centre: np.ndarray
    radius: float

    @classmethod
    def of(cls, points: np.ndarray) -> "Iris":
        """From MediaPipe's five points of one iris, [5, 2]."""
        return cls(points[0].astype(np.float32), float(np.linalg.norm(points[1:] - points[0], axis=1).mean()))


class Eye:
    """One eye of a portrait: draws its ball into pictures, behind lids of any shape."""

    def __init__(self, rgb: np.ndarray, opening: np.ndarray, upper: np.ndarray, iris: Iris, unit: float) -> None:
        """`opening` [N, 2]: the lids' rim as pictured, `upper` [M, 2] the upper rim alone, left to right; pixels."""
        self._box = Box.around(opening, 0.25 * unit, rgb.shape)
        self._upper, self._iris, self._unit = upper, iris, unit
        self._texture = _completed(self._box.of(rgb), opening - self._box.origin, iris, self._box.origin)

    def draw(
        self, picture: np.ndarray, opening: np.ndarray, upper: np.ndarray, motion: np.ndarray, gaze: np.ndarray
    ) -> None:
        """Draw into picture [H, W, 3] uint8, in place.

        Args:
            opening, upper: as in the constructor, where the lids are now.
            motion: [2, 3] affine map of the eye's surroundings, from the portrait to this picture.
            gaze: [2] how far the iris moves, pixels of the portrait.
        """
        box = Box.around(opening, 1, picture.shape)
        if box.empty:
            return
        mask = soft_polygon(opening, box)
        back = cv2.invertAffineTransform(motion.astype(np.float64)).astype(np.float32)
        pixels = box.pixels()
        source = pixels @ back[:, :2].T + back[:, 2]
        shade = _shadow(_below(pixels, upper), self._unit) / _shadow(_below(source, self._upper), self._unit)
        source -= self._iris_motion(source, gaze)
        source -= self._box.origin
        ball = cv2.remap(self._texture, source, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        blend(box.of(picture), ball.astype(np.float32) * shade[..., None], mask)

    def _iris_motion(self, points: np.ndarray, gaze: np.ndarray) -> np.ndarray:
        """How far what is seen at points [..., 2] has moved: the iris by `gaze`, the white around it less and less."""
        if not gaze.any():
            return np.zeros_like(points)
        distance = np.linalg.norm(points - (self._iris.centre + gaze), axis=-1) / self._iris.radius
        t = np.clip((distance - 1.15) / 2.2, 0, 1)
        return (1 - t * t * (3 - 2 * t))[..., None] * gaze


def _below(points: np.ndarray, rim: np.ndarray) -> np.ndarray:
    """How far points [..., 2] lie below a rim [M, 2] that runs left to right, pixels, at least 0."""
    axis = rim[-1] - rim[0]
    across = axis / max(float(np.linalg.norm(axis)), 1e-6)
    down = np.array([-across[1], across[0]], np.float32)
    along = np.maximum.accumulate(rim @ across)
    return np.maximum(points @ down - np.interp(points @ across, along, rim @ down), 0).astype(np.float32)


def _shadow(depth: np.ndarray, unit: float) -> np.ndarray:
    return 1 - SHADOW * np.exp(-depth / (SHADOW_DEPTH * unit))


def _completed(patch: np.ndarray, opening: np.ndarray, iris: Iris, origin: np.ndarray) -> np.ndarray:
    """The patch of picture around an eye with the eyeball continued under the lids: white inpainted, iris made round."""
    box = Box(0, 0, patch.shape[1], patch.shape[0])
    seen = soft_polygon(opening, box)
    centre, radius = iris.centre - origin, iris.radius
    distance = np.linalg.norm(box.pixels() - centre, axis=-1)
    disc = np.clip(radius + 0.5 - distance, 0, 1)
    sure = cv2.erode((seen > 0.9).astype(np.uint8), np.ones((3, 3), np.uint8), iterations=max(1, round(radius * 0.12)))
    white = _white(patch, (sure > 0) & (distance > 1.15 * radius))
    round_iris = _profile(patch, (sure > 0) & (distance < 1.3 * radius), distance, radius)
    whole = white + disc[..., None] * (round_iris - white)
    keep = cv2.GaussianBlur(cv2.dilate(seen, np.ones((3, 3), np.uint8)), (0, 0), 0.6)
    keep = np.maximum(keep, (cv2.dilate(seen, np.ones((3, 3), np.uint8)) > 0))[..., None]
    return np.clip(np.round(whole + keep * (patch - whole)), 0, 255).astype(np.uint8)


def _white(patch: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The white of the eye over the whole patch, [H, W, 3] float32, from where it is plainly seen."""
    if known.sum() < 4:
        return np.full(patch.shape, np.percentile(patch, 80), np.float32)
    filled = cv2.inpaint(patch, (~known).astype(np.uint8), 3, cv2.INPAINT_TELEA)
    return cv2.GaussianBlur(filled, (0, 0), 1.5).astype(np.float32)


def _profile(patch: np.ndarray, known: np.ndarray, distance: np.ndarray, radius: float) -> np.ndarray:
    """The iris as rings of the mean colour seen at each distance from its centre, [H, W, 3] float32."""
    rings = np.arange(0, 1.3 * radius + 1)
    weights = known[..., None] * np.exp(-((distance[..., None] - rings) ** 2) / 0.8) + 1e-9
    colours = np.einsum("hwr,hwc->rc", weights, patch.astype(np.float64)) / weights.sum((0, 1))[:, None]
    flat = np.minimum(distance, rings[-1]).ravel()
    return (
        np.stack([np.interp(flat, rings, colours[:, k]) for k in range(3)], -1).reshape(patch.shape).astype(np.float32)
    )
