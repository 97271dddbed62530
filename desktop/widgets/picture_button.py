"""A picture to click, with a play sign on it and a line beneath."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QFontMetrics,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from desktop.theme import SPACE, Palette

ROUND = 8.0
SIGN = 24.0  # radius of the play sign


class PictureButton(QAbstractButton):
    """The picture fills the button; title and line stand over its darkened foot."""

    def __init__(self, palette: Palette, title: str, line: str, picture: QPixmap) -> None:
        super().__init__()
        self._palette, self._title, self._line, self._picture = palette, title, line, picture
        self._ring = False
        self.setAccessibleName(title)
        self.setAccessibleDescription(line)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(360, 360)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring is for those who work with the keyboard."""
        self._ring = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        shape = QPainterPath()
        shape.addRoundedRect(box, ROUND, ROUND)
        painter.setClipPath(shape)
        painter.drawPixmap(box, self._picture, self._part(box))
        self._paint_foot(painter, box)
        painter.setClipping(False)
        self._paint_sign(painter, box.bottomRight() - QPointF(SIGN + SPACE * 2, SIGN + SPACE * 2))
        if self._ring and self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._palette.accent), 2))
            painter.drawRoundedRect(box, ROUND, ROUND)

    def _part(self, box: QRectF) -> QRectF:
        """What of the picture fills the box: all across or all down, from the top."""
        width, height = self._picture.width(), self._picture.height()
        scale = min(width / box.width(), height / box.height())
        return QRectF((width - box.width() * scale) / 2, 0, box.width() * scale, box.height() * scale)

    def _paint_foot(self, painter: QPainter, box: QRectF) -> None:
        high = QFontMetrics(self.font()).height()
        foot = box.adjusted(0, box.height() - high * 5, 0, 0)
        shade = QLinearGradient(foot.topLeft(), foot.bottomLeft())
        shade.setColorAt(0, QColor(0, 0, 0, 0))
        shade.setColorAt(1, QColor(0, 0, 0, 210))
        painter.fillRect(foot, shade)
        text = foot.adjusted(SPACE * 2, 0, -SPACE * 2, -SPACE * 2)
        bottom = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
        painter.setPen(QColor(255, 255, 255, 190))
        painter.drawText(text, bottom, self._line)
        painter.setPen(QColor("#ffffff"))
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(text.adjusted(0, 0, 0, -high - 4), bottom, self._title)

    def _paint_sign(self, painter: QPainter, middle: QPointF) -> None:
        lit = self.underMouse() or self.isDown()
        disc = QColor(self._palette.accent) if lit else QColor(255, 255, 255, 225)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(disc)
        painter.drawEllipse(middle, SIGN, SIGN)
        painter.setBrush(QColor(self._palette.on_accent if lit else "#202020"))
        side = SIGN * 0.42
        points = [QPointF(-side * 0.7, -side), QPointF(side * 1.05, 0), QPointF(-side * 0.7, side)]
        painter.drawPolygon(QPolygonF([middle + point for point in points]))
