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
BRIDGE, CHEEKS = 6, (205, 425)
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
    """A mask or scarf colours both cheeks unlike the bridge of the nose; turned heads are lit too unevenly to tell."""
    if abs(fit.pose.yaw) > TURNED:
        return ""
    radius = max(2, round(0.05 * eye_distance(fit.landmarks)))
    bridge = _chroma(rgb, fit.landmarks[BRIDGE], radius)
    away = [float(np.hypot(*(_chroma(rgb, fit.landmarks[cheek], radius) - bridge))) for cheek in CHEEKS]
    return (
        "Something seems to cover the mouth: use a picture that shows all of the face." if min(away) > COVERED else ""
    )


def _chroma(rgb: np.ndarray, at: np.ndarray, radius: int) -> np.ndarray:
    """CIELAB (a, b) of the median colour around a point; (0, 0) outside the picture."""
    x, y = round(float(at[0])), round(float(at[1]))
    patch = rgb[max(y - radius, 0) : max(y + radius + 1, 0), max(x - radius, 0) : max(x + radius + 1, 0)]
    if not patch.size:
        return np.zeros(2)
    encoded = np.median(patch.reshape(-1, 3), axis=0) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    xyz = _TO_XYZ @ linear / (0.9505, 1.0, 1.089)  # against D65 white
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
