"""Soft-edged masks of small outlines (a lid opening, a lip hole), a few pixels wide or hundreds."""

from dataclasses import dataclass

import cv2
import numpy as np

FINER = 4  # samples per pixel and axis, for the edge


@dataclass(frozen=True)
class Box:
    """Half-open rectangle of pixels: columns x0..x1, rows y0..y1."""

    x0: int
    y0: int
    x1: int
    y1: int

    @classmethod
    def around(cls, points: np.ndarray, margin: float, shape: tuple[int, ...]) -> "Box":
        """Around points [N, 2] and `margin` more, kept inside a picture of this shape (H, W, ...)."""
        low = np.floor(points.min(0) - margin).astype(int)
        high = np.ceil(points.max(0) + margin).astype(int) + 1
        x0, x1 = (int(np.clip(v, 0, shape[1])) for v in (low[0], high[0]))
        y0, y1 = (int(np.clip(v, 0, shape[0])) for v in (low[1], high[1]))
        return cls(x0, y0, x1, y1)

    @property
    def empty(self) -> bool:
        """True if it holds no pixel."""
        return self.x1 <= self.x0 or self.y1 <= self.y0

    @property
    def origin(self) -> np.ndarray:
        """[2] float32: its first column and row."""
        return np.array([self.x0, self.y0], np.float32)

    @property
    def shape(self) -> tuple[int, int]:
        """Height, width."""
        return self.y1 - self.y0, self.x1 - self.x0

    def of(self, picture: np.ndarray) -> np.ndarray:
        """The part of a picture that it covers: a view."""
        return picture[self.y0 : self.y1, self.x0 : self.x1]

    def joined(self, other: "Box") -> "Box":
        """Around both."""
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def pixels(self) -> np.ndarray:
        """[H, W, 2] float32: x and y of each of its pixels."""
        xs = np.arange(self.x0, self.x1, dtype=np.float32)
        ys = np.arange(self.y0, self.y1, dtype=np.float32)
        return np.stack(np.meshgrid(xs, ys), -1)


def soft_polygon(polygon: np.ndarray, box: Box) -> np.ndarray:
    """Share of each pixel of the box inside the polygon ([N, 2] pixels): [H, W] float32 in 0..1."""
    height, width = box.shape
    fine = np.zeros((height * FINER, width * FINER), np.uint8)
    # Pixel centres are whole numbers: fine sample (i + 0.5) / FINER - 0.5 is its place in pixels.
    corners = ((polygon - box.origin + 0.5) * FINER - 0.5) * 16
    cv2.fillPoly(fine, [np.round(corners).astype(np.int32)], (255,), cv2.LINE_8, 4)
    return cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def grown(mask: np.ndarray, radius: float) -> np.ndarray:
    """[H, W] bool: the pixels within `radius` of the mask ([H, W] bool); for a negative one, those that far inside."""
    if radius < 0:
        return ~grown(~mask, -radius)
    if not mask.any():
        return mask.copy()
    return cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5) <= radius
