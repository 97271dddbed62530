"""One eye of a portrait with everything around it: the ball, the lids over it, and the skin they draw on."""

import numpy as np

from engine.render.eyes import Eye, Iris
from engine.render.geometry import Geometry
from engine.render.lids import Lid
from engine.render.mesh import PersonMesh
from engine.render.outline import Box
from engine.render.topology import Slit
from engine.render.turn import affine_of


class EyeRegion:
    """Draws one eye into pictures, for any geometry of its portrait."""

    def __init__(
        self, rgb: np.ndarray, mesh: PersonMesh, landmarks: np.ndarray, eye: Slit, iris: tuple[int, ...], unit: float
    ) -> None:
        """For rgb [H, W, 3] uint8 with `landmarks` [478, 2+] as pictured, pixels; `eye` and `iris`: which are its."""
        self.ring = mesh.face.along(eye.ring, closed=True)
        self._upper, self._lower = mesh.face.along(eye.upper), mesh.face.along(eye.lower)
        self._middle, self._iris, self._unit = mesh.points[self.ring].mean(0), iris[0], unit
        self._pupil = landmarks[iris[0], :2]
        flat = mesh.points[:, :2]
        upper, lower = flat[self._upper], flat[self._lower]
        self._ball = Eye(rgb, flat[self.ring], upper, Iris.of(landmarks[list(iris), :2]), unit)
        beneath = landmarks[[*eye.below[0], *eye.below[1][::-1]], :2]
        self._lid = Lid(rgb, upper, lower, _socket(landmarks[:, :2], eye), beneath, unit)

    def draw(self, picture: np.ndarray, geometry: Geometry) -> None:
        """Draw over the warped skin in picture [H, W, 3] uint8, in place: lid, eyeball, lashes."""
        points = geometry.points[:, :2]
        box = Box.around(points[self.ring], 0.25 * self._unit, picture.shape)
        if box.empty:
            return
        motion = affine_of(geometry.turn, self._middle)
        upper = points[self._upper]
        closing = self._lid.closing(upper, points[self._lower])
        self._lid.stretch(picture, geometry.places(box), motion, box, closing)
        gaze = geometry.unturned[self._iris, :2] - self._pupil
        self._ball.draw(picture, points[self.ring], upper, motion, gaze)
        self._lid.draw_lashes(picture, upper, motion, box, closing)


def _socket(points: np.ndarray, eye: Slit) -> np.ndarray:
    """Outline [N, 2] of the skin around an eye that its lids can draw on: below the brow, above the cheek."""
    crease = points[list(eye.above[1])]
    left, right = points[list(eye.corners)]
    out = 0.2 * (right - left)
    return np.concatenate([[left - out], crease, [right + out], points[list(eye.below[0])][::-1]])
