"""A label of one line that is shortened to fit, and tells the whole under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from desktop.widgets.painting import elided


class ElidedLabel(QLabel):
    """It takes whatever width it is given."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        elided(painter, QRectF(self.rect()), self.text(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
