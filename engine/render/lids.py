"""Eyelids: skin where there was none in the picture, and lashes that travel with the lid instead of being stretched."""

import cv2
import numpy as np

from engine.render.membrane import spanned
from engine.render.outline import Box, soft_polygon
from engine.render.paint import blend, darken, sample

LASHES = 0.06  # IOD; how far above the lid's rim lashes and liner reach, and a lid has no texture of its own
LINER = 0.03  # IOD; the part of it that stays dark on a closed lid
CORNERS = 0.04  # IOD; likewise around and below the eye
BLUR = 0.012  # IOD; how softly new skin ends above the lower rim
TINTED = 0.8  # how much of a new lid's colour is that of the skin under the eye
GRAIN = 0.03  # IOD; skin's marks finer than this are grain
SHUT = 0.01  # IOD; an eye pictured less open than this does not close any further


class Lid:
    """The upper lid of one eye of a portrait."""

    def __init__(
        self,
        rgb: np.ndarray,
        upper: np.ndarray,
        lower: np.ndarray,
        around: np.ndarray,
        beneath: np.ndarray,
        unit: float,
    ) -> None:
        """Pixels, as pictured: `upper`, `lower` [M, 2] the rims, left to right; `around` [N, 2] the socket's outline.

        Between rims and outline there is skin: brows lie outside. `beneath` [N, 2] outlines bare skin below the eye.
        """
        self._rgb, self._unit, self._upper = rgb, unit, upper
        self._gap = float(np.linalg.norm(upper - lower, axis=1).mean())
        self._box = Box.around(around, 0.08 * unit, rgb.shape)
        skin = _median_colour(rgb, beneath)
        self._skin = _bare_skin(rgb, upper, lower, around, skin, self._box, unit)
        self._grain = _grain_below(rgb, lower, self._box, unit)

    def closing(self, upper: np.ndarray, lower: np.ndarray) -> float:
        """0 for the eye as pictured or wider, 1 for a shut one; rims [M, 2] as they are now."""
        if self._gap < SHUT * self._unit:
            return 0.0
        return float(np.clip(1 - np.linalg.norm(upper - lower, axis=1).mean() / self._gap, 0, 1))

    def stretch(self, picture: np.ndarray, places: np.ndarray, motion: np.ndarray, box: Box, closing: float) -> None:
        """Replace lashes that the mesh has stretched by skin, in the box of picture [H, W, 3] uint8, in place.

        Args:
            places: [h, w, 2] float32, the place in the portrait that each pixel of the box shows.
            motion: [2, 3] of the head; the lid's grain goes with it, unstretched.
        """
        if closing > 0:
            skin = sample(self._skin, places - self._box.origin)
            mask = skin[..., 3].astype(np.float32) * (_smooth(closing / 0.4) / 255)
            back = cv2.invertAffineTransform(motion.astype(np.float64))
            unstretched = box.pixels() @ back[:, :2].T + back[:, 2] - self._box.origin
            grain = sample(self._grain, unstretched.astype(np.float32))
            blend(box.of(picture), skin[..., :3] + grain[..., None], mask)

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
        share = above / (reach * self._unit)
        weight = np.clip(4 * share + 0.6, 0, 1) * np.clip(2.6 - 2 * share, 0, 1)
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
    rgb: np.ndarray,
    upper: np.ndarray,
    lower: np.ndarray,
    around: np.ndarray,
    skin: np.ndarray | None,
    box: Box,
    unit: float,
) -> np.ndarray:
    """The box of the picture with eye and upper lashes grown over by skin: RGB and where it is new, [h, w, 4] uint8."""
    opening = np.concatenate([upper, lower[-2:0:-1]])
    hole = _grown(_grown(soft_polygon(opening, box) > 0, CORNERS * unit), LASHES * unit, upwards=True)
    hole &= soft_polygon(around, box) > 0.5
    pixels = box.pixels()
    below = pixels[..., 1] - np.interp(pixels[..., 0], _rising(lower[:, 0]), lower[:, 1])
    smooth = _tinted(spanned(box.of(rgb), hole, skin), skin)
    above = np.interp(pixels[..., 0], _rising(upper[:, 0]), upper[:, 1]) - pixels[..., 1]
    smooth *= _roundness(1 - above / (LASHES * unit))[..., None]
    inner = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), max(0.7, BLUR * unit))
    mask = inner * np.clip(-below / (BLUR * unit), 0, 1)
    return np.dstack([np.round(smooth), np.round(255 * mask)]).clip(0, 255).astype(np.uint8)


def _grain_below(rgb: np.ndarray, lower: np.ndarray, box: Box, unit: float) -> np.ndarray:
    """Grain for a lid: that of the skin under the eye, seen as in a mirror along the lower rim; grey levels, [h, w]."""
    pixels = box.pixels().astype(np.float32)
    mirror = np.interp(pixels[..., 0], _rising(lower[:, 0]), lower[:, 1]) + CORNERS * unit
    height = np.abs(pixels[..., 1] - mirror)
    seen = sample(rgb, np.dstack([pixels[..., 0], mirror + height]).astype(np.float32), outside=cv2.BORDER_REFLECT)
    light = seen.astype(np.float32).mean(2)
    grain = light - cv2.GaussianBlur(light, (0, 0), max(GRAIN * unit, 1))
    usual = 2.5 * float(np.median(np.abs(grain)))  # no wrinkle, lash or frame of glasses
    return np.asarray(np.clip(grain, -usual, usual))


def _median_colour(rgb: np.ndarray, outline: np.ndarray) -> np.ndarray | None:
    """[3]: of what lies inside an outline [N, 2]; None if that is too little."""
    box = Box.around(outline, 1, rgb.shape)
    seen = box.of(rgb)[soft_polygon(outline, box) > 0.5] if not box.empty else rgb[:0, 0]
    return np.median(seen, axis=0).astype(np.float32) if len(seen) >= 10 else None


def _tinted(patch: np.ndarray, skin: np.ndarray | None) -> np.ndarray:
    """patch [H, W, 3] with most of its own colour, not its brightness, given up for that of the skin [3] beside it."""
    if skin is None:
        return patch
    light = patch.mean(2, keepdims=True)
    return (1 - TINTED) * patch + TINTED * light * skin / max(float(skin.mean()), 1)


def _roundness(t: np.ndarray) -> np.ndarray:
    """How a shut lid catches the light, from its crease (t = 0) to its rim (1): a little more in the middle."""
    t = np.clip(t, 0, 1)
    return 1 + 0.06 * np.sin(np.pi * t) - 0.14 * np.clip(2.5 * t - 1.5, 0, 1) ** 2


def _grown(mask: np.ndarray, radius: float, upwards: bool = False) -> np.ndarray:
    size = max(1, round(radius))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * size + 1, 2 * size + 1))
    if upwards:
        kernel[:size] = 0  # a pixel is reached from those below it
    return cv2.dilate(mask.astype(np.uint8), kernel) > 0
