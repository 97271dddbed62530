"""The light on a portrait's skin, as far as it can be told from the skin alone, and what it does when the skin turns.

Half of what becomes of a face's light is this, the other half is learnt (`TgdmRenderer`): they go wrong in different ways.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.render.tgdm.portrait import View

GAMMA = 2.2
TAKEN = 0.5  # power of the change: all of it measures worse than none
BOUNDS = (0.6, 1.6)  # of the light, now against as pictured
ROUNDS = 6
RIDGE = 1e-3


@dataclass(frozen=True)
class FaceLight:
    """The light, as nine spherical harmonics [9] of a unit normal, and the portrait's normals [P, P, 3]."""

    harmonics: np.ndarray
    normals: np.ndarray

    @classmethod
    def of(cls, portrait: View) -> "FaceLight":
        """The light that explains a portrait's skin best, were that all of one tone (Basri & Jacobs 2003); what is no
        plain skin counts little."""
        normals = _normals(portrait)
        skin = portrait.maps.trust[..., 0] > 0
        if not skin.any():
            return cls(np.eye(9)[0], normals)
        basis = harmonics(normals[skin])
        seen = (portrait.rgb[skin].mean(1) / 255) ** GAMMA
        weight = np.ones(len(seen))
        pull = RIDGE * len(seen) * np.diag([0.0] + [1.0] * 8)
        for _ in range(ROUNDS):
            light = np.linalg.solve((basis * weight[:, None]).T @ basis + pull, (basis * weight[:, None]).T @ seen)
            off = np.abs(seen - basis @ light)
            weight = 1 / (1 + (off / (2.8 * np.median(off) + 2e-4)) ** 2)
        return cls(light, normals)

    def change(self, view: View) -> np.ndarray:
        """[P, P, 3] float32, grey levels: of the skin of the same portrait, drawn with other geometry; 0 beside it.

        Each place gets what falls on it now and loses what fell on it in the portrait.
        """
        skin = np.isfinite(view.maps.source[..., 0])
        x, y = np.nan_to_num(view.maps.source).transpose(2, 0, 1)
        before = cv2.remap(self.normals, x, y, cv2.INTER_LINEAR)
        now, then = (np.maximum(harmonics(side) @ self.harmonics, 0.02) for side in (_normals(view), before))
        ratio = np.where(skin, np.clip(now / then, *BOUNDS), 0).astype(np.float32)
        blur = view.patch.pixels / 64
        near = np.maximum(cv2.GaussianBlur(skin.astype(np.float32), (0, 0), blur), 1e-3)
        ratio = np.where(skin, cv2.GaussianBlur(ratio, (0, 0), blur) / near, 1)
        seen = view.rgb.astype(np.float32)
        return np.asarray(np.clip(seen * ratio[..., None] ** (TAKEN / GAMMA), 0, 255) - seen, np.float32)


def harmonics(normals: np.ndarray) -> np.ndarray:
    """[..., 9]: the spherical harmonics of the first three orders, unscaled, of unit normals [..., 3]."""
    x, y, z = np.moveaxis(normals, -1, 0)
    return np.stack([np.ones_like(x), x, y, z, x * y, x * z, y * z, x * x - y * y, 3 * z * z - 1], -1)


def _normals(view: View) -> np.ndarray:
    """[P, P, 3] float32, unit where there is skin."""
    normals = view.maps.geometry[..., 3:6].astype(np.float32) / 127.5 - 1
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 0.3))
