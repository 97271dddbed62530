"""The head model: 478 landmarks, skull, ears, neck, eyes and mouth interior as linear functions of who and how.

Learned from ICT-FaceKit by `engine.training.build_head_model`. Units are eye distances (the neutral head's outer eye
corners are 1 apart), the origin is the joint of skull and neck, x to the subject's left (the right of the picture),
y up, z out of the face. Points 0-477 are MediaPipe's landmarks, the rest lie around the face.
"""

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from engine.face.pose import rotation
from engine.project.channels import INDEX, NAMES
from engine.resources import resource

EXPRESSIONS = NAMES[: INDEX["gazeYaw"]]
LANDMARKS = 478
LIPS = ((191, 80, 81, 82, 13, 312, 311, 310, 415), (95, 88, 178, 87, 14, 317, 402, 318, 324))  # inner: upper, lower
RIGHT_LIDS = ((246, 161, 160, 159, 158, 157, 173), (7, 163, 144, 145, 153, 154, 155))  # upper, lower
LEFT_LIDS = ((466, 388, 387, 386, 385, 384, 398), (249, 390, 373, 374, 380, 381, 382))
OPENINGS = ((*LIPS, True), (*RIGHT_LIDS, False), (*LEFT_LIDS, False))  # do they meet halfway, or at the lower edge?
IRISES = (slice(468, 473), slice(473, 478))  # the subject's right and left
LOOK = np.array([30.0, 30.0, 25.0, 25.0])  # degrees of a full eyeLookIn, Out, Up, Down


@dataclass(frozen=True)
class HeadModel:
    """Every head. K identities (unit: one standard deviation), V points, 52 expressions in channel order."""

    neutral: np.ndarray  # [V, 3] float32
    identity: np.ndarray  # [K, V, 3] float32
    expression: np.ndarray  # [52, V, 3] float32
    mirror: np.ndarray  # [V] the point on the other side of the face
    follow: np.ndarray  # [V] how far a point follows the head: 1 on it, falling to 0 down the neck
    triangles: np.ndarray  # [F, 3] over the landmarks, without mouth and eyes
    mouth_triangles: np.ndarray  # [18, 3] the opening between the inner lips
    eye_triangles: np.ndarray  # [2, 14, 3] the openings between the lids; the subject's right, left
    shell_triangles: np.ndarray  # [G, 3] from the face's outline over skull, ears and neck
    outline: np.ndarray  # [36] landmarks around the face, in order
    eye_centres: np.ndarray  # [2, 3] of the eyeballs, right and left
    eye_identity: np.ndarray  # [K, 2, 3] how identities move them
    eye_radius: float
    teeth_neutral: np.ndarray  # [M, 3] teeth, gums, tongue
    teeth_identity: np.ndarray  # [K, M, 3]
    teeth_jaw: np.ndarray  # [4, M, 3] their motion with jawOpen, jawForward, jawLeft, jawRight
    teeth_triangles: np.ndarray  # [H, 3]
    teeth_part: np.ndarray  # [M] index into part_names
    teeth_colour: np.ndarray  # [M, 3] linear RGB in 0..1
    part_names: tuple[str, ...]
    centimetres: float  # one unit of an average head

    def person(self, identity: np.ndarray) -> "Person":
        """One head; `identity` [K] in standard deviations. Blinks are made to close this person's eyes exactly."""
        identity = np.asarray(identity, np.float32)
        neutral = self.neutral + np.tensordot(identity, self.identity, 1)
        expression = self.expression.copy()
        for name, (upper, lower) in (("eyeBlinkRight", RIGHT_LIDS), ("eyeBlinkLeft", LEFT_LIDS)):
            row = expression[INDEX[name]]
            row[list(upper)] = neutral[list(lower)] + row[list(lower)] - neutral[list(upper)]
        above, below = (list(row) for row in LIPS)
        neutral[above] = neutral[below] = (neutral[above] + neutral[below]) / 2
        return Person(
            model=self,
            identity=identity,
            neutral=neutral,
            expression=expression,
            eye_centres=self.eye_centres + np.tensordot(identity, self.eye_identity, 1),
            teeth_neutral=self.teeth_neutral + np.tensordot(identity, self.teeth_identity, 1),
        )


