"""One mesh over a person's picture: the refined face, and around it a net that carries hair, ears and neck along."""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.sparse import csr_matrix, diags
from scipy.sparse.linalg import splu
from scipy.spatial import Delaunay, cKDTree

from engine.face.raster import rasterise
from engine.render.subdivide import Refined
from engine.render.topology import FACE_POINTS, OVAL

# All lengths in eye distances (IOD).
SPACING = 0.17  # of the net
HEAD_RADIUS = (2.4, 3.4)  # from the middle of the face: what is nearer turns with the head, what is farther stays
NECK = (-0.1, 1.25)  # below the chin: where the head's motion fades out
SHALLOW = 0.4  # depth behind the face counts so much: a flat ear cannot be turned into a whole one
EXPRESSION_REACH = 0.45  # how far a moving jaw drags the skin around the face's oval


@dataclass(frozen=True)
class PersonMesh:
    """points [V, 3] float32: pixels as pictured, z smaller = nearer. The first `len(face.parents)` are the face's."""

    face: Refined
    points: np.ndarray
    triangles: np.ndarray  # [F, 3] int32
    follow: np.ndarray  # [V] float32 in 0..1: share of the head's motion
    drag: np.ndarray  # [V - face, R] float32: share of each oval point's own motion
    rim: np.ndarray  # [R] int32: those oval points

    def spread(self, motion: np.ndarray) -> np.ndarray:
        """Motion of the landmarks ([468, 3]) -> motion of all points [V, 3]."""
        fine = self.face.refine(motion)
        return np.concatenate([fine, self.drag @ fine[self.rim]])


def build_mesh(
    head_points: np.ndarray, shell: np.ndarray, face: Refined, opacity: np.ndarray, unit: float
) -> PersonMesh:
    """Mesh for a face in a picture whose person has this opacity ([H, W]).

    Args:
        head_points: [V, 3] the head model's points as pictured, landmarks first; pixels, z too.
        shell: [G, 3] triangles of skull, ears and neck over them.
        unit: the eye distance, pixels.
    """
    landmarks = head_points[:FACE_POINTS]
    fine = face.refine(landmarks)
    rim = np.array(face.along(OVAL, closed=True), np.int32)
    head = HeadFrame.of(landmarks, unit)
    net = _net_points(fine[rim, :2], head, opacity.shape, unit)
    points = np.concatenate([fine, np.column_stack([net, np.zeros(len(net))])]).astype(np.float32)
    outside = _net_triangles(points, rim, len(fine))
    follow = head.follow(points[:, :2])
    fading = _Fading(points[:, :2], outside, rim, len(fine), unit)
    surface = _shell_depth(net, head_points, shell)
    surface = np.minimum(surface, rear := np.sort(fine[rim, 2])[-8:].mean()) + SHALLOW * np.maximum(surface - rear, 0)
    points[len(fine) :, 2] = fading.depth(fine[rim, 2], surface)
    drag = fading.shares(EXPRESSION_REACH, follow[len(fine) :] < 1e-3)
    follow[: len(fine)] = 1
    triangles = np.concatenate([face.triangles, _touching(outside, points, opacity > 0)]).astype(np.int32)
    return PersonMesh(face, points, triangles, follow.astype(np.float32), drag, rim)


@dataclass(frozen=True)
class HeadFrame:
    """Where the head is in the picture: middle of the face, chin, unit vector from forehead to chin, eye distance."""

    middle: np.ndarray
    chin: np.ndarray
    down: np.ndarray
    unit: float

    @classmethod
    def of(cls, landmarks: np.ndarray, unit: float) -> "HeadFrame":
        forehead, chin = landmarks[10, :2], landmarks[152, :2]
        axis = chin - forehead
        return cls((forehead + chin) / 2, chin, axis / np.linalg.norm(axis), unit)

    def follow(self, points: np.ndarray) -> np.ndarray:
        """[N, 2] pixels -> [N] share of the head's motion: 1 on the head, 0 on the shoulders and far away."""
        across = np.array([-self.down[1], self.down[0]])
        offset = (points - self.chin) / self.unit
        below, aside = offset @ self.down, np.abs(offset @ across)
        bottom = NECK[1] - 0.35 * _smooth(aside, 0.7, 1.6)  # shoulders rise beside the neck
        distance = np.linalg.norm(points - self.middle, axis=1) / self.unit
        return (1 - _smooth(below, NECK[0], bottom)) * (1 - _smooth(distance, *HEAD_RADIUS))

    def moving(self, shape: tuple[int, ...]) -> np.ndarray:
        """[H, W] bool: the pixels of a picture that follow the head at least a little."""
        rows, columns = np.mgrid[: shape[0], : shape[1]]
        return (self.follow(np.column_stack([columns.ravel(), rows.ravel()])) > 1e-3).reshape(shape[:2])


