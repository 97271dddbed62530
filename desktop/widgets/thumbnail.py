"""A small picture with round corners, kept in its proportions."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

ROUND = 6.0


class Thumbnail(QWidget):
    """Shows an HxWx3 uint8 RGB array, scaled to fit; hidden while there is none."""

    def __init__(self, side: int, name: str) -> None:
        """`side` is the width and height in pixels; `name` is for screen readers."""
        super().__init__()
        self._side = side
        self.image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def show_picture(self, rgb: np.ndarray | None) -> None:
        """Another picture, or none."""
        self.image = None
        if rgb is not None:
            height, width = rgb.shape[:2]
            self.image = QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        self.setVisible(self.image is not None)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.image is None:
            return
        size = self.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        box = QRectF(0, 0, size.width(), size.height())
        box.moveCenter(QRectF(self.rect()).center())
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(box, ROUND, ROUND)
        painter.setClipPath(shape)
        painter.drawImage(box, self.image)
