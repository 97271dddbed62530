"""The names of a timeline's rows, with the switches of channels: open, lock, mute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeGuard

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QIcon, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from desktop.theme import Palette, icon
from desktop.widgets.painting import channel_colour, elided, tinted
from desktop.widgets.track_items import ClipRow, CurveRow, GroupRow, Row

WIDTH = 200
_ICON = 16
_Switch = Literal["lock", "mute", "add"]
_TIPS = {
    "lock": "Lock: keep this as it is when motion is regenerated",
    "mute": "Mute: hold this at rest",
    "add": "Add a clip at the playhead",
}


class TrackHeaders(QWidget):
    """Painted beside the tracks, and scrolled with them."""

    opened = Signal(str)  # group row key: open it, or close it
    switched = Signal(str, str)  # row key, "lock" or "mute"
    add_wanted = Signal(str)  # row key of a clip track
    picked = Signal(str, bool)  # row key, whether to add it to what is picked
    activated = Signal(str)  # double click
    wheel_rows = Signal(int)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self.rows: Sequence[Row] = ()
        self.offset = 0
        self.states: Mapping[str, Mapping[str, float]] = {}  # row key -> {"lock": share 0..1, "mute": share 0..1}
        self.adds: Sequence[str] = ()  # keys of rows with a + button
        self._hover = QPointF(-1, -1)
        self._icons: dict[tuple[str, str], QIcon] = {}
        self.setFixedWidth(WIDTH)
        self.setMouseTracking(True)
        self.setAccessibleName("Tracks and channels")

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 200)

    def set_rows(
        self, rows: Sequence[Row], states: Mapping[str, Mapping[str, float]], adds: Sequence[str] = ()
    ) -> None:
        """Show these rows; `states` says how much of a row is locked and muted, 0 to 1."""
        self.rows, self.states, self.adds = rows, states, adds
        self.update()

    def set_offset(self, offset: int) -> None:
        """Scroll by pixels."""
        self.offset = offset
        self.update()

    def row_at(self, y: float) -> tuple[Row, QRect] | None:
        """The row at this height and its rectangle."""
        top = -self.offset
        for row in self.rows:
            if top <= y <= top + row.height:
                return row, QRect(0, top, self.width(), row.height)
            top += row.height + 1
        return None

    def switch_rect(self, switch: _Switch, rect: QRect) -> QRect:
        """Where a row's switch lies."""
        place = {"mute": 0, "add": 0, "lock": 1}[switch]
        x = rect.right() - 8 - _ICON - place * (_ICON + 6)
        return QRect(x, rect.center().y() - _ICON // 2 + 1, _ICON, _ICON)

    def _switches(self, row: Row) -> tuple[_Switch, ...]:
        if row.key in self.states:
            return ("lock", "mute")
        return ("add",) if row.key in self.adds else ()

    # --- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.surface))
        top = -self.offset
        for row in self.rows:
            rect = QRect(0, top, self.width(), row.height)
            if rect.bottom() >= 0 and rect.top() <= self.height():
                self._paint_row(painter, row, rect)
            top += row.height + 1
        painter.setPen(QColor(self._palette.line))
        painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())

    def _paint_row(self, painter: QPainter, row: Row, rect: QRect) -> None:
        colours = self._palette
        picked = isinstance(row, CurveRow) and row.picked
        if picked:
            painter.fillRect(rect, tinted(colours.accent, 0.16))
        elif rect.contains(self._hover.toPoint()):
            painter.fillRect(rect, tinted(colours.text, 0.04))
        painter.fillRect(QRect(0, rect.bottom() + 1, self.width(), 1), tinted(colours.line, 0.6))
        left = 12
        if _opens(row):
            self._icon("chevron-down" if row.open else "chevron-right", colours.muted).paint(
                painter, QRect(6, rect.center().y() - 7, _ICON, _ICON)
            )
            left = 26
        elif isinstance(row, CurveRow):
            painter.fillRect(QRect(28, rect.center().y() - 3, 3, 8), QColor(channel_colour(colours, row.key[6:])))
            left = 38
        switches = self._switches(row)
        painter.setPen(QColor(colours.text if picked or not isinstance(row, CurveRow) else colours.muted))
        room = QRectF(left, rect.top(), rect.width() - left - 10 - len(switches) * (_ICON + 6), rect.height())
        elided(painter, room, row.title, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        for switch in switches:
            self._paint_switch(painter, row, switch, rect)

    def _paint_switch(self, painter: QPainter, row: Row, switch: _Switch, rect: QRect) -> None:
        place = self.switch_rect(switch, rect)
        on = self.states.get(row.key, {}).get(switch, 0.0)
        hovered = place.adjusted(-3, -3, 3, 3).contains(self._hover.toPoint())
        if not (on or hovered or rect.contains(self._hover.toPoint()) or switch == "add"):
            return
        colour = self._palette.accent if on else self._palette.text if hovered else self._palette.muted
        painter.setOpacity(1.0 if on >= 1 or not on else 0.6)  # paler where only a part is locked
        self._icon(switch if on or switch != "lock" else "unlock", colour).paint(painter, place)
        painter.setOpacity(1.0)

    def _icon(self, name: str, colour: str) -> QIcon:
        if (name, colour) not in self._icons:
            self._icons[name, colour] = icon(name, self._palette, colour)
        return self._icons[name, colour]

    # --- the mouse

    def _switch_at(self, at: QPointF) -> tuple[Row, _Switch] | None:
        found = self.row_at(at.y())
        if not found:
            return None
        row, rect = found
        for switch in self._switches(row):
            if self.switch_rect(switch, rect).adjusted(-3, -6, 3, 6).contains(at.toPoint()):
                return row, switch
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        found, hit = self.row_at(event.position().y()), self._switch_at(event.position())
        if hit and hit[1] == "add":
            self.add_wanted.emit(hit[0].key)
        elif hit:
            self.switched.emit(hit[0].key, hit[1])
        elif found and _opens(found[0]):
            self.opened.emit(found[0].key)
        elif found:
            self.picked.emit(found[0].key, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._switch_at(event.position()):
            self.mousePressEvent(event)
        elif found := self.row_at(event.position().y()):
            self.activated.emit(found[0].key)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = event.position()
        self.update()

    def leaveEvent(self, _event: QEvent) -> None:
        self._hover = QPointF(-1, -1)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.wheel_rows.emit(-event.angleDelta().y() // 2)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            hit = self._switch_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), _TIPS[hit[1]] if hit else "", self)
            return True
        return super().event(event)


def _opens(row: Row) -> TypeGuard[GroupRow | ClipRow]:
    """Whether other rows belong to it, which it shows or hides."""
    return isinstance(row, GroupRow) or (isinstance(row, ClipRow) and row.open is not None)
