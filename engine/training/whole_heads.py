"""Pairs of whole synthetic heads: ICT-FaceKit's shape, a pictured person's skin, one light; only they know what folds,
shading and what turns into view do to a face, for many people.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from engine.face.fit import Fit
from engine.face.head_model import EXPRESSIONS, Person, load_head_model
from engine.face.pose import Pose
from engine.project.channels import INDEX
from engine.render.deform import clip
from engine.render.tgdm.pairs import MISSED, Pair, Portrayer, way_between
from engine.render.tgdm.regions import FACE, PIXELS
from engine.training.dense_head import DenseHead, load_dense_head
from engine.training.head_light import Light, Painter, as_picture
from engine.training.head_skin import Surface, skin_of

SIZE = 288  # pixels a side of a picture
LIP_RING = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
HAIR = np.array([[0.012, 0.01, 0.009], [0.05, 0.03, 0.018], [0.2, 0.13, 0.06], [0.35, 0.33, 0.31]])  # linear
IRIS = np.array([[0.05, 0.025, 0.012], [0.1, 0.06, 0.03], [0.09, 0.12, 0.08], [0.1, 0.16, 0.22]])
LIMIT = 38.0  # degrees of yaw
FACES = (  # what faces do together, and how strongly at most
    (("mouthSmileLeft", "mouthSmileRight", "cheekSquintLeft", "cheekSquintRight"), 1.0),
    (("browDownLeft", "browDownRight", "eyeSquintLeft", "eyeSquintRight"), 1.0),
    (("browInnerUp",), 1.0),
    (("browInnerUp", "browOuterUpLeft", "browOuterUpRight", "eyeWideLeft", "eyeWideRight"), 1.0),
    (("noseSneerLeft", "noseSneerRight", "mouthUpperUpLeft", "mouthUpperUpRight"), 0.8),
    (("mouthFrownLeft", "mouthFrownRight", "mouthShrugLower"), 0.8),
    (("mouthPucker",), 0.9),
    (("mouthFunnel",), 0.7),
    (("mouthStretchLeft", "mouthStretchRight"), 0.7),
    (("mouthPressLeft", "mouthPressRight"), 0.8),
    (("mouthDimpleLeft", "mouthDimpleRight"), 0.7),
    (("cheekPuff",), 0.6),
    (("jawLeft",), 0.4),
    (("jawRight",), 0.4),
)


@dataclass(frozen=True)
class Studio:
    """What all heads share."""

    head: DenseHead
    surface: Surface


@cache
def open_studio(data: Path) -> Studio:
    """From the data folder."""
    head = load_dense_head(data)
    with np.load(data / "head_model" / "ict_facekit.npz") as ict:
        return Studio(head, Surface.of(head, ict["uv"], ict["uv_triangles"]))


@dataclass(frozen=True)
class Sitter:
    """One person in one light before one background [SIZE, SIZE, 3] grey levels."""

    painter: Painter
    person: Person
    background: np.ndarray
    blur: float
    grain: float

    @classmethod
    def random(cls, rgb: np.ndarray, fit: Fit, studio: Studio, rng: np.random.Generator) -> "Sitter":
        """With the skin of a pictured head [H, W, 3] uint8 on a shape more or less like its own."""
        hair = HAIR[rng.integers(len(HAIR))] * rng.uniform(0.7, 1.3)
        skin = skin_of(rgb, fit, studio.head, studio.surface, hair)
        iris = IRIS[rng.choice(len(IRIS), p=(0.45, 0.25, 0.15, 0.15))] * rng.uniform(0.7, 1.3)
        identity = np.clip(0.7 * fit.identity + rng.normal(0, 0.6, len(fit.identity)), -2.5, 2.5)
        painter = Painter(studio.head, studio.surface, skin, iris, Light.random(rng))
        return cls(
            painter,
            load_head_model().person(identity),
            _background(rgb, rng),
            float(rng.uniform(0.2, 0.7)),
            float(rng.uniform(0.3, 2.0)),
        )

    def fit(self, expression: np.ndarray, gaze: tuple[float, float], pose: Pose) -> Fit:
        """This person's fit, as if it were found in a picture without a fault."""
        points = pose.project(self.person.shape(expression, gaze))
        return Fit(points[:478].astype(np.float32), self.person, expression, gaze, pose)

    def picture(self, fit: Fit, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """[SIZE, SIZE, 3] uint8 and where the person is, [SIZE, SIZE] uint8."""
        points = fit.pose.project(self.painter.head.shape(self.person, fit.expression, fit.gaze))
        linear, alpha = self.painter.draw(points, fit.landmarks[list(LIP_RING)], SIZE, fit.pose.scale)
        over = alpha[..., None]
        seen = as_picture(linear / np.maximum(over, 1e-3)) * over + self.background * (1 - over)
        seen = cv2.GaussianBlur(seen, (0, 0), self.blur) + rng.normal(0, self.grain, seen.shape)
        return np.clip(np.round(seen), 0, 255).astype(np.uint8), np.round(255 * alpha).astype(np.uint8)


def whole_head_pairs(
    rgb: np.ndarray, fit: Fit, studio: Studio, each: int, rng: np.random.Generator, pixels: int = PIXELS
) -> Iterator[Pair]:
    """`each` pairs of one synthetic head with the skin of a picture [H, W, 3] uint8, of the whole face."""
    sitter = Sitter.random(rgb, fit, studio, rng)
    source = sitter.fit(_expression(rng, 0.5), _gaze(rng), _pose(rng, None))
    pictured, alpha = sitter.picture(source, rng)
    portrayer = Portrayer(pictured, source, pixels, (FACE,), alpha)
    for _ in range(each):
        target = sitter.fit(_expression(rng, 1.0), _gaze(rng), _pose(rng, source.pose))
        values = way_between(source, target)
        off = (portrayer.warp.geometry(values).landmarks - target.landmarks)[:468, :2]
        if np.linalg.norm(off, axis=1).mean() < MISSED * target.pose.scale:  # the warp turns no head out of its reach
            yield portrayer.pair(values, sitter.picture(target, rng)[0])


def _expression(rng: np.random.Generator, strength: float) -> np.ndarray:
    """[52] of a face at rest, or doing one or two things."""
    values = np.zeros(len(INDEX), np.float32)
    for which in rng.choice(len(FACES), rng.integers(0, 4), replace=False):
        names, most = FACES[which]
        for name in names:
            values[INDEX[name]] += strength * rng.uniform(0.2, most) * rng.uniform(0.7, 1.1)
    values[INDEX["jawOpen"]] = strength * rng.choice([0, 1]) * 0.9 * rng.beta(1, 2)
    blink = rng.choice([0.0, rng.uniform(0, 0.4), rng.uniform(0.4, 1)], p=(0.5, 0.3, 0.2)) * strength
    values[[INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] += blink
    return clip(values)[: len(EXPRESSIONS)]


def _gaze(rng: np.random.Generator) -> tuple[float, float]:
    return float(np.clip(rng.normal(0, 7), -20, 20)), float(np.clip(rng.normal(0, 4), -12, 12))


def _pose(rng: np.random.Generator, before: Pose | None) -> Pose:
    """In the middle of the picture; after another, a turn further."""
    if before is None:
        yaw, pitch, roll = rng.normal(0, 8), rng.normal(-2, 5), rng.normal(0, 5)
        scale, x, y = rng.uniform(66, 88), SIZE / 2, SIZE * 0.56
    else:
        yaw = before.yaw + rng.normal(0, 14)
        pitch, roll = before.pitch + rng.normal(0, 6), before.roll + rng.normal(0, 5)
        scale, x, y = before.scale * rng.uniform(0.97, 1.04), before.x, before.y
    yaw, pitch = np.clip(yaw, -LIMIT, LIMIT), np.clip(pitch, -18, 18)
    x, y = x + rng.normal(0, 3), y + rng.normal(0, 3)
    return Pose(float(yaw), float(pitch), float(np.clip(roll, -20, 20)), float(scale), float(x), float(y))


def _background(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """[SIZE, SIZE, 3] float32: what is behind the pictured head, out of focus, or a wall."""
    if rng.random() < 0.5:
        wide = cv2.resize(rgb, (SIZE, SIZE), interpolation=cv2.INTER_AREA).astype(np.float32)
        return np.asarray(cv2.GaussianBlur(wide, (0, 0), float(rng.uniform(8, 30))))
    corners = rng.uniform(10, 245) + rng.normal(0, 18, (2, 2, 3))
    wall = cv2.resize(corners.astype(np.float32), (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(wall, 0, 255))
