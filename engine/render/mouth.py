"""The inside of a mouth: teeth on the skull, lower teeth and tongue on the jaw, and what the portrait itself shows."""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.face.head_model import HeadModel
from engine.face.raster import rasterise
from engine.render.outline import Box, soft_polygon
from engine.render.paint import blend, sample
from engine.render.palette import Palette
from engine.render.turn import Turn, affine_of

KINDS = ("teeth", "gums", "tongue")  # as the last word of the head model's names of parts
FINER = 2  # the interior is drawn at this many times the picture's resolution ...
LARGE = 200  # ... unless the eyes are this far apart, pixels
LIGHT = np.array([0.1, -0.35, -0.93])  # towards the viewer and a little from above
LIT = 0.13  # IOD behind the lips, where it begins to get dark
DIMMING = (0.13, 1.0)  # IOD; how fast: for a shut mouth, and slower for each IOD of opening
BACK = 0.3  # IOD; and how fast behind the front teeth, however the head is turned
LIP_SHADOW = 0.035  # IOD; reach of the shade that lips cast on what is behind them
SLIT = 0.25  # square pixels; a smaller hole between the lips is none
FEATHER = 0.04  # IOD; between the portrait's own teeth and the modelled ones


@dataclass(frozen=True)
class Teeth:
    """Teeth, gums and tongue as a mesh: points [M, 3] as pictured, pixels; triangles [F, 3]; kinds [M] of KINDS.

    upper, lower [M] bool: the teeth of the skull and of the jaw. deep [M]: eye distances behind the front teeth.
    """

    points: np.ndarray
    triangles: np.ndarray
    kinds: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    deep: np.ndarray

    @classmethod
    def of(cls, model: HeadModel, points: np.ndarray) -> "Teeth":
        """The head model's, at these points."""
        kinds = np.array([KINDS.index(name.split()[-1]) for name in model.part_names])
        upper, lower = (model.teeth_part == model.part_names.index(f"{row} teeth") for row in ("upper", "lower"))
        deep = model.teeth_neutral[:, 2][upper | lower].max() - model.teeth_neutral[:, 2]
        return cls(points, model.teeth_triangles, kinds[model.teeth_part], upper, lower, deep)

    def parting(self, down: np.ndarray) -> float:
        """How far along `down` [2] the upper front teeth give way to the lower ones."""
        ends = []
        for row, share in ((self.upper, 0.97), (self.lower, 0.03)):
            front = self.points[row]
            front = front[front[:, 2] <= np.quantile(front[:, 2], 0.3)]
            ends.append(float(np.quantile(front[:, :2] @ down, share)))
        return max(ends[0], (ends[0] + ends[1]) / 2)


