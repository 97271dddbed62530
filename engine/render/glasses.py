"""Glasses stay what they are: while brows and cheeks move, the skin that a frame is seen on hardly does."""

import numpy as np

from engine.face.fit import Fit
from engine.face.unwrap import Unwrapper
from engine.render.swap_cover import Cover
from engine.render.topology import EYES, FACE_POINTS

STIFF = 0.85  # of what expressions move, this share is held back where the frame is
BROWS, CHEEKS = (105, 334), (118, 347)  # a frame reaches from these down to those
FADING = (0.2, 0.25)  # IOD above and below which the face moves freely again
TOP = 5  # percent of a frame's pixels lie higher than what counts as its top
FREE = [v for eye in EYES for v in (*eye.ring, *eye.above[0], *eye.below[0])]  # lids blink behind the lenses


def top_of_glasses(rgb: np.ndarray, fit: Fit) -> float | None:
    """Where the frame of glasses over the face fitted in rgb [H, W, 3] uint8 begins: 0 at the brows .. 1 at the
    cheekbones; None without any. Brows above their glasses are free."""
    model = fit.person.model
    unwrapper = Unwrapper(model)
    cover = Cover(model, [unwrapper.flat(rgb, fit.landmarks)])
    rows = np.nonzero(cover.still > cover.hair)[0]
    if not len(rows):
        return None
    brows, cheeks = (float(unwrapper.places[list(points), 1].mean()) for points in (BROWS, CHEEKS))
    return float(np.clip((np.percentile(rows, TOP) - brows) / (cheeks - brows), 0, 1))


def held_back(landmarks: np.ndarray, top: float, down: np.ndarray, unit: float) -> np.ndarray:
    """[468, 1] float32: the share of each landmark's motion that glasses keep it from.

    Args:
        landmarks: [468 or more, 3] as pictured, pixels; `top` of the glasses, see above; `down` [3] along the face;
        `unit`: the eye distance, pixels.
    """
    height = landmarks[:FACE_POINTS] @ down / unit
    brows, cheeks = (height[list(points)].mean() for points in (BROWS, CHEEKS))
    above = (brows + top * (cheeks - brows) - height) / FADING[0]
    below = (height - cheeks) / FADING[1]
    away = np.clip(np.maximum(above, below), 0, 1)
    held = STIFF * (1 - away * away * (3 - 2 * away))
    held[FREE] = 0
    return held.astype(np.float32)[:, None]
