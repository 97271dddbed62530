"""A scroll bar for time: its thumb is what shows, its ends zoom."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.theme import Palette
from desktop.widgets.time_view import TimeView

HEIGHT = 12
_END = 7  # pixels of the thumb's ends that zoom
_LEAST = 2 * _END + 4  # the shortest thumb

_Grip = Literal["start", "end", "thumb"]


class RangeBar(QWidget):
    """Drag the thumb to scroll, its ends to zoom; double-click to show everything."""

    def __init__(self, view: TimeView, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view, self._palette = view, palette
        self._grip: _Grip | None = None
        self._last = 0.0
        self._hover = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName("Time shown")
        self.setToolTip("Drag to scroll, drag the ends to zoom, double-click to show everything (Shift+Z)")
        view.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    def _limits(self) -> tuple[float, float]:
        """Seconds at the bar's two ends."""
        return min(self.view.start, 0.0), max(self.view.duration, self.view.end)

    def thumb(self) -> QRectF:
        """Where the thumb lies."""
        low, high = self._limits()
        scale = self.width() / max(high - low, 1e-9)
        left, right = (self.view.start - low) * scale, (self.view.end - low) * scale
        if right - left < _LEAST:
            left = min(max((left + right - _LEAST) / 2, 0.0), self.width() - _LEAST)
            right = left + _LEAST
        return QRectF(left, 2, right - left, self.height() - 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.surface))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        thumb = self.thumb()
        painter.setBrush(QColor(self._palette.muted if self._hover or self._grip else self._palette.line))
        painter.drawRoundedRect(thumb, 4, 4)
        painter.setBrush(QColor(self._palette.surface))
        for x in (thumb.left() + 4, thumb.right() - 5):
            painter.drawRoundedRect(QRectF(x, thumb.top() + 2, 1.5, thumb.height() - 4), 0.7, 0.7)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x, thumb = event.position().x(), self.thumb()
        if not thumb.left() <= x <= thumb.right():
            low, high = self._limits()
            self.view.pan(low + x / self.width() * (high - low) - (self.view.start + self.view.end) / 2)
            thumb = self.thumb()
        self._grip = "start" if x < thumb.left() + _END else "end" if x > thumb.right() - _END else "thumb"
        self._last = x

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x, thumb = event.position().x(), self.thumb()
        if self._grip is None:
            at_end = x < thumb.left() + _END or x > thumb.right() - _END
            self._hover = thumb.left() <= x <= thumb.right()
            self.setCursor(Qt.CursorShape.SizeHorCursor if self._hover and at_end else Qt.CursorShape.ArrowCursor)
            self.update()
            return
        low, high = self._limits()
        by, self._last = (x - self._last) / self.width() * (high - low), x
        if self._grip == "thumb":
            self.view.pan(by)
        elif self._grip == "start":
            self.view.show(min(self.view.start + by, self.view.end), self.view.end)
        else:
            self.view.show(self.view.start, max(self.view.end + by, self.view.start))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._grip = None
        self.update()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.view.fit()

    def leaveEvent(self, _event: object) -> None:
        self._hover = False
        self.update()
