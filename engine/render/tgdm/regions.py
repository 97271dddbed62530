"""The parts of a face that are denoised, and where each lies in a picture: a square patch that goes with the head."""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.face.fit import Fit
from engine.render.deform import FLIP, NEUTRAL
from engine.render.turn import Turn


@dataclass(frozen=True)
class Region:
    """A square around the mean of some landmarks of the neutral face. Lengths in eye distances.

    A mirrored region is seen as in a mirror, so that a left eye looks like a right one to the network. `share`: how much
    of the denoiser's change is taken, less than 1 where it has learned from few people.
    """

    name: str
    anchors: tuple[int, ...]
    lower: float
    width: float
    mirrored: bool = False
    share: float = 1.0


REGIONS = (
    Region("mouth", (61, 291, 0, 17), 0.12, 1.15),
    Region("right eye", (33, 133), -0.03, 0.72, share=0.45),
    Region("left eye", (263, 362), -0.03, 0.72, mirrored=True, share=0.45),
)
FACE = Region("face", (10, 152, 234, 454), 0.0, 2.3)
KNOWN = (*REGIONS, FACE)  # by the number that stands for each in packs
PIXELS = 128  # of a patch's side


@dataclass(frozen=True)
class Patch:
    """A square of `pixels`; `affine` [2, 3] takes the picture's pixels to the patch's."""

    affine: np.ndarray
    pixels: int

    @property
    def scale(self) -> float:
        """Patch pixels for a pixel of the picture."""
        return float(np.sqrt(abs(np.linalg.det(self.affine[:, :2]))))

    def points(self, points: np.ndarray) -> np.ndarray:
        """Picture points [N, 3] -> patch points [N, 3] float32, depth in patch pixels too."""
        flat = points[:, :2] @ self.affine[:, :2].T + self.affine[:, 2]
        return np.column_stack([flat, points[:, 2] * self.scale]).astype(np.float32)

    def of(self, picture: np.ndarray) -> np.ndarray:
        """The patch [pixels, pixels, 3] of a picture [H, W, 3] uint8; its border goes on beyond it."""
        blur = 0.45 * np.sqrt(max(1 / self.scale**2 - 1, 0))  # what is made smaller must not alias
        if blur > 0.3:
            x0, y0, x1, y1 = self._around(picture.shape)
            if x1 > x0 and y1 > y0:
                picture, affine = cv2.GaussianBlur(picture[y0:y1, x0:x1], (0, 0), blur), self._from(x0, y0)
                return self._warped(picture, affine)
        return self._warped(picture, self.affine)

    def back(self, patch: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, tuple[slice, slice]]:
        """A float32 patch [pixels, pixels, C] laid into a picture of this shape: its values there, and where; 0 beyond."""
        x0, y0, x1, y1 = self._around(shape)
        where = (slice(y0, max(y1, y0)), slice(x0, max(x1, x0)))
        if x1 <= x0 or y1 <= y0:
            return np.zeros((0, 0, patch.shape[2]), np.float32), where
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(patch, self._from(x0, y0), (x1 - x0, y1 - y0), flags=flags), where

    def _warped(self, picture: np.ndarray, affine: np.ndarray) -> np.ndarray:
        side = (self.pixels, self.pixels)
        return np.asarray(
            cv2.warpAffine(picture, affine, side, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        )

    def _from(self, x0: int, y0: int) -> np.ndarray:
        """The affine map for a picture that begins at (x0, y0)."""
        return np.column_stack([self.affine[:, :2], self.affine[:, 2] + self.affine[:, :2] @ (x0, y0)])

    def _around(self, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
        """x0, y0, x1, y1 of the part of a picture of this shape that the patch touches."""
        inverse = cv2.invertAffineTransform(self.affine.astype(np.float64))
        ends = np.array([(x, y) for x in (0, self.pixels) for y in (0, self.pixels)]) @ inverse[:, :2].T + inverse[:, 2]
        margin = 2 / self.scale + 2
        low, high = np.floor(ends.min(0) - margin).astype(int), np.ceil(ends.max(0) + margin).astype(int)
        (x0, y0), (x1, y1) = (np.clip(v, 0, (shape[1], shape[0])) for v in (low, high))
        return int(x0), int(y0), int(x1), int(y1)


@dataclass(frozen=True)
class Place:
    """Where a region is on one portrait's head: its centre [3] as pictured and the head's own down [3]; pixels."""

    region: Region
    centre: np.ndarray
    down: np.ndarray
    unit: float

    @classmethod
    def of(cls, region: Region, fit: Fit) -> "Place":
        """On a fitted face. The mouth is looked for where it would be if it were shut."""
        unit = fit.pose.scale
        down = FLIP @ fit.pose.matrix() @ np.array([0.0, -1.0, 0.0])
        centre = fit.modelled(NEUTRAL)[list(region.anchors)].mean(0) + region.lower * unit * down
        return cls(region, centre, down, unit)

    def patch(self, turn: Turn, pixels: int) -> Patch:
        """The patch of this many pixels a side, after the head has turned."""
        centre, below = turn.apply(np.stack([self.centre, self.centre + self.unit * self.down]))[:, :2]
        down = (below - centre) / max(float(np.linalg.norm(below - centre)), 1e-6)
        right = np.array([down[1], -down[0]]) * (-1 if self.region.mirrored else 1)
        scale = pixels / (self.region.width * self.unit * turn.scale)
        linear = scale * np.stack([right, down])
        offset = (pixels - 1) / 2 - linear @ centre
        return Patch(np.column_stack([linear, offset]).astype(np.float64), pixels)
