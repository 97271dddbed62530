"""A recording at a glance, with two grips that say which part of it is heard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.theme import SPACE, Palette
from desktop.widgets.painting import tinted
from desktop.widgets.waveform import Waveform, draw_waveform

GRIP = 8.0  # pixels: how near the mouse has to be
SHORTEST = 0.1  # seconds that stay at least
NUDGE = 0.05  # seconds: one press of an arrow key
ARROWS: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class TrimView(QWidget):
    """`start` and `end` are seconds of a recording of `seconds` s. Dragging tells all along, with the drag's number."""

    trimmed = Signal(float, float, int)  # start, end, which drag

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self.seconds, self.start, self.end, self.gain = 1.0, 0.0, 1.0, 1.0
        self._waveform: Waveform | None = None
        self._grip = ""  # "start" or "end", also the one the arrow keys move
        self._dragging = False
        self._drags = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Part of the recording that is heard")
        self.setToolTip("Drag the ends to trim; with the keyboard Tab, then arrows (Shift for the end)")

    def sizeHint(self) -> QSize:
        return QSize(200, SPACE * 8)

    def show_part(self, seconds: float, start: float, end: float, gain: float) -> None:
        """Show this part of a recording, at this loudness."""
        wanted = seconds, start, min(end, seconds), gain
        if wanted != (self.seconds, self.start, self.end, self.gain):
            self.seconds, self.start, self.end, self.gain = wanted
            self.update()

    def set_waveform(self, waveform: Waveform | None) -> None:
        """Draw this sound."""
        self._waveform = waveform
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette = QPainter(self), self._palette
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.raised))
        painter.drawRoundedRect(box, SPACE / 2, SPACE / 2)
        if self._waveform:
            inner = box.adjusted(0, 2, 0, -2)
            draw_waveform(painter, inner, self._waveform, 0, self.seconds, palette.tracks["audio"], self.gain)
        left, right = self._x(self.start), self._x(self.end)
        veil = tinted(palette.surface, 0.72)
        painter.fillRect(QRectF(0, 0, left, self.height()), veil)
        painter.fillRect(QRectF(right, 0, self.width() - right, self.height()), veil)
        for name, x in (("start", left), ("end", right)):
            lit = self._grip == name and (self._dragging or self.underMouse() or self.hasFocus())
            painter.setBrush(QColor(palette.accent if lit else palette.text))
            edge = min(max(x - 1.5, 0.0), self.width() - 3.0)
            painter.drawRoundedRect(QRectF(edge, 0, 3, self.height()), 1.5, 1.5)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._near(event.position().x()):
            self._grip = self._near(event.position().x())
            self._dragging = True
            self._drags += 1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._dragging:
            self._move_to(x / max(self.width(), 1) * self.seconds)
        else:
            self._grip = self._near(x) or self._grip
            near = self._near(x)
            self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragging = False
        self.update()

    def event(self, event: QEvent) -> bool:
        """Arrows are for the ends here, not for the playhead."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in ARROWS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move the start; with Shift the end."""
        if event.key() not in ARROWS:
            super().keyPressEvent(event)
            return
        self._grip = "end" if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else "start"
        self._drags += not event.isAutoRepeat()
        self._move_to(getattr(self, self._grip) + ARROWS[event.key()] * NUDGE)

    def _move_to(self, seconds: float) -> None:
        if self._grip == "start":
            self.start = min(max(seconds, 0.0), self.end - SHORTEST)
        else:
            self.end = max(min(seconds, self.seconds), self.start + SHORTEST)
        self.update()
        self.trimmed.emit(self.start, self.end, self._drags)

    def _near(self, x: float) -> str:
        away = {name: abs(x - self._x(getattr(self, name))) for name in ("start", "end")}
        nearest = min(away, key=lambda name: away[name])
        return nearest if away[nearest] < GRIP else ""

    def _x(self, seconds: float) -> float:
        return seconds / max(self.seconds, 1e-6) * self.width()
