"""The parts of the head model besides the face landmarks: skull, ears and neck; irises; the inside of the mouth."""

from dataclasses import dataclass

import numpy as np

from engine.face.raster import rasterise
from engine.training.ict import Ict
from engine.training.register_landmarks import Anchors
from engine.training.synthetic_head import IRIS_RADIUS, eye_centre, turn

AXIS = 0.5  # cm; z of the vertical line about which the outside of head and neck is unrolled
BOTTOM = -15.5  # cm; the shell ends here, before the shoulders spread
SPACING = {"rim": 1.1, "ear": 0.9, "head": 2.3}  # cm between shell points


@dataclass(frozen=True)
class Shell:
    """Points around the face, and triangles over them and the face's outline."""

    vertices: np.ndarray  # [E] ICT vertices
    mirror: np.ndarray  # [E] which of the E is on the other side
    triangles: np.ndarray  # [F, 3]; below `count` landmarks, from there on shell points


def flat(points: np.ndarray) -> np.ndarray:
    """The outside of head and neck, [P, 3] cm, as a disc [P, 2]: the crown in the middle, the neck's end at the rim.

    Around: the direction about a vertical axis. Outwards: the angle from the crown, from ear height on the way down
    (and, under the chin, inwards).
    """
    x, y, z = points[:, 0], points[:, 1], points[:, 2] - AXIS
    level = np.hypot(x, z)
    chin = (9 - level) / 50 * np.clip(-y / 4, 0, 1)
    down = np.where(y > 0, np.arctan2(level, np.maximum(y, 1e-6)), np.pi / 2 + np.maximum(-y, 0) / 9 + chin)
    around = np.stack([x, -z], axis=1) / (level[:, None] + 1e-9)
    return down[:, None] * around


def build_shell(ict: Ict, outline: np.ndarray, outline_points: np.ndarray, count: int) -> Shell:
    """Shell around the closed outline of the face: landmark indices [O] and their positions [O, 3] in order."""
    skin = _outside(ict)
    place = flat(ict.neutral)
    ring = flat(outline_points)
    skin = skin[~_in_polygon(place[skin], ring) & (ict.neutral[skin, 1] > BOTTOM)]
    half = skin[ict.neutral[skin, 0] > -1e-3]
    chosen = _spread(ict.neutral, half, outline_points)
    chosen = chosen[ict.mirror[chosen] != -1]
    both = np.unique(np.concatenate([chosen, ict.mirror[chosen]]))
    order = {int(vertex): i for i, vertex in enumerate(both)}
    mirror = np.array([order[int(ict.mirror[vertex])] for vertex in both])
    return Shell(both, mirror, _web(place[both], ring, outline, count, place[skin]))


def _outside(ict: Ict) -> np.ndarray:
    """Skin vertices that nothing hides from outside: seen from some side, and the outermost in their direction."""
    triangles = ict.triangles[ict.of("M_Face", "M_BackHead")]
    seen = np.zeros(len(ict.neutral), bool)
    size, scale = 700, 20.0
    for yaw in range(0, 360, 30):
        for pitch in (-35, 0, 35):
            turned = ict.neutral @ turn(yaw, pitch).T * np.array([scale, -scale, -scale], np.float32) + np.array(
                [350, 350, 0], np.float32
            )
            _, covering = rasterise(turned, triangles, np.zeros((len(turned), 1)), size, size)
            seen[np.unique(triangles[np.unique(covering[covering >= 0])])] = True
    return np.flatnonzero(seen)


def _spread(vertices: np.ndarray, candidates: np.ndarray, ring: np.ndarray) -> np.ndarray:
    """Farthest-point sampling: repeatedly take what is farthest, in units of the wished spacing, from all taken."""
    spots = vertices[candidates]
    to_ring = np.linalg.norm(spots[:, None] - ring[None], axis=2).min(1)
    wished = np.where(_is_ear(spots), SPACING["ear"], np.clip(SPACING["rim"] + to_ring / 4, None, SPACING["head"]))
    gap = to_ring / wished
    taken = []
    while gap.max() > 1:
        best = int(gap.argmax())
        taken.append(candidates[best])
        for side in (1, -1):  # the mirrored point will be there too
            away = np.linalg.norm(spots - spots[best] * np.array([side, 1, 1], np.float32), axis=1)
            same = side == -1 and abs(spots[best, 0]) < 0.6 * wished[best]
            gap = np.minimum(gap, away / wished) if not same else gap
    return np.array(taken)


