"""Pixel loops: one layer over another, in place."""

import numpy as np
from numba import njit


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
