"""What the denoiser is told about a patch of a face: where skin, mouth and eyes are, and how far a warp can be trusted.

Maps are uint8, so that they can be stored by the thousand.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from engine.face.head_model import HeadModel, load_head_model
from engine.face.raster import rasterise
from engine.render.geometry import Geometry
from engine.render.subdivide import Refined, refine_face
from engine.render.tgdm.regions import Patch, Region
from engine.render.topology import FACE_POINTS, IRISES

SKIN, MOUTH, EYE = range(3)  # what a triangle of the face shows
GEOMETRY = ("pncc x", "pncc y", "pncc z", "normal x", "normal y", "normal z", "mouth", "eye", "iris")
TRUST = ("valid", "stretch")
REACH = 63.0  # grey levels for half a region's width of the normalised coordinate code


@dataclass(frozen=True)
class Maps:
    """One patch: geometry [P, P, 9] uint8 as GEOMETRY; source [P, P, 2] float32, the patch pixel of the portrait seen
    there (nan where none); trust [P, P, 2] uint8 as TRUST."""

    geometry: np.ndarray
    source: np.ndarray
    trust: np.ndarray


@dataclass(frozen=True)
class _Face:
    """The refined face: its triangles, what each shows, and the canonical place [V, 3] of every point."""

    refined: Refined
    shows: np.ndarray
    canonical: np.ndarray


@cache
def _face() -> _Face:
    model: HeadModel = load_head_model()
    parts = (model.triangles, model.mouth_triangles, np.concatenate(list(model.eye_triangles)))
    refined = refine_face(np.concatenate(parts))
    kinds = np.repeat(np.arange(3), [len(part) for part in parts])
    return _Face(refined, kinds[refined.origin], refined.refine(model.neutral[:FACE_POINTS]))


def maps(region: Region, now: Geometry, patch: Patch, before: Geometry, portrait: Patch) -> Maps:
    """The maps of a patch under a geometry, against the portrait's own geometry `before` and patch."""
    face = _face()
    count = len(face.canonical)
    points, pictured = patch.points(now.points[:count]), portrait.points(before.points[:count])
    normals, were = _normals(points, face), _normals(pictured, face)
    attributes = np.column_stack([_code(region, face), normals, pictured[:, :2], were[:, 2:]])
    image, covering = rasterise(points, face.refined.triangles, attributes, patch.pixels, patch.pixels)
    shows = np.where(covering >= 0, face.shows[covering], -1)
    eye = shows == EYE
    masks = [255 * (shows == MOUTH), 255 * eye, 255 * eye * _irises(now, patch)]
    code = np.where((covering >= 0)[..., None], 128 + REACH * image[..., :3], 128)
    geometry = np.dstack([code, np.where((covering >= 0)[..., None], 128 + 127 * image[..., 3:6], 128), *masks])
    skin = shows == SKIN
    source = np.where(skin[..., None], image[..., 6:8], np.nan).astype(np.float32)
    trust = np.dstack([255 * skin * np.clip(-4 * image[..., 8], 0, 1), 128 + 32 * _stretch(image[..., 6:8], skin)])
    return Maps(_bytes(geometry), source, _bytes(trust))


def noise_on(source: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Noise [P, P, 3] that lies on the portrait's patch, carried along to where `source` [P, P, 2] says it is seen.

    What was not in the portrait (mouth, eyes) keeps the noise of its own place. Each value stays as it is drawn, so
    that the noise stays white where the skin is not stretched.
    """
    height, width = noise.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    known = np.isfinite(source[..., 0])
    columns = np.where(known, np.round(np.nan_to_num(source[..., 0])), columns).astype(int).clip(0, width - 1)
    rows = np.where(known, np.round(np.nan_to_num(source[..., 1])), rows).astype(int).clip(0, height - 1)
    return noise[rows, columns]


def _code(region: Region, face: _Face) -> np.ndarray:
    """Normalised coordinate code [V, 3] of every point: 0 at the region's middle, 1 at half its width."""
    middle = face.canonical[list(region.anchors)].mean(0)
    flipped = np.array([-1.0 if region.mirrored else 1.0, 1.0, 1.0])
    return np.clip((face.canonical - middle) * flipped / (region.width / 2), -2, 2)


def _normals(points: np.ndarray, face: _Face) -> np.ndarray:
    """Unit normals [V, 3] in patch space, z < 0 towards the viewer."""
    triangles = face.refined.triangles[face.shows == SKIN]
    a, b, c = (points[triangles[:, k]] for k in range(3))
    flat = np.cross(b - a, c - a)
    normals = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(flat[:, k], 3), minlength=len(points)) for k in range(3)], axis=1
    )
    normals *= -np.sign(normals[:, 2].sum())
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)


def _irises(now: Geometry, patch: Patch) -> np.ndarray:
    """[P, P] in 0..1: the discs of both irises."""
    rows, columns = np.mgrid[: patch.pixels, : patch.pixels]
    seen = np.zeros((patch.pixels, patch.pixels))
    for iris in IRISES:
        points = patch.points(now.landmarks[list(iris)])[:, :2]
        radius = np.linalg.norm(points[1:] - points[0], axis=1).mean()
        seen = np.maximum(seen, np.clip(radius + 0.5 - np.hypot(columns - points[0, 0], rows - points[0, 1]), 0, 1))
    return seen


def _stretch(source: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """[P, P] how much larger the skin is drawn than it was pictured, as a power of two of its area."""
    down, across = np.gradient(source, axis=(0, 1))
    area = np.abs(across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0])
    return np.where(skin, -np.log2(np.clip(area, 2**-4, 2**4)), 0)


def _bytes(image: np.ndarray) -> np.ndarray:
    return np.clip(np.round(image), 0, 255).astype(np.uint8)
