"""Pictures of textured ICT-FaceKit heads in random light: truth for folds, shading and what turns into view."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from engine.face.raster import rasterise
from engine.render.tgdm.light import GAMMA, harmonics
from engine.training.dense_head import DenseHead
from engine.training.head_skin import Surface, unit_normals
from engine.training.mouth_interior import GUMS, TEETH, TONGUE, form_factor
from engine.training.synthetic_head import IRIS_RADIUS, PUPIL_RADIUS

FINER = 2  # drawn at this many times the picture's resolution
SHADOW = 256  # pixels a side of the map of what a lamp reaches
SHADES = 0.035  # eye distances: what lies nearer behind what is lit is lit, too
WRAP = 0.15  # how far light goes round the edge of its shadow: skin lets some through
SCLERA, MOUTH = np.array([0.62, 0.56, 0.53]), np.array([[0.72, 0.66, 0.53], [0.42, 0.13, 0.13], [0.45, 0.16, 0.16]])
RIM = 24  # points of the lips' rim that are enough to know the light in the mouth by


@dataclass(frozen=True)
class Lamp:
    """A distant light: unit direction to it [3] in pixel axes, linear colour [3], and how soft its shadows are, px."""

    towards: np.ndarray
    colour: np.ndarray
    soft: float


@dataclass(frozen=True)
class Light:
    """What falls on a head, fixed beside the camera: harmonics [9, 3] from all around, and lamps."""

    around: np.ndarray
    lamps: tuple[Lamp, ...]
    shine: float  # of the skin
    hardness: float  # of the shine, Blinn's exponent

    @classmethod
    def random(cls, rng: np.random.Generator) -> "Light":
        """Mostly soft, mostly from above and in front; now and then from one side alone."""
        tint = 1 + rng.normal(0, 0.06, 3)
        around = np.zeros((9, 3))
        around[0] = rng.uniform(0.25, 0.75) * tint
        around[1:4] = around[0].mean() * rng.normal(0, (0.22, 0.22, 0.15), 3)[:, None] * (1 + rng.normal(0, 0.1, 3))
        around[2] -= 0.2 * around[0].mean()  # from above
        around[4:] = around[0].mean() * rng.normal(0, 0.06, 5)[:, None]
        lamps = []
        for strength in (rng.uniform(0.1, 0.9), rng.uniform(0, 0.5) * (rng.random() < 0.5)):
            if strength:
                side, above = np.radians([rng.normal(0, 45), rng.normal(25, 22)])
                towards = np.array([np.sin(side) * np.cos(above), -np.sin(above), -np.cos(side) * np.cos(above)])
                colour = strength * (1 + rng.normal(0, 0.08, 3))
                lamps.append(Lamp(towards, colour, float(rng.uniform(2, 14))))
        return cls(around, tuple(lamps), float(rng.uniform(0, 0.12)), float(rng.uniform(6, 40)))


@dataclass(frozen=True)
class Painter:
    """One head's colours, to be drawn in any pose: skin [SIDE, 2 SIDE, 3] linear, irises [3] linear, its light."""

    head: DenseHead
    surface: Surface
    skin: np.ndarray
    iris: np.ndarray
    light: Light

    def draw(self, points: np.ndarray, lips: np.ndarray, size: int, unit: float) -> tuple[np.ndarray, np.ndarray]:
        """One picture, its middle the middle of (0, 0) .. (size, size).

        Args:
            points: [N, 3] px, all vertices; lips: [L, 3] px around the hole between them; unit: px, the eye distance.

        Returns:
            linear: [size, size, 3] float32 colour, black beside the head; alpha: [size, size] float32 in 0..1.
        """
        fine = (points * FINER + np.array([(FINER - 1) / 2, (FINER - 1) / 2, 0])).astype(np.float32)
        normals = unit_normals(fine, self.head.ict.triangles[self._outside])
        corners, triangles, part = self._corners
        inner = self._inner_light(points, lips, normals)
        known = np.column_stack([self._texels, normals[corners], fine[corners, 2], self._paint, inner[corners]])
        image, covering = rasterise(fine[corners], triangles, known, size * FINER, size * FINER)
        seen = covering >= 0
        is_skin = seen & (part[covering] == 0)
        skin = cv2.remap(self.skin, image[..., 0], image[..., 1], cv2.INTER_LINEAR)
        albedo = np.where(is_skin[..., None], skin, image[..., 6:9])
        lit = self._lit(image, fine, unit * FINER, np.where(is_skin, 1, 0.6))
        colour = np.where(seen[..., None], albedo * lit * image[..., 9:], 0) + self._shine(image, is_skin)
        small = cv2.resize(np.dstack([colour, seen]).astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
        return small[..., :3], small[..., 3]

    @cached_property
    def _outside(self) -> np.ndarray:
        return self.head.ict.of("M_Face", "M_BackHead", "M_ScleraLeft", "M_ScleraRight", "M_Teeth", "M_GumsTongue")

    @cached_property
    def _corners(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Vertex of each corner drawn, triangles over corners, and of each triangle: 0 skin, 1 eye, 2 mouth."""
        ict, first = self.head.ict, len(self.surface.vertex)
        eyes = ict.triangles[ict.of("M_ScleraLeft", "M_ScleraRight")]
        mouth = self.head.insides.triangles
        used, flat = np.unique(eyes, return_inverse=True)
        corners = np.concatenate([self.surface.vertex, used, self.head.mouth])
        triangles = [self.surface.triangles, flat.reshape(-1, 3) + first, mouth + first + len(used)]
        part = np.repeat(np.arange(3), [len(t) for t in triangles])
        return corners, np.concatenate(triangles).astype(np.int32), part

    @cached_property
    def _texels(self) -> np.ndarray:
        count = len(self._corners[0]) - len(self.surface.texel)
        return np.concatenate([self.surface.texel, np.zeros((count, 2), np.float32)])

    @cached_property
    def _paint(self) -> np.ndarray:
        """Colour [P, 3] of the corners that have no image: eyes and mouth."""
        corners = self._corners[0]
        paint = np.ones((len(self.head.neutral), 3))
        for eye, centre in zip(self.head.eyes, self.head.eye_centres, strict=True):
            off = self.head.neutral[eye] - centre
            out = np.hypot(off[:, 0], off[:, 1]) * _centimetres(self.head)
            iris = (off[:, 2] > 0) & (out < IRIS_RADIUS)
            paint[eye] = SCLERA
            paint[eye[iris]] = self.iris * (0.5 + 0.8 * (out[iris, None] < 0.85 * IRIS_RADIUS))
            paint[eye[(off[:, 2] > 0) & (out < PUPIL_RADIUS)]] = 0.01
        kinds = self.head.insides.kinds
        paint[self.head.mouth] = MOUTH[np.select([kinds == TEETH, kinds == GUMS, kinds == TONGUE], [0, 1, 2])]
        paint[self.head.mouth] *= self.head.insides.mottled
        return paint[corners]

    def _inner_light(self, points: np.ndarray, lips: np.ndarray, normals: np.ndarray) -> np.ndarray:
        """[N, 3] how much of the light reaches each vertex: all outside, little in the mouth."""
        light = np.ones((len(points), 3))
        mouth = self.head.mouth
        deeper = points[mouth].copy()
        deeper[:, 2] = np.maximum(deeper[:, 2], lips[:, 2].mean() + 0.03 * np.ptp(lips[:, 0]))
        reach = form_factor(deeper, normals[mouth], lips[:: max(1, len(lips) // RIM)])
        light[mouth] = (0.05 + 1.4 * np.minimum(reach, 0.65))[:, None] * (1, 0.85, 0.82)
        return light

    def _lit(self, image: np.ndarray, fine: np.ndarray, unit: float, soft: np.ndarray) -> np.ndarray:
        normals = image[..., 2:5] / np.maximum(np.linalg.norm(image[..., 2:5], axis=2, keepdims=True), 1e-6)
        lit = np.maximum(harmonics(normals) @ self.light.around, 0.04)
        for lamp in self.light.lamps:
            facing = np.clip((normals @ lamp.towards + WRAP) / (1 + WRAP), 0, 1)
            reached = _reached(image[..., 5], fine, self.head.ict.triangles[self._outside], lamp, unit)
            lit = lit + (facing * reached * soft)[..., None] * lamp.colour
        return np.asarray(lit, np.float32)

    def _shine(self, image: np.ndarray, is_skin: np.ndarray) -> np.ndarray:
        """White light thrown back by the skin (Blinn 1977)."""
        total = np.zeros((*is_skin.shape, 3), np.float32)
        normals = image[..., 2:5] / np.maximum(np.linalg.norm(image[..., 2:5], axis=2, keepdims=True), 1e-6)
        for lamp in self.light.lamps:
            half = lamp.towards + np.array([0, 0, -1.0])
            glance = np.clip(normals @ (half / np.linalg.norm(half)), 0, 1) ** self.light.hardness
            total += (self.light.shine * glance * is_skin)[..., None] * lamp.colour
        return total


def _centimetres(head: DenseHead) -> float:
    return float(np.ptp(head.ict.neutral[:, 0]) / np.ptp(head.neutral[:, 0]))


def _reached(depth: np.ndarray, points: np.ndarray, triangles: np.ndarray, lamp: Lamp, unit: float) -> np.ndarray:
    """[h, w] in 0..1: how much of a lamp's light reaches the pixels of a picture at these depths (shadow mapping,
    Williams 1978; the comparison is blurred)."""
    right = np.cross([0.0, 1.0, 0.0], lamp.towards)
    right /= np.linalg.norm(right)
    frame = np.stack([right, np.cross(lamp.towards, right), -lamp.towards])
    seen = points @ frame.T
    low, span = seen[:, :2].min(0), np.ptp(seen[:, :2], axis=0).max() + 1e-6
    scale = (SHADOW - 1) / span
    flat = np.column_stack([(seen[:, :2] - low) * scale, seen[:, 2]]).astype(np.float32)
    image, covering = rasterise(flat, triangles, flat[:, 2:], SHADOW, SHADOW)
    nearest = np.where(covering >= 0, image[..., 0], np.inf).astype(np.float32)
    rows, columns = np.mgrid[: depth.shape[0], : depth.shape[1]].astype(np.float32)
    place = np.stack([columns, rows, depth], -1) @ frame.T.astype(np.float32)
    x, y = ((place[..., :2] - low) * scale).astype(np.float32).transpose(2, 0, 1)
    first = cv2.remap(nearest, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    open_ = (place[..., 2] < first + SHADES * unit).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(open_, (0, 0), lamp.soft))


def as_picture(linear: np.ndarray) -> np.ndarray:
    """[H, W, 3] grey levels 0..255 float32 of linear colour, rolled off where it is very bright."""
    bright = np.where(linear > 0.8, 0.8 + 0.2 * np.tanh((linear - 0.8) / 0.2), linear)
    return np.asarray(255 * np.clip(bright, 0, 1) ** (1 / GAMMA), np.float32)
