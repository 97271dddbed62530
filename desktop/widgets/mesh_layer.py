"""The fitted face mesh, drawn over a picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QPainter, QPen, QTransform

from desktop.widgets.painting import tinted


class MeshLayer:
    """Lines between points; it never takes the mouse."""

    def __init__(self, colour: str = "#ffffff") -> None:
        self.colour = colour
        self.visible = True
        self._edges = np.zeros((0, 2), np.intp)
        self._points = np.zeros((0, 2), np.float32)

    def set_triangles(self, triangles: np.ndarray) -> None:
        """Draw the edges of these triangles [F, 3], each once."""
        pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
        self._edges = np.unique(np.sort(pairs, axis=1), axis=0)

    def set_points(self, points: np.ndarray) -> None:
        """Where the points are: [V, 2] or [V, 3] pixels of the picture."""
        self._points = np.asarray(points)[:, :2]

    def paint(self, painter: QPainter, to_screen: QTransform) -> None:
        if not self.visible or not len(self._points):
            return
        # The transform is a scale and a shift: mapping all points at once is far cheaper than one by one.
        scale = np.array([to_screen.m11(), to_screen.m22()])
        ends = (self._points[self._edges] * scale + (to_screen.dx(), to_screen.dy())).reshape(-1, 4)
        painter.setPen(QPen(tinted(self.colour, 0.4), 0.8))
        painter.drawLines([QLineF(*line) for line in ends.tolist()])

    def press(self, at: QPointF, to_screen: QTransform) -> bool:
        return False

    def move(self, at: QPointF, to_screen: QTransform, dragging: bool) -> bool:
        return False

    def release(self) -> None: ...
