"""The head as a rigid thing on a neck: turned, moved and scaled about a pivot, the neck sharing it by degrees."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Turn:
    """Rotation by `angle` radians about a unit `axis` [3] through `pivot` [3], scaling there, a shift [3]; px."""

    axis: np.ndarray
    angle: float
    pivot: np.ndarray
    scale: float
    shift: np.ndarray

    @classmethod
    def from_matrix(cls, rotation: np.ndarray, pivot: np.ndarray, scale: float, shift: np.ndarray) -> "Turn":
        """From a rotation matrix [3, 3]."""
        skew = rotation - rotation.T
        axis = np.array([skew[2, 1], skew[0, 2], skew[1, 0]])
        sine, cosine = np.linalg.norm(axis) / 2, (np.trace(rotation) - 1) / 2
        unit = axis / (2 * sine) if sine > 1e-9 else np.array([0.0, 0.0, 1.0])
        return cls(unit, float(np.arctan2(sine, cosine)) if sine > 1e-9 else 0.0, pivot, scale, shift)

    def apply(self, points: np.ndarray, share: np.ndarray | float = 1.0) -> np.ndarray:
        """Move points [N, 3], each by its share [N] of the turn (Rodrigues' formula with a share of the angle)."""
        share = np.broadcast_to(np.asarray(share, np.float64), len(points))[:, None]
        offset = points - self.pivot
        cosine, sine = np.cos(share * self.angle), np.sin(share * self.angle)
        turned = cosine * offset + sine * np.cross(self.axis, offset)
        turned += (1 - cosine) * (offset @ self.axis)[:, None] * self.axis
        scale = 1 + share * (self.scale - 1)
        return (self.pivot + scale * turned + share * self.shift).astype(np.float32)


def affine_of(turn: Turn, point: np.ndarray) -> np.ndarray:
    """[2, 3] affine map of the picture plane that a turn makes around a point [3]."""
    probes = point + np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]])
    moved = turn.apply(probes)[:, :2].astype(np.float64)
    linear = np.stack([moved[1] - moved[0], moved[2] - moved[0]], 1)
    return np.column_stack([linear, moved[0] - linear @ point[:2]])
