"""Pairs to learn the renderer from: a portrait, a geometry, what the warp makes of them, and what is truly seen there.

From a clip: one frame is the portrait, others are the truth. From a single picture: the picture is the truth, and a
copy of it with another expression and pose, made by the warp, is the portrait.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from engine.events import Finished
from engine.face.fit import Fit
from engine.face.head_model import EXPRESSIONS, load_head_model
from engine.face.pose import Pose, angles
from engine.face.tracking import Track, track_frames
from engine.project.channels import INDEX
from engine.render.deform import FLIP, clip
from engine.render.geometry import Geometry
from engine.render.tgdm.portrait import PatchedPortrait, View
from engine.render.tgdm.regions import KNOWN, PIXELS, REGIONS, Region
from engine.render.warp import WarpRenderer

PARTS_LIPS = ("jawOpen", "mouthUpperUp", "mouthLowerDown", "mouthFunnel", "mouthClose", "tongueOut")
MOVED = tuple(name for name in EXPRESSIONS if not name.startswith(("eyeLook", "eyeBlink", "tongue")))
IMAGES = ("truth", "warp", "geometry", "trust", "previous", "source", "source_geometry")  # of a row, as in batches
MISSED = 0.02  # eye distances: a round trip that comes back further away than this teaches nothing


@dataclass(frozen=True)
class Pair:
    """`source`: the portrait's views, a region each. `warped`: the same regions as the warp draws them. `truth`, and
    `previous` (the frame before, or None): what is really there, [P, P, 3] uint8 a region."""

    source: list[View]
    warped: list[View]
    truth: list[np.ndarray]
    previous: list[np.ndarray] | None
    regions: Sequence[Region] = REGIONS


class Portrayer:
    """A portrait with its warp and its patches, of which pairs are made."""

    def __init__(
        self,
        rgb: np.ndarray,
        fit: Fit,
        pixels: int = PIXELS,
        regions: Sequence[Region] = REGIONS,
        alpha: np.ndarray | None = None,
    ) -> None:
        """`alpha` [H, W] uint8: where the person is; unless told, everywhere."""
        if alpha is None:
            alpha = np.full(rgb.shape[:2], 255, np.uint8)
            alpha[0, 0] = 0  # an opacity with a hole is taken at its word: no matte is looked for
        self.warp = WarpRenderer()
        self.warp.set_portrait(rgb, alpha, fit)
        self.patches = PatchedPortrait(rgb, fit, self.warp.geometry(fit.values()), pixels, regions)

    def pair(self, values: np.ndarray, truth: np.ndarray, previous: list[np.ndarray] | None = None) -> Pair:
        """With what is truly seen, [H, W, 3] uint8, where channel values [C] put the face."""
        warped = self.patches.views(self.warp.render(values), self.warp.geometry(values))
        seen = [view.patch.of(truth) for view in warped]
        return Pair(self.patches.source, warped, seen, previous, self.patches.regions)


def track_clip(frames: list[np.ndarray], rate: Fraction) -> Track:
    """The face in every frame of a clip."""
    for event in track_frames(frames, rate, load_head_model(), len(frames)):
        if isinstance(event, Finished):
            found: Track = event.result
    return found


def values_against(track: Track, portrait: int, frame: int) -> np.ndarray:
    """Channel values [C] that turn the face of one frame into that of another."""
    return way_between(track.fit(portrait), track.fit(frame))


def way_between(there: Fit, here: Fit) -> np.ndarray:
    """Channel values [C] that turn the face of one fit into that of another of the same person."""
    values, old, new = here.values(), there.pose, here.pose
    head = {"Yaw": new.yaw - old.yaw, "Pitch": new.pitch - old.pitch, "Roll": new.roll - old.roll}
    head |= {"X": (new.x - old.x) / old.scale, "Y": (old.y - new.y) / old.scale, "Scale": new.scale / old.scale}
    for name, value in head.items():
        values[INDEX[f"head{name}"]] = value
    values[[INDEX["gazeYaw"], INDEX["gazePitch"]]] = np.subtract(here.gaze, there.gaze)
    return values


def clip_pairs(
    frames: list[np.ndarray], fits: list[Fit], pixels: int = PIXELS, regions: Sequence[Region] = REGIONS
) -> Iterator[Pair]:
    """The pairs of one clip: its first frame is the portrait; the others are pairs of neighbours, all of them targets.

    The second of two neighbours knows the first as its previous frame.
    """
    portrayer = Portrayer(frames[0], fits[0], pixels, regions)
    before: list[np.ndarray] | None = None
    for index, (frame, fit) in enumerate(zip(frames[1:], fits[1:], strict=True)):
        pair = portrayer.pair(way_between(fits[0], fit), frame, before if index % 2 else None)
        before = pair.truth
        yield pair


def rows_of(pair: Pair) -> Iterator[dict[str, np.ndarray]]:
    """The uint8 maps of a pair by IMAGES, its region and whether a previous frame is known: a row for each region."""
    parts = zip(pair.regions, pair.source, pair.warped, pair.truth, strict=False)
    for part, (region, source, warped, truth) in enumerate(parts):
        previous = pair.previous[part] if pair.previous else np.zeros_like(truth)
        images = (
            truth,
            warped.rgb,
            warped.maps.geometry,
            warped.maps.trust,
            previous,
            source.rgb,
            source.maps.geometry,
        )
        labels = {"region": KNOWN.index(region), "has_previous": int(pair.previous is not None)}
        yield dict(zip(IMAGES, images, strict=True)) | {name: np.array(n, np.uint8) for name, n in labels.items()}


def picture_pair(rgb: np.ndarray, fit: Fit, rng: np.random.Generator, pixels: int = PIXELS) -> Pair | None:
    """A pair of one picture [H, W, 3] uint8; None if the way back misses the picture."""
    clean = Portrayer(rgb, fit, pixels)
    values = _other_face(fit, rng)
    geometry = clean.warp.geometry(values)
    other = _fit_of(geometry, fit, clip(values))
    portrayer = Portrayer(clean.warp.render(values), other, pixels)
    back = way_between(other, fit)
    points = portrayer.warp.geometry(back).landmarks
    away = np.linalg.norm((points - fit.landmarks)[:468, :2], axis=1).mean() / fit.pose.scale
    return portrayer.pair(back, rgb) if away < MISSED else None


def _other_face(fit: Fit, rng: np.random.Generator) -> np.ndarray:
    """Channel values for the portrait of a pair: mouth mostly shut, other expression, head a little turned."""
    values = fit.values()
    part = 0.0 if rng.random() < 0.6 else rng.uniform(0, 1.2)
    for name in EXPRESSIONS:
        if name.startswith(PARTS_LIPS):
            values[INDEX[name]] *= part
        elif name.startswith("mouth"):
            values[INDEX[name]] *= rng.uniform(0.2, 1.1)
    for name in rng.choice(MOVED, 4, replace=False):
        if part > 0 or not name.startswith(PARTS_LIPS):
            values[INDEX[name]] += rng.uniform(0, 0.35)
    shut = rng.uniform(0, 0.5) if rng.random() < 0.4 else 0.0
    for side in ("Left", "Right"):
        values[INDEX[f"eyeBlink{side}"]] = max(values[INDEX[f"eyeBlink{side}"]], shut)
    values[INDEX["headYaw"]] = _turn_back(fit.pose.yaw, rng)
    for name, size in (("headPitch", 5), ("headRoll", 6), ("gazeYaw", 8), ("gazePitch", 4)):
        values[INDEX[name]] = np.clip(rng.normal(0, size / 2), -size, size)
    values[INDEX["headScale"]] = rng.uniform(0.92, 1.1)
    return values


def _turn_back(yaw: float, rng: np.random.Generator) -> float:
    """How far to turn a head that is pictured at a yaw (degrees), so that the warp can turn it back."""
    if abs(yaw) > 9:
        return float(-np.sign(yaw) * rng.uniform(0, 8))
    return float(rng.uniform(-8, 8))


def _fit_of(geometry: Geometry, fit: Fit, values: np.ndarray) -> Fit:
    """The fit of a face that the warp has drawn with channel values [C]."""
    turn = geometry.turn
    ends = turn.apply(np.concatenate([turn.pivot[None], turn.pivot + np.eye(3)])).astype(np.float64)
    rotation = FLIP @ ((ends[1:] - ends[0]).T / turn.scale) @ FLIP @ fit.pose.matrix()
    x, y = ends[0, :2]
    pose = Pose(*angles(rotation), fit.pose.scale * turn.scale, float(x), float(y))
    looked = (float(values[INDEX["gazeYaw"]]), float(values[INDEX["gazePitch"]]))
    gaze = (fit.gaze[0] + looked[0], fit.gaze[1] + looked[1])
    return replace(
        fit, landmarks=geometry.landmarks, expression=values[: len(EXPRESSIONS)].copy(), gaze=gaze, pose=pose
    )
