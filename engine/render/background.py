"""The picture taken apart: what belongs to the person, and the scene behind, completed where the person hides it."""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.render.fill import fill
from engine.render.matting import sharpen_matte
from engine.render.outline import grown

HALO = 0.04  # IOD; how far beyond the matte the person may still tint the scene
TINT, DOUBT = 0.1, 1.5  # a person is at most so opaque where the matte sees none, and so many times what it sees more
FAINT = 25  # grey levels; so small a difference may come from anything: sharpening, or a wrong guess at the scene
AROUND = 0.1  # IOD; how far from a person's edge its colours are
UNCOVERED = 0.9  # IOD; how far the scene behind the person's edge may come into view


@dataclass(frozen=True)
class Layers:
    """person [H, W, 4] uint8: RGB already multiplied by the fourth channel, the opacity. scene [H, W, 3] uint8.

    `over(person, scene)` is the picture again, bit for bit.
    """

    person: np.ndarray
    scene: np.ndarray


def take_apart(rgb: np.ndarray, rough: np.ndarray, moving: np.ndarray, unit: float) -> Layers:
    """Split rgb ([H, W, 3] uint8) by a rough matte of the person ([H, W] in 0..1).

    Args:
        moving: [H, W] bool, where the person may move; only there the layers are made with care.
        unit: the eye distance, pixels.
    """
    rows, columns = np.nonzero(grown(moving, 0.6 * unit))
    part = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    opacity = rough.astype(np.float32).copy()
    opacity[part] = sharpen_matte(rgb[part], rough[part], unit)
    scene = rgb.copy()
    scene[part] = _completed_scene(rgb[part], opacity[part], moving[part], unit)
    person = np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])
    person[part] = _cut_out(rgb[part], opacity[part], scene[part], unit)
    return Layers(person, scene)


def over(person: np.ndarray, scene: np.ndarray) -> np.ndarray:
    """person [H, W, 4] in front of scene [H, W, 3], both uint8 -> [H, W, 3] uint8."""
    return np.clip(person[..., :3].astype(np.int16) + _behind(scene, person[..., 3]), 0, 255).astype(np.uint8)


def _completed_scene(rgb: np.ndarray, opacity: np.ndarray, moving: np.ndarray, unit: float) -> np.ndarray:
    hidden = grown(opacity > 0.02, max(1.0, HALO * unit))
    depth = cv2.distanceTransform(hidden.astype(np.uint8), cv2.DIST_L2, 5)
    hole = hidden & moving & (depth < UNCOVERED * unit)
    return _reconciled(rgb, opacity, fill(rgb, hole, hidden & ~hole), unit) if hole.any() else rgb


def _reconciled(rgb: np.ndarray, opacity: np.ndarray, scene: np.ndarray, unit: float) -> np.ndarray:
    """An invented scene [H, W, 3] uint8, nearer to rgb where only a person whom the matte does not see could hide it.

    So a cord or a star beside the head stays in the scene instead of moving with the head.
    """
    most = np.minimum(TINT + DOUBT * opacity, 1)[..., None]
    seen, behind = rgb.astype(np.float32), scene.astype(np.float32)
    dark, bright = ((seen - most * colour) / np.maximum(1 - most, 1e-6) for colour in _range(rgb, unit)[::-1])
    wrong = (np.clip(behind, dark, bright) - behind) / np.where(seen == behind, 1, seen - behind)
    share = np.clip(wrong.max(2, keepdims=True), 0, 1) * np.minimum(2 - 2 * most, 1)
    share *= np.clip(np.abs(seen - behind).max(2, keepdims=True) / FAINT - 1, 0, 1)
    return np.round(behind + share * (seen - behind)).astype(np.uint8)


def _cut_out(rgb: np.ndarray, opacity: np.ndarray, scene: np.ndarray, unit: float) -> np.ndarray:
    """Person [H, W, 4] uint8 that gives rgb again over the scene.

    A pixel is as opaque as the matte says, or as it must be for any colour that there is around it to explain it in
    front of the scene: what the matte misses at the edge (wisps, the halo of a sharpened photograph) moves along instead
    of staying as a ghost.
    """
    seen, behind = rgb.astype(np.float32), scene.astype(np.float32)
    darkest, brightest = _range(rgb, unit)
    brighter = ((seen - behind) / np.maximum(brightest - behind, 1)).max(2)
    darker = ((behind - seen) / np.maximum(behind - darkest, 1)).max(2)
    alpha = np.ceil(255 * np.clip(np.maximum(opacity, np.maximum(brighter, darker)), 0, 1) - 1e-3).astype(np.uint8)
    front = np.clip(rgb.astype(np.int16) - _behind(scene, alpha), 0, 255).astype(np.uint8)
    return np.dstack([front, alpha])


def _range(rgb: np.ndarray, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """The darkest and the brightest that each channel of rgb [H, W, 3] gets around a pixel, likewise."""
    around = np.ones((2 * round(AROUND * unit) + 1,) * 2, np.uint8)
    return cv2.erode(rgb, around), cv2.dilate(rgb, around)


def _behind(scene: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    return (scene.astype(np.uint16) * (255 - opacity.astype(np.uint16))[..., None] + 127) // 255
