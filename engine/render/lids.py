"""Eyelids: skin where there was none in the picture, and lashes that travel with the lid instead of being stretched."""

import cv2
import numpy as np

from engine.render.membrane import spanned
from engine.render.outline import Box, soft_polygon
from engine.render.paint import blend, darken, sample

LASHES = 0.06  # IOD; how far above the lid's rim lashes and liner reach, and a lid has no texture of its own
LINER = 0.03  # IOD; the part of it that stays dark on a closed lid
CORNERS = 0.04  # IOD; likewise around and below the eye
BLUR = 0.012  # IOD; how softly new skin ends at the lower rim ...
FEATHER = 0.05  # IOD; ... and how softly it goes over into the socket
OVERLAP = 0.02  # IOD; how far a shut upper lid reaches over the lower one's wet edge
ALONG = 0.03  # IOD; how softly the line of a closed lid runs on along it
RING = 0.03  # IOD; how much of the socket around new skin says what colour it has
GRAIN = 0.012  # IOD; skin's marks finer than this are grain
COARSE = 4  # grey levels; stronger marks are no grain
LOW = (0.093, 0.104)  # IOD; sockets lower than that have the brow's colour, or that of a frame of glasses
TINTED = 0.8  # how much of a new lid's colour is that of the skin beside it, not of lashes, or a frame
FEW = 6  # pixels; a colour seen in fewer is not relied on
KNOTS = 80  # points of a rim
THIN = 1.5  # pixels; no line of lashes is thinner
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
        self._line = _Line(rgb, upper, unit)
        self._gap = float(np.linalg.norm(upper - lower, axis=1).mean())
        self._box = Box.around(around, 0.08 * unit, rgb.shape)
        self._skin = _bare_skin(rgb, upper, lower, around, beneath, self._box, unit)
        # how far below the lid's rim, as pictured and as it is when shut
        self._below = np.dstack([_below(_reaching(lower, unit, closing), self._box) for closing in (0, 1)])
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
            below = sample(self._below, places - self._box.origin) @ np.array([1 - closing, closing], np.float32)
            opacity = skin[..., 3] * np.clip(-below / (BLUR * self._unit), 0, 1)
            mask = opacity.astype(np.float32) * (_smooth(closing / 0.4) / 255)
            back = cv2.invertAffineTransform(motion.astype(np.float64))
            unstretched = box.pixels() @ back[:, :2].T + back[:, 2] - self._box.origin
            grain = sample(self._grain, unstretched.astype(np.float32))
            blend(box.of(picture), skin[..., :3] + grain[..., None], mask)

    def draw_lashes(self, picture: np.ndarray, upper: np.ndarray, motion: np.ndarray, box: Box, closing: float) -> None:
        """Lay the pictured lashes along the upper rim [M, 2] where it is now, in place; `motion` [2, 3] of the head."""
        if closing <= 0:
            return
        rest = self._upper @ motion[:, :2].T + motion[:, 2]
        across, down = _axes(rest)
        pixels = box.pixels()
        along, height = pixels @ across, pixels @ down
        lid = _reaching(upper, self._unit, closing)
        now = np.interp(along, _rising(lid @ across), lid @ down)
        before = np.interp(along, _rising(rest @ across), rest @ down)
        above = now - height
        beyond = np.maximum(upper[0] @ across - along, along - upper[-1] @ across) / (CORNERS * self._unit)
        tapered = np.clip(-beyond / 2, 0.5, 1)
        reach = np.maximum((LASHES * (1 - closing) + LINER * closing * tapered) * self._unit, THIN)
        weight = np.clip(1 + above / np.maximum(reach / 4, 1), 0, 1) * np.clip(2.6 - 2 * above / reach, 0, 1)
        inside = np.clip(1 - beyond, 0, 1)
        back = cv2.invertAffineTransform(motion.astype(np.float64))
        source = (pixels + (before - now)[..., None] * down) @ back[:, :2].T + back[:, 2]
        lashes = sample(self._rgb, source.astype(np.float32))
        lashes = cv2.addWeighted(lashes, 1 - closing, self._line.at(source), closing, 0)
        darken(box.of(picture), lashes, (weight * inside * _smooth(closing / 0.4)).astype(np.float32))


class _Line:
    """The lashes of a pictured upper lid, smoothed along its rim: a line without knots."""

    def __init__(self, rgb: np.ndarray, rim: np.ndarray, unit: float) -> None:
        """For rgb [H, W, 3] uint8 and the rim [M, 2], left to right, pixels."""
        self._across, self._down = _axes(rim)
        self._along, self._height = _rising(rim @ self._across), rim @ self._down
        margin = np.ceil(3 * CORNERS * unit)
        self._origin = np.array([self._along[0] - margin, -margin])
        columns = np.arange(self._origin[0], self._along[-1] + margin)
        rows = np.arange(-margin, margin)[:, None] + np.interp(columns, self._along, self._height)
        straight = columns[:, None] * self._across + rows[..., None] * self._down
        strip = sample(rgb, straight.astype(np.float32), outside=cv2.BORDER_REPLICATE)
        self._strip = cv2.GaussianBlur(strip, (0, 0), sigmaX=max(ALONG * unit, 0.5), sigmaY=0.5)

    def at(self, places: np.ndarray) -> np.ndarray:
        """[h, w, 3] uint8: what it shows at places [h, w, 2] of the portrait."""
        along = places @ self._across
        above = places @ self._down - np.interp(along, self._along, self._height)
        spots = np.dstack([along, above]) - self._origin
        return sample(self._strip, spots.astype(np.float32), outside=cv2.BORDER_REPLICATE)


