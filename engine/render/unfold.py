"""The far cheek of a turned face, unfolded: what its landmarks say lies behind its outline is brought to the outline.

A mesh folded in the picture would show its hidden strip, painted with a mirror of the cheek, as soon as it opens up.
"""

import cv2
import numpy as np

from engine.render.topology import EYES, FACE_POINTS, LIPS, OVAL

FINE = 200  # pixels to an eye distance, for finding the outline
BEYOND = 0.004  # IOD; how far outside the outline its points are put, so that no triangle is left without area
SMALLEST = 1e-6  # square IOD; smaller triangles count as folded
ROUNDS, SWEEPS = 6, 60
# Lips roll in and lids fold by themselves, whichever way a face looks.
KEPT = frozenset((*LIPS, *(v for eye in EYES for v in (*eye.ring, *eye.above[0], *eye.below[0]))))


def unfolded(points: np.ndarray, triangles: np.ndarray, unit: float) -> np.ndarray:
    """Landmarks [478, 3] whose mesh (triangles [F, 3]) does not fold over itself in the picture.

    Points of the oval that lie inside the outline of the whole go out to it; what is folded behind them is spread evenly
    between its neighbours (Tutte 1963). Eyes and mouth stay as they are, and so does all that is not folded.
    """
    flat = points[:FACE_POINTS, :2].astype(np.float64) / unit
    oval = np.array(OVAL)
    flat[oval] = _on_outline(flat, triangles, oval)
    neighbours = _neighbours(triangles)
    facing = np.sign(np.median(_areas(flat, triangles)))
    free: set[int] = set()
    for _ in range(ROUNDS):
        folded = triangles[facing * _areas(flat, triangles) < SMALLEST]
        more = set(folded.ravel().tolist()) - KEPT - set(OVAL)
        if not more:
            break
        free |= more
        for _ in range(SWEEPS):
            for v in free:
                flat[v] = flat[neighbours[v]].mean(0)
    result = points.copy()
    result[:FACE_POINTS, :2] = flat * unit
    return result


def _on_outline(flat: np.ndarray, triangles: np.ndarray, oval: np.ndarray) -> np.ndarray:
    """The oval's points [N, 2], those inside the outline of all triangles moved to just outside it."""
    low = flat.min(0) - 0.05
    fine = np.round((flat - low) * FINE).astype(np.int32)
    width, height = fine.max(0) + round(0.1 * FINE)
    mask = np.zeros((height, width), np.uint8)
    for triangle in triangles:
        cv2.fillConvexPoly(mask, fine[triangle], (1,))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(contours, key=len)[:, 0] / FINE + low
    middle = flat.mean(0)
    moved = flat[oval].copy()
    for i, point in enumerate(moved):
        away = np.linalg.norm(outline - point, axis=1)
        if away.min() > 2 / FINE:
            nearest = outline[away.argmin()]
            moved[i] = nearest + BEYOND * (nearest - middle) / np.linalg.norm(nearest - middle)
    return moved


def _areas(flat: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (flat[triangles[:, k]] for k in range(3))
    along, across = b - a, c - a
    return along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0]


def _neighbours(triangles: np.ndarray) -> list[list[int]]:
    found: list[set[int]] = [set() for _ in range(FACE_POINTS)]
    for triangle in triangles.tolist():
        for v in triangle:
            found[v].update(triangle)
    return [sorted(others - {v}) for v, others in enumerate(found)]
