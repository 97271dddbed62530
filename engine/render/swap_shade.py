"""The shadows of hard light on a portrait: found, so that its face can stand in another light without them."""

import cv2
import numpy as np

from engine.face.unwrap import Unwrapper
from engine.render.swap_light import DARK

USUAL = 0.18  # natural log: how much shading skin shows in soft light, as a deviation; that much is left
MOST = 1.2  # natural log of the deepest shadow that is lifted
WIDE, EDGE = 6.0, 0.35  # pixels of the square, and log, of the filter that tells shading from what skin shows itself
SPAN = 8.0  # pixels over which brows, eyes and lips are spanned
LIPS = (61, 291)  # from the wings of the nose down to their height a beard may be what is dark: it is left
WINGS = (98, 327)
NOSTRILS = (98, 60, 75, 20, 2, 250, 305, 290, 327)


def shading(flat: np.ndarray, skin: np.ndarray, apart: np.ndarray, unwrapper: Unwrapper) -> np.ndarray:
    """[SIDE, SIDE] float32, natural log: how much lighter than its skin a portrait is shaded beyond what soft light does.

    `flat` [SIDE, SIDE, 3] uint8 is its face laid flat, `skin` [SIDE, SIDE, 3] its smooth colour, `apart` [SIDE, SIDE] bool
    what is no skin. Shading is what a bilateral filter (Tomasi & Manduchi 1998) leaves of the log ratio.
    """
    inside = unwrapper.inside
    seen, smooth = (cv2.cvtColor(np.clip(x, 0, 255).astype(np.uint8), cv2.COLOR_RGB2GRAY) for x in (flat, skin))
    ratio = np.log((seen + np.float32(DARK)) / (smooth + np.float32(DARK))).clip(-MOST, MOST)
    counted = (inside & ~apart).astype(np.float32)
    hull = cv2.convexHull(np.rint(unwrapper.places[list(NOSTRILS)]).astype(np.int32))
    cv2.polylines(cv2.fillConvexPoly(counted, hull, (0.0,)), [hull], True, (0.0,), 5)
    spanned = cv2.GaussianBlur(ratio * counted, (0, 0), SPAN) / (cv2.GaussianBlur(counted, (0, 0), SPAN) + 1e-3)
    shade = cv2.bilateralFilter(np.where(counted > 0, ratio, spanned).astype(np.float32), 0, EDGE, WIDE)
    wings, lips = (unwrapper.places[list(row), 1].mean() for row in (WINGS, LIPS))
    upper = np.clip((lips - np.arange(len(flat), dtype=np.float32)) / (lips - wings), 0, 1)[:, None]
    known = cv2.erode(counted, np.ones((9, 9), np.uint8)) * upper > 0.5
    if not known.any():
        return np.zeros_like(shade)
    hard = max(0.0, 1 - USUAL / max(float(shade[known].std()), 1e-6))
    return np.asarray(hard * upper * inside * shade, np.float32)


def evened(layer: np.ndarray, shade: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """layer [h, w, 3] float32 without its `shade` [h, w], natural log: highlights are dimmed, and into shadows falls light
    from a face of this `skin` [h, w, 3], for what is seen in the dark is hardly coloured by more than noise."""
    gain = np.exp(-shade)[..., None]
    hue = skin / np.maximum(skin.mean(-1, keepdims=True), 1)
    level = layer.mean(-1, keepdims=True) + np.float32(DARK)
    return np.asarray(layer * np.minimum(gain, 1) + np.maximum(gain - 1, 0) * level * hue)
