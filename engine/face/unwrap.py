"""A face laid flat: every frame's face in the same square, feature on feature, whatever its pose and expression."""

from functools import cached_property

import cv2
import numpy as np

from engine.face.head_model import LANDMARKS, HeadModel
from engine.face.raster import rasterise

SIDE = 160  # pixels of the square
MARGIN = 3  # pixels around the face in it
NO_MAP = np.empty((0, 0), np.float32)


class Unwrapper:
    """Lays faces flat as the head model's neutral face seen from the front."""

    def __init__(self, model: HeadModel) -> None:
        flat = model.neutral[:LANDMARKS, :2] * [1, -1]
        low, high = flat[:468].min(0), flat[:468].max(0)
        scale = (SIDE - 1 - 2 * MARGIN) / float((high - low).max())
        middle = (SIDE - 1 - (high - low) * scale) / 2
        self.places = ((flat - low) * scale + middle).astype(np.float32)
        """[478, 2] px: where each landmark lies in the square."""
        self._triangles = np.concatenate([model.triangles, model.mouth_triangles, *model.eye_triangles])
        depth = -model.neutral[:LANDMARKS, 2:]
        corners = np.eye(3, dtype=np.float32)
        loose = np.concatenate([self.places, depth], 1)[self._triangles].reshape(-1, 3)
        shares, self.triangle = rasterise(
            loose, np.arange(len(loose)).reshape(-1, 3), np.tile(corners, (len(self._triangles), 1)), SIDE, SIDE
        )
        self._shares = shares[..., None]

    @cached_property
    def inside(self) -> np.ndarray:
        """[SIDE, SIDE] bool: where there is face."""
        return np.asarray(self.triangle >= 0)

    def spread(self, landmarks: np.ndarray) -> np.ndarray:
        """Values at the landmarks [478, A] over the square: [SIDE, SIDE, A] float32."""
        corners = np.asarray(landmarks, np.float32)[self._triangles[self.triangle]]
        return np.asarray((corners * self._shares).sum(2) * self.inside[..., None], np.float32)

    def flat(self, rgb: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
        """The face with these landmarks [478, 2+] px of rgb [H, W, 3] uint8, laid flat: [SIDE, SIDE, 3] uint8.

        Large faces are averaged down first, so that nothing aliases.
        """
        landmarks = landmarks[:, :2]
        width = float(np.ptp(landmarks[:468, 0]))
        low = np.maximum(np.floor(landmarks.min(0)).astype(int) - 2, 0)
        high = np.maximum(np.ceil(landmarks.max(0)).astype(int) + 3, low + 4)
        crop = rgb[low[1] : high[1], low[0] : high[0]]
        if not crop.size:
            return np.zeros((SIDE, SIDE, 3), np.uint8)
        shrink = min(1.0, 1.5 * SIDE / max(width, 1.0))
        if shrink < 1:
            crop = cv2.resize(crop, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        places = ((self.spread(landmarks) - low + 0.5) * shrink - 0.5).astype(np.float32)
        return np.asarray(cv2.remap(crop, places, NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

    def facing(self, landmarks: np.ndarray) -> np.ndarray:
        """How much of each part of the square is turned our way, [SIDE, SIDE] 0..1, by how its triangle is seen."""
        corners, own = landmarks[self._triangles, :2], self.places[self._triangles]
        seen, flat = _areas(corners), _areas(own)
        typical = np.median(np.abs(seen)) / max(np.median(np.abs(flat)), 1e-6)
        share = np.clip(seen / np.where(np.abs(flat) < 1e-6, 1, flat) / max(typical, 1e-6) / 0.4, 0, 1)
        return np.asarray(share[self.triangle] * self.inside, np.float32)


def _areas(triangles: np.ndarray) -> np.ndarray:
    """Signed areas of [F, 3, 2]."""
    one, other = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    return np.asarray(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]) / 2