def _smooth(t: float) -> float:
    return float(_smoothed(np.array(t)))


def _smoothed(t: np.ndarray) -> np.ndarray:
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def _axes(rim: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors [2] along a rim [M, 2] from corner to corner, and down from it."""
    across = (rim[-1] - rim[0]) / max(float(np.linalg.norm(rim[-1] - rim[0])), 1e-6)
    return across, np.array([-across[1], across[0]])


def _below(rim: np.ndarray, box: Box) -> np.ndarray:
    """How far each pixel of the box lies below a rim [M, 2]: [h, w] float32, pixels."""
    pixels = box.pixels()
    height = np.interp(pixels[..., 0], _rising(rim[:, 0]), rim[:, 1])
    return (pixels[..., 1] - height).astype(np.float32)


def _reaching(rim: np.ndarray, unit: float, closing: float) -> np.ndarray:
    """A lid's rim [M, 2] and a little beyond its corners, [KNOTS, 2]; the more it closes the rounder it is at the corners,
    and at last it overlaps the other lid.
    """
    across, down = _axes(rim)
    along, margin = _rising(rim @ across), 2 * CORNERS * unit
    knots = np.linspace(along[0] - margin, along[-1] + margin, KNOTS)
    shut = np.clip(2 * np.sin(np.pi * np.interp(knots, along[[0, -1]], (0, 1))), 0, 1) * _smooth((closing - 0.9) / 0.1)
    height = np.interp(knots, along, rim @ down) + OVERLAP * unit * shut
    round_ = cv2.GaussianBlur(
        height[None], (0, 0), ALONG * unit / (knots[1] - knots[0]), borderType=cv2.BORDER_REPLICATE
    )
    height += closing * (round_[0] - height)
    return knots[:, None] * across + height[:, None] * down


def _rising(values: np.ndarray) -> np.ndarray:
    return np.maximum.accumulate(values)


def _bare_skin(
    rgb: np.ndarray,
    upper: np.ndarray,
    lower: np.ndarray,
    around: np.ndarray,
    beneath: np.ndarray,
    box: Box,
    unit: float,
) -> np.ndarray:
    """The box of the picture with eye and upper lashes grown over by skin: RGB and where it is new, [h, w, 4] uint8."""
    opening = np.concatenate([upper, lower[-2:0:-1]])
    hole = _grown(_grown(soft_polygon(opening, box) > 0, CORNERS * unit), LASHES * unit, upwards=True)
    hole &= soft_polygon(around, box) > 0.5
    inner = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 5) / unit
    ring = hole & (inner < RING) & (_below(upper, box) < -CORNERS * unit)
    socket, skin = (_lighter(box.of(rgb)[where]) for where in (ring, soft_polygon(beneath, box) > 0.5))
    if socket is not None and skin is not None:
        height = (upper[:, 1].mean() - around[:, 1].min()) / unit
        socket = skin + _smooth((height - LOW[0]) / (LOW[1] - LOW[0])) * (socket - skin)
    smooth = _tinted(spanned(box.of(rgb), hole, socket), socket)
    smooth *= _roundness(1 + _below(upper, box) / (LASHES * unit))[..., None]
    return np.dstack([np.round(smooth), np.round(255 * _smoothed(inner / FEATHER))]).clip(0, 255).astype(np.uint8)


def _grain_below(rgb: np.ndarray, lower: np.ndarray, box: Box, unit: float) -> np.ndarray:
    """Grain for a lid: that of the skin under the eye, seen as in a mirror along the lower rim; grey levels, [h, w]."""
    pixels = box.pixels().astype(np.float32)
    mirror = np.interp(pixels[..., 0], _rising(lower[:, 0]), lower[:, 1]) + CORNERS * unit
    height = np.abs(pixels[..., 1] - mirror)
    seen = sample(rgb, np.dstack([pixels[..., 0], mirror + height]).astype(np.float32), outside=cv2.BORDER_REFLECT)
    light = seen.astype(np.float32).mean(2)
    grain = light - cv2.GaussianBlur(light, (0, 0), max(GRAIN * unit, 1))
    usual = min(1.5 * float(np.median(np.abs(grain))), COARSE)  # no wrinkle, lash or frame of glasses
    return np.asarray(np.clip(grain, -usual, usual))


def _lighter(colours: np.ndarray) -> np.ndarray | None:
    """[3]: the median of the lighter half of some colours [N, 3]; None if they are too few."""
    light = colours.sum(1)
    half = colours[light >= np.median(light)] if len(colours) else colours
    return np.median(half, axis=0).astype(np.float32) if len(half) >= FEW else None


def _tinted(patch: np.ndarray, skin: np.ndarray | None) -> np.ndarray:
    """patch [H, W, 3] with most of its own colour, not its brightness, given up for that of the skin [3] beside it."""
    if skin is None:
        return patch
    light = patch.mean(2, keepdims=True)
    return np.asarray((1 - TINTED) * patch + TINTED * light * skin / max(float(skin.mean()), 1))


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
