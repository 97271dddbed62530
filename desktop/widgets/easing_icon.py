"""Little pictures of easings, drawn from the table itself."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from desktop.widgets.polyline import polygon
from engine.project.easing import EASINGS, Easing

_SIZE = 48  # pixels: sharp at 24 on dense screens


def easing_icon(name: str, colour: str) -> QIcon:
    """The way an easing takes from one key to the next."""
    picture = QPixmap(_SIZE, _SIZE)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    x, y = _path(name)
    room = 10.0
    painter.setPen(QPen(QColor(colour), 3.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPolyline(polygon(room + x * (_SIZE - 2 * room), _SIZE - room - y * (_SIZE - 2 * room)))
    painter.end()
    return QIcon(picture)


def _path(name: str) -> tuple[np.ndarray, np.ndarray]:
    if name == "linear":
        return np.array([0.0, 1.0]), np.array([0.0, 1.0])
    if name == "step":
        return np.array([0.0, 1.0, 1.0]), np.array([0.0, 0.0, 1.0])
    shape = EASINGS[name] or Easing(0.4, 0, 0.6, 1)
    u = np.linspace(0, 1, 40)
    return _cubic(u, shape.x1, shape.x2), _cubic(u, shape.y1, shape.y2)


def _cubic(u: np.ndarray, first: float, second: float) -> np.ndarray:
    v = 1 - u
    path: np.ndarray = 3 * first * u * v * v + 3 * second * u * u * v + u * u * u
    return path