class Mouth:
    """Draws one portrait's mouth interior into pictures, behind lips of any shape."""

    def __init__(self, rgb: np.ndarray, hole: np.ndarray, teeth: Teeth, palette: Palette, unit: float) -> None:
        """`hole` [N, 3]: the inner lips as pictured, pixels, upper rim first (its first half)."""
        self._teeth, self._unit, self._cavity = teeth, unit, palette.cavity.astype(np.float32)
        lit = 0.5 + 0.5 * np.clip(_normals(teeth.points, teeth.triangles) @ LIGHT, 0, 1)
        lit *= np.exp(-np.maximum(teeth.deep - LIT, 0) / BACK)
        self._colours = palette.of_kinds(teeth.kinds) * lit[:, None]
        self._own = _OwnTeeth.of(rgb, hole, teeth, unit)

    def draw(self, picture: np.ndarray, hole: np.ndarray, teeth: np.ndarray, turn: Turn) -> None:
        """Draw into picture [H, W, 3] uint8, in place.

        Args:
            hole: [N, 3] as in the constructor, where the lips are now.
            teeth: [M, 3] where the teeth are now.
            turn: how the head has turned since the picture.
        """
        if not _is_open(hole):
            return
        box = Box.around(hole[:, :2], 1, picture.shape)
        if box.empty:
            return
        mask, shade = lips_in(box, hole[:, :2], self._unit)
        inside = self._modelled(box, hole, teeth) * shade[..., None]
        if self._own is not None:
            pictured = turn.apply(self._teeth.points[self._teeth.lower])
            jaw = (teeth[self._teeth.lower] - pictured).mean(0)[:2]
            self._own.over(inside, box, hole[:, :2], shade, turn, jaw)
        blend(box.of(picture), inside, mask)

    def _modelled(self, box: Box, hole: np.ndarray, points: np.ndarray) -> np.ndarray:
        half = len(hole) // 2
        top, bottom = hole[half // 2], hole[half + half // 2]
        opening = np.linalg.norm(bottom[:2] - top[:2])
        height = np.clip((points[:, 1] - top[1]) / max(bottom[1] - top[1], 1), 0, 1)
        depth = (points[:, 2] - top[2] - height * (bottom[2] - top[2])) / self._unit  # behind the lips there
        light = np.exp(-np.maximum(depth - LIT, 0) / (DIMMING[0] + DIMMING[1] * opening / self._unit))
        lit = np.maximum(self._colours * light[:, None], self._cavity)
        colours = np.column_stack([lit, np.ones(len(points))])
        finer = FINER if self._unit < LARGE else 1
        fine = (points - np.append(box.origin, 0)) * (finer, finer, 1) + (finer - 1) / 2 * np.array([1, 1, 0])
        height, width = box.shape
        image, _ = rasterise(fine, self._teeth.triangles, colours, height * finer, width * finer)
        image = image[..., :3] + (1 - image[..., 3:]) * self._cavity
        return cv2.resize(cv2.GaussianBlur(image, (0, 0), 0.8), (width, height), interpolation=cv2.INTER_AREA)


def lips_in(box: Box, hole: np.ndarray, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """The hole between the lips ([N, 2] pixels) in a box: its soft mask, and the light that the lips let in, 0..1.

    The light is dim at the rim, most so under the upper lip. Both [H, W] float32.
    """
    reach = max(0.6, LIP_SHADOW * unit)
    margin = int(4 * reach) + 1
    wide = Box(box.x0 - margin, box.y0 - margin, box.x1 + margin, box.y1 + margin)
    mask = soft_polygon(hole, wide)
    lowered = cv2.warpAffine(mask, np.array([[1, 0, 0], [0, 1, 0.6 * reach]]), mask.shape[::-1])
    light = 0.6 + 0.4 * np.clip(cv2.GaussianBlur(lowered, (0, 0), reach) * 1.2, 0, 1)
    inner = np.s_[margin:-margin, margin:-margin]
    return mask[inner], light[inner]


@dataclass(frozen=True)
class _OwnTeeth:
    """What the portrait's open mouth shows, kept on skull and jaw. `hole` [N, 3] are the lips as pictured."""

    texture: np.ndarray  # [h, w, 3] uint8
    lip: (
        np.ndarray
    )  # [h, w, 3] float32: the lips' shade as pictured; pixels inside the hole; pixels below the upper row
    origin: np.ndarray
    hole: np.ndarray
    feather: float

    @classmethod
    def of(cls, rgb: np.ndarray, hole: np.ndarray, teeth: Teeth, unit: float) -> "_OwnTeeth | None":
        box = Box.around(hole[:, :2], 2, rgb.shape)
        if box.empty or not _is_open(hole):
            return None
        mask, shade = lips_in(box, hole[:, :2], unit)
        near = cv2.dilate((mask > 0).astype(np.uint8), np.ones((3, 3), np.uint8))
        inside = cv2.distanceTransform(near, cv2.DIST_L2, 3)
        across = hole[len(hole) // 2, :2] - hole[0, :2]
        down = np.array([-across[1], across[0]]) / max(float(np.linalg.norm(across)), 1e-6)
        below = box.pixels() @ down - teeth.parting(down)
        return cls(
            box.of(rgb).copy(), np.dstack([shade, inside, below]).astype(np.float32), box.origin, hole, FEATHER * unit
        )

    def over(
        self, picture: np.ndarray, box: Box, hole: np.ndarray, shade: np.ndarray, turn: Turn, jaw: np.ndarray
    ) -> None:
        """Lay over what is modelled, [h, w, 3] float32 for the box, in place.

        Args:
            shade: [h, w], the lips' now.
            jaw: [2], how far the lower teeth have moved beside the skull, pixels.
        """
        motion = affine_of(turn, self.hole.mean(0))
        back = cv2.invertAffineTransform(motion).astype(np.float32)
        # At the pictured opening there is no soft edge, so that the picture comes back unchanged.
        change = float(np.abs(hole - self.hole[:, :2] @ motion[:, :2].T - motion[:, 2]).max())
        edge = max(min(self.feather, 0.5 * change), 1e-3)
        for row, shift in ((-1, np.zeros(2, np.float32)), (1, jaw.astype(np.float32))):
            source = (box.pixels() - shift) @ back[:, :2].T + back[:, 2] - self.origin
            lip = sample(self.lip, source)
            amount = np.clip((lip[..., 1] - 1) / edge - 0.5, 0, 1) * np.clip(1 + row * lip[..., 2] / edge, 0, 1)
            if change <= 1:
                amount = np.where(lip[..., 1] > 0, float(row < 0), 0.0)
            seen = sample(self.texture, source, outside=cv2.BORDER_REPLICATE)
            light = np.clip(shade / np.maximum(lip[..., 0], 0.05), 0.3, 1.3)
            picture += amount[..., None] * (seen * light[..., None] - picture)


def _is_open(hole: np.ndarray) -> bool:
    """True if the hole [N, 3] shows at all."""
    return cv2.contourArea(np.ascontiguousarray(hole[:, :2], np.float32)) > SLIT


def _normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit vertex normals that face the viewer (z < 0) where the surface does."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    faces = np.cross(b - a, c - a)
    normals = np.zeros_like(points)
    for k in range(3):
        np.add.at(normals, triangles[:, k], faces)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
