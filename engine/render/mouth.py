"""The inside of a mouth: teeth on the skull, lower teeth and tongue on the jaw, and what the portrait itself shows."""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.face.raster import rasterise
from engine.render.outline import Box, soft_polygon
from engine.render.paint import blend
from engine.render.palette import Palette
from engine.render.turn import Turn, affine_of

FINER = 2  # the interior is drawn at this many times the picture's resolution
LIGHT = np.array([0.1, -0.35, -0.93])  # towards the viewer and a little from above
DIMMING = (0.10, 0.55)  # IOD; how deep light reaches into a mouth: shut, and more for each IOD of opening
LIP_SHADOW = 0.05  # IOD; reach of the shade that lips cast on what is behind them
FEATHER = 0.04  # IOD; between the portrait's own teeth and the modelled ones


@dataclass(frozen=True)
class Interior:
    """Teeth, gums and tongue as a mesh, in the portrait's pixels and pose, without expression.

    points [M, 3]; triangles [F, 3]; kind [M] 0 teeth, 1 gums, 2 tongue; channels [J] the expression channels that move
    it (the jaw's) and motion [J, M, 3] how, at 1.
    """

    points: np.ndarray
    triangles: np.ndarray
    kind: np.ndarray
    channels: np.ndarray
    motion: np.ndarray

    def at(self, expression: np.ndarray) -> np.ndarray:
        """[M, 3] for an expression [E]."""
        return self.points + np.tensordot(expression[self.channels], self.motion, 1)


class Mouth:
    """Draws one portrait's mouth interior into pictures, behind lips of any shape."""

    def __init__(self, rgb: np.ndarray, hole: np.ndarray, interior: Interior, palette: Palette, unit: float) -> None:
        """`hole` [N, 3]: the inner lips as pictured, pixels, upper rim first (its first half)."""
        self._interior, self._unit, self._palette = interior, unit, palette
        self._normals = _normals(interior.points, interior.triangles)
        lit = 0.45 + 0.55 * np.clip(self._normals @ LIGHT, 0, 1)
        self._colours = palette.by_kind()[interior.kind] * lit[:, None]
        self._own = _OwnTeeth.of(rgb, hole, unit)

    def draw(self, picture: np.ndarray, hole: np.ndarray, expression: np.ndarray, turn: Turn) -> None:
        """Draw into picture [H, W, 3] uint8, in place; `hole` [N, 3] as in the constructor, where the lips are now."""
        box = Box.around(hole[:, :2], 0.2 * self._unit + 2, picture.shape)
        if box.empty or cv2.contourArea(np.ascontiguousarray(hole[:, :2], np.float32)) < 0.25:
            return
        mask = soft_polygon(hole[:, :2], box)
        shade = lip_shade(mask, self._unit)
        inside = self._modelled(box, hole, expression, turn) * shade[..., None]
        if self._own is not None:
            self._own.over(inside, box, hole[:, :2], shade, turn)
        blend(box.of(picture), inside, mask)

    def _modelled(self, box: Box, hole: np.ndarray, expression: np.ndarray, turn: Turn) -> np.ndarray:
        points = turn.apply(self._interior.at(expression))
        half = len(hole) // 2
        opening = np.linalg.norm(hole[half // 2, :2] - hole[half + half // 2, :2]) / self._unit
        depth = np.maximum(points[:, 2] - hole[:, 2].mean(), 0) / self._unit
        light = np.exp(-np.maximum(depth - 0.12, 0) / (DIMMING[0] + DIMMING[1] * opening))
        colours = np.column_stack([self._colours * light[:, None], np.ones(len(points))])
        fine = (points - np.append(box.origin, 0)) * (FINER, FINER, 1) + (FINER - 1) / 2 * np.array([1, 1, 0])
        height, width = box.shape
        image, _ = rasterise(fine, self._interior.triangles, colours, height * FINER, width * FINER)
        image = image[..., :3] + (1 - image[..., 3:]) * self._palette.cavity.astype(np.float32)
        return cv2.resize(cv2.GaussianBlur(image, (0, 0), 0.8), (width, height), interpolation=cv2.INTER_AREA)


def lip_shade(mask: np.ndarray, unit: float) -> np.ndarray:
    """How much light passes the lips, [H, W] in 0..1, for the mask of the hole: dim at its rim, most under the upper lip."""
    reach = max(0.6, LIP_SHADOW * unit)
    lowered = cv2.warpAffine(mask, np.array([[1, 0, 0], [0, 1, 0.6 * reach]]), mask.shape[::-1])
    return 0.25 + 0.75 * np.clip(cv2.GaussianBlur(lowered, (0, 0), reach, borderType=cv2.BORDER_CONSTANT) * 1.25, 0, 1)


@dataclass(frozen=True)
class _OwnTeeth:
    """What the portrait's open mouth shows, kept on the skull. `hole` [N, 3] are the lips as pictured."""

    texture: np.ndarray  # [h, w, 3] uint8
    lip: np.ndarray  # [h, w, 2] float32: the lips' shade as pictured; distance inside the hole, pixels
    origin: np.ndarray
    hole: np.ndarray
    feather: float

    @classmethod
    def of(cls, rgb: np.ndarray, hole: np.ndarray, unit: float) -> "_OwnTeeth | None":
        box = Box.around(hole[:, :2], 0.2 * unit + 2, rgb.shape)
        if box.empty or cv2.contourArea(np.ascontiguousarray(hole[:, :2], np.float32)) < 1:
            return None
        mask = soft_polygon(hole[:, :2], box)
        near = cv2.dilate((mask > 0).astype(np.uint8), np.ones((3, 3), np.uint8))
        inside = cv2.distanceTransform(near, cv2.DIST_L2, 3)
        lip = np.dstack([lip_shade(mask, unit), inside]).astype(np.float32)
        return cls(box.of(rgb).copy(), lip, box.origin, hole, FEATHER * unit)

    def over(self, picture: np.ndarray, box: Box, hole: np.ndarray, shade: np.ndarray, turn: Turn) -> None:
        """Lay over what is modelled, [h, w, 3] float32 for the box, in place; `shade` [h, w] is the lips' now."""
        motion = affine_of(turn, self.hole.mean(0))
        back = cv2.invertAffineTransform(motion).astype(np.float32)
        source = box.pixels() @ back[:, :2].T + back[:, 2] - self.origin
        seen = cv2.remap(self.texture, source, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        lip = cv2.remap(self.lip, source, None, cv2.INTER_LINEAR)
        # At the pictured opening there is no soft edge, so that the picture comes back unchanged.
        change = float(np.abs(hole - self.hole[:, :2] @ motion[:, :2].T - motion[:, 2]).max())
        amount = np.clip(lip[..., 1] / max(min(self.feather, change), 1e-3), 0, 1)
        light = np.clip(shade / np.maximum(lip[..., 0], 0.05), 0.3, 1.3)
        picture += amount[..., None] * (seen * light[..., None] - picture)


def _normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit vertex normals that face the viewer (z < 0) where the surface does."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    faces = np.cross(b - a, c - a)
    normals = np.zeros_like(points)
    for k in range(3):
        np.add.at(normals, triangles[:, k], faces)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
