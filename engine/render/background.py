"""The picture taken apart: what belongs to the person, and the scene behind, completed where the person hides it."""

from dataclasses import dataclass

import cv2
import numpy as np

FILL_SIDE = 1200  # pixels; larger pictures are filled at this size, since nothing behind a head needs more


@dataclass(frozen=True)
class Layers:
    """person [H, W, 4] uint8: RGB already multiplied by the fourth channel, the opacity. scene [H, W, 3] uint8.

    `over(person, scene)` is the picture again, bit for bit.
    """

    person: np.ndarray
    scene: np.ndarray


def take_apart(rgb: np.ndarray, matte: np.ndarray, reach: float) -> Layers:
    """Split rgb ([H, W, 3] uint8) by a matte ([H, W] float32 in 0..1).

    The matte is only a hint near its edge: a pixel there is as opaque as the matte says, or as it must be for *any*
    colour in front of the completed scene to explain it. So wisps of hair that the matte missed come along, and scene
    that it caught by mistake stays.

    Args:
        reach: how far beyond the matte something of the person may still be, pixels.
    """
    band = _dilate(matte > 0.02, reach)
    scene = _fill(rgb, band)
    needed = np.where(band, _least_opacity(rgb, scene), 0)
    opacity = np.ceil(255 * np.maximum(np.where(band, matte, 0), needed)).astype(np.uint8)
    behind = _behind(scene, opacity)
    person = np.clip(rgb.astype(np.int16) - behind, 0, 255).astype(np.uint8)
    return Layers(np.dstack([person, opacity]), scene)


def over(person: np.ndarray, scene: np.ndarray) -> np.ndarray:
    """person [H, W, 4] in front of scene [H, W, 3], both uint8 -> [H, W, 3] uint8."""
    return np.clip(person[..., :3].astype(np.int16) + _behind(scene, person[..., 3]), 0, 255).astype(np.uint8)


def _behind(scene: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    return (scene.astype(np.uint16) * (255 - opacity.astype(np.uint16))[..., None] + 127) // 255


def _least_opacity(rgb: np.ndarray, scene: np.ndarray) -> np.ndarray:
    """[H, W] in 0..1: smallest alpha with `alpha * colour + (1 - alpha) * scene == rgb` for some colour in 0..255."""
    seen, behind = rgb.astype(np.float32), scene.astype(np.float32)
    brighter = (seen - behind) / np.maximum(255 - behind, 1)
    darker = (behind - seen) / np.maximum(behind, 1)
    return np.clip(np.maximum(brighter, darker).max(2), 0, 1)


def _dilate(mask: np.ndarray, radius: float) -> np.ndarray:
    size = 2 * max(1, round(radius)) + 1
    return cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))) > 0


def _fill(rgb: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """rgb with the hole filled from its surroundings (Telea 2004, "An image inpainting technique based on FMM")."""
    if not hole.any() or hole.all():
        return rgb.copy()
    shrink = min(1.0, FILL_SIDE / max(rgb.shape[:2]))
    size = (max(1, round(rgb.shape[1] * shrink)), max(1, round(rgb.shape[0] * shrink)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    small_hole = cv2.resize(hole.astype(np.uint8), size, interpolation=cv2.INTER_AREA if shrink < 1 else 0)
    filled = cv2.inpaint(small, (small_hole > 0).astype(np.uint8), 4, cv2.INPAINT_TELEA)
    large = cv2.resize(filled, rgb.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return np.where(hole[..., None], large, rgb)
