"""A hairline between groups of tools."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.theme import SPACE, Palette


class Rule(QWidget):
    """Upright, with room on both sides."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self.setFixedWidth(SPACE + 1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(SPACE // 2, 5, 1, self.height() - 10, QColor(self._palette.line))
