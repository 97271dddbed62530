"""numpy points as Qt polygons, without a Python call a point."""

from __future__ import annotations

import numpy as np
import shiboken6
from PySide6.QtGui import QPolygonF


def polygon(x: np.ndarray, y: np.ndarray) -> QPolygonF:
    """The points (x[i], y[i]), both [N], as a polygon."""
    made = QPolygonF()
    count = len(x)
    if not count:
        return made
    made.resize(count)
    address = shiboken6.getCppPointer(made.data())[0]  # a QPointF is two doubles, and they lie in a row
    memory = shiboken6.VoidPtr(address, count * 16, True)  # type: ignore[call-arg]
    points = np.frombuffer(memory, np.float64).reshape(count, 2)  # type: ignore[call-overload]
    points[:, 0], points[:, 1] = x, y
    return made
