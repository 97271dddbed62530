"""The tracks of a timeline: painted rows under the mouse."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from desktop.theme import Palette
from desktop.widgets.clip_drag import CURSORS, ClipDrag, fade_handles, part_at
from desktop.widgets.curve_mouse import KEY, Drag, landing
from desktop.widgets.key_table import KeyTable
from desktop.widgets.painting import playhead, small_font, tinted
from desktop.widgets.ruler import wheel
from desktop.widgets.snapping import snapped
from desktop.widgets.ticks import ticks
from desktop.widgets.time_view import TimeView
from desktop.widgets.track_items import ClipRow, CurveRow, Pane, Row
from engine.project.timing import ALWAYS, TimeRange


class TimelineCanvas(QWidget):
    """Rows from top to bottom, scrolled by `offset` pixels; a picture of them is kept while only the playhead moves."""

    scrubbed = Signal(object)  # Fraction
    span_changed = Signal(object)  # TimeRange or None, at each step of a drag
    clip_picked = Signal(object)  # (track, index) or None
    clip_dragged = Signal(str, int, object)  # track, index, {field of ClipItem: value} against the start of the drag
    keys_picked = Signal(object)  # frozenset of KeyRef
    keys_dragged = Signal(object, object, float)  # KeyRefs as they were, Fraction seconds, share: since the drag began
    drag_cancelled = Signal()
    clip_activated = Signal(str, int)  # double click
    row_activated = Signal(str, object)  # double click beside clips: row key, Fraction
    row_picked = Signal(str, bool)  # row key, whether to add it to what is picked
    menu_wanted = Signal(object, str, object, object)  # QPoint on screen, row key, clip index or None, Fraction
    wheel_rows = Signal(int)  # pixels to scroll the rows by

    def __init__(self, view: TimeView, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view, self._palette = view, palette
        self.rows: Sequence[Row] = ()
        self.offset, self.snapping, self.gesture = 0, True, 0
        self.time = Fraction(0)
        self.span: TimeRange | None = None
        self.in_out = ALWAYS
        self.targets: Sequence[Fraction] = ()  # times that drags stick to, besides clips and the playhead
        self._picture: QPixmap | None = None
        self._drag: ClipDrag | None = None
        self._keys: Drag | None = None
        self._press: QPointF | None = None
        self._moving = False  # whether the mouse has gone far enough to mean it
        self._sweep: Fraction | None = None  # where the range that is being drawn began
        self._stuck: Fraction | None = None
        self._hover: tuple[str, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Timeline tracks")
        view.changed.connect(self.refresh)

    # --- what is shown

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows."""
        self.rows = tuple(rows)
        self.refresh()

    def set_time(self, time: Fraction) -> None:
        """Move the playhead."""
        self.time = time
        self.update()

    def set_span(self, span: TimeRange | None) -> None:
        """Show the picked range."""
        self.span = span
        self.update()

    def set_offset(self, offset: int) -> None:
        """Scroll the rows."""
        self.offset = offset
        self.refresh()

    def refresh(self) -> None:
        """Paint the rows anew."""
        self._picture = None
        self.update()

    def heights(self) -> int:
        """Pixels of all rows."""
        return sum(row.height + 1 for row in self.rows)

    def placed(self) -> Iterator[tuple[Row, QRectF]]:
        """Each row and where it lies."""
        top = -self.offset
        for row in self.rows:
            yield row, QRectF(0, top, self.width(), row.height)
            top += row.height + 1

    # --- painting

    def _pane(self) -> Pane:
        return Pane(self.view, self.width(), self._palette, small_font(self))

    def paintEvent(self, _event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if not self._picture or self._picture.size() != self.size() * ratio:
            self._picture = self._painted(ratio)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        pane = self._pane()
        for left, right in self._beyond(pane):
            painter.fillRect(QRectF(left, 0, right - left, self.height()), tinted(self._palette.background, 0.45))
        if self.span:
            left, right = pane.x(self.span.start), pane.x(self.span.end)
            painter.fillRect(QRectF(left, 0, right - left, self.height()), tinted(self._palette.accent, 0.1))
        self._paint_handles(painter, pane)
        if self._stuck is not None:
            painter.setPen(QPen(QColor(self._palette.accent), 1, Qt.PenStyle.DashLine))
            x = round(pane.x(self._stuck)) + 0.5
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        x = math.floor(self.view.x(float(self.time), self.width())) + 0.5
        playhead(painter, x, 0, self.height(), self._palette)

    def _beyond(self, pane: Pane) -> Iterator[tuple[float, float]]:
        """From where to where in pixels lies what is not exported."""
        if self.in_out.start > 0:
            yield 0.0, pane.x(self.in_out.start)
        if self.in_out.end != math.inf:
            yield pane.x(self.in_out.end), float(self.width())

    def _painted(self, ratio: float) -> QPixmap:
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(self._palette.background))
        painter, pane = QPainter(picture), self._pane()
        self._paint_grid(painter)
        for row, rect in self.placed():
            if rect.bottom() >= 0 and rect.top() <= self.height():
                painter.save()
                painter.setClipRect(rect)
                row.paint(painter, rect, pane)
                painter.restore()
            painter.setPen(QColor(self._palette.surface))
            painter.drawLine(QPointF(0, rect.bottom() + 0.5), QPointF(self.width(), rect.bottom() + 0.5))
        if self.view.duration:  # in an empty project hints are all there is
            end = pane.x(self.view.duration)
            painter.fillRect(QRectF(end, 0, self.width() - end, self.height()), tinted(self._palette.surface, 0.6))
        painter.end()
        return picture

    def _paint_grid(self, painter: QPainter) -> None:
        painter.setPen(tinted(self._palette.line, 0.45))
        for tick in ticks(self.view.start, self.view.end, self.view.rate, max(self.width() // 110, 1)):
            if tick.label:
                x = math.floor(self.view.x(tick.seconds, self.width())) + 0.5
                painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))

    def _paint_handles(self, painter: QPainter, pane: Pane) -> None:
        if not self._hover:
            return
        for row, rect in self.placed():
            if isinstance(row, ClipRow) and row.key == self._hover[0] and self._hover[1] < len(row.clips):
                clip = row.clips[self._hover[1]]
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(QColor(pane.palette.background), 1))
                painter.setBrush(QColor(pane.palette.text))
                for at in fade_handles(clip, row.rect_of(self._hover[1], rect, pane)).values():
                    painter.drawEllipse(at + QPointF(0, 2), 4, 4)

    # --- the mouse

    def row_at(self, y: float) -> tuple[Row, QRectF] | None:
        """The row under this height."""
        return next(((row, rect) for row, rect in self.placed() if rect.top() <= y <= rect.bottom()), None)

    def clip_at(self, at: QPointF) -> tuple[ClipRow, int, QRectF] | None:
        """The uppermost clip under the mouse, with its row and rectangle."""
        found = self.row_at(at.y())
        if not found or not isinstance(found[0], ClipRow):
            return None
        row = found[0]
        for i in reversed(row.order()):
            if (block := row.rect_of(i, found[1], self._pane())).contains(at):
                return row, i, block
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.gesture += 1
        at = self._press = event.position()
        hit = self.clip_at(at)
        if hit:
            row, index, rect = hit
            clip = row.clips[index]
            self._drag = ClipDrag(row.key, index, part_at(clip, rect, at), clip, rect, at)
            self.clip_picked.emit((row.key, index))
            return
        self.clip_picked.emit(None)
        if found := self.row_at(at.y()):
            self.row_picked.emit(found[0].key, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
            self._take_key(*found, at, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def _take_key(self, row: Row, rect: QRectF, at: QPointF, add: bool) -> None:
        """Take hold of the key under the mouse, if the row has keys that can be dragged."""
        if not isinstance(row, CurveRow) or row.selected is None or not row.shape:
            return
        place, area = at - QPointF(0, rect.top() + 3), row.area(rect, self.view, self.width())
        key = KeyTable.of([row.shape]).at(place, area, KEY, row.selected)
        mine = frozenset(ref for ref in row.selected if ref.channel == row.shape.channel.name)
        if key:
            refs = mine | {key} if add or key in mine else frozenset({key})
            self._keys = Drag("keys", at, area, refs=refs, anchor=key)  # only how far it goes counts
            self.keys_picked.emit(refs)
        elif not add:
            self.keys_picked.emit(frozenset())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._press is None:
            self._show_hover(at)
        elif self._sweep is not None:
            self._extend_sweep(at.x())
        elif self._moving or (at - self._press).manhattanLength() >= QApplication.startDragDistance() // 2:
            self._moving = True
            if self._drag:
                self._drag_to(event)
            elif self._keys:
                self._drag_keys_to(event, self._keys)
            else:
                self._sweep = self._time_at(self._press.x())
                self._extend_sweep(at.x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._press is None:
            return
        if not self._drag and not self._keys and self._sweep is None:
            self.span_changed.emit(None)
            self.scrubbed.emit(self.view.frame_start(self.view.at(self._press.x(), self.width())))
        self._let_go()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        hit, found = self.clip_at(event.position()), self.row_at(event.position().y())
        self._let_go()
        if hit:
            self.clip_activated.emit(hit[0].key, hit[1])
        elif found:
            self.row_activated.emit(found[0].key, self._time_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and (self._drag or self._keys):
            before = self._keys.refs if self._keys else None
            self._let_go()
            self.drag_cancelled.emit()
            if before is not None:
                self.keys_picked.emit(before)
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.wheel_rows.emit(-event.angleDelta().y() // 2)
            event.accept()
        else:
            wheel(self.view, event, self.width())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = QPointF(event.pos())
        hit, found = self.clip_at(at), self.row_at(at.y())
        if found:
            if hit:
                self.clip_picked.emit((hit[0].key, hit[1]))
            self.menu_wanted.emit(event.globalPos(), found[0].key, hit[1] if hit else None, self._time_at(at.x()))

    def _let_go(self) -> None:
        self._drag, self._keys, self._press, self._sweep, self._stuck = None, None, None, None, None
        self._moving = False
        self.update()

    def _show_hover(self, at: QPointF) -> None:
        hit = self.clip_at(at)
        self._hover = (hit[0].key, hit[1]) if hit else None
        self.setCursor(CURSORS[part_at(hit[0].clips[hit[1]], hit[2], at)] if hit else Qt.CursorShape.ArrowCursor)
        self.update()

    def _sticky(self, skip: tuple[str, int] | None = None) -> list[Fraction]:
        """Times to stick to: those given, the playhead, and the ends of all clips but `skip`."""
        found = [*self.targets, self.time]
        for row in self.rows:
            if isinstance(row, ClipRow):
                spans = [clip.span for i, clip in enumerate(row.clips) if (row.key, i) != skip]
                found += [Fraction(end) for span in spans for end in (span.start, span.end) if end != math.inf]
        return found

    def _time_at(self, x: float) -> Fraction:
        targets = self._sticky() if self.snapping else ()
        return snapped(self.view.at(x, self.width()), targets, self.view, self.width()).time

    def _extend_sweep(self, x: float) -> None:
        assert self._sweep is not None
        ends = sorted((self._sweep, self._time_at(x)))
        self.span_changed.emit(TimeRange(*ends) if ends[0] < ends[1] else None)

    def _drag_keys_to(self, event: QMouseEvent, drag: Drag) -> None:
        assert drag.anchor
        seconds, share = drag.by(event.position(), event.modifiers())
        by, self._stuck = Fraction(0), None
        if seconds:
            free = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            targets = () if free or not self.snapping else self._sticky()
            to = snapped(float(drag.anchor.time) + seconds, targets, self.view, self.width(), not free)
            by, self._stuck = landing(drag.refs, to.time - drag.anchor.time), to.stuck
        self.keys_dragged.emit(drag.refs, by, share)
        self.update()

    def _drag_to(self, event: QMouseEvent) -> None:
        assert self._drag
        free = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)  # Alt: for once, do not stick
        targets = () if free or not self.snapping else self._sticky((self._drag.track, self._drag.index))
        changes, self._stuck = self._drag.changes(event.position(), self.view, self.width(), targets, snap=True)
        self.clip_dragged.emit(self._drag.track, self._drag.index, changes)
        self.update()
