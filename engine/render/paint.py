"""Pixel loops: sampling a picture elsewhere, and laying one over another in place."""

import cv2
import numpy as np
from numba import njit

NO_MAP = np.empty((0, 0), np.float32)


def sample(
    picture: np.ndarray, places: np.ndarray, how: int = cv2.INTER_LINEAR, outside: int = cv2.BORDER_CONSTANT
) -> np.ndarray:
    """picture [H, W, C] at places [h, w, 2] float32 (x, y): [h, w, C]; beyond its border zeros, or as `outside`."""
    return np.asarray(cv2.remap(picture, places, NO_MAP, how, borderMode=outside))


@njit(cache=True, nogil=True)
def lay_over(picture, layer):  # type: ignore[no-untyped-def]
    """Put a layer [H, W, 4] uint8 (RGB already multiplied by the opacity) over picture [H, W, 3] uint8, in place.

    Rounds as `background.over` does, so that a layer that did not move restores the picture exactly.
    """
    height, width = layer.shape[:2]
    for y in range(height):
        for x in range(width):
            opacity = layer[y, x, 3]
            if opacity == 255:
                for k in range(3):
                    picture[y, x, k] = layer[y, x, k]
            elif opacity > 0:
                left = 255 - np.int32(opacity)
                for k in range(3):
                    value = np.int32(layer[y, x, k]) + (np.int32(picture[y, x, k]) * left + 127) // 255
                    picture[y, x, k] = min(value, 255)


@njit(cache=True, nogil=True)
def blend(picture, patch, mask):  # type: ignore[no-untyped-def]
    """Mix patch [H, W, 3] float32 (0..255) into picture [H, W, 3] uint8 by mask [H, W] float32 in 0..1, in place."""
    height, width = mask.shape
    for y in range(height):
        for x in range(width):
            amount = mask[y, x]
            if amount > 0:
                for k in range(3):
                    value = picture[y, x, k] + amount * (patch[y, x, k] - picture[y, x, k])
                    picture[y, x, k] = np.uint8(min(max(value + np.float32(0.5), np.float32(0)), np.float32(255)))


@njit(cache=True, nogil=True)
def soften_folds(layer, source, jump):  # type: ignore[no-untyped-def]
    """Blend across the edges where one part of a layer hides another, so that they are not jagged.

    Args:
        layer: [H, W, 4] uint8, changed in place.
        source: [H, W, 2] float32, where each pixel was taken from; (0, 0) where nothing was.
        jump: neighbours whose sources lie further apart than this (pixels) are on two sides of an edge.
    """
    height, width = layer.shape[:2]
    before = layer.copy()
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            if source[y, x, 0] == 0:
                continue
            edge = False
            for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0)):
                other = source[y + dy, x + dx]
                apart = abs(other[0] - source[y, x, 0]) + abs(other[1] - source[y, x, 1])
                if other[0] != 0 and apart > jump:
                    edge = True
            if edge:
                for k in range(4):
                    total = 4 * np.int32(before[y, x, k])
                    for dy in (-1, 0, 1):
                        for dx in (-1, 0, 1):
                            total += (2 - abs(dy)) * (2 - abs(dx)) * np.int32(before[y + dy, x + dx, k])
                    layer[y, x, k] = (total + 10) // 20


@njit(cache=True, nogil=True)
def darken(picture, patch, mask):  # type: ignore[no-untyped-def]
    """Mix patch [H, W, 3] uint8 into picture [H, W, 3] uint8 by mask [H, W] in 0..1 where patch is darker, in place."""
    height, width = mask.shape
    for y in range(height):
        for x in range(width):
            if mask[y, x] > 0:
                for k in range(3):
                    less = np.float32(patch[y, x, k]) - np.float32(picture[y, x, k])
                    if less < 0:
                        picture[y, x, k] = np.uint8(picture[y, x, k] + mask[y, x] * less + np.float32(0.5))
