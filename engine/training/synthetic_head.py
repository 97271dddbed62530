"""Pictures of ICT-FaceKit heads: enough skin, eyes, lips and brows for a landmark model to take them for faces."""

from dataclasses import dataclass

import numpy as np

from engine.face.raster import rasterise
from engine.training.ict import Ict

SKIN = np.array([0.78, 0.57, 0.47], np.float32)
COLOURS = {
    "M_Face": (1.0, 1.0, 1.0),  # these two are multiplied by the skin tone
    "M_BackHead": (1.0, 1.0, 1.0),
    "M_GumsTongue": (0.62, 0.28, 0.27),
    "M_Teeth": (0.88, 0.84, 0.75),
    "M_ScleraLeft": (0.92, 0.9, 0.88),
    "M_ScleraRight": (0.92, 0.9, 0.88),
}
IRIS_RADIUS = 0.59  # cm
PUPIL_RADIUS = 0.2  # cm


@dataclass(frozen=True)
class View:
    """How a head is pictured: rotation [3, 3] (head to camera), light [3] and the skin's linear colour [3]."""

    rotation: np.ndarray
    light: np.ndarray
    skin: np.ndarray
    size: int = 512
    width: float = 26.0  # of the picture, cm

    @classmethod
    def random(cls, rng: np.random.Generator, yaw: float = 30.0, pitch: float = 12.0) -> "View":
        """Turned by up to these degrees, lit from a random side, of a random skin tone."""
        light = np.array([rng.normal(0, 0.5), rng.normal(0.5, 0.3), 1.0])
        tone = rng.uniform(0.35, 1.15)
        return cls(turn(rng.uniform(-yaw, yaw), rng.uniform(-pitch, pitch)), light / np.linalg.norm(light), SKIN * tone)

    def pixels(self, vertices: np.ndarray) -> np.ndarray:
        """[V, 3] px: x right, y down, z smaller = nearer, of head-space points [V, 3]."""
        seen = (vertices - np.array([0, 0, 2], np.float32)) @ self.rotation.T * (self.size / self.width)
        return seen * np.array([1, -1, -1], np.float32) + np.array([self.size / 2, self.size / 2, 0], np.float32)


def turn(yaw: float, pitch: float) -> np.ndarray:
    """Rotation [3, 3] by degrees: yaw towards the picture's right, then pitch upwards."""
    y, p = np.radians([yaw, pitch])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    return about_x @ about_y


def render(ict: Ict, vertices: np.ndarray, view: View) -> tuple[np.ndarray, np.ndarray]:
    """Draw one head.

    Returns:
        rgb: [size, size, 3] uint8.
        covering: [size, size] index of the ICT triangle seen at each pixel, -1 where none.
    """
    drawn = np.flatnonzero(np.isin(ict.material, list(COLOURS)))
    triangles = ict.triangles[drawn]
    colours = vertex_colours(ict, view.skin)
    attributes = np.concatenate([_normals(vertices @ view.rotation.T, triangles), colours], axis=1)
    image, seen = rasterise(view.pixels(vertices), triangles, attributes, view.size, view.size)
    shade = 0.45 + 0.6 * np.clip(image[..., :3] @ view.light, 0, 1)
    grey = np.float32(0.6)
    rgb = np.where(seen[..., None] >= 0, image[..., 3:] * shade[..., None], grey)
    covering = np.where(seen >= 0, drawn[seen], -1)
    return (np.clip(rgb, 0, 1) ** (1 / 1.8) * 255).astype(np.uint8), covering


def vertex_colours(ict: Ict, skin: np.ndarray) -> np.ndarray:
    """Linear colours [N, 3]: materials, then irises, lips and brows painted where ICT's own 68 landmarks say."""
    colours = np.ones((len(ict.neutral), 3), np.float32)
    for material, colour in COLOURS.items():
        tone = skin if material in ("M_Face", "M_BackHead") else np.float32(1)
        colours[np.unique(ict.triangles[ict.material == material])] = np.array(colour, np.float32) * tone
    face = np.unique(ict.triangles[ict.material == "M_Face"])
    marks = ict.neutral[ict.landmarks68]
    for material in ("M_ScleraLeft", "M_ScleraRight"):
        eye = np.unique(ict.triangles[ict.material == material])
        off_axis = np.linalg.norm((ict.neutral[eye] - eye_centre(ict, material))[:, :2], axis=1)
        front = ict.neutral[eye, 2] > eye_centre(ict, material)[2]
        colours[eye[front & (off_axis < IRIS_RADIUS)]] = (0.2, 0.12, 0.08)
        colours[eye[front & (off_axis < PUPIL_RADIUS)]] = (0.02, 0.02, 0.02)
    front = face[ict.neutral[face, 2] > 8.0]
    lips = front[_inside(ict.neutral[front, :2], marks[48:60, :2])]
    colours[lips] *= np.array([0.85, 0.55, 0.55], np.float32)
    for brow in (marks[17:22], marks[22:27]):
        near = np.array([_distance(point, brow) for point in ict.neutral[front]])
        colours[front[near < 0.35]] *= np.float32(0.25)
    return colours


def eye_centre(ict: Ict, material: str) -> np.ndarray:
    """Centre [3] of an eyeball, the middle of its bounding box (the mesh is a whole ball)."""
    eye = ict.neutral[np.unique(ict.triangles[ict.material == material])]
    middle = (eye.min(0) + eye.max(0)) / 2
    radius = (eye[:, 1].max() - eye[:, 1].min()) / 2
    return np.array([middle[0], middle[1], eye[:, 2].min() + radius])


def _inside(points: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Which of points [P, 2] lie in polygon [K, 2]: the even-odd rule."""
    a, b = polygon, np.roll(polygon, -1, axis=0)
    x, y = points[:, :1], points[:, 1:]
    crosses = (a[:, 1] > y) != (b[:, 1] > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])
    return (crosses & (x < at)).sum(1) % 2 == 1


def _distance(point: np.ndarray, line: np.ndarray) -> float:
    a, step = line[:-1], np.diff(line, axis=0)
    t = np.clip(((point - a) * step).sum(1) / (step**2).sum(1), 0, 1)
    return float(np.linalg.norm(a + t[:, None] * step - point, axis=1).min())


def _normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    flat = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(normals, triangles[:, k], flat)
    return normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9)
