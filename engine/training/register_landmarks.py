"""Where each of MediaPipe's 468 face landmarks sits on ICT-FaceKit's surface.

Heads of many identities are pictured with the jaw part-open, a landmark model looks at the pictures, and the surface
point under each landmark is read off: triangle and barycentric coordinates, carried to one reference head, the median
over pictures, made symmetric, and snapped to the surface. The reference has its jaw open, so that upper and lower lip,
which touch and mix on the neutral head, stay apart.
"""

from dataclasses import dataclass

import numpy as np

from engine.face.landmarks import FaceFinder
from engine.training.ict import Ict
from engine.training.synthetic_head import View, render

POINTS = 468
JAW = 0.35  # how far open the pictured jaws are, jawOpen
UPPER_INNER_LIP = (191, 80, 81, 82, 13, 312, 311, 310, 415)
LOWER_INNER_LIP = (95, 88, 178, 87, 14, 317, 402, 318, 324)
DEEP = 1.2  # cm behind the front of the lips where the inside of the mouth begins
FACING = 0.25  # least cosine between a surface's normal and the viewer for it to be trusted


@dataclass(frozen=True)
class Anchors:
    """Points on a mesh: vertices [P, 3] int and their weights [P, 3] (non-negative, sum 1)."""

    vertices: np.ndarray
    weights: np.ndarray

    def on(self, values: np.ndarray) -> np.ndarray:
        """Per-vertex values [..., N, 3] at the anchors: [..., P, 3]."""
        return np.einsum("...pkc,pk->...pc", values[..., self.vertices, :], self.weights)


def register(ict: Ict, mirror: np.ndarray, pictures: int = 80, seed: int = 0) -> Anchors:
    """Anchors of the 468 landmarks; `mirror` [468] pairs the landmarks of the two sides."""
    reference = ict.neutral + JAW * ict.row("jawOpen")
    seen = np.stack(list(_sightings(ict, reference, pictures, np.random.default_rng(seed))))
    middle = np.nanmedian(seen, axis=0)
    flip = np.array([-1, 1, 1], np.float32)
    middle = (middle + middle[mirror] * flip) / 2
    on_axis = mirror == np.arange(POINTS)
    middle[on_axis, 0] = 0
    return snap(ict, reference, middle)


def _sightings(ict: Ict, reference: np.ndarray, pictures: int, rng: np.random.Generator):  # type: ignore[no-untyped-def]
    """Yields [468, 3] positions on the reference head, NaN where a landmark's surface was not seen well."""
    with FaceFinder() as finder:
        for _ in range(pictures):
            coefficients = rng.normal(0, 0.8, len(ict.identity))
            vertices = reference + np.tensordot(coefficients, ict.identity, 1).astype(np.float32)
            view = View.random(rng)
            rgb, covering = render(ict, vertices, view)
            faces = finder.find(rgb, tiles=False)
            if faces:
                yield _under(ict, view.pixels(vertices), reference, covering, faces[0][:POINTS, :2])


