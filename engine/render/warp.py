"""The warp renderer: one portrait set up once, then a picture of it for any channel values, at its own resolution."""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.face.raster import rasterise
from engine.project.channels import INDEX
from engine.render.background import take_apart
from engine.render.deform import Deformer, Face, clip
from engine.render.eyes import Eye, Iris, gaze_offsets
from engine.render.mesh import HeadFrame, build_mesh
from engine.render.mouth import Interior, Mouth
from engine.render.palette import palette_of
from engine.render.outline import Box
from engine.render.paint import lay_over
from engine.render.subdivide import Refined, refine_face
from engine.render.topology import EYES, IRISES, MOUTH, Slit
from engine.render.turn import Turn, affine_of

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


class WarpRenderer:
    """`set_portrait` once (seconds), then `render` many times (milliseconds)."""

    def set_face(
        self,
        rgb: np.ndarray,
        matte: np.ndarray,
        face: Face,
        triangles: np.ndarray,
        irises: np.ndarray,
        interior: Interior,
    ) -> None:
        self._rgb = rgb
        self._deformer = Deformer(face)
        refined = refine_face(triangles)
        head = HeadFrame.of(self._deformer.rest_points, face.unit)
        layers = take_apart(rgb, matte, head.moving(rgb.shape), face.unit)
        self._mesh = build_mesh(self._deformer.rest_points, refined, layers.person[..., 3], face.unit)
        self._still = self._still_picture(layers.scene)
        self._set_texture(layers.person)
        self._eyes = [self._eye(eye, iris) for eye, iris in zip(EYES, irises, strict=True)]
        self._hole = refined.along(MOUTH.ring, closed=True)
        palette = palette_of(rgb, face.landmarks)
        self._mouth = Mouth(rgb, self._mesh.points[self._hole], interior, palette, face.unit)

    def _still_picture(self, scene: np.ndarray) -> np.ndarray:
        """The picture without what the mesh carries."""
        height, width = scene.shape[:2]
        points = self._mesh.points
        _, covering = rasterise(points, self._mesh.triangles, points[:, :1], height, width)
        self._rest_box = Box.around(points[np.unique(self._mesh.triangles), :2], 1, scene.shape)
        return np.where((covering >= 0)[..., None], scene, self._rgb)

    def _set_texture(self, person: np.ndarray) -> None:
        """Pad the person so that what the border cuts goes on; pixel (0, 0) is clear, for where nothing is drawn."""
        pad = round(PAD * self._deformer.face.unit)
        low = np.maximum(self._rest_box.origin.astype(int) - 2, 0)
        part = person[low[1] : self._rest_box.y1 + 2, low[0] : self._rest_box.x1 + 2]
        self._texture = cv2.copyMakeBorder(part, pad, pad, pad, pad, cv2.BORDER_REFLECT_101)
        self._texture[0, 0] = 0
        self._attributes = self._mesh.points[:, :2] + (pad - low)
        self._offset = (low - pad).astype(np.float32)

    def _eye(self, slit: Slit, iris: tuple[int, ...]) -> Eye:
        face = self._mesh.face
        opening, upper = face.along(slit.ring, closed=True), face.along(slit.upper)
        points = self._mesh.points[:, :2]
        return Eye(self._rgb, points[opening], points[upper], Iris.of(iris), self._deformer.face.unit)

    def geometry(self, values: np.ndarray) -> Geometry:
        values = clip(values)
        landmarks = self._deformer.landmarks(values)
        moved = self._mesh.points + self._mesh.spread(landmarks - self._deformer.rest_points)
        turn = self._turn(values)
        points = turn.apply(moved, self._mesh.follow)
        box = self._rest_box.joined(Box.around(points[:, :2], 1, self._rgb.shape))
        local = points - np.append(box.origin, 0)
        source, covering = rasterise(local, self._mesh.triangles, self._attributes, *box.shape)
        return Geometry(points, box, source, covering)

    def _turn(self, values: np.ndarray) -> Turn:
        face = self._deformer.face
        yaw, pitch, roll, x, y, scale = (
            float(values[INDEX[f"head{n}"]]) for n in ("Yaw", "Pitch", "Roll", "X", "Y", "Scale")
        )
        angles = np.array(face.angles)
        rotation = rotation_matrix(*(angles + (yaw, pitch, roll))) @ rotation_matrix(*angles).T
        shift = np.array([x, -y, 0]) * face.unit
        return Turn.from_matrix(rotation, face.pivot, scale, shift)

    def render(self, values: np.ndarray) -> np.ndarray:
        values = clip(values)
        geometry = self.geometry(values)
        picture = self._still.copy()
        box = geometry.box
        layer = cv2.remap(self._texture, geometry.source_map, None, cv2.INTER_LINEAR)
        lay_over(box.of(picture), layer)
        self._draw_eyes(picture, values, geometry)
        self._mouth.draw(picture, geometry.points[self._hole], values, self._turn(values))
        return picture

    def _draw_eyes(self, picture: np.ndarray, values: np.ndarray, geometry: Geometry) -> None:
        face, turn = self._mesh.face, self._turn(values)
        offsets = gaze_offsets(values, self._deformer.face.rest, self._deformer.face.unit)
        for eye, slit, gaze in zip(self._eyes, EYES, offsets, strict=True):
            opening = geometry.points[face.along(slit.ring, closed=True), :2]
            upper = geometry.points[face.along(slit.upper), :2]
            corners = self._mesh.points[list(slit.corners)]
            eye.draw(picture, opening, upper, affine_of(turn, corners.mean(0)), gaze)


def rotation_matrix(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Degrees, as the head channels mean them, to a rotation [3, 3] of pixels (x right, y down, z away)."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return about_z @ about_x @ about_y
