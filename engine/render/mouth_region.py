"""The mouth of a portrait: lips that close cleanly, and the interior behind them."""

import numpy as np

from engine.errors import FaceError
from engine.render.geometry import Geometry
from engine.render.lips import Lips
from engine.render.mesh import PersonMesh
from engine.render.mouth import Mouth, Teeth
from engine.render.outline import Box
from engine.render.palette import palette_of
from engine.render.topology import MOUTH


class MouthRegion:
    """Draws the mouth into pictures, for any geometry of its portrait."""

    def __init__(self, rgb: np.ndarray, mesh: PersonMesh, landmarks: np.ndarray, teeth: Teeth, unit: float) -> None:
        """For rgb [H, W, 3] uint8 with `landmarks` [478, 2+] and `teeth` as pictured (pixels).

        Raises:
            FaceError: the mouth lies outside the picture.
        """
        self.ring = mesh.face.along(MOUTH.ring, closed=True)
        self._unit = unit
        hole, palette = mesh.points[self.ring], palette_of(rgb, landmarks)
        if Box.around(hole[:, :2], 0, rgb.shape).empty:
            raise FaceError("the mouth lies outside the picture: choose a picture that shows the whole face")
        corners = landmarks[list(MOUTH.corners), :2]
        above, below = landmarks[list(MOUTH.above[0]), :2], landmarks[list(MOUTH.below[0]), :2]
        middle = np.concatenate([corners[:1], above, corners[1:], below[::-1]])
        self._lips = Lips(rgb, hole[:, :2], middle, palette.lips, unit)
        self._interior = Mouth(rgb, hole, teeth, palette, unit)

    def draw(self, picture: np.ndarray, geometry: Geometry) -> None:
        """Draw over the warped skin in picture [H, W, 3] uint8, in place: lips, then what shows between them."""
        hole = geometry.points[self.ring]
        box = Box.around(hole[:, :2], 0.15 * self._unit, picture.shape)
        if not box.empty:
            self._lips.close(picture, hole[:, :2], geometry.places(box), box)
            self._interior.draw(picture, hole, geometry.teeth, geometry.turn)
