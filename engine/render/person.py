"""Where the person is in a picture, roughly: enough for `matting.sharpen_matte` to find the hair."""

import cv2
import numpy as np

from engine.face.landmarks import person_matte
from engine.render.outline import Box, soft_polygon

AROUND = 3.2  # IOD; how far around the face the person is looked for
ABSENT = 0.5  # mean of a matte over the face below which it has missed the person


def find_person(rgb: np.ndarray, alpha: np.ndarray | None, oval: np.ndarray, unit: float) -> np.ndarray:
    """Rough matte [H, W] float32 in 0..1 of the one person whose face has this outline.

    Args:
        rgb: [H, W, 3] uint8; alpha: [H, W] uint8 of the file, or None.
        oval: [N, 2] outline of the face, pixels.
        unit: the eye distance, pixels.
    """
    height, width = rgb.shape[:2]
    face = soft_polygon(oval, Box(0, 0, width, height))
    if alpha is not None and alpha.min() < 255:
        rough = alpha.astype(np.float32) / 255
    else:
        rough = _segmented(rgb, oval, unit)
        if rough[face > 0.5].mean() < ABSENT:
            rough = _assumed_head(oval, rgb.shape, unit)
    return _connected(np.maximum(rough, face), face > 0.5)


def _segmented(rgb: np.ndarray, oval: np.ndarray, unit: float) -> np.ndarray:
    """MediaPipe's matte, of the part around the head where its few pixels serve best."""
    box = Box.around(oval, AROUND * unit, rgb.shape)
    rough = np.zeros(rgb.shape[:2], np.float32)
    box.of(rough)[:] = person_matte(np.ascontiguousarray(box.of(rgb)))
    return rough


def _assumed_head(oval: np.ndarray, shape: tuple[int, ...], unit: float) -> np.ndarray:
    """An egg around the face, with a neck: for pictures in which no person is recognised."""
    low, high = oval.min(0), oval.max(0)
    middle, half = (low + high) / 2 - (0, 0.25 * unit), (high - low) / 2 * (1.25, 1.35)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    egg = ((columns - middle[0]) / half[0]) ** 2 + ((rows - middle[1]) / half[1]) ** 2 < 1
    neck = (np.abs(columns - middle[0]) < 0.5 * unit) & (rows > middle[1]) & (rows < high[1] + unit)
    return cv2.GaussianBlur((egg | neck).astype(np.float32), (0, 0), 0.05 * unit)


def _connected(rough: np.ndarray, face: np.ndarray) -> np.ndarray:
    """The matte without what does not hang together with the face."""
    _, labels = cv2.connectedComponents((rough > 0.05).astype(np.uint8))
    wanted = np.unique(labels[face])
    return np.where(np.isin(labels, wanted[wanted > 0]), rough, 0).astype(np.float32)
