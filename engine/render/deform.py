"""Channel values to moved landmarks: the portrait's own face, deformed as the head model deforms."""

from dataclasses import dataclass

import numpy as np

from engine.project.channels import CHANNELS, INDEX
from engine.render.slits import LIDS, LIPS, NEARLY, LidGaps, LipGaps, gaps, open_to, shut_rims
from engine.render.topology import EYES, FACE_POINTS, MOUTH, Slit

LOW = np.array([channel.low for channel in CHANNELS], np.float32)
HIGH = np.array([channel.high for channel in CHANNELS], np.float32)
EXPRESSIONS = next(i for i, channel in enumerate(CHANNELS) if channel.unit)  # the channels before are expressions
BLINKS = (INDEX["eyeBlinkRight"], INDEX["eyeBlinkLeft"])  # of the eye on the left of the picture, on the right
LID_DEGREES = 30.0  # a gaze this far up or down moves the lids like eyeLookUp or eyeLookDown at 1


def clip(values: np.ndarray) -> np.ndarray:
    """Channel values [C] held within the ranges of the channel table."""
    return np.clip(np.asarray(values, np.float32), LOW, HIGH)


@dataclass(frozen=True)
class Face:
    """What the picture and the head model say of one face, all in the picture's pixels and pose (x right, y down, z away).

    landmarks [468, 3]: as pictured, depth from the model. neutral [468, 3]: the fitted model without expression.
    expression [E, 468, 3]: motion of each expression channel at 1. rest [E]: the portrait's own expression.
    """

    landmarks: np.ndarray
    neutral: np.ndarray
    expression: np.ndarray
    rest: np.ndarray
    unit: float
    angles: tuple[float, float, float]  # yaw, pitch, roll as pictured, degrees
    pivot: np.ndarray  # [3] about which the head turns, near the base of the neck

    @property
    def down(self) -> np.ndarray:
        """Unit vector from forehead to chin."""
        axis = self.neutral[152] - self.neutral[10]
        return axis / np.linalg.norm(axis)


class Deformer:
    """Moves one face: `landmarks(values)` for channel values; at the face's own expression they are the pictured ones."""

    def __init__(self, face: Face) -> None:
        self.face = face
        self.down = face.down
        self.rest_points = shut_rims(face.landmarks, MOUTH, self.down, face.unit)
        self._flat = face.expression.reshape(len(face.expression), -1)
        self._at_rest = self._modelled(face.rest)
        self._neutral_lips = self._gap(face.neutral, MOUTH)
        self._lips = LipGaps(self._gap(self.rest_points, MOUTH), self._gap(self._at_rest, MOUTH) - self._neutral_lips)
        self._lids = tuple(self._lid_gaps(eye, blink) for eye, blink in zip(EYES, BLINKS, strict=True))

    def landmarks(self, values: np.ndarray) -> np.ndarray:
        """[468, 3] float32, pixels, in the pictured pose, for clipped channel values [C]."""
        expression = _with_lids_following(values)
        modelled = self._modelled(expression)
        points = self.rest_points + modelled - self._at_rest
        self._set_lips(points, self._gap(modelled, MOUTH) - self._neutral_lips)
        for eye, lids in zip(EYES, self._lids, strict=True):
            gap = lids.wanted(expression)
            side = np.clip(gap / np.maximum(lids.pictured, 1e-6), 0, 1)
            open_to(points, eye, self.down, gap * self.face.unit, side, LIDS)
        return points.astype(np.float32)

    def _lid_gaps(self, eye: Slit, blink: int) -> LidGaps:
        neutral, at_one = self.face.neutral, self.face.neutral + self.face.expression
        openings = (float(self._gap(neutral, eye).mean()), self._gap(at_one, eye).mean(-1))
        return LidGaps.of(self._gap(self.rest_points, eye), blink, *openings, self.face.rest)

    def _set_lips(self, points: np.ndarray, modelled: np.ndarray) -> None:
        gap = self._lips.wanted(modelled)
        side = np.clip(gap / np.clip(self._lips.pictured, 1e-3, NEARLY), 0, 1)
        open_to(points, MOUTH, self.down, gap * self.face.unit, side, LIPS)

    def _modelled(self, expression: np.ndarray) -> np.ndarray:
        return self.face.neutral + (expression @ self._flat).reshape(FACE_POINTS, 3)

    def _gap(self, points: np.ndarray, slit: Slit) -> np.ndarray:
        return gaps(points, slit, self.down) / self.face.unit


def _with_lids_following(values: np.ndarray) -> np.ndarray:
    """The expression channels, with lids that follow a gaze up or down."""
    expression = values[:EXPRESSIONS].copy()
    up = values[INDEX["gazePitch"]] / LID_DEGREES
    for side in ("Left", "Right"):
        for name, amount in ((f"eyeLookUp{side}", up), (f"eyeLookDown{side}", -up)):
            expression[INDEX[name]] = np.clip(expression[INDEX[name]] + max(amount, 0), 0, 1)
    return expression
