"""The ruler above a timeline: time, playhead, in and out, loop, picked range, markers, and what is rendered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop.theme import Palette
from desktop.widgets.painting import playhead, small_font, tinted
from desktop.widgets.snapping import snapped
from desktop.widgets.ticks import ticks
from desktop.widgets.time_view import TimeView
from engine.project.project import Marker
from engine.project.timing import ALWAYS, TimeRange, seconds_to_frame, timecode

HEIGHT = 40
_FLAGS = 12  # height of the band of markers and brackets
_STATE = 3  # height of the band of what is rendered
_GRIP = 6  # pixels from a bracket or marker that take hold of it
_NAME = 110  # pixels a named tick should have

_Grip = Literal["playhead", "in", "out", "span", "marker"]


class Ruler(QWidget):
    """Shows and changes times; what to do with a change is up to whoever is connected."""

    scrubbed = Signal(object)  # Fraction: where the playhead is wanted
    in_out_changed = Signal(object)  # TimeRange, at each step of a drag
    span_changed = Signal(object)  # TimeRange or None, at each step of a drag
    marker_moved = Signal(object, object)  # Marker, Fraction: once, when let go
    marker_activated = Signal(object)  # Marker: double click, to rename it
    pressed = Signal(bool)  # a drag of the playhead begins, or has ended
    menu_wanted = Signal(object, object, object)  # QPoint on screen, Fraction, Marker or None

    def __init__(self, view: TimeView, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view, self._palette = view, palette
        self.time, self.in_out = Fraction(0), ALWAYS
        self.span: TimeRange | None = None
        self.loop: TimeRange | None = None
        self.markers: Sequence[Marker] = ()
        self.fresh: Sequence[TimeRange] = ()
        self.stale: Sequence[TimeRange] = ()
        self.final: Sequence[TimeRange] = ()
        self.frames, self.snapping = False, True
        self.gesture = 0  # counts drags, so that all steps of one can be undone together
        self._grip: _Grip | None = None
        self._marker: Marker | None = None
        self._anchor = Fraction(0)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Time ruler")
        self.setAccessibleDescription("Drag to move the playhead; with Shift, to pick a range")
        view.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(400, HEIGHT)

    def set(self, **changes: object) -> None:
        """Change what is shown: time, in_out, span, loop, markers, fresh, stale, final, frames, snapping."""
        different = {name: value for name, value in changes.items() if getattr(self, name) != value}
        for name, value in different.items():
            setattr(self, name, value)
        if different:
            self.update()

    # --- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.surface))
        self._paint_ranges(painter)
        self._paint_ticks(painter)
        self._paint_rendered(painter)
        painter.setPen(QColor(self._palette.line))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        self._paint_markers(painter)
        playhead(painter, self._x(self.time), _FLAGS, self.height(), self._palette, handle=True)

    def _x(self, seconds: Fraction | float) -> float:
        return math.floor(self.view.x(float(seconds), self.width())) + 0.5

    def _band(self, span: TimeRange, top: float, height: float) -> QRectF:
        left, right = max(self._x(span.start), -1.0), self.width() + 1.0
        if span.end != math.inf:
            right = min(self._x(span.end), right)
        return QRectF(left, top, max(right - left, 1), height)

    def _paint_ranges(self, painter: QPainter) -> None:
        colours, h = self._palette, self.height()
        if self.span:
            painter.fillRect(self._band(self.span, _FLAGS, h - _FLAGS), tinted(colours.accent, 0.2))
        if self.loop:
            painter.fillRect(self._band(self.loop, _FLAGS - 2, 2), QColor(colours.good))
        if self.in_out == ALWAYS:
            return
        painter.fillRect(self._band(self.in_out, 0, _FLAGS - 2), tinted(colours.text, 0.14))
        painter.setPen(QPen(QColor(colours.text), 2))
        for time, side in ((self.in_out.start, 1), (self.in_out.end, -1)):
            if time == math.inf or (side > 0 and time == 0):
                continue
            x = self._x(time) + side * 0.5
            corners = [(4 * side, 1), (0, 1), (0, _FLAGS - 2), (4 * side, _FLAGS - 2)]
            painter.drawPolyline(QPolygonF([QPointF(x + dx, y) for dx, y in corners]))

    def _paint_ticks(self, painter: QPainter) -> None:
        painter.setFont(small_font(self))
        colours, base = self._palette, self.height() - _STATE - 1
        names = max(self.width() // _NAME, 1)
        for tick in ticks(self.view.start, self.view.end, self.view.rate, names, self.frames):
            x = self._x(tick.seconds)
            painter.setPen(QColor(colours.muted if tick.label else colours.line))
            painter.drawLine(QPointF(x, base - (8 if tick.label else 4)), QPointF(x, base))
            if tick.label:
                label = tick.label if self.frames or tick.seconds >= 3600 else tick.label.removeprefix("00:")
                painter.drawText(QPointF(x + 4, base - 5), label)

    def _paint_rendered(self, painter: QPainter) -> None:
        top = self.height() - _STATE - 1
        for span in self.stale:
            painter.fillRect(self._band(span, top, _STATE), tinted(self._palette.warning, 0.8))
        for span in self.fresh:
            painter.fillRect(self._band(span, top, _STATE), QColor(self._palette.good))
        for span in self.final:
            painter.fillRect(self._band(span, top, _STATE), QColor(self._palette.accent))

    def _paint_markers(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(small_font(self, 0.8))
        for marker in self.markers:
            x = self._x(self._anchor if marker is self._marker else marker.time)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._palette.accent if marker is self._marker else self._palette.text))
            points = [(-4, 1), (4, 1), (4, 7), (0, 11), (-4, 7)]
            painter.drawPolygon(QPolygonF([QPointF(x + dx, dy) for dx, dy in points]))
            painter.setPen(QColor(self._palette.muted))
            painter.drawText(QPointF(x + 7, 10), marker.text)

    # --- the mouse

    def _grip_at(self, x: float, y: float) -> tuple[_Grip, Marker | None]:
        if y < _FLAGS:
            for marker in reversed(self.markers):
                if abs(self._x(marker.time) - x) <= _GRIP:
                    return "marker", marker
            if self.in_out != ALWAYS:
                if self.in_out.end != math.inf and abs(self._x(self.in_out.end) - x) <= _GRIP:
                    return "out", None
                if abs(self._x(self.in_out.start) - x) <= _GRIP:
                    return "in", None
        return "playhead", None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.gesture += 1
        x, y = event.position().x(), event.position().y()
        self._grip, self._marker = self._grip_at(x, y)
        if self._marker:
            self._anchor = self._marker.time
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._grip, self._anchor = "span", self._time_at(x)
        if self._grip == "playhead":
            self.pressed.emit(True)
        if self._grip in ("playhead", "span"):
            self._drag_to(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip:
            self._drag_to(event.position().x())
        else:
            sideways = self._grip_at(event.position().x(), event.position().y())[0] in ("in", "out")
            self.setCursor(Qt.CursorShape.SizeHorCursor if sideways else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grip == "marker" and self._marker and self._anchor != self._marker.time:
            self.marker_moved.emit(self._marker, self._anchor)
        if self._grip == "playhead":
            self.pressed.emit(False)
        self._grip, self._marker = None, None
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        marker = self._grip_at(event.position().x(), event.position().y())[1]
        if marker:
            self.marker_activated.emit(marker)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        marker = self._grip_at(event.x(), event.y())[1]
        self.menu_wanted.emit(event.globalPos(), self._time_at(event.x()), marker)

    def wheelEvent(self, event: QWheelEvent) -> None:
        wheel(self.view, event, self.width())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            x = event.pos().x()  # type: ignore[attr-defined]
            frame = seconds_to_frame(max(self.view.at(x, self.width()), 0.0), self.view.rate)
            QToolTip.showText(event.globalPos(), f"{timecode(frame, self.view.rate)}   frame {frame}", self)  # type: ignore[attr-defined]
            return True
        return super().event(event)

    def _time_at(self, x: float) -> Fraction:
        targets = [m.time for m in self.markers]
        targets += [Fraction(t) for t in (self.in_out.start, self.in_out.end) if 0 < t < math.inf]
        return snapped(self.view.at(x, self.width()), targets if self.snapping else (), self.view, self.width()).time

    def _drag_to(self, x: float) -> None:
        time = self._time_at(x)
        match self._grip:
            case "playhead":
                self.scrubbed.emit(self.view.frame_start(self.view.at(x, self.width())))
            case "span":
                ends = sorted((self._anchor, time))
                self.span_changed.emit(TimeRange(*ends) if ends[0] < ends[1] else None)
            case "in" if time < self.in_out.end:
                self.in_out_changed.emit(TimeRange(time, self.in_out.end))
            case "out" if self.in_out.start < time:
                self.in_out_changed.emit(TimeRange(self.in_out.start, time))
            case "marker":
                self._anchor = self.view.nearest_frame(self.view.at(x, self.width()))
                self.update()


def wheel(view: TimeView, event: QWheelEvent, width: float, x: float | None = None) -> None:
    """What the wheel does wherever time runs sideways: zoom at the pointer; with Shift or a sideways wheel, scroll."""
    turned = event.angleDelta()
    sideways = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    if sideways or abs(turned.x()) > abs(turned.y()):
        view.pan(-(turned.x() or turned.y()) / 120 * 0.1 * view.seconds)
    else:
        view.zoom(1.25 ** (turned.y() / 120), view.at(event.position().x() if x is None else x, width))
    event.accept()