@dataclass(frozen=True)
class Person:
    """One head, whatever its expression."""

    model: HeadModel
    identity: np.ndarray  # [K] standard deviations
    neutral: np.ndarray  # [V, 3]
    expression: np.ndarray  # [52, V, 3]
    eye_centres: np.ndarray  # [2, 3]
    teeth_neutral: np.ndarray  # [M, 3]

    def shape(self, expression: np.ndarray, gaze: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
        """All points [V, 3] under `expression` [52] (0..1), eyes turned by `gaze` (yaw, pitch) degrees.

        Gaze and the eyeLook channels add up; both turn the eyeballs and take the lids along.
        """
        weights = with_gaze(expression, gaze)
        points = self.neutral + np.tensordot(weights, self.expression, 1)
        for centre, iris, turn in zip(self.eye_centres, IRISES, eye_turns(weights), strict=True):
            points[iris] = centre + (self.neutral[iris] - centre) @ turn.T
        for upper, lower, halfway in OPENINGS:
            keep_apart(points, upper, lower, halfway)
        return points

    def teeth(self, expression: np.ndarray) -> np.ndarray:
        """Teeth, gums and tongue [M, 3] under `expression` [52]: the lower ones go with the jaw."""
        jaw = np.asarray(expression, np.float32)[[INDEX[f"jaw{way}"] for way in ("Open", "Forward", "Left", "Right")]]
        return self.teeth_neutral + np.tensordot(jaw, self.model.teeth_jaw, 1)


def with_gaze(expression: np.ndarray, gaze: tuple[float, float]) -> np.ndarray:
    """Expression [52] float32 with `gaze` (yaw, pitch) degrees added to its eight eyeLook channels."""
    weights = np.array(expression, np.float32)
    yaw, pitch = gaze
    right, left, up, down = max(yaw, 0), max(-yaw, 0), max(pitch, 0), max(-pitch, 0)
    shares = {"InRight": right, "OutLeft": right, "InLeft": left, "OutRight": left}
    shares |= {"UpRight": up, "UpLeft": up, "DownRight": down, "DownLeft": down}
    for name, degrees in shares.items():
        weights[INDEX[f"eyeLook{name}"]] += degrees / (LOOK[2] if name[:2] in ("Up", "Do") else LOOK[0])
    return weights


def eye_turns(expression: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotations [3, 3] of the subject's right and left eyeball under the eyeLook channels of `expression` [52]."""
    turns = []
    for side, inwards in (("Right", 1), ("Left", -1)):
        look = [float(expression[INDEX[f"eyeLook{way}{side}"]]) for way in ("In", "Out", "Up", "Down")]
        turns.append(rotation(inwards * LOOK[0] * (look[0] - look[1]), LOOK[2] * (look[2] - look[3])))
    return turns[0].astype(np.float32), turns[1].astype(np.float32)


def keep_apart(points: np.ndarray, upper: tuple[int, ...], lower: tuple[int, ...], halfway: bool) -> None:
    """Where upper points of [V, 3] have sunk below lower ones, make them meet: halfway, or at the lower ones."""
    above, below = list(upper), list(lower)
    crossed = points[above, 1] < points[below, 1]
    meet = (points[above] + points[below]) / 2 if halfway else points[below]
    points[above] = np.where(crossed[:, None], meet, points[above])
    points[below] = np.where(crossed[:, None], meet, points[below])


@cache
def load_head_model(path: Path | None = None) -> HeadModel:
    """The head model that ships, or the one in `path`.

    Raises:
        ResourceError: the shipped file is missing or altered.
    """
    with np.load(path or resource("head_model.npz")) as data:
        return model_of({name: data[name] for name in data.files})


def model_of(arrays: dict[str, np.ndarray]) -> HeadModel:
    """The model made of arrays named as its fields; others are ignored, half precision is widened."""
    values: dict[str, Any] = {}
    for field in fields(HeadModel):
        array = arrays[field.name]
        wide = array.astype(np.float32) if array.dtype == np.float16 else array
        values[field.name] = float(array) if field.type is float else wide
    values["part_names"] = tuple(str(name) for name in arrays["part_names"])
    return HeadModel(**values)
