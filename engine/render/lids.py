"""Eyelids: skin where there was none in the picture, and lashes that travel with the lid instead of being stretched."""

import cv2
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu

from engine.render.outline import Box, soft_polygon
from engine.render.paint import blend, darken, sample

LASHES = 0.06  # IOD; how far above the lid's rim lashes and liner reach, and a lid has no texture of its own
LINER = 0.03  # IOD; the part of it that stays dark on a closed lid
CORNERS = 0.03  # IOD; likewise around and below the eye
SHUT = 0.01  # IOD; an eye pictured less open than this does not close any further
SOLVE_SIDE = 160  # pixels; larger lids are completed at this size


class Lid:
    """The upper lid of one eye of a portrait."""

    def __init__(self, rgb: np.ndarray, upper: np.ndarray, lower: np.ndarray, around: np.ndarray, unit: float) -> None:
        """Pixels, as pictured: `upper`, `lower` [M, 2] the rims, left to right; `around` [N, 2] the socket's outline.

        Between rims and outline there is skin: brows lie outside.
        """
        self._rgb, self._unit, self._upper = rgb, unit, upper
        self._gap = float(np.linalg.norm(upper - lower, axis=1).mean())
        self._box = Box.around(around, 0.08 * unit, rgb.shape)
        self._skin = _bare_skin(rgb, upper, lower, around, self._box, unit)

    def closing(self, upper: np.ndarray, lower: np.ndarray) -> float:
        """0 for the eye as pictured or wider, 1 for a shut one; rims [M, 2] as they are now."""
        if self._gap < SHUT * self._unit:
            return 0.0
        return float(np.clip(1 - np.linalg.norm(upper - lower, axis=1).mean() / self._gap, 0, 1))

    def stretch(self, picture: np.ndarray, places: np.ndarray, box: Box, closing: float) -> None:
        """Replace lashes that the mesh has stretched by skin, in the box of picture [H, W, 3] uint8, in place.

        Args:
            places: [h, w, 2] float32, the place in the portrait that each pixel of the box shows.
        """
        if closing > 0:
            skin = sample(self._skin, places - self._box.origin)
            mask = skin[..., 3].astype(np.float32) * (_smooth(closing / 0.4) / 255)
            blend(box.of(picture), skin[..., :3].astype(np.float32), mask)

    def draw_lashes(self, picture: np.ndarray, upper: np.ndarray, motion: np.ndarray, box: Box, closing: float) -> None:
        """Lay the pictured lashes along the upper rim [M, 2] where it is now, in place; `motion` [2, 3] of the head."""
        if closing <= 0:
            return
        rest = self._upper @ motion[:, :2].T + motion[:, 2]
        across = (rest[-1] - rest[0]) / max(float(np.linalg.norm(rest[-1] - rest[0])), 1e-6)
        down = np.array([-across[1], across[0]])
        pixels = box.pixels()
        along, height = pixels @ across, pixels @ down
        now = np.interp(along, _rising(upper @ across), upper @ down)
        before = np.interp(along, _rising(rest @ across), rest @ down)
        above = now - height
        reach = LASHES * (1 - closing) + LINER * closing
        weight = np.clip(1.6 - np.abs(above - 0.4 * reach * self._unit) / (0.6 * reach * self._unit), 0, 1)
        beyond = np.maximum(upper[0] @ across - along, along - upper[-1] @ across) / (CORNERS * self._unit)
        inside = np.clip(2 - beyond, 0, 1)
        back = cv2.invertAffineTransform(motion.astype(np.float64))
        source = (pixels + (before - now)[..., None] * down) @ back[:, :2].T + back[:, 2]
        lashes = sample(self._rgb, source.astype(np.float32))
        darken(box.of(picture), lashes, (weight * inside * _smooth(closing / 0.4)).astype(np.float32))


def _smooth(t: float) -> float:
    t = min(max(t, 0.0), 1.0)
    return t * t * (3 - 2 * t)


def _rising(values: np.ndarray) -> np.ndarray:
    return np.maximum.accumulate(values)


def _bare_skin(
    rgb: np.ndarray, upper: np.ndarray, lower: np.ndarray, around: np.ndarray, box: Box, unit: float
) -> np.ndarray:
    """The box of the picture with eye and upper lashes grown over by skin: RGB and where it is new, [h, w, 4] uint8."""
    opening = np.concatenate([upper, lower[-2:0:-1]])
    hole = _grown(_grown(soft_polygon(opening, box) > 0, CORNERS * unit), LASHES * unit, upwards=True)
    hole &= soft_polygon(around, box) > 0.5
    shrink = min(1.0, SOLVE_SIDE / max(box.shape))
    size = (max(8, round(box.shape[1] * shrink)), max(8, round(box.shape[0] * shrink)))
    small = cv2.resize(box.of(rgb), size, interpolation=cv2.INTER_AREA)
    small_hole = cv2.resize(hole.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    smooth = cv2.resize(_membrane(small, small_hole), box.shape[::-1], interpolation=cv2.INTER_LINEAR)
    inner = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), max(0.7, 0.012 * unit))
    below = box.pixels()[..., 1] - np.interp(box.pixels()[..., 0], _rising(lower[:, 0]), lower[:, 1])
    mask = inner * np.clip(0.5 - below / max(1.0, 0.02 * unit), 0, 1)
    return np.dstack([np.round(smooth), np.round(255 * mask)]).clip(0, 255).astype(np.uint8)


def _grown(mask: np.ndarray, radius: float, upwards: bool = False) -> np.ndarray:
    size = max(1, round(radius))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * size + 1, 2 * size + 1))
    if upwards:
        kernel[:size] = 0  # a pixel is reached from those below it
    return cv2.dilate(mask.astype(np.uint8), kernel) > 0


def _membrane(patch: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """patch [h, w, 3] with the hole spanned smoothly from its border (Laplace's equation); float32.

    Border pixels unlike the skin around (lashes, a frame of glasses, a brow) pull less.
    """
    height, width = hole.shape
    inside = np.flatnonzero(hole.ravel())
    number = np.full(height * width, -1)
    number[inside] = np.arange(len(inside))
    colours = cv2.GaussianBlur(patch, (0, 0), 0.8).reshape(-1, 3).astype(np.float64)
    pull = _skin_likeness(colours, hole)
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


def _skin_likeness(colours: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """[h w] in 0..1 for colours [h w, 3]: how much each is like the lighter half of what lies around the hole."""
    ring = ((cv2.dilate(hole.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0) & ~hole).ravel()
    if not ring.any():
        return np.ones(len(colours))
    lightness = colours.sum(1)
    skin = np.median(colours[ring & (lightness >= np.median(lightness[ring]))], axis=0)
    away = ((colours - skin) ** 2).sum(1) / (0.25 * skin.sum() / 3 + 10) ** 2
    return 0.01 + 0.99 * np.exp(-away)
