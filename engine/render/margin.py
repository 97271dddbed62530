"""A person who is cut off by the picture's border, continued beyond it."""

import cv2
import numpy as np

STRIP = 0.1  # IOD; what lies within this of the top is repeated above it, forth and back: hair, not forehead
DOME = 0.2  # a head cut off at the top ends in so high an ellipse over the cut, as a share of its width


def continued(person: np.ndarray, pad: int, unit: float) -> np.ndarray:
    """person [H, W, 4] uint8 (RGB already multiplied by the opacity) with `pad` more pixels on each side.

    Its colours are mirrored, its outline is not: a head cut off at the top would get ears. It gets a crown instead.

    Args:
        unit: the eye distance, pixels.
    """
    depth = np.arange(pad, 0, -1)
    strip = max(1, min(round(STRIP * unit), len(person) - 1))
    rows = np.abs((depth + strip) % (2 * strip) - strip)
    crown = _held(person[rows], np.broadcast_to(person[:1], (pad, *person.shape[1:])), _dome(person[0, :, 3], depth))
    whole = np.concatenate([crown, person])
    mirrored, outermost = (
        cv2.copyMakeBorder(whole, 0, pad, pad, pad, how) for how in (cv2.BORDER_REFLECT_101, cv2.BORDER_REPLICATE)
    )
    texture = _held(mirrored, outermost, np.ones(mirrored.shape[:2], np.float32))
    texture[: len(whole), pad : pad + whole.shape[1]] = whole
    return texture


def _held(mirrored: np.ndarray, outermost: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Colours as mirrored where there are any, else as outermost; opacity as outermost, times share [H, W]."""
    opacity = outermost[..., 3:] * np.float32(1 / 255)
    seen = mirrored[..., 3:] * np.float32(1 / 255)
    return np.rint((mirrored * opacity + outermost * (1 - seen)) * share[..., None]).astype(np.uint8)


def _dome(cut: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """[D, W] float32 in 0..1: where there is a head at so many pixels (depth [D]) above a cut of opacity [W] uint8."""
    inside = np.flatnonzero(cut <= 127)
    columns = np.arange(len(cut))
    if not len(inside):
        return np.ones((len(depth), len(cut)), np.float32)
    edge = np.abs(columns[:, None] - inside).min(1).astype(np.float32)
    height = 2 * DOME * np.sqrt(edge * np.maximum(2 * edge.max() - edge, 0))
    return np.clip(height[None] - depth[:, None] + 1, 0, 1).astype(np.float32)
