"""The warp renderer: one portrait set up once, then a picture of it for any channel values, at its own resolution."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from engine.face.fit import Fit
from engine.face.raster import rasterise
from engine.render.background import take_apart
from engine.render.deform import Deformer, clip
from engine.render.eyes import Eye, Iris
from engine.render.lids import Lid
from engine.render.mesh import HeadFrame, build_mesh
from engine.render.mouth import Mouth, Teeth
from engine.render.outline import Box
from engine.render.paint import lay_over, soften_folds
from engine.render.person import find_person
from engine.render.palette import palette_of
from engine.render.subdivide import refine_face
from engine.render.topology import EYES, IRISES, MOUTH, OVAL, Slit
from engine.render.turn import Turn, affine_of

KINDS = ("teeth", "gums", "tongue")
FOLD = 6  # pixels; neighbours taken from further apart than this lie on two sides of an edge
PAD = 2.0  # IOD of the person continued (mirrored) beyond the picture's border


@dataclass(frozen=True)
class Geometry:
    """Where everything is for one set of channel values; all that a renderer on top of the warp needs.

    box: the part of the picture that may have changed; source_map [h, w, 2] float32: for its pixels, the place in the
    portrait seen there; triangle [h, w] int32: the mesh's triangle seen there, -1 where the person is not.
    points [V, 3]: the mesh's points in pixels.
    """

    points: np.ndarray
    box: Box
    source_map: np.ndarray
    triangle: np.ndarray
    turn: Turn
    gaze: np.ndarray
    teeth: np.ndarray
    offset: np.ndarray

    def places(self, box: Box) -> np.ndarray:
        """[h, w, 2] float32: the place in the portrait that each pixel of a box inside `self.box` shows."""
        x, y = box.x0 - self.box.x0, box.y0 - self.box.y0
        return self.source_map[y : y + box.shape[0], x : x + box.shape[1]] + self.offset


class WarpRenderer:
    """`set_portrait` once (seconds), then `render` many times (milliseconds)."""

    def set_portrait(
        self, rgb: np.ndarray, alpha: np.ndarray | None, fit: Fit, long_side: int | None = None
    ) -> None:
        """Prepare a portrait.

        Args:
            rgb: [H, W, 3] uint8.
            alpha: [H, W] uint8, where the file has one.
            fit: the face to move.
            long_side: longer side of the pictures to render, pixels; None for the portrait's own.
        """
        if long_side is not None:
            rgb, alpha, fit = _resized(rgb, alpha, fit, long_side / max(rgb.shape[:2]))
        self._rgb = rgb
        self._deformer = deformer = Deformer(fit, rgb.shape)
        model = fit.person.model
        face = refine_face(np.concatenate([model.triangles, model.mouth_triangles, *model.eye_triangles]))
        head = HeadFrame.of(deformer.rest, deformer.unit)
        rough = find_person(rgb, alpha, deformer.rest[list(OVAL), :2], deformer.unit)
        layers = take_apart(rgb, rough, head.moving(rgb.shape), deformer.unit)
        self._mesh = build_mesh(deformer.rest, model.shell_triangles, face, layers.person[..., 3], deformer.unit)
        self._still = self._still_picture(layers.scene)
        self._set_texture(layers.person)
        self._set_features(fit)

    def _still_picture(self, scene: np.ndarray) -> np.ndarray:
        """The picture without what the mesh carries."""
        height, width = scene.shape[:2]
        points = self._mesh.points
        _, covering = rasterise(points, self._mesh.triangles, points[:, :1], height, width)
        self._rest_box = Box.around(points[np.unique(self._mesh.triangles), :2], 1, scene.shape)
        return np.where((covering >= 0)[..., None], scene, self._rgb)

    def _set_texture(self, person: np.ndarray) -> None:
        """Pad the person so that what the border cuts goes on; pixel (0, 0) is clear, for where nothing is drawn."""
        pad = round(PAD * self._deformer.unit)
        low = np.maximum(self._rest_box.origin.astype(int) - 2, 0)
        part = person[low[1] : self._rest_box.y1 + 2, low[0] : self._rest_box.x1 + 2]
        self._texture = cv2.copyMakeBorder(part, pad, pad, pad, pad, cv2.BORDER_REFLECT_101)
        self._texture[:3, :3] = 0
        self._offset = (low - pad).astype(np.float32)
        self._attributes = self._mesh.points[:, :2] - self._offset

    def _set_features(self, fit: Fit) -> None:
        face, points, unit, model = self._mesh.face, self._mesh.points, self._deformer.unit, fit.person.model
        self._rims = [(face.along(eye.ring, closed=True), face.along(eye.upper), face.along(eye.lower)) for eye in EYES]
        flat = points[:, :2]
        self._eyes = [
            Eye(self._rgb, flat[ring], flat[upper], Iris.of(self._deformer.rest[list(iris), :2]), unit)
            for (ring, upper, _), iris in zip(self._rims, IRISES, strict=True)
        ]
        self._lids = [
            Lid(self._rgb, flat[upper], flat[lower], _socket(self._deformer.rest[:, :2], slit), unit)
            for (_, upper, lower), slit in zip(self._rims, EYES, strict=True)
        ]
        self._lips = face.along(MOUTH.ring, closed=True)
        kinds = np.array([KINDS.index(name.split()[-1]) for name in model.part_names])[model.teeth_part]
        teeth = Teeth(self._deformer.teeth(self._deformer.values), model.teeth_triangles, kinds)
        self._mouth = Mouth(self._rgb, points[self._lips], teeth, palette_of(self._rgb, self._deformer.rest), unit)

    def geometry(self, values: np.ndarray) -> Geometry:
        """Where everything is for channel values [C] (clipped to their ranges)."""
        values = clip(values)
        landmarks = self._deformer.landmarks(values)
        moved = self._mesh.points + self._mesh.spread(landmarks - self._deformer.rest)
        turn = self._deformer.turn(values)
        points = turn.apply(moved, self._mesh.follow)
        box = self._rest_box.joined(Box.around(points[:, :2], 1, self._rgb.shape))
        local = points - np.append(box.origin, 0)
        source, covering = rasterise(local, self._mesh.triangles, self._attributes, *box.shape)
        gaze = np.stack([landmarks[iris[0], :2] - self._deformer.rest[iris[0], :2] for iris in IRISES])
        return Geometry(
            points, box, source, covering, turn, gaze, turn.apply(self._deformer.teeth(values)), self._offset
        )

    def render(self, values: np.ndarray) -> np.ndarray:
        """The portrait for channel values [C]: [H, W, 3] uint8. At the fitted face's own values, the picture itself."""
        geometry = self.geometry(values)
        picture = self._still.copy()
        layer = cv2.remap(self._texture, geometry.source_map, None, cv2.INTER_CUBIC)
        soften_folds(layer, geometry.source_map, FOLD)
        lay_over(geometry.box.of(picture), layer)
        for index, gaze in enumerate(geometry.gaze):
            self._draw_eye(picture, index, geometry, gaze)
        self._mouth.draw(picture, geometry.points[self._lips], geometry.teeth, geometry.turn)
        return picture

    def _draw_eye(self, picture: np.ndarray, index: int, geometry: Geometry, gaze: np.ndarray) -> None:
        ring, upper, lower = self._rims[index]
        eye, lid, points = self._eyes[index], self._lids[index], geometry.points[:, :2]
        motion = affine_of(geometry.turn, self._mesh.points[ring].mean(0))
        closing = lid.closing(points[upper], points[lower])
        box = Box.around(points[ring], 0.25 * self._deformer.unit, picture.shape)
        if box.empty:
            return
        lid.stretch(picture, geometry.places(box), box, closing)
        eye.draw(picture, points[ring], points[upper], motion, gaze)
        lid.draw_lashes(picture, points[upper], motion, box, closing)


def _socket(points: np.ndarray, eye: Slit) -> np.ndarray:
    """Outline [N, 2] of the skin around an eye that its lids can draw on: below the brow, above the cheek."""
    crease = (points[list(eye.above[0])] + points[list(eye.above[1])]) / 2
    left, right = points[list(eye.corners)]
    out = 0.2 * (right - left)
    return np.concatenate([[left - out], crease, [right + out], points[list(eye.below[0])][::-1]])


def _resized(
    rgb: np.ndarray, alpha: np.ndarray | None, fit: Fit, factor: float
) -> tuple[np.ndarray, np.ndarray | None, Fit]:
    """The same portrait at `factor` times its size."""
    size = (max(1, round(rgb.shape[1] * factor)), max(1, round(rgb.shape[0] * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    pose = fit.pose
    moved = replace(pose, scale=pose.scale * factor, x=pose.x * factor, y=pose.y * factor)
    scaled = replace(fit, landmarks=(fit.landmarks * factor).astype(np.float32), pose=moved)
    return cv2.resize(rgb, size, interpolation=how), alpha if alpha is None else cv2.resize(alpha, size), scaled
