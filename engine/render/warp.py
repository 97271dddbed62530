"""The warp renderer: one portrait set up once, then a picture of it for any channel values, at its own resolution."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from engine.errors import InputError
from engine.face.fit import Fit
from engine.face.raster import rasterise
from engine.project.channels import CHANNELS
from engine.render.background import take_apart
from engine.render.deform import Deformer, clip
from engine.render.eye_region import EyeRegion
from engine.render.geometry import Geometry
from engine.render.glasses import top_of_glasses
from engine.render.margin import continued
from engine.render.mesh import HeadFrame, PersonMesh, build_mesh
from engine.render.mouth import Teeth
from engine.render.mouth_region import MouthRegion
from engine.render.outline import Box
from engine.render.paint import lay_over, sample, soften_folds
from engine.render.person import find_person
from engine.render.subdivide import refine_face
from engine.render.topology import EYES, IRISES, LANDMARKS, OVAL

FOLD = 6  # pixels; neighbours taken from further apart than this lie on two sides of an edge
PAD = 2.0  # IOD of the person continued beyond the picture's border


class WarpRenderer:
    """`set_portrait` once (seconds), then `render` many times (milliseconds)."""

    together = 1  # frames that it likes to be asked for at once

    def __init__(self) -> None:
        self._portrait: _Portrait | None = None

    def set_portrait(self, rgb: np.ndarray, alpha: np.ndarray | None, fit: Fit) -> None:
        """Take a portrait: cut the person out, complete the scene behind, build the mesh, the eyes and the mouth.

        Args:
            rgb: [H, W, 3] uint8.
            alpha: [H, W] uint8 opacity, where the file has one.
            fit: the face to move, fitted in this picture.

        Raises:
            FaceError: its mouth lies outside the picture.
        """
        self._portrait = _Portrait(np.ascontiguousarray(rgb), alpha, fit)

    def geometry(self, values: np.ndarray) -> Geometry:
        """Where everything is for channel values [C], clipped to their ranges.

        Raises:
            InputError: no portrait is set, or the values are not one for each channel.
        """
        return self._ready(values).geometry(clip(values))

    def render(self, values: np.ndarray) -> np.ndarray:
        """The portrait for channel values [C], clipped to their ranges: [H, W, 3] uint8 RGB.

        At the fitted face's own values it is the portrait itself; what the person never covers is always untouched.

        Raises:
            InputError: no portrait is set, or the values are not one for each channel.
        """
        portrait = self._ready(values)
        return portrait.draw(portrait.geometry(clip(values)))

    def refine(self, rows: Sequence[np.ndarray]) -> Iterator[list[np.ndarray]]:
        """A frame for each row of channel values; they are as they are at once."""
        yield [self.render(values) for values in rows]

    def _ready(self, values: np.ndarray) -> "_Portrait":
        if self._portrait is None:
            raise InputError("no portrait to render: call set_portrait first")
        if np.shape(values) != (len(CHANNELS),):
            raise InputError(
                f"channel values have shape {np.shape(values)}: give one for each of {len(CHANNELS)} channels"
            )
        return self._portrait


class _Portrait:
    """All that is prepared for one portrait."""

    def __init__(self, rgb: np.ndarray, alpha: np.ndarray | None, fit: Fit) -> None:
        self._deformer = deformer = Deformer(fit, rgb.shape, top_of_glasses(rgb, fit))
        unit, model = deformer.unit, fit.person.model
        face = refine_face(np.concatenate([model.triangles, model.mouth_triangles, *model.eye_triangles]))
        rough = find_person(rgb, alpha, deformer.rest[list(OVAL), :2], unit)
        layers = take_apart(rgb, rough, HeadFrame.of(deformer.rest, unit).moving(rgb.shape), unit)
        self._mesh = mesh = build_mesh(deformer.rest, model.shell_triangles, face, layers.person[..., 3], unit)
        self._box = Box.around(mesh.points[np.unique(mesh.triangles), :2], 1, rgb.shape)
        self._still = _without(rgb, mesh, layers.scene)
        self._texture, self._offset = _padded(layers.person, self._box, unit)
        self._eyes = [
            EyeRegion(rgb, mesh, deformer.rest, eye, iris, unit) for eye, iris in zip(EYES, IRISES, strict=True)
        ]
        teeth = Teeth.of(model, deformer.teeth(deformer.values))
        self._mouth = MouthRegion(rgb, mesh, deformer.rest, teeth, unit)

    def geometry(self, values: np.ndarray) -> Geometry:
        deformer, mesh = self._deformer, self._mesh
        unturned, turn = deformer.landmarks(values), deformer.turn(values)
        points = turn.apply(mesh.points + mesh.spread(unturned - deformer.rest), mesh.follow)
        box = self._box.joined(Box.around(points[:, :2], 1, self._still.shape))
        local = points - np.append(box.origin, 0)
        source, triangle = rasterise(local, mesh.triangles, mesh.points[:, :2] - self._offset, *box.shape)
        return Geometry(
            landmarks=turn.apply(unturned[:LANDMARKS]),
            unturned=unturned[:LANDMARKS],
            points=points,
            lips=self._mouth.ring,
            lids=(self._eyes[0].ring, self._eyes[1].ring),
            teeth=turn.apply(deformer.teeth(values)),
            turn=turn,
            box=box,
            source=source,
            offset=self._offset,
            triangle=triangle,
        )

    def draw(self, geometry: Geometry) -> np.ndarray:
        picture = self._still.copy()
        layer = sample(self._texture, geometry.source, cv2.INTER_CUBIC)
        soften_folds(layer, geometry.source, FOLD)
        lay_over(geometry.box.of(picture), layer)
        for eye in self._eyes:
            eye.draw(picture, geometry)
        self._mouth.draw(picture, geometry)
        return picture


def _without(rgb: np.ndarray, mesh: PersonMesh, scene: np.ndarray) -> np.ndarray:
    """The picture with the scene, [H, W, 3], in place of what the mesh carries."""
    _, covering = rasterise(mesh.points, mesh.triangles, mesh.points[:, :1], *rgb.shape[:2])
    return np.where((covering >= 0)[..., None], scene, rgb)


def _padded(person: np.ndarray, box: Box, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """The box of person [H, W, 4] with a margin, so that what the border cuts goes on, and its place [2].

    Its first pixels are clear: source (0, 0) is what the rasteriser leaves where nothing is drawn.
    """
    wide, pad = Box(max(box.x0 - 2, 0), max(box.y0 - 2, 0), box.x1 + 2, box.y1 + 2), round(PAD * unit)
    texture = continued(wide.of(person), pad, unit)
    texture[:3, :3] = 0
    return texture, wide.origin - pad
