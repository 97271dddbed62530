"""Glasses stay what they are: while brows and cheeks move, the skin that a frame is seen on hardly does."""

import numpy as np

from engine.face.fit import Fit
from engine.face.unwrap import Unwrapper
from engine.render.swap_cover import Cover
from engine.render.topology import EYES, FACE_POINTS

STIFF = 0.85  # of what expressions move, this share is held back where the frame is
BROWS, CHEEKS = (105, 334), (118, 347)  # a frame reaches from these down to those
FADING = (0.35, 0.25)  # IOD; above and below which the face moves freely again
FREE = [v for eye in EYES for v in (*eye.ring, *eye.above[0], *eye.below[0])]  # lids blink behind the lenses


def wears_glasses(rgb: np.ndarray, fit: Fit) -> bool:
    """Whether a frame of glasses lies over the face fitted in rgb [H, W, 3] uint8."""
    model = fit.person.model
    cover = Cover(model, [Unwrapper(model).flat(rgb, fit.landmarks)])
    return bool((cover.still > cover.hair).any())


def held_back(landmarks: np.ndarray, down: np.ndarray, unit: float) -> np.ndarray:
    """[468, 1] float32: the share of each landmark's motion that glasses keep it from.

    Args:
        landmarks: [468 or more, 3] as pictured, pixels; `down` [3] along the face; `unit`: the eye distance, pixels.
    """
    height = landmarks[:FACE_POINTS] @ down / unit
    above = (height[list(BROWS)].mean() - height) / FADING[0]
    below = (height - height[list(CHEEKS)].mean()) / FADING[1]
    away = np.clip(np.maximum(above, below), 0, 1)
    held = STIFF * (1 - away * away * (3 - 2 * away))
    held[FREE] = 0
    return held.astype(np.float32)[:, None]
