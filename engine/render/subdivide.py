"""The face mesh, refined: each triangle becomes four, and the rims of eyes and lips become smooth curves."""

from dataclasses import dataclass

import numpy as np

from engine.render.topology import EYES, FACE_POINTS, MOUTH, OVAL

# Midway along a curve through four points (the four-point scheme of Dyn, Levin and Gregory 1987), and at its ends.
INNER = (-1 / 16, 9 / 16, 9 / 16, -1 / 16)
FIRST = (3 / 8, 6 / 8, -1 / 8, 0.0)


@dataclass(frozen=True)
class Refined:
    """Fine points as fixed mixtures of four given ones: `fine[v] = sum_k weights[v, k] points[parents[v, k]]`.

    The first FACE_POINTS fine points are the given ones.
    """

    parents: np.ndarray  # [V, 4] int32
    weights: np.ndarray  # [V, 4] float32
    triangles: np.ndarray  # [4F, 3] int32
    origin: np.ndarray  # [4F] int32: the given triangle that each came from
    midpoints: dict[tuple[int, int], int]

    def refine(self, points: np.ndarray) -> np.ndarray:
        """[FACE_POINTS (or more), D] -> [V, D] float32."""
        return np.einsum("vk,vkd->vd", self.weights, points[self.parents]).astype(np.float32)

    def along(self, chain: tuple[int, ...], closed: bool = False) -> list[int]:
        """The fine points along a chain of given ones."""
        following = chain[1:] + chain[:1] if closed else chain[1:]
        fine = [v for a, b in zip(chain, following, strict=False) for v in (a, self.midpoints[_edge(a, b)])]
        return fine if closed else [*fine, chain[-1]]


def refine_face(triangles: np.ndarray) -> Refined:
    """Refine the face's triangles ([F, 3] int, indices below FACE_POINTS) once."""
    curves = _curved_edges()
    parents: list[tuple[int, ...]] = [(v, v, v, v) for v in range(FACE_POINTS)]
    weights: list[tuple[float, ...]] = [(1.0, 0.0, 0.0, 0.0)] * FACE_POINTS
    midpoints: dict[tuple[int, int], int] = {}

    def midpoint(a: int, b: int) -> int:
        edge = _edge(a, b)
        if edge not in midpoints:
            midpoints[edge] = len(parents)
            four, mix = curves.get(edge, ((a, b, a, b), (0.5, 0.5, 0.0, 0.0)))
            parents.append(four)
            weights.append(mix)
        return midpoints[edge]

    fine = []
    for a, b, c in triangles.tolist():
        ab, bc, ca = midpoint(a, b), midpoint(b, c), midpoint(c, a)
        fine += [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    return Refined(
        np.array(parents, np.int32),
        np.array(weights, np.float32),
        np.array(fine, np.int32),
        np.repeat(np.arange(len(triangles), dtype=np.int32), 4),
        midpoints,
    )


def _curved_edges() -> dict[tuple[int, int], tuple[tuple[int, ...], tuple[float, ...]]]:
    """Edge -> (four points, four weights), for the edges along rims."""
    found = {}
    for slit in (MOUTH, *EYES):
        for chain in (slit.upper, slit.lower, *slit.above, *slit.below):
            for four, mix, middle in _windows(chain):
                found[_edge(*middle)] = (four, mix)
    looped = OVAL[-1:] + OVAL + OVAL[:2]
    for i in range(len(OVAL)):
        four = looped[i : i + 4]
        found[_edge(four[1], four[2])] = (four, INNER)
    return found


def _windows(chain: tuple[int, ...]) -> list[tuple[tuple[int, ...], tuple[float, ...], tuple[int, int]]]:
    first = (chain[0], chain[1], chain[2], chain[2])
    last = (chain[-1], chain[-2], chain[-3], chain[-3])
    inner = [(chain[i : i + 4], INNER, (chain[i + 1], chain[i + 2])) for i in range(len(chain) - 3)]
    return [(first, FIRST, (chain[0], chain[1])), *inner, (last, FIRST, (chain[-1], chain[-2]))]


def _edge(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)
