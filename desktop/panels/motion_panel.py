"""The performance: how speech is delivered, and the takes of it so far."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.panels.delivery_box import DeliveryBox
from desktop.panels.takes_panel import TakesPanel


class MotionPanel(QWidget):
    """Delivery above, takes below."""

    def __init__(self, delivery: DeliveryBox, takes: TakesPanel) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # else a dock shows through
        self.delivery, self.takes = delivery, takes
        line = QFrame()
        line.setProperty("role", "line")
        line.setFixedHeight(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(delivery)
        column.addWidget(line)
        column.addWidget(takes, 1)
