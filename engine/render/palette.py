"""Colours for what a closed mouth hides, taken from the portrait: its lips, its skin, the whites of its eyes."""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.render.outline import Box, soft_polygon
from engine.render.topology import EYES, MOUTH

IVORY = np.array([1.0, 0.96, 0.9])  # teeth beside a neutral white
GUM = np.array([0.95, 0.72, 0.72])  # beside the lips
TONGUE = np.array([1.0, 0.78, 0.76])
BESIDE_SKIN = np.array([1.05, 1.25, 1.4])  # how much more than light skin teeth reflect
COLOURED = 0.45  # (max - min) / max of a colour that cannot be an eye's white; 0.25 well may
CAVITY = np.array([0.24, 0.15, 0.15])  # beside the lips
GREY = 0.03  # (max - min) / max of skin in a black and white photograph
CHEEKS = (50, 280, 101, 330, 205, 425)


@dataclass(frozen=True)
class Palette:
    """RGB, 0..255 float32 [3] each."""

    lips: np.ndarray
    teeth: np.ndarray
    gums: np.ndarray
    tongue: np.ndarray
    cavity: np.ndarray

    def of_kinds(self, kinds: np.ndarray) -> np.ndarray:
        """[M, 3] for kinds [M]: 0 teeth, 1 gums, 2 tongue."""
        return np.stack([self.teeth, self.gums, self.tongue])[kinds]


def palette_of(rgb: np.ndarray, landmarks: np.ndarray) -> Palette:
    """Colours for the face with landmarks [>= 468, 2+] in rgb [H, W, 3] uint8."""
    points = landmarks[:, :2]
    lips = _median(rgb, points[[*MOUTH.below[0], *MOUTH.below[1][::-1]]])
    skin = np.median([_median(rgb, _disc(points[i], points)) for i in CHEEKS], axis=0)
    white = _white(rgb, points, skin)
    colours = [lips, white * IVORY, lips * GUM, lips * TONGUE, lips * CAVITY]
    if np.ptp(skin) < GREY * skin.max():
        colours = [np.full(3, colour @ LUMA) for colour in colours]
    return Palette(*colours)


def _white(rgb: np.ndarray, points: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """The colour of white teeth in this light: of the eyes' whites, brighter, within reason beside the skin.

    Whites as coloured as skin are none (small eyes, glasses, shade): then skin alone tells the light.
    """
    seen = np.concatenate([_inside(rgb, points[list(eye.ring)]) for eye in EYES])
    whiteness = seen.min(1)  # bright and without colour
    white = seen[whiteness >= np.quantile(whiteness, 0.85)].mean(0) if len(seen) >= 10 else skin
    skin_level = max(float(skin @ LUMA), 1.0)
    level = max(float(white @ LUMA), 1.0)
    wanted = np.clip(level * 1.25, 1.1 * skin_level, max(1.5 * skin_level, level))
    trust = np.clip((COLOURED - np.ptp(white) / max(white.max(), 1)) / 0.2, 0, 1)
    by_skin = skin * BESIDE_SKIN
    light = trust * white / level + (1 - trust) * by_skin / max(float(by_skin @ LUMA), 1.0)
    light[1] = min(light[1], max(light[0], light[2]))  # green teeth would be an error, whatever the light
    return np.clip((0.6 * light + 0.4) * (trust * wanted + (1 - trust) * 1.25 * skin_level), 0, 245)


LUMA = np.array([0.299, 0.587, 0.114])


def _disc(centre: np.ndarray, points: np.ndarray) -> np.ndarray:
    radius = 0.06 * np.linalg.norm(points[33] - points[263])
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    return centre + radius * np.column_stack([np.cos(angles), np.sin(angles)])


def _median(rgb: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    seen = _inside(rgb, polygon)
    return np.median(seen, axis=0) if len(seen) else np.array([128.0, 96.0, 90.0])


def _inside(rgb: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """The pixels well inside a polygon, [N, 3] float64."""
    box = Box.around(polygon, 1, rgb.shape)
    if box.empty:
        return np.zeros((0, 3))
    mask = cv2.erode((soft_polygon(polygon, box) > 0.9).astype(np.uint8), np.ones((3, 3), np.uint8))
    return box.of(rgb)[mask > 0].astype(np.float64)