def _is_ear(spots: np.ndarray) -> np.ndarray:
    return (np.abs(spots[:, 0]) > 7.6) & (spots[:, 1] > -4) & (spots[:, 1] < 5) & (np.abs(spots[:, 2]) < 3.5)


def _web(extra: np.ndarray, ring: np.ndarray, outline: np.ndarray, count: int, skin: np.ndarray) -> np.ndarray:
    """Delaunay triangles of the flat map, less those inside the face and those off the skin."""
    from scipy.spatial import Delaunay, cKDTree

    points = np.concatenate([ring, extra])
    names = np.concatenate([outline, count + np.arange(len(extra))])
    triangles = Delaunay(points).simplices
    a, b, c = (points[triangles[:, k]] for k in range(3))
    clockwise = np.cross(b - a, c - a) < 0
    triangles[clockwise] = triangles[clockwise][:, ::-1]
    middle = points[triangles].mean(1)
    off_skin = cKDTree(skin).query(middle)[0] > 0.12
    inside = _in_polygon(middle, ring)
    return names[triangles[~inside & ~off_skin][:, ::-1]].astype(np.int32)


def _in_polygon(points: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    from matplotlib.path import Path  # comes with mediapipe

    return Path(polygon).contains_points(points)


def neck_follow(points: np.ndarray) -> np.ndarray:
    """How far points [P, 3] (cm) follow the head: 1 on the head, falling smoothly to 0 at the bottom of the neck."""
    top = np.interp(points[:, 2], [-6, 5], [-4.0, -9.0])  # the neck begins higher at the nape than under the chin
    bottom = -16.0
    t = np.clip((points[:, 1] - bottom) / (top - bottom), 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def iris_points(ict: Ict) -> tuple[np.ndarray, np.ndarray, float]:
    """Landmarks 468-477 [10, 3], eyeball centres [2, 3] (the subject's right eye first) and the eyeballs' radius, cm.

    MediaPipe's order, per eye: the pupil, then the iris's edge at the picture's right, top, left and bottom.
    """
    centres = np.stack([eye_centre(ict, "M_ScleraRight"), eye_centre(ict, "M_ScleraLeft")])
    ball = ict.neutral[np.unique(ict.triangles[ict.material == "M_ScleraRight"])]
    radius = float(ball[:, 1].max() - ball[:, 1].min()) / 2
    edge = IRIS_RADIUS * np.array([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]], np.float32)
    depth = np.sqrt(radius**2 - (edge**2).sum(1, keepdims=True))
    ring = np.concatenate([edge, depth], axis=1)
    return np.concatenate([centre + ring for centre in centres]).astype(np.float32), centres, radius


@dataclass(frozen=True)
class Mouth:
    """Teeth, gums and tongue, thinned: ICT vertices, triangles over them, and what each vertex is part of."""

    vertices: np.ndarray  # [M] ICT vertices
    triangles: np.ndarray  # [F, 3] into those
    part: np.ndarray  # [M] uint8, index into PARTS


PARTS = ("upper teeth", "lower teeth", "upper gums", "lower gums", "tongue")


def build_mouth(ict: Ict, cell: float = 0.22) -> Mouth:
    """What can be seen through an open mouth; vertices of one part within a cube of side `cell` (cm) are merged."""
    faces = ict.triangles[_visible_in_mouth(ict)]
    part = parts(ict)
    used = np.unique(faces)
    size = np.where(part[used] >= 2, 1.5 * cell, cell)[:, None]
    key = np.concatenate([np.floor(ict.neutral[used] / size), part[used, None]], axis=1).astype(int)
    _, group = np.unique(key, axis=0, return_inverse=True)
    group = group.ravel()
    middles = (
        np.stack([np.bincount(group, ict.neutral[used, k]) for k in range(3)], axis=1) / np.bincount(group)[:, None]
    )
    away = np.linalg.norm(ict.neutral[used] - middles[group], axis=1)
    order = np.lexsort((away, group))
    keeper = used[order[np.unique(group[order], return_index=True)[1]]]
    where = np.full(len(ict.neutral), -1)
    where[used] = group
    merged = where[faces]
    whole = (merged[:, 0] != merged[:, 1]) & (merged[:, 1] != merged[:, 2]) & (merged[:, 2] != merged[:, 0])
    merged = merged[whole]
    _, first = np.unique(np.sort(merged, axis=1), axis=0, return_index=True)
    return Mouth(keeper, merged[np.sort(first)].astype(np.int32), part[keeper].astype(np.uint8))


ROOTS = (-5.0, -1.9)  # cm; teeth below and above are in the gums
GAPES = (  # expressions that bare what is in the mouth
    {"jawOpen": 1.0},
    {"jawOpen": 0.5, "mouthFunnel": 0.5},
    {"jawOpen": 0.9, **dict.fromkeys(("mouthUpperUpLeft", "mouthUpperUpRight", "mouthStretchLeft"), 1.0)},
    {"jawOpen": 0.6, **dict.fromkeys(("mouthSmileLeft", "mouthSmileRight", "mouthUpperUpLeft"), 1.0)},
    dict.fromkeys(("mouthSmileLeft", "mouthSmileRight", "mouthUpperUpLeft", "mouthUpperUpRight"), 1.0),
    {"jawOpen": 0.2, **dict.fromkeys(("mouthLowerDownLeft", "mouthLowerDownRight", "mouthFunnel"), 1.0)},
)


def _visible_in_mouth(ict: Ict) -> np.ndarray:
    """Triangles of teeth, gums and tongue that can be seen between the lips in GAPES, from some direction."""
    inside = ict.of("M_Teeth", "M_GumsTongue")
    triangles = ict.triangles[ict.of("M_Teeth", "M_GumsTongue", "M_Face")]
    is_inside = np.isin(ict.of("M_Teeth", "M_GumsTongue", "M_Face"), inside)
    seen = np.zeros(len(triangles), bool)
    size, scale = 900, 95.0
    for gape in GAPES:
        face = (
            ict.neutral
            + sum(value * ict.row(name) for name, value in gape.items())
            - np.array([0, -4.5, 6], np.float32)
        )
        for yaw in (-40, -20, 0, 20, 40):
            for pitch in (-20, 0, 20):
                turned = face @ turn(yaw, pitch).T * np.array([scale, -scale, -scale], np.float32) + np.array(
                    [450, 450, 0], np.float32
                )
                _, covering = rasterise(turned, triangles, np.zeros((len(turned), 1)), size, size)
                seen[np.unique(covering[covering >= 0])] = True
    shown = ict.triangles[inside[seen[is_inside]]]
    around = np.zeros(len(ict.neutral), bool)  # one ring of triangles more, and both sides alike
    around[shown] = True
    around[ict.mirror[np.flatnonzero(around)]] = True
    middle = ict.neutral[ict.triangles[inside], 1].mean(1)
    root = (ict.material[inside] == "M_Teeth") & ((middle > ROOTS[1]) | (middle < ROOTS[0]))
    return inside[(around[ict.triangles[inside]].sum(1) > 1) & ~root]


def parts(ict: Ict) -> np.ndarray:
    """Index into PARTS of each ICT vertex (meaningless outside the mouth)."""
    moves = np.linalg.norm(ict.row("jawOpen"), axis=1)
    teeth = np.zeros(len(moves), bool)
    teeth[np.unique(ict.triangles[ict.of("M_Teeth")])] = True
    lower = moves > 1.0
    gums = np.where(lower, PARTS.index("lower gums"), PARTS.index("upper gums"))
    part = np.where(teeth, np.where(lower, 1, 0), gums)
    part[~teeth & _is_tongue(ict)] = PARTS.index("tongue")
    return part


def _is_tongue(ict: Ict) -> np.ndarray:
    """Gum-and-tongue vertices between the rows of teeth: nearer the middle than the lower teeth at their height."""
    x, y, z = ict.neutral.T
    width = np.interp(z, [4.0, 7.0, 8.6, 9.4], [1.9, 1.75, 1.1, 0.1])
    return (np.abs(x) < width) & (y > -4.9) & (np.linalg.norm(ict.row("jawOpen"), axis=1) > 0.3) & (z > 1.0)


def anchored(anchors: Anchors, shell: Shell) -> Anchors:
    """Landmark anchors followed by the shell's own vertices."""
    corners = np.repeat(shell.vertices[:, None], 3, axis=1)
    weights = np.tile(np.array([1, 0, 0], np.float32), (len(shell.vertices), 1))
    return Anchors(np.concatenate([anchors.vertices, corners]), np.concatenate([anchors.weights, weights]))
