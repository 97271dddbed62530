"""What would make a portrait better: is the face large, straight, whole, free and at rest? Said in plain words."""

from dataclasses import dataclass

import numpy as np

from engine.face.fit import Fit
from engine.face.landmarks import eye_distance
from engine.project.channels import INDEX

SMALL = 60.0  # px between the outer eye corners: below, the mouth has too few pixels to show teeth
TURNED = 25.0  # degrees of yaw: beyond, half of the mouth hides
TILTED = 22.0  # degrees of pitch
OPEN = 0.14  # gap between the inner lips, eye distances: beyond, the teeth of the picture stay in the way
SHUT = 0.6  # of a blink
COVERED = 22.0  # distance in a and b of CIELAB: a mask's cheeks against the bridge of the nose
FLAT = 4.0  # spread of lightness (CIELAB) in the middle of the mouth: below, there is no line between lips
PALE = 10.0  # of a in CIELAB: lips are redder than skin, or as red; what is less red by more is not lips
LIGHT = 22.0  # of L in CIELAB: lips are darker than skin, or as dark
BRIDGE, CHEEKS = 6, (205, 425)
SKIN = (6, 50, 280, 118, 347)  # bridge of the nose, upper cheeks, under the eyes: above what masks and hands cover
LIPS = ((0, 13), (37, 82), (267, 312), (39, 81), (269, 311), (17, 14), (84, 87), (314, 317), (181, 178), (405, 402))
MOUTH_CORNERS, MOUTH_TOP, MOUTH_BOTTOM = (61, 291), 0, 17
OUTLINE_TOP, OUTLINE_SIDES, OUTLINE_CHIN = 10, (234, 454), 152


@dataclass(frozen=True)
class FaceReport:
    """One face of a picture: its landmarks [478, 3] px and what speaks against it, worst first; empty: it is good."""

    landmarks: np.ndarray
    advice: tuple[str, ...]


def report(rgb: np.ndarray, fit: Fit) -> FaceReport:
    """Judge the fitted face in its picture [H, W, 3] uint8."""
    found = (_whole(rgb, fit), _size(fit), _turn(fit), _cover(rgb, fit), _mouth(fit), _eyes(fit))
    return FaceReport(fit.landmarks, tuple(advice for advice in found if advice))


def _size(fit: Fit) -> str:
    wide = eye_distance(fit.landmarks)
    if wide >= SMALL:
        return ""
    return f"The face is small ({wide:.0f} pixels from eye to eye): use a larger picture, or one taken closer."


def _turn(fit: Fit) -> str:
    yaw, pitch = fit.pose.yaw, fit.pose.pitch
    if abs(yaw) > TURNED:
        return f"The head is turned {abs(yaw):.0f}° to the side: use a picture that looks towards the camera."
    if abs(pitch) > TILTED:
        return f"The head looks {'up' if pitch > 0 else 'down'} by {abs(pitch):.0f}°: use a picture taken at eye level."
    return ""


def _mouth(fit: Fit) -> str:
    lips = fit.landmarks[[13, 14]]
    gap = float(np.linalg.norm(lips[0] - lips[1])) / eye_distance(fit.landmarks)
    return "The mouth is open: closed lips in the picture speak more cleanly." if gap > OPEN else ""


def _eyes(fit: Fit) -> str:
    lids = [fit.expression[INDEX[name]] for name in ("eyeBlinkLeft", "eyeBlinkRight")]
    return "The eyes are shut: use a picture in which they are open." if min(lids) > SHUT else ""


def _whole(rgb: np.ndarray, fit: Fit) -> str:
    height, width = rgb.shape[:2]
    ends = fit.landmarks[[OUTLINE_TOP, *OUTLINE_SIDES, OUTLINE_CHIN], :2]
    inside = ((ends >= 0) & (ends <= (width - 1, height - 1))).all()
    return "" if inside else "The picture cuts the face off: use one with the whole head in it."


def _cover(rgb: np.ndarray, fit: Fit) -> str:
    """A mask, scarf or hand: in its colours or without a mouth. Turned heads are lit too unevenly to tell."""
    if abs(fit.pose.yaw) > TURNED or not (_masked(rgb, fit.landmarks) or _no_lips(rgb, fit.landmarks)):
        return ""
    return "Something seems to cover the mouth: use a picture that shows all of the face."


def _masked(rgb: np.ndarray, points: np.ndarray) -> bool:
    """Whether both cheeks are coloured unlike the bridge of the nose."""
    radius = max(2, round(0.05 * eye_distance(points)))
    bridge = _colour(rgb, points[BRIDGE], radius)
    away = [float(np.hypot(*(_colour(rgb, points[cheek], radius) - bridge)[1:])) for cheek in CHEEKS]
    return min(away) > COVERED


def _no_lips(rgb: np.ndarray, points: np.ndarray) -> bool:
    """Whether the mouth is flat, or its lips are coloured as no lips of this skin are."""
    left, right = np.sort(points[list(MOUTH_CORNERS), 0])
    top, bottom = points[[MOUTH_TOP, MOUTH_BOTTOM], 1]
    x, y = (left + right) / 2, (top + bottom) / 2
    inner = _patch(rgb, x - (right - left) / 4, y - (bottom - top) / 4, x + (right - left) / 4, y + (bottom - top) / 4)
    if not inner.size:
        return False
    radius = max(1, round(0.02 * eye_distance(points)))
    lips = np.median([_colour(rgb, (points[a] + points[b]) / 2, radius) for a, b in LIPS], axis=0)
    skin = np.median([_colour(rgb, points[at], 2 * radius) for at in SKIN], axis=0)
    lighter, redder, _ = lips - skin
    return bool(_lab(inner)[:, 0].std() < FLAT or redder < -PALE or lighter > LIGHT)


def _colour(rgb: np.ndarray, at: np.ndarray, radius: int) -> np.ndarray:
    """CIELAB (L, a, b) of the median colour around a point; black outside the picture."""
    x, y = round(float(at[0])), round(float(at[1]))
    patch = _patch(rgb, x - radius, y - radius, x + radius, y + radius)
    return _lab(np.median(patch, axis=0)) if patch.size else np.zeros(3)


def _patch(rgb: np.ndarray, left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """The colours [N, 3] uint8 between these pixels, both ends included, as far as they are in the picture."""
    x0, y0, x1, y1 = (max(round(float(edge)), -1) for edge in (left, top, right, bottom))
    return rgb[max(y0, 0) : y1 + 1, max(x0, 0) : x1 + 1].reshape(-1, 3)


def _lab(colours: np.ndarray) -> np.ndarray:
    """CIELAB [..., 3] of sRGB colours [..., 3] in 0 to 255, under D65."""
    encoded = colours / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _TO_XYZ.T / (0.9505, 1.0, 1.089)
    x, y, z = np.moveaxis(np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
