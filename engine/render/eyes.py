"""Eyeballs: a layer of their own under the lids, completed where the picture hides them, that turn with the gaze."""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.render.outline import Box, soft_polygon
from engine.render.paint import blend, sample

SHADOW = 0.45  # how dark the upper lid's shadow is at the lid ...
SHADOW_DEPTH = 0.07  # ... and how deep it reaches, IOD
LITTLE = 0.5  # pixels of a ring of the iris; as much counts what is known without having seen it
FEW = 4  # pixels; a colour seen in fewer is not relied on
PUPIL = 0.45  # of the iris; where it is hidden, it is so large, and ...
DARKER = 0.7  # ... so dark beside the darkest that is seen


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
        self._gap = _height(opening)
        self._exact, self._clean = _completed(
            self._box.of(rgb), opening - self._box.origin, upper - self._box.origin, iris, self._box.origin
        )

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
        shade = _shadow(_below(pixels, upper) / self._unit) / _shadow(_below(source, self._upper) / self._unit)
        source -= self._iris_motion(source, gaze)
        source -= self._box.origin
        widening = (_height(opening) / max(self._gap, 1) - 1) / 0.2
        change = min(max(widening, float(np.linalg.norm(gaze)) / (0.3 * self._iris.radius), 0.0), 1.0)
        texture = cv2.addWeighted(self._clean, change, self._exact, 1 - change, 0) if change else self._exact
        ball = sample(texture, source, outside=cv2.BORDER_REPLICATE)
        blend(box.of(picture), ball.astype(np.float32) * shade[..., None], mask)

    def _iris_motion(self, points: np.ndarray, gaze: np.ndarray) -> np.ndarray:
        """How far what is seen at points [..., 2] has moved: the iris by `gaze`, the white around it less and less."""
        if not gaze.any():
            return np.zeros_like(points)
        distance = np.linalg.norm(points - (self._iris.centre + gaze), axis=-1) / self._iris.radius
        t = np.clip((distance - 1.15) / 2.2, 0, 1)
        return (1 - t * t * (3 - 2 * t))[..., None] * gaze


def _height(opening: np.ndarray) -> float:
    """Mean height of a rim [N, 2], pixels."""
    width = float(np.ptp(opening[:, 0]))
    return cv2.contourArea(np.ascontiguousarray(opening, np.float32)) / max(width, 1.0)


def _below(points: np.ndarray, rim: np.ndarray) -> np.ndarray:
    """How far points [..., 2] lie below a rim [M, 2] that runs left to right, pixels."""
    axis = rim[-1] - rim[0]
    across = axis / max(float(np.linalg.norm(axis)), 1e-6)
    down = np.array([-across[1], across[0]], np.float32)
    along = np.maximum.accumulate(rim @ across)
    return (points @ down - np.interp(points @ across, along, rim @ down)).astype(np.float32)


def _shadow(depth: np.ndarray) -> np.ndarray:
    """Light on the eyeball at a depth (IOD) below the lid, 0..1; what lashes darken is in the picture."""
    return 1 - SHADOW * np.exp(-np.maximum(depth, 0.02) / SHADOW_DEPTH)


def _completed(
    patch: np.ndarray, opening: np.ndarray, upper: np.ndarray, iris: Iris, origin: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The patch of picture around an eye with the eyeball continued under the lids: white filled in, iris made round.

    First with all that the picture shows between the lids; then without what the lids may have cast or laid on it.
    """
    box = Box(0, 0, patch.shape[1], patch.shape[0])
    seen = soft_polygon(opening, box)
    centre, radius = iris.centre - origin, iris.radius
    distance = np.linalg.norm(box.pixels() - centre, axis=-1)
    disc = np.clip(radius + 0.5 - distance, 0, 1)
    margin = max(1, round(radius * 0.15))
    sure = cv2.erode((seen > 0.9).astype(np.uint8), np.ones((3, 3), np.uint8), iterations=margin) > 0
    white = _white(patch, sure & (distance > 1.15 * radius), distance, radius)
    dark = _darkest(patch, (seen > 0.5) & (distance < radius))
    round_iris = _profile(patch, sure & (distance < 1.3 * radius), distance, radius, dark)
    whole = white + disc[..., None] * (round_iris - white)
    exact = (cv2.dilate(seen, np.ones((3, 3), np.uint8)) > 0).astype(np.float32)
    depth = _below(box.pixels(), upper)
    local = np.maximum(depth.max(0, where=seen > 0.5, initial=0), 1)  # height of the opening, column by column
    clean = exact * np.clip(depth / np.minimum(2.5 * margin, 0.35 * local) - 0.3, 0, 1)
    clean *= np.clip((local - depth) / np.minimum(1.5 * margin, 0.25 * local) - 0.3, 0, 1)
    mixed = [np.clip(np.round(whole + keep[..., None] * (patch - whole)), 0, 255) for keep in (exact, clean)]
    return mixed[0].astype(np.uint8), mixed[1].astype(np.uint8)


def _white(patch: np.ndarray, known: np.ndarray, distance: np.ndarray, radius: float) -> np.ndarray:
    """The white of the eye over the whole patch, [H, W, 3] float32: its mean where seen, darker round the side."""
    skin = np.percentile(patch.reshape(-1, 3), 75, axis=0)
    colour = patch[known].mean(0) if known.sum() >= FEW else (skin + 2 * skin.mean()) / 3
    return (colour * (1.05 - 0.05 * np.minimum(distance / radius, 4)[..., None] ** 1.5)).astype(np.float32)


def _darkest(patch: np.ndarray, iris: np.ndarray) -> np.ndarray:
    """The colour [3] of an iris of which little is seen: the darkest quarter of it, or, hidden, of its surroundings."""
    pixels = patch[iris] if iris.any() else patch.reshape(-1, 3)
    level = pixels.mean(1)
    return np.asarray(pixels[level <= np.quantile(level, 0.25)].mean(0))


def _profile(patch: np.ndarray, known: np.ndarray, distance: np.ndarray, radius: float, dark: np.ndarray) -> np.ndarray:
    """The iris as rings of the mean colour seen at each distance from its centre, [H, W, 3] float32; where next to
    nothing of a ring is seen, `dark` [3], and darker in the pupil."""
    rings = np.arange(0, 1.3 * radius + 1)
    weights = known[..., None] * np.exp(-((distance[..., None] - rings) ** 2) / 0.8)
    hidden = dark * np.where(rings < PUPIL * radius, DARKER, 1)[:, None]
    counts = weights.sum((0, 1))[:, None]
    colours = (np.einsum("hwr,hwc->rc", weights, patch.astype(np.float64)) + LITTLE * hidden) / (counts + LITTLE)
    flat = np.minimum(distance, rings[-1]).ravel()
    return (
        np.stack([np.interp(flat, rings, colours[:, k]) for k in range(3)], -1).reshape(patch.shape).astype(np.float32)
    )
