"""ICT-FaceKit's teeth, gums, tongue and throat, lit through the lips: what an open mouth truly looks like inside.

Light comes in through the hole between the lips alone. Its share at a place is the form factor of that polygon (Lambert
1760); what is thrown back and forth in the red dark behind the teeth adds to it.
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from engine.face.fit import Fit
from engine.face.raster import rasterise
from engine.render.geometry import Geometry
from engine.render.mouth import Mouth, Teeth
from engine.render.outline import Box, soft_polygon
from engine.render.palette import LUMA, Palette, palette_of
from engine.training.head_parts import PARTS, build_mouth, parts
from engine.training.ict import Ict, load_ict

FINER = 3  # the interior is drawn at this many times the picture's resolution
GAMMA = 2.2
RIM = 24  # points of the lips' rim that are enough to know the light by
LIT, DIMMING = 0.12, 0.28  # IOD; behind the lips it gets darker from here on, and how fast
BEHIND = 0.03  # IOD; nothing is lit from nearer behind the lips than this
THROWN_BACK = np.array([0.5, 0.2, 0.18])  # of the light in a mouth, by its walls
PINK = 0.75  # how far gums and tongue take FLESH's colour rather than the lips'
FLESH = np.array([0.66, 0.21, 0.2])  # beside white teeth
DARK = 0.3  # what lies behind all, beside the palette's cavity
ENOUGH = 30  # pixels between the lips, for teeth to be seen there
TEETH, GUMS, TONGUE = range(3)


@dataclass(frozen=True)
class Look:
    """One person's mouth in one light. Colours are linear, beside what the palette of the portrait says."""

    tints: np.ndarray  # [3, 3] of teeth, gums, tongue
    key: np.ndarray  # [3] unit, to the light, in pixel axes (x right, y down, z away from the viewer)
    directed: float  # share of the light that comes from there
    light: float  # how much light there is, 1 as on the face
    glance: np.ndarray  # [3] how strongly teeth, gums and tongue shine
    blur: float  # of the picture, pixels
    grain: float  # of the picture, grey levels

    @classmethod
    def random(cls, rng: np.random.Generator, unit: float) -> "Look":
        """For a face with this eye distance, pixels."""
        white = np.exp(rng.normal(0, 0.1)) * np.array([1.0, 1.0, rng.uniform(0.8, 1.02)])
        red = rng.uniform(0.75, 1.1, (2, 3)) * rng.uniform(0.85, 1.1, (2, 1))
        side, above = np.radians([rng.normal(0, 22), rng.uniform(0, 40)])
        key = np.array([np.sin(side) * np.cos(above), -np.sin(above), -np.cos(side) * np.cos(above)])
        glance = rng.uniform(0.2, 1.0) * np.array([0.4, 0.22, 0.3])
        return cls(
            tints=np.vstack([white, red]),
            key=key,
            directed=float(rng.uniform(0.2, 0.6)),
            light=float(np.exp(rng.normal(0, 0.12))),
            glance=glance,
            blur=float(rng.uniform(0.3, 0.6) * np.sqrt(max(unit, 60) / 60)),
            grain=float(rng.uniform(0.3, 1.5)),
        )


@dataclass(frozen=True)
class Insides:
    """The mesh. points [V, 3] centimetres; with_jaw [V]: 0 goes with the skull, 1 with the jaw; `known` [M]: which of
    its points the head model's teeth are, skull [M] and jaw [M] bool: those of them on upper and on lower row."""

    points: np.ndarray
    triangles: np.ndarray
    kinds: np.ndarray  # [V] TEETH, GUMS or TONGUE
    with_jaw: np.ndarray
    rough: np.ndarray  # [V, 3] what unevenness adds to the normals
    mottled: np.ndarray  # [V, 3] colour beside the mean of its kind
    known: np.ndarray
    skull: np.ndarray
    jaw: np.ndarray

    def placed(self, teeth: np.ndarray) -> np.ndarray:
        """All points [V, 3], pixels, where the head model's teeth [M, 3] are: both rows laid on, the rest between."""
        here = np.column_stack([self.points, np.ones(len(self.points))])
        upper, lower = (
            here @ np.linalg.lstsq(here[self.known[row]], teeth[row], rcond=None)[0] for row in (self.skull, self.jaw)
        )
        share = self.with_jaw[:, None]
        return np.asarray((1 - share) * upper + share * lower, np.float32)


