"""A sharp matte from a rough one."""

import cv2
import numpy as np
from scipy.sparse import coo_matrix, diags, identity
from scipy.sparse.linalg import cg

from engine.render.outline import grown

SOLVE_SIDE = 420  # pixels; larger pictures are solved at this size and brought up along their own edges
DOUBT = 0.06  # IOD; how far the rough matte's edge may be wrong ...
WISPS = 0.16  # IOD; ... and how far beyond it there may be hair
PRIOR = 0.003  # how much the rough matte still counts where it is in doubt
SMOOTH = 1e-5  # regulariser of the colour model (pictures in 0..1)
CLOSE = 1e-5  # relative residual at which opacities are right to a thousandth


def sharpen_matte(rgb: np.ndarray, rough: np.ndarray, unit: float) -> np.ndarray:
    """Opacity [H, W] float32 in 0..1 that follows hair, from a rough matte [H, W] and rgb [H, W, 3] uint8.

    Closed-form matting (Levin, Lischinski and Weiss 2008, eq. 12) in the band where the rough matte is in doubt.

    Args:
        unit: the eye distance, pixels.
    """
    shrink = min(1.0, SOLVE_SIDE / max(rgb.shape[:2]))
    size = (max(8, round(rgb.shape[1] * shrink)), max(8, round(rgb.shape[0] * shrink)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float64) / 255
    small_rough = cv2.resize(rough.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    radius = max(1.0, DOUBT * unit * shrink)
    person = grown(small_rough > 0.9, -radius)
    scene = ~grown(small_rough > 0.08, max(1.0, WISPS * unit * shrink))
    solved = _solve(small, person, ~(person | scene), small_rough)
    matte = cv2.resize(solved.astype(np.float32), rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    if shrink < 1:
        guide = rgb.astype(np.float32) / 255
        matte = cv2.ximgproc.guidedFilter(guide, matte, max(2, round(2 / shrink)), 1e-5)
    return np.clip((matte - 0.05) / 0.85, 0, 1).astype(np.float32)


def _solve(picture: np.ndarray, person: np.ndarray, doubt: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Opacity where in doubt; 1 at the person, 0 elsewhere. All [H, W], picture [H, W, 3] float64 in 0..1."""
    opacity = person.astype(np.float64).ravel()
    unknown, known = np.flatnonzero(doubt), np.flatnonzero(~doubt)
    if len(unknown):
        rows = _laplacian(picture, doubt)[unknown]
        system = (rows[:, unknown] + PRIOR * identity(len(unknown))).tocsr()
        given = PRIOR * prior.ravel()[unknown] - rows[:, known] @ opacity[known]
        # Step by step: a direct solver is slower, and holds up every other thread for as long as it takes.
        opacity[unknown], _ = cg(system, given, prior.ravel()[unknown], rtol=CLOSE, M=diags(1 / system.diagonal()))
    return np.clip(opacity, 0, 1).reshape(doubt.shape)


def _laplacian(picture: np.ndarray, doubt: np.ndarray) -> coo_matrix:
    """The matting Laplacian [H W, H W] of all 3 x 3 windows that hold a pixel in doubt."""
    height, width = doubt.shape
    windows = cv2.dilate(doubt.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rows, columns = np.nonzero(windows[1:-1, 1:-1])
    steps = np.array([dy * width + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
    members = (((rows + 1) * width + columns + 1)[:, None] + steps).astype(np.int32)  # as sparse matrices want them
    colours = picture.reshape(-1, 3)[members]
    spread = colours - colours.mean(1, keepdims=True)
    covariance = np.einsum("nki,nkj->nij", spread, spread) / 9 + SMOOTH / 9 * np.eye(3)
    alike = (1 + np.einsum("nki,nij,nlj->nkl", spread, np.linalg.inv(covariance), spread)) / 9
    entries = (np.eye(9) - alike).ravel()
    where = (np.repeat(members, 9, axis=1).ravel(), np.tile(members, (1, 9)).ravel())
    return coo_matrix((entries, where), shape=(height * width, height * width)).tocsr()
