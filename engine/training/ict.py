"""ICT-FaceKit (MIT licence) as arrays in the order of our channel table; only training code reads it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.project.channels import NAMES

EXPRESSIONS = NAMES[: NAMES.index("gazeYaw")]  # ARKit's 51 and tongueOut
BOTH_SIDES = ("browInnerUp", "cheekPuff")  # one channel in ARKit, two shapes in ICT


@dataclass(frozen=True)
class Ict:
    """The full model: y up, +z out of the face, +x to the subject's left, centimetres."""

    neutral: np.ndarray  # [N, 3] float32
    triangles: np.ndarray  # [F, 3] int32
    material: np.ndarray  # [F] str, e.g. "M_Face"
    expression: np.ndarray  # [52, N, 3] float32, rows as EXPRESSIONS
    identity: np.ndarray  # [60, N, 3] float32, one standard deviation each
    landmarks68: np.ndarray  # [68] vertex indices, in the 300-W order
    mirror: np.ndarray  # [N] the vertex on the other side

    def of(self, *materials: str) -> np.ndarray:
        """Indices of the triangles of these materials."""
        return np.flatnonzero(np.isin(self.material, materials))

    def row(self, name: str) -> np.ndarray:
        """Deltas [N, 3] of one expression."""
        return self.expression[EXPRESSIONS.index(name)]


def load_ict(folder: Path) -> Ict:
    """Read `ict_facekit.npz` from the head_model data folder."""
    data = np.load(folder / "ict_facekit.npz")
    shapes = {
        str(name): row.astype(np.float32)
        for name, row in zip(data["expression_names"], data["expression"], strict=True)
    }
    neutral = data["neutral"]
    return Ict(
        neutral=neutral,
        triangles=data["triangles"],
        material=data["material_names"][data["material"]],
        expression=np.stack([_shape(shapes, name, neutral) for name in EXPRESSIONS]),
        identity=data["identity"].astype(np.float32),
        landmarks68=data["landmarks68"],
        mirror=_mirror(neutral),
    )


def _shape(shapes: dict[str, np.ndarray], name: str, neutral: np.ndarray) -> np.ndarray:
    if name == "tongueOut":  # ICT has none; the renderer moves the tongue mesh
        return np.zeros_like(neutral)
    if name in BOTH_SIDES:
        return shapes[f"{name}_L"] + shapes[f"{name}_R"]
    ict_name = name.replace("Left", "_L").replace("Right", "_R")
    return shapes[ict_name] if ict_name in shapes else shapes[name]


def _mirror(vertices: np.ndarray) -> np.ndarray:
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(vertices).query(vertices * np.array([-1, 1, 1], np.float32))[1])