def _smooth(value: np.ndarray, low: float | np.ndarray, high: float | np.ndarray) -> np.ndarray:
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _net_points(rim: np.ndarray, head: HeadFrame, shape: tuple[int, ...], unit: float) -> np.ndarray:
    """Hexagonal net points around the oval: all that may move, and one row more, which holds the edge still."""
    step = SPACING * unit
    reach = (HEAD_RADIUS[1] + SPACING) * unit
    xs = np.arange(head.middle[0] - reach, head.middle[0] + reach, step)
    ys = np.arange(head.middle[1] - reach, head.middle[1] + reach, step * 0.866)
    grid = np.stack(np.meshgrid(xs, ys), -1)
    grid[1::2, :, 0] += step / 2
    points = grid.reshape(-1, 2)
    margin = unit  # beyond the picture's border the head goes on, unseen until it moves
    height, width = shape[:2]
    points = points[((points > -margin) & (points < (width + margin, height + margin))).all(1)]
    near_moving = cKDTree(points[head.follow(points) > 1e-3]).query(points)[0] < 1.2 * step
    outline = np.ascontiguousarray(rim, np.float32)
    depth_inside = np.array([cv2.pointPolygonTest(outline, (float(x), float(y)), True) for x, y in points])
    return points[near_moving & (depth_inside < -0.5 * step)]


def _net_triangles(points: np.ndarray, rim: np.ndarray, face_points: int) -> np.ndarray:
    """Triangles between the net's points and the rim of the face, none inside it."""
    index = np.concatenate([rim, np.arange(face_points, len(points))])
    triangles = index[Delaunay(points[index, :2]).simplices]
    outline = np.ascontiguousarray(points[rim, :2], np.float32)
    centres = points[triangles, :2].mean(1)
    inside = np.array([cv2.pointPolygonTest(outline, (float(x), float(y)), False) >= 0 for x, y in centres])
    return triangles[~inside]


def _touching(triangles: np.ndarray, points: np.ndarray, solid: np.ndarray) -> np.ndarray:
    """The triangles that hold something of the person, judged with the picture's border repeated outwards."""
    height, width = solid.shape
    corners = points[triangles, :2]
    low = np.floor(np.clip(corners.min(1), 0, (width - 1, height - 1))).astype(int)
    high = np.ceil(np.clip(corners.max(1), 0, (width - 1, height - 1))).astype(int) + 1
    total = np.pad(cv2.integral(solid.astype(np.uint8)), ((0, 1), (0, 1)), mode="edge")
    (x0, y0), (x1, y1) = low.T, high.T
    return triangles[total[y1, x1] - total[y0, x1] - total[y1, x0] + total[y0, x0] > 0]


def _shell_depth(net: np.ndarray, head_points: np.ndarray, shell: np.ndarray) -> np.ndarray:
    """[N] depth of the head model's surface at net points [N, 2], nan beside it."""
    low = net.min(0) - 1
    shifted = head_points - np.append(low, 0)
    width, height = np.ceil(net.max(0) - low).astype(int) + 2
    depth, covering = rasterise(shifted, shell, shifted[:, 2:], int(height), int(width))
    columns, rows = np.round(net - low).astype(int).T
    return np.where(covering[rows, columns] >= 0, depth[rows, columns, 0], np.nan)


class _Fading:
    """What is known on the rim, carried out over the net and fading with distance: `laplacian u = u / reach^2`."""

    def __init__(
        self, points: np.ndarray, triangles: np.ndarray, rim: np.ndarray, face_points: int, unit: float
    ) -> None:
        pairs = np.concatenate([triangles[:, p] for p in ([0, 1], [1, 2], [2, 0])])
        edges = np.unique(np.sort(pairs, axis=1), axis=0)
        both = np.concatenate([edges, edges[:, ::-1]])
        closeness = unit / np.linalg.norm(points[both[:, 0]] - points[both[:, 1]], axis=1)
        weights = csr_matrix((closeness, (both[:, 0], both[:, 1])), shape=(len(points), len(points)))[face_points:]
        self._laplacian = diags(np.asarray(weights.sum(1)).ravel()) - weights[:, face_points:]
        self._from_rim = np.ascontiguousarray(weights[:, rim].toarray())
        self._unit = unit

    def shares(self, reach: float, still: np.ndarray | None = None) -> np.ndarray:
        """[net points, rim points] float32: the share of each rim value; nothing at the `still` points (bool)."""
        fading = np.full(len(self._from_rim), 1.5 * SPACING / reach**2)
        if still is not None:
            fading[still] = 1e6
        return splu((self._laplacian + diags(fading)).tocsc()).solve(self._from_rim).astype(np.float32)

    def depth(self, rim: np.ndarray, surface: np.ndarray) -> np.ndarray:
        """Depth of the net: `surface` [net points] where known (not nan), else smooth between it and the rim."""
        known = np.isfinite(surface)
        hold = 1e4 * known
        given = self._from_rim @ rim + hold * np.where(known, surface, 0)
        return splu((self._laplacian + diags(hold)).tocsc()).solve(given.astype(np.float64))
