"""Invented parts of a picture, softened until no edge in them is sharper than nearly all that are seen in the rest.

Copied patches meet in seams, which the blurred scene behind most portraits gives away.
"""

import cv2
import numpy as np

SEEN = 97  # per cent of the known pixels whose edges are no sharper than an invented one may be
STRONGEST = 16  # pixels: the blur at most
EASED = 3.0  # pixels, over which one blur goes over into the next


def softened(rgb: np.ndarray, invented: np.ndarray, known: np.ndarray) -> np.ndarray:
    """rgb [H, W, 3] uint8, blurred where invented ([H, W] bool), each place as little as it takes; elsewhere bit for bit.

    Args:
        known: [H, W] bool, the pixels that tell how sharp the picture is.
    """
    picture = rgb.astype(np.float32)
    sure = cv2.erode(known.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if not sure.any() or not invented.any():
        return rgb
    limit = np.percentile(_slopes(picture)[sure], SEEN)
    blurs = 2.0 ** np.arange(int(np.log2(STRONGEST)) + 1)
    pictures = [picture, *(cv2.GaussianBlur(picture, (0, 0), blur) for blur in blurs)]
    needed = np.zeros(invented.shape, np.float32)  # which of the pictures, place by place
    for number, blurred in enumerate(pictures[:-1], start=1):
        needed[_near((_slopes(blurred) > limit) & invented, 1)] = number
    for number, blur in reversed(list(enumerate(blurs, start=1))):
        needed[_near(needed >= number, 2 * blur) & (needed < number)] = number
    eased = cv2.GaussianBlur(needed, (0, 0), EASED)
    mixed = sum(np.clip(1 - np.abs(eased - n), 0, 1)[..., None] * blurred for n, blurred in enumerate(pictures))
    return np.where(invented[..., None], np.clip(np.round(mixed), 0, 255), rgb).astype(np.uint8)


def _slopes(picture: np.ndarray) -> np.ndarray:
    """[H, W]: how much the channel that changes most changes from pixel to pixel."""
    across, down = (cv2.Scharr(picture, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1)))
    return np.asarray(np.hypot(across, down).max(2) / 32)


def _near(mask: np.ndarray, radius: float) -> np.ndarray:
    side = 2 * round(radius) + 1
    return cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))) > 0