@dataclass(frozen=True)
class Pictured:
    """What a portrait [H, W, 3] uint8 shows of a mouth: its inner lips [N, 3], its teeth, colours, the eye distance."""

    rgb: np.ndarray
    hole: np.ndarray
    teeth: Teeth
    palette: Palette
    white: np.ndarray  # [3] what white teeth would look like by the light on the face, whatever these teeth do
    unit: float

    @classmethod
    def of(cls, rgb: np.ndarray, fit: Fit, geometry: Geometry) -> "Pictured":
        """`geometry`: the warp's at the fit's own values. Teeth that show tell their own colour."""
        hole = geometry.points[geometry.lips]
        palette = palette_of(rgb, fit.landmarks)
        white = palette.teeth
        box = Box.around(hole[:, :2], 1, rgb.shape)
        if not box.empty:
            seen = box.of(rgb)[soft_polygon(hole[:, :2], box) > 0.95].astype(np.float64)
            seen = seen[seen.mean(1) >= np.quantile(seen.mean(1), 0.6)] if len(seen) > ENOUGH else seen[:0]
            if len(seen) and seen.mean() > 0.6 * palette.teeth.mean():
                palette = replace(palette, teeth=np.quantile(seen, 0.7, axis=0))
        return cls(rgb, hole, Teeth.of(fit.person.model, geometry.teeth), palette, white, fit.pose.scale)


@cache
def load_insides(data: Path) -> Insides:
    """From the folders head_model (ICT-FaceKit) and train/mouth_parts (MakeHuman's tongue) of the data."""
    ict = load_ict(data / "head_model")
    thin = build_mouth(ict)
    triangles = ict.triangles[ict.of("M_Teeth", "M_GumsTongue")]
    used, flat = np.unique(triangles, return_inverse=True)
    where = np.full(len(ict.neutral), -1)
    where[used] = np.arange(len(used))
    is_tooth = np.isin(used, np.unique(ict.triangles[ict.of("M_Teeth")]))
    points = ict.neutral[used]
    tongue = parts(ict)[used] == PARTS.index("tongue")
    kinds = np.where(is_tooth, TEETH, np.where(tongue, TONGUE, GUMS))
    rng = np.random.default_rng(0)
    bumps = rng.normal(0, 1, (len(used), 3)) * np.array([0.02, 0.1, 0.13])[kinds][:, None]
    return Insides(
        points=points,
        triangles=flat.reshape(-1, 3).astype(np.int32),
        kinds=kinds,
        with_jaw=_with_jaw(ict, thin.vertices[thin.part == PARTS.index("lower teeth")])[used],
        rough=bumps.astype(np.float32),
        mottled=_mottled(
            points, kinds, data / "train" / "mouth_parts" / "tongue" / "tongue01" / "tongue01_diffuse.png"
        ),
        known=where[thin.vertices],
        skull=np.isin(thin.part, [PARTS.index("upper teeth"), PARTS.index("upper gums")]),
        jaw=thin.part == PARTS.index("lower teeth"),
    )


