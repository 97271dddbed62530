"""Handles over a picture that can be dragged: dots for points, diamonds for what moves as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPolygonF, QTransform

from desktop.theme import SPACE, Palette
from desktop.widgets.painting import tinted

SIZE = 4.5  # pixels: half of a dot's width
REACH = 12.0  # pixels: how near the mouse has to be


@dataclass(frozen=True)
class Handle:
    """`at` in pixels of the picture; `whole` draws a diamond."""

    id: str
    label: str
    at: QPointF
    whole: bool = False


class HandleLayer(QObject):
    """Tells of drags in pixels of the picture. While one is dragged it stays under the mouse."""

    pressed = Signal(str)
    dragged = Signal(str, float, float)  # to this x, y
    released = Signal(str)

    def __init__(self, palette: Palette, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self.visible = False
        self.handles: tuple[Handle, ...] = ()
        self._hovered = self._held = ""
        self._mouse = QPointF()

    @property
    def held(self) -> str:
        """The handle that is being dragged, "" for none."""
        return self._held

    def set_handles(self, handles: Sequence[Handle]) -> None:
        """Show these."""
        self.handles = tuple(handles)

    def paint(self, painter: QPainter, to_screen: QTransform) -> None:
        if not self.visible:
            return
        for handle in self.handles:
            lit = handle.id in (self._hovered, self._held)
            at = to_screen.map(handle.at)
            if handle.id == self._held:
                painter.setPen(QPen(tinted(self._palette.accent, 0.7), 1.2))
                painter.drawLine(at, self._mouse)
                at = self._mouse
            self._paint_handle(painter, at, handle.whole, lit)
        for handle in self.handles:
            if handle.id == (self._held or self._hovered):
                self._paint_label(painter, self._mouse if self._held else to_screen.map(handle.at), handle.label)

    def press(self, at: QPointF, to_screen: QTransform) -> bool:
        handle = self._under(at, to_screen)
        if handle is None:
            return False
        self._held, self._mouse = handle.id, at
        self.pressed.emit(handle.id)
        return True

    def move(self, at: QPointF, to_screen: QTransform, dragging: bool) -> bool:
        self._mouse = at
        if dragging and self._held:
            inverse, _ = to_screen.inverted()
            there = inverse.map(at)
            self.dragged.emit(self._held, there.x(), there.y())
            return True
        handle = self._under(at, to_screen)
        self._hovered = handle.id if handle else ""
        return handle is not None

    def release(self) -> None:
        held, self._held = self._held, ""
        self.released.emit(held)

    def _under(self, at: QPointF, to_screen: QTransform) -> Handle | None:
        if not self.visible or not self.handles:
            return None

        def away(handle: Handle) -> float:
            gap = to_screen.map(handle.at) - at
            return float(QPointF.dotProduct(gap, gap))

        nearest = min(self.handles, key=away)
        return nearest if away(nearest) <= REACH**2 else None

    def _paint_handle(self, painter: QPainter, at: QPointF, whole: bool, lit: bool) -> None:
        size = SIZE * (1.25 if lit else 1.0)
        painter.setPen(QPen(tinted("#000000", 0.65), 1.2))
        painter.setBrush(QColor(self._palette.accent) if lit else tinted("#ffffff", 0.92))
        if whole:
            reach = size * 1.35
            ends = (QPointF(0, -reach), QPointF(reach, 0), QPointF(0, reach), QPointF(-reach, 0))
            painter.drawPolygon(QPolygonF([at + end for end in ends]))
        else:
            painter.drawEllipse(at, size, size)

    def _paint_label(self, painter: QPainter, at: QPointF, text: str) -> None:
        metrics = QFontMetrics(painter.font())
        width, height = metrics.horizontalAdvance(text) + SPACE * 2, metrics.height() + SPACE / 2
        box = QRectF(at.x() + SPACE * 1.5, at.y() - height - SPACE, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tinted("#000000", 0.6))
        painter.drawRoundedRect(box, height / 2, height / 2)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
