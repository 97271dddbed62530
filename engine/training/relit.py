"""The simplest way to light a face anew, which the denoiser of whole faces has to beat: its normals turn in a fixed light."""

import cv2
import numpy as np

from engine.render.tgdm.portrait import View
from engine.training.head_skin import GAMMA, harmonics

TAKEN = 0.5  # power of the change of light: all of it measures worse than none
BOUNDS = (0.6, 1.6)  # of the light, now against as pictured
ROUNDS = 6
RIDGE = 1e-3


def relit(view: View, portrait: View) -> np.ndarray:
    """[P, P, 3] uint8: a patch with the light that its skin would have.

    The light is the one, in nine harmonics, that explains the portrait's skin best, were that all of one tone (Basri &
    Jacobs 2003); each place is multiplied by what falls on it now and divided by what fell on it in the portrait.
    """
    skin = view.maps.trust[..., 0] > 0
    known = portrait.maps.trust[..., 0] > 0
    light = _light(portrait.rgb[known], _normals(portrait)[known])
    x, y = np.nan_to_num(view.maps.source).transpose(2, 0, 1)
    before = cv2.remap(_normals(portrait), x, y, cv2.INTER_LINEAR)
    now, then = (np.maximum(harmonics(normals) @ light, 0.02) for normals in (_normals(view), before))
    ratio = np.where(skin, np.clip(now / then, *BOUNDS), 1).astype(np.float32)
    near = np.maximum(cv2.GaussianBlur(skin.astype(np.float32), (0, 0), 2), 1e-3)
    ratio = np.where(skin, cv2.GaussianBlur(ratio * skin, (0, 0), 2) / near, 1)
    linear = (view.rgb / 255) ** GAMMA * ratio[..., None] ** TAKEN
    return np.round(255 * np.clip(linear, 0, 1) ** (1 / GAMMA)).astype(np.uint8)


def _normals(view: View) -> np.ndarray:
    """[P, P, 3] float32, unit where there is skin."""
    normals = view.maps.geometry[..., 3:6].astype(np.float32) / 127.5 - 1
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 0.3))


def _light(rgb: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """[9] that colours [N, 3] uint8 at unit normals [N, 3] speak for; what is no plain skin counts little."""
    basis, seen = harmonics(normals), (rgb.mean(1) / 255) ** GAMMA
    weight = np.ones(len(seen))
    pull = RIDGE * len(seen) * np.diag([0.0] + [1.0] * 8)
    for _ in range(ROUNDS):
        light = np.linalg.solve((basis * weight[:, None]).T @ basis + pull, (basis * weight[:, None]).T @ seen)
        off = np.abs(seen - basis @ light)
        weight = 1 / (1 + (off / (2.8 * np.median(off) + 2e-4)) ** 2)
    return np.asarray(light)