def _under(
    ict: Ict, pixels: np.ndarray, reference: np.ndarray, covering: np.ndarray, landmarks: np.ndarray
) -> np.ndarray:
    """Reference positions [468, 3] of the skin under, or nearest to, each landmark of one picture."""
    from scipy.spatial import cKDTree

    corners = pixels[ict.triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    facing = np.abs(normal[:, 2]) / (np.linalg.norm(normal, axis=1) + 1e-9) > FACING
    lips = pixels[ict.landmarks68[48:60], 2]
    scale = np.linalg.norm(pixels[ict.landmarks68[36]] - pixels[ict.landmarks68[45]]) / 8.9  # px per cm
    usable = (ict.material == "M_Face") & facing
    usable &= _skin(ict, corners, lips.mean() + DEEP * scale)
    rows, columns = np.nonzero((covering >= 0) & usable[covering])
    shown = np.stack([columns, rows], axis=1).astype(np.float64)
    away, nearest = cKDTree(shown).query(landmarks)
    triangle = covering[rows[nearest], columns[nearest]]
    place = _at(corners[triangle], shown[nearest], reference[ict.triangles[triangle]])
    place[away > 0.25 * scale] = np.nan
    return place


def _skin(ict: Ict, corners: np.ndarray, deep: float) -> np.ndarray:
    """Triangles outside the mouth: all but those near the mouth in the picture and behind its front."""
    middle = corners.mean(1)
    mouth = np.concatenate([corners[:, 0][np.isin(ict.triangles[:, 0], ict.landmarks68[48:68])][:, :2]])
    low, high = mouth.min(0), mouth.max(0)
    near = np.all((middle[:, :2] > low) & (middle[:, :2] < high), axis=1)
    return ~(near & (middle[:, 2] > deep))


def _at(triangles: np.ndarray, points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values [P, 3, 3] at the corners of px triangles [P, 3, 3], interpolated at px points [P, 2]: [P, 3]."""
    a, b, c = (triangles[:, k, :2] for k in range(3))
    area = _cross(b - a, c - a)
    weights = np.stack([_cross(b - points, c - points), _cross(c - points, a - points)], axis=1) / area[:, None]
    weights = np.concatenate([weights, 1 - weights.sum(1, keepdims=True)], axis=1)
    return np.einsum("pk,pkc->pc", weights, values)


def _cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]


def snap(ict: Ict, reference: np.ndarray, points: np.ndarray) -> Anchors:
    """The nearest points of the reference's skin, upper-lip landmarks on skin above the mouth only, lower below."""
    faces = ict.triangles[ict.material == "M_Face"]
    moves = np.linalg.norm(ict.row("jawOpen"), axis=1)[faces].mean(1)
    least = (
        np.linalg.norm(ict.row("jawOpen")[ict.landmarks68[62]]),
        np.linalg.norm(ict.row("jawOpen")[ict.landmarks68[66]]),
    )
    halfway = sum(least) / 2
    vertices = np.zeros((len(points), 3), np.int32)
    weights = np.zeros((len(points), 3), np.float32)
    for i, point in enumerate(points):
        allowed = faces
        if i in UPPER_INNER_LIP:
            allowed = faces[moves < halfway]
        elif i in LOWER_INNER_LIP:
            allowed = faces[moves > halfway]
        vertices[i], weights[i] = _closest(reference, allowed, point)
    return Anchors(vertices, weights)


def _closest(vertices: np.ndarray, triangles: np.ndarray, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners [3] and weights [3] of the mesh's point nearest to `point`, sought in the 60 triangles nearest to it."""
    corners = vertices[triangles].astype(np.float64)
    near = np.argsort(((corners.mean(1) - point) ** 2).sum(1))[:60]
    best = min((_closest_in(corners[k], point), k) for k in near)
    return triangles[best[1]], np.array(best[0][1], np.float32)


def _closest_in(triangle: np.ndarray, point: np.ndarray) -> tuple[float, tuple[float, ...]]:
    """Squared distance and weights of the nearest point of a triangle [3, 3]."""
    a, b, c = triangle
    basis = np.stack([b - a, c - a], axis=1)
    s, t = np.linalg.lstsq(basis, point - a, rcond=None)[0]
    candidates = [(1 - s - t, s, t)] if s >= 0 and t >= 0 and s + t <= 1 else _edges(triangle, point)
    return min((float(((np.array(w) @ triangle - point) ** 2).sum()), tuple(map(float, w))) for w in candidates)


def _edges(triangle: np.ndarray, point: np.ndarray) -> list[tuple[float, ...]]:
    found = []
    for i in range(3):
        j = (i + 1) % 3
        step = triangle[j] - triangle[i]
        t = float(np.clip((point - triangle[i]) @ step / (step @ step + 1e-12), 0, 1))
        weights = [0.0, 0.0, 0.0]
        weights[i], weights[j] = 1 - t, t
        found.append(tuple(weights))
    return found
