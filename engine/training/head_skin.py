"""Skin and hair of a pictured head, laid on ICT-FaceKit's surface as an image of its own, without the picture's light."""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.face.fit import Fit
from engine.face.raster import rasterise
from engine.render.tgdm.light import GAMMA, harmonics
from engine.training.dense_head import DenseHead

SIDE = 512  # texels a side, of the face and of the back of the head each
FACING = 0.15  # least cosine to the viewer for a place to be taken from the picture
BEHIND = 0.04  # eye distances behind what is seen: hidden
FADE = 2.0  # texels over which one source gives way to the next
LIT = (0.5, 1.6)  # bounds of the light that is taken out, beside its mean
TAKEN_OUT = 0.75  # power of it: what is left is neither doubled nor turned round where the light was not understood
RIDGE = 0.02
HAIR = 0.3  # how strongly the colour of the hair asserts itself at the back of the head


@dataclass(frozen=True)
class Surface:
    """Which corners are drawn: vertex [P] and place in the image [P, 2] (texels) of each, triangles [F, 3] over them."""

    vertex: np.ndarray
    texel: np.ndarray
    triangles: np.ndarray

    @classmethod
    def of(cls, head: DenseHead, uv: np.ndarray, uv_triangles: np.ndarray) -> "Surface":
        """Face and back of the head; `uv` [U, 2] and its triangles [F, 3] as ICT-FaceKit's file has them. The face is
        the left half of the image, the back of the head the right."""
        drawn = head.ict.of("M_Face", "M_BackHead")
        pairs = np.stack([head.ict.triangles[drawn].ravel(), uv_triangles[drawn].ravel()], 1)
        corners, triangles = np.unique(pairs, axis=0, return_inverse=True)
        texel = uv[corners[:, 1]] * SIDE
        texel[:, 1] = SIDE - texel[:, 1]
        return cls(corners[:, 0], texel.astype(np.float32), triangles.reshape(-1, 3).astype(np.int32))


def skin_of(rgb: np.ndarray, fit: Fit, head: DenseHead, surface: Surface, hair: np.ndarray) -> np.ndarray:
    """[SIDE, 2 SIDE, 3] float32 linear colour of a pictured head [H, W, 3] uint8, the hair [3] linear.

    What the picture hides comes from the other side of the face, the rest from what is around it.
    """
    points = pictured(fit, head)
    normals = unit_normals(points, head.ict.triangles[head.ict.of("M_Face", "M_BackHead")])
    _, covering = rasterise(points, head.ict.triangles, np.zeros((len(points), 1)), *rgb.shape[:2])
    nearest = np.full(rgb.shape[:2], np.inf, np.float32)
    seen = covering >= 0
    nearest[seen] = points[head.ict.triangles[covering[seen]], 2].min(1)
    shell = np.asarray(cv2.erode(nearest, np.ones((3, 3), np.uint8)))
    flat = np.column_stack([surface.texel, np.zeros(len(surface.texel))])
    rows = np.column_stack([points, normals])[surface.vertex]
    image, known = rasterise(flat, surface.triangles, rows, SIDE, 2 * SIDE)
    x, y, z, towards = image[..., 0], image[..., 1], image[..., 2], -image[..., 5]
    inside = (known >= 0) & (x > 0) & (y > 0) & (x < rgb.shape[1] - 1) & (y < rgb.shape[0] - 1)
    front = cv2.remap(shell, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    told = inside & (towards > FACING) & (z - front < BEHIND * fit.pose.scale)
    colour = cv2.remap(rgb.astype(np.float32) / 255, x, y, cv2.INTER_LINEAR) ** GAMMA
    sure = cv2.GaussianBlur(cv2.erode(told.astype(np.float32), np.ones((5, 5), np.uint8)), (0, 0), FADE)
    trust = np.asarray(sure * np.clip((towards - FACING) / 0.3, 0, 1), np.float32)
    colour = _unlit(colour, image[..., 3:], told, trust)
    colour[:, SIDE:] += (1 - trust[:, SIDE:, None]) * (hair - colour[:, SIDE:])
    trust[:, SIDE:] = np.maximum(trust[:, SIDE:], HAIR)
    return _completed(colour, trust)


def pictured(fit: Fit, head: DenseHead) -> np.ndarray:
    """All vertices [N, 3], pixels, where a picture shows them: landmarks come out as seen."""
    values = fit.values()
    points = fit.pose.project(head.shape(fit.person, fit.expression, fit.gaze))
    missed = np.delete(fit.points(values) - fit.modelled(values), range(468, 478), axis=0)
    return np.asarray(points + head.spread @ missed, np.float32)


def unit_normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit normals [N, 3] of vertices [N, 3] in pixel axes, z < 0 towards the viewer."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    flat = np.cross(b - a, c - a)
    normals = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(flat[:, k], 3), minlength=len(points)) for k in range(3)], 1
    )
    facing = np.linalg.norm(normals, axis=1) > 0
    normals[facing] /= np.linalg.norm(normals[facing], axis=1, keepdims=True)
    return np.asarray(normals, np.float32)


def _unlit(colour: np.ndarray, normals: np.ndarray, told: np.ndarray, trust: np.ndarray) -> np.ndarray:
    """Colours over the light that explains them best, were the skin all of one tone (Basri & Jacobs 2003, nine
    harmonics; iterated, so that brows, hair and shadows count little)."""
    basis = harmonics(normals[told])
    light = colour[told].mean(1)
    weight = trust[told]
    pull = RIDGE * weight.sum() * np.diag([0.0] + [1.0] * 8)
    for _ in range(8):
        found = np.linalg.solve((basis * weight[:, None]).T @ basis + pull, (basis * weight[:, None]).T @ light)
        off = light - basis @ found
        spread = 1.5 * np.median(np.abs(off)) + 1e-4
        weight = trust[told] / (1 + (off / spread) ** 2) ** 2
    lit = harmonics(normals) @ found
    lit = np.clip(lit / max(float(np.median(lit[told])), 1e-3), *LIT)
    return np.asarray(colour / lit[..., None] ** TAKEN_OUT, np.float32)


def _completed(colour: np.ndarray, trust: np.ndarray) -> np.ndarray:
    """Where nothing is told: the face's other side, then what is around, smoother the further away that is."""
    mirrored = colour[:, ::-1][:, SIDE:], trust[:, ::-1][:, SIDE:]  # of the face
    whole = [np.concatenate([mirrored[k], colour[:, SIDE:] if k == 0 else 0 * trust[:, SIDE:]], 1) for k in (0, 1)]
    share = np.clip(trust * 1.2, 0, 1)
    other = (1 - share) * whole[1]
    total = share[..., None] * colour + other[..., None] * whole[0]
    known = share + other
    filled = _spread_out(total, known)
    return np.asarray(np.clip(filled, 0.002, 1), np.float32)


def _spread_out(total: np.ndarray, known: np.ndarray) -> np.ndarray:
    """total / known where known, the mean of what is known around elsewhere, from ever coarser images."""
    if min(known.shape) <= 2:
        mean = total.sum((0, 1)) / max(float(known.sum()), 1e-6)
        return np.broadcast_to(mean, total.shape).astype(np.float32)
    size = (known.shape[1] // 2, known.shape[0] // 2)
    coarse = _spread_out(
        cv2.resize(total, size, interpolation=cv2.INTER_AREA), cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    )
    around = cv2.resize(coarse, known.shape[::-1], interpolation=cv2.INTER_LINEAR)
    share = np.clip(known, 0, 1)[..., None]
    return np.asarray(total / np.maximum(known, 1)[..., None] + (1 - share) * around, np.float32)
