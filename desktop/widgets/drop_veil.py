"""What lies over the window while files are dragged across it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop.theme import SPACE, Palette


class DropVeil(QWidget):
    """Dims its parent and says in one line what a drop would do."""

    def __init__(self, palette: Palette, parent: QWidget) -> None:
        super().__init__(parent)
        self._palette, self._text = palette, ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self, text: str) -> None:
        """Show it over the whole parent."""
        self._text = text
        if parent := self.parentWidget():
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shade = QColor(self._palette.background)
        shade.setAlphaF(0.8)
        painter.fillRect(self.rect(), shade)
        painter.setPen(QPen(QColor(self._palette.accent), 2, Qt.PenStyle.DashLine))
        inset = SPACE * 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        painter.setFont(font)
        painter.setPen(QColor(self._palette.text))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