class Interior(Mouth):
    """Draws one person's mouth, in place of the warp's own, whose lips it takes."""

    def __init__(self, portrait: Pictured, insides: Insides, look: Look, seed: int, own: bool = True) -> None:
        """`seed` of the grain; `own`: whether teeth that the portrait shows are laid over these."""
        super().__init__(portrait.rgb, portrait.hole, portrait.teeth, portrait.palette, portrait.unit)
        if not own:
            self._own = None
        self._in, self._look, self._seed = insides, look, seed
        palette = portrait.palette
        tone = np.stack([palette.teeth, palette.gums, palette.tongue]) / 255
        tone = tone**GAMMA
        tone[1:] = (1 - PINK) * tone[1:] + PINK * (portrait.white / 255) ** GAMMA * FLESH
        self._tones = (tone * look.tints)[insides.kinds] * insides.mottled * look.light
        self._grey = np.ptp(palette.lips) < 1  # as the palette has it for a black and white photograph
        self._white = float(tone[0].mean()) * look.light
        self._dark = DARK * (palette.cavity / 255) ** GAMMA * look.light

    def _modelled(self, box: Box, hole: np.ndarray, points: np.ndarray) -> np.ndarray:
        """[h, w, 3] float32 grey levels of the box as if there were no lips, a little blurred and grainy."""
        wide = Box(box.x0 - 4, box.y0 - 4, box.x1 + 4, box.y1 + 4)
        seen = self._seen(wide, hole.astype(np.float64), self._in.placed(points.astype(np.float64)))
        seen = cv2.GaussianBlur(seen, (0, 0), self._look.blur)[4:-4, 4:-4]
        if self._grey:
            seen = np.repeat(seen @ LUMA.astype(np.float32)[:, None], 3, axis=2)
        grain = np.random.default_rng(self._seed).normal(0, self._look.grain, seen.shape)
        return np.asarray(seen + grain, np.float32)

    def _seen(self, box: Box, hole: np.ndarray, points: np.ndarray) -> np.ndarray:
        """[h, w, 3] float32 grey levels: the box as if there were no lips."""
        look, triangles = self._look, self._in.triangles
        normals = _unit_rows(_normals(points, triangles) + self._in.rough)
        rim = _Rim(hole)
        depth = np.maximum(points[:, 2] - rim.depth(points), BEHIND * self._unit)
        under = np.column_stack([points[:, :2], rim.depth(points) + depth])
        margin = 0.1 * self._unit
        near = np.all(
            (points[:, :2] > box.origin - margin) & (points[:, :2] < [box.x1 + margin, box.y1 + margin]), axis=1
        )
        light = np.zeros(len(points))
        light[near] = form_factor(under[near], normals[near], hole[:: max(1, len(hole) // RIM)])
        light *= np.exp(-np.maximum(depth / self._unit - LIT, 0) / DIMMING)
        reached = 0.15 + 0.85 * np.minimum(1.5 * light, 1)
        light = light / (1 - THROWN_BACK[:, None] * (1 - light))
        kinds = np.column_stack([look.glance[self._in.kinds], 12 + 30 * (self._in.kinds == TEETH)])
        rows = np.column_stack([normals, self._tones, light.T, kinds, points[:, 2], depth, reached])
        fine = (points - np.append(box.origin, 0)) * (FINER, FINER, 1) + (FINER - 1) / 2 * np.array([1, 1, 0])
        height, width = box.shape
        image, covering = rasterise(fine, triangles, rows, height * FINER, width * FINER)
        known = covering >= 0
        lit = self._lit(image, known, self._shadow(image[..., 12], hole, box))
        lit = np.clip(cv2.resize(lit, (width, height), interpolation=cv2.INTER_AREA), 0, 1)
        return np.asarray(255 * lit ** (1 / GAMMA), np.float32)

    def _lit(self, image: np.ndarray, known: np.ndarray, shadow: np.ndarray) -> np.ndarray:
        """Linear colours of the pixels drawn."""
        look, normals = self._look, _unit_rows(image[..., :3])
        facing = np.clip(normals @ look.key.astype(np.float32), 0, 1) * shadow
        crevice = self._crevices(image[..., 11], known)
        light = (1 - look.directed) * image[..., 6:9] * crevice[..., None] + 1.2 * look.directed * facing[
            ..., None
        ] * image[..., 13:]
        half = look.key + np.array([0, 0, -1.0])
        half /= np.linalg.norm(half)
        shine = (
            np.clip(normals @ half.astype(np.float32), 0, 1) ** np.maximum(image[..., 10], 1) * image[..., 9] * shadow
        )
        lit = image[..., 3:6] * light + (self._white * shine)[..., None]
        return np.where(known[..., None], lit, self._dark).astype(np.float32)

    def _crevices(self, depth: np.ndarray, known: np.ndarray) -> np.ndarray:
        """[h, w] in 0..1: how much of the light reaches what lies deeper than what is around it."""
        reach = 0.025 * self._unit * FINER
        depth = np.where(known, depth, depth.max() if known.any() else 0).astype(np.float32)
        light = np.ones_like(depth)
        for size, dark in ((0.4, 2.0), (1.0, 1.2), (3.0, 0.9)):
            sunk = np.maximum(depth - cv2.GaussianBlur(depth, (0, 0), size * reach), 0) / (size * 0.05 * self._unit)
            light *= np.exp(-dark * sunk)
        return light

    def _shadow(self, depth: np.ndarray, hole: np.ndarray, box: Box) -> np.ndarray:
        """[h, w] in 0..1: the directed light that the lips let through to places at a depth behind them, pixels."""
        size = (box.shape[1] * FINER, box.shape[0] * FINER)
        open_ = cv2.resize(soft_polygon(hole[:, :2], box), size, interpolation=cv2.INTER_LINEAR)
        rows, columns = np.mgrid[: size[1], : size[0]].astype(np.float32)
        far = depth * FINER / -np.float32(self._look.key[2])
        across, down = columns + far * np.float32(self._look.key[0]), rows + far * np.float32(self._look.key[1])
        spread = np.clip(depth / (0.25 * self._unit), 0, 1)
        seen = [
            cv2.remap(cv2.GaussianBlur(open_, (0, 0), share * self._unit * FINER), across, down, cv2.INTER_LINEAR)
            for share in (0.015, 0.1)
        ]
        return np.asarray((1 - spread) * seen[0] + spread * seen[1])


class _Rim:
    """How deep the lips lie, as a plane through their rim [N, 3]."""

    def __init__(self, hole: np.ndarray) -> None:
        self._middle = hole.mean(0)
        flat = np.column_stack([hole[:, :2] - self._middle[:2], np.ones(len(hole))])
        self._plane = np.linalg.lstsq(flat, hole[:, 2], rcond=None)[0]

    def depth(self, points: np.ndarray) -> np.ndarray:
        return np.asarray((points[:, :2] - self._middle[:2]) @ self._plane[:2] + self._plane[2])


def form_factor(points: np.ndarray, normals: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """[V] in 0..1: how much of what points [V, 3] could see along their normals is the polygon [N, 3] (rows go around).

    E = |sum of angle(r_i, r_i+1) (r_i x r_i+1) . n| / 2 pi; what lies below a point's horizon is not cut off, but what
    is seen from behind counts as dark, and a quarter of the light is taken to come round corners.
    """
    rays = _unit_rows(polygon[None] - points[:, None])
    after = np.roll(rays, -1, axis=1)
    across = np.cross(rays, after)
    size = np.linalg.norm(across, axis=2)
    angle = np.arctan2(size, (rays * after).sum(2))
    vector = (across / np.maximum(size, 1e-9)[..., None] * angle[..., None]).sum(1) / (2 * np.pi)
    vector *= -np.sign(np.median(vector[:, 2]))  # towards the viewer, whichever way the rows go
    seen = np.clip((vector * normals).sum(1), 0, 1)
    return np.asarray(np.clip(0.75 * seen + 0.25 * np.linalg.norm(vector, axis=1), 0.004, 1))


def _with_jaw(ict: Ict, lower: np.ndarray) -> np.ndarray:
    """[N] how far each ICT vertex goes with the jaw: its own motion beside that of something fixed to the lower teeth."""
    here = np.column_stack([ict.neutral, np.ones(len(ict.neutral))])
    moved = ict.row("jawOpen")
    rigid = here @ np.linalg.lstsq(here[lower], moved[lower], rcond=None)[0]
    return np.clip((moved * rigid).sum(1) / np.maximum((rigid**2).sum(1), 1e-6), 0, 1)


def _mottled(points: np.ndarray, kinds: np.ndarray, tongue: Path) -> np.ndarray:
    """[V, 3] linear colour beside the mean of its kind: the tongue as pictured, teeth yellower towards their roots."""
    mottled = np.ones((len(points), 3))
    image = cv2.imread(str(tongue), cv2.IMREAD_COLOR)
    crop = cv2.GaussianBlur(image[150:560, 560:880, ::-1], (0, 0), 3).astype(np.float64)
    crop = (crop / crop.mean((0, 1))) ** GAMMA
    flesh = kinds != TEETH
    column = np.clip((points[:, 0] / 5 + 0.5) * crop.shape[1], 0, crop.shape[1] - 1).astype(int)
    row = np.clip(points[:, 2] / 11 * crop.shape[0], 0, crop.shape[0] - 1).astype(int)
    mottled[flesh] = crop[row, column][flesh]
    teeth = kinds == TEETH
    parting = points[teeth, 1].mean()
    root = np.clip((np.abs(points[:, 1] - parting) - 0.4) / 0.8, 0, 1)[:, None]
    mottled[teeth] = (1 + root * (np.array([0.9, 0.82, 0.68]) - 1))[teeth]
    return mottled


def _normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit vertex normals, towards the viewer (z < 0) where the surface faces there."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    flat = np.cross(b - a, c - a)
    normals = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(flat[:, k], 3), minlength=len(points)) for k in range(3)], axis=1
    )
    return _unit_rows(normals)


def _unit_rows(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9))
