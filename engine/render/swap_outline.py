"""The outline of a head drawn in or let out: what lies around a face in a video follows it to another shape."""

import cv2
import numpy as np

from engine.render.outline import Box

REACH = 0.8  # eye distances from the outline over which the surroundings follow ever less
NEAR = 0.22  # eye distances: how far along the outline a point's shift carries
STILL = 0.02  # pixels: what moves by less stays as it is
COARSE = 64  # places across the box at which the shift is worked out


def reshaped(rgb: np.ndarray, was: np.ndarray, to: np.ndarray, unit: float) -> None:
    """Move the outline of a head in rgb [H, W, 3] uint8, in place, from `was` [N, 2] px to `to` [N, 2] px.

    The shift along the outline is a normalised convolution of its points' (Knutsson & Westin 1993), which fades out over
    REACH; `unit` is px an eye distance.
    """
    box = Box.around(np.concatenate([was, to]), REACH * unit, rgb.shape)
    if box.empty:
        return
    height, width = box.shape
    places = [np.linspace(0, side - 1, min(COARSE, side), dtype=np.float32) for side in (width, height)]
    grid = np.stack(np.meshgrid(*places), -1) + box.origin
    away = np.linalg.norm(grid[:, :, None] - to, axis=-1) / unit
    weights = np.exp(-((away / NEAR) ** 2)) + 1e-12
    shift = (weights @ (was - to)) / weights.sum(-1, keepdims=True)
    fade = np.clip(1 - away.min(-1) / REACH, 0, 1)[..., None]
    field = cv2.resize((shift * fade * fade * (3 - 2 * fade)).astype(np.float32), (width, height))
    x, y = np.moveaxis(box.pixels() + field, -1, 0)
    moved = cv2.remap(rgb, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    still = np.abs(field).max(-1) < STILL
    np.copyto(box.of(rgb), moved, where=~still[..., None])
