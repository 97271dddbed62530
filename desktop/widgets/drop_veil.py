"""What lies over the window while files are dragged across it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QWidget

from desktop.theme import SPACE, Palette


class DropVeil(QWidget):
    """Dims its parent and says in one line what a drop would do."""

    def __init__(self, palette: Palette, parent: QWidget) -> None:
        super().__init__(parent)
        self._palette, self._text = palette, ""
        self._place: QRect | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self, text: str, place: QRect | None = None) -> None:
        """Show it over the whole parent, but for a `place` that takes the drop otherwise and has to be seen."""
        self._text, self._place = text, place
        self.update()
        if parent := self.parentWidget():
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shade = QColor(self._palette.background)
        shade.setAlphaF(0.8)
        painter.setClipRegion(QRegion(self.rect()).subtracted(QRegion(self._place or QRect())))
        painter.fillRect(self.rect(), shade)
        painter.setClipping(False)
        painter.setPen(QPen(QColor(self._palette.accent), 2, Qt.PenStyle.DashLine))
        if self._place:
            painter.drawRoundedRect(QRectF(self._place), 4, 4)
        inset = SPACE * 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        painter.setFont(font)
        painter.setPen(QColor(self._palette.text))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
