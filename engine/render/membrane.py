"""Skin grown over a hole: a smooth membrane spanned between the colours around it."""

import cv2
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu

SOLVE_SIDE = 160  # pixels; larger patches are solved at this size
UNLIKE = 0.25  # of the skin's brightness; how far a colour may be from it before it counts little


def spanned(patch: np.ndarray, hole: np.ndarray, like: np.ndarray | None = None) -> np.ndarray:
    """patch [H, W, 3] uint8 with the hole ([H, W] bool) spanned smoothly from its border; float32.

    Border pixels pull less the less they are like the colour `like` [3], by default that of the lighter skin around: so
    lashes, a frame of glasses or a brow do not stain it.
    """
    height, width = hole.shape
    shrink = min(1.0, SOLVE_SIDE / max(height, width))
    size = (max(8, round(width * shrink)), max(8, round(height * shrink)))
    small = cv2.resize(patch, size, interpolation=cv2.INTER_AREA)
    small_hole = cv2.resize(hole.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    solved = _solve(small, small_hole, _lighter_around(small, small_hole) if like is None else like)
    return cv2.resize(solved, (width, height), interpolation=cv2.INTER_LINEAR)


def _solve(patch: np.ndarray, hole: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Laplace's equation inside the hole, its border held by springs: float32."""
    height, width = hole.shape
    inside = np.flatnonzero(hole.ravel())
    number = np.full(height * width, -1)
    number[inside] = np.arange(len(inside))
    colours = cv2.GaussianBlur(patch, (0, 0), 0.8).reshape(-1, 3).astype(np.float64)
    pull = 0.01 + 0.99 * np.exp(-((colours - like) ** 2).sum(1) / (UNLIKE * like.mean() + 10) ** 2)
    rows, columns, entries = [], [], []
    given, degree = np.zeros((len(inside), 3)), np.full(len(inside), 1e-9)
    for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        y, x = inside // width + dy, inside % width + dx
        ok = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        other = np.where(ok, y * width + x, 0)
        weight = np.where(number[other] >= 0, 1.0, pull[other]) * ok
        degree += weight
        linked = np.flatnonzero(ok & (number[other] >= 0))
        rows.append(linked)
        columns.append(number[other[linked]])
        entries.append(-np.ones(len(linked)))
        border = np.where(number[other] < 0, weight, 0)[:, None]
        given += border * colours[other]
    diagonal = np.arange(len(inside))
    where = (np.concatenate([*rows, diagonal]), np.concatenate([*columns, diagonal]))
    result = patch.reshape(-1, 3).astype(np.float64)
    if len(inside):
        result[inside] = splu(coo_matrix((np.concatenate([*entries, degree]), where)).tocsc()).solve(given)
    return result.reshape(patch.shape).astype(np.float32)


def _lighter_around(patch: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """[3]: the colour of the lighter half of what lies around the hole."""
    around = (cv2.dilate(hole.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0) & ~hole
    colours = patch[around].astype(np.float64)
    if not len(colours):
        return np.full(3, 128.0)
    lightness = colours.sum(1)
    return np.median(colours[lightness >= np.median(lightness)], axis=0)
