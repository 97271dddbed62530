"""The plot of a curve editor: what the mouse does on it. See `plot_canvas` for what it shows."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop.theme import Palette
from desktop.widgets.curve_mouse import Drag, Hit, hit_at, landing
from desktop.widgets.plot_area import PlotArea
from desktop.widgets.plot_canvas import PlotCanvas
from desktop.widgets.ruler import wheel
from desktop.widgets.snapping import snapped
from desktop.widgets.time_view import TimeView
from engine.project.key_edits import KeyRef


class CurvePlot(PlotCanvas):
    """Tells what the user wants; what becomes of it is up to whoever is connected."""

    keys_picked = Signal(object)  # frozenset of KeyRef
    channel_picked = Signal(str, bool)  # name, whether to add it to what is picked
    keys_dragged = Signal(object, object, float)  # KeyRefs as they were, Fraction seconds, share: since the drag began
    grip_dragged = Signal(object, float, float, bool)  # Grip, seconds and share from its key, whether it breaks
    key_wanted = Signal(str, object, float)  # channel, Fraction, share
    drag_cancelled = Signal()
    menu_wanted = Signal(object, object, object)  # QPoint on screen, Hit, Fraction

    def __init__(self, view: TimeView, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(view, palette, parent)
        self.gesture = 0  # counts drags, so that all steps of one can be undone together
        self._drag: Drag | None = None
        self._hover = Hit()

    def _place(self, event: QMouseEvent | QWheelEvent) -> QPointF:
        return event.position() - self.box.sceneBoundingRect().topLeft()

    def _hit(self, place: QPointF) -> Hit:
        return hit_at(place, self.area(), self.table, self.grips(), self.scene_shown, self.selected)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place, area = self._place(event), self.area()
        self.gesture += 1
        if event.button() == Qt.MouseButton.MiddleButton:
            self._drag = Drag("pan", place, area)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._press(place, area, event.modifiers())
        event.accept()

    def _press(self, place: QPointF, area: PlotArea, modifiers: Qt.KeyboardModifier) -> None:
        hit = self._hit(place)
        add = _adds(modifiers)
        if hit.grip:
            self._drag = Drag("grip", place, area, grip=hit.grip)
        elif hit.key:
            self._press_key(hit.key, place, area, add)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self._want_key(hit.curve, place, area)
        elif hit.curve:
            self.channel_picked.emit(hit.curve, add)
        else:
            self._drag = Drag("box", place, area, before=self.selected if add else frozenset())
            if not add:
                self.keys_picked.emit(frozenset())

    def _press_key(self, key: KeyRef, place: QPointF, area: PlotArea, add: bool) -> None:
        if add and key in self.selected:
            self.keys_picked.emit(self.selected - {key})
            return
        if key not in self.selected:
            self.keys_picked.emit(self.selected | {key} if add else frozenset({key}))
        if key.channel not in self.scene_shown.picked:
            self.channel_picked.emit(key.channel, add)
        self._drag = Drag("keys", place, area, refs=self.selected | {key}, anchor=key)

    def _want_key(self, curve: str | None, place: QPointF, area: PlotArea) -> None:
        name = curve or self.scene_shown.active
        if name:
            time = self._snap(area.seconds_at(place.x()), free=False)
            self.key_wanted.emit(name, time, area.share_at(place.y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place, drag = self._place(event), self._drag
        if drag is None:
            self._show_hover(place)
            return
        if not drag.moving and (place - drag.press).manhattanLength() < QApplication.startDragDistance() // 2:
            return
        drag.moving = True
        match drag.kind:
            case "keys":
                self._drag_keys(drag, place, event.modifiers())
            case "grip":
                self._drag_grip(drag, place, event.modifiers())
            case "box":
                self._box = drag.box(place)
                self.keys_picked.emit(drag.before | self.table.inside(drag.box(place), drag.area))
            case "pan":
                self._pan(drag, place)
        self._item.update()

    def _drag_keys(self, drag: Drag, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        assert drag.anchor
        seconds, share = drag.by(place, modifiers)
        by = Fraction(0)
        self._stuck = None
        if seconds:
            free = bool(modifiers & Qt.KeyboardModifier.AltModifier)
            by = landing(drag.refs, self._snap(float(drag.anchor.time) + seconds, free) - drag.anchor.time)
        self.keys_dragged.emit(drag.refs, by, share)

    def _drag_grip(self, drag: Drag, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        assert drag.grip
        i = self.table.index.get(drag.grip.ref)
        if i is None:
            return
        seconds = drag.area.seconds_at(place.x()) - self.table.seconds[i]
        seconds = min(seconds, 0.0) if drag.grip.side == "left" else max(seconds, 0.0)
        share = drag.area.share_at(place.y()) - self.table.shares[i]
        breaks = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        self.grip_dragged.emit(drag.grip, float(seconds), float(share), breaks)

    def _pan(self, drag: Drag, place: QPointF) -> None:
        by = drag.area.share_at(place.y()) - drag.area.share_at(drag.press.y())
        self.low, self.high = drag.area.low - by, drag.area.high - by
        seconds = drag.area.seconds_at(place.x()) - drag.area.seconds_at(drag.press.x())
        self.view.show(drag.area.start - seconds, drag.area.end - seconds)
        self._view_changed()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self._place(event)
        if event.button() == Qt.MouseButton.RightButton:
            hit, time = self._hit(place), self._snap(self.area().seconds_at(place.x()), free=False)
            self._stuck = None
            if hit.key and hit.key not in self.selected:
                self.keys_picked.emit(frozenset({hit.key}))
            self.menu_wanted.emit(event.globalPosition().toPoint(), hit, time)
        elif self._drag and self._drag.anchor and not (self._drag.moving or _adds(event.modifiers())):
            self.keys_picked.emit(frozenset({self._drag.anchor}))  # a click on one of many picks just that one
        self._let_go()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self._place(event)
        hit = self._hit(place)
        self._let_go()
        if not hit.key and not hit.grip and event.button() == Qt.MouseButton.LeftButton:
            self._want_key(hit.curve, place, self.area())

    def wheelEvent(self, event: QWheelEvent) -> None:
        area, place = self.area(), self._place(event)
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            about, factor = area.share_at(place.y()), 1.25 ** (-event.angleDelta().y() / 120)
            height = min(max((self.high - self.low) * factor, 0.005), 8.0) / (self.high - self.low)
            self._set_values(about - (about - self.low) * height, about + (self.high - about) * height)
            event.accept()
        else:
            wheel(self.view, event, area.width, place.x())

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and self._drag and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            event.accept()  # while dragging, Escape means the drag
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._drag:
            self._let_go()
            self.drag_cancelled.emit()
        else:
            event.ignore()

    def leaveEvent(self, _event: QEvent) -> None:
        self._hover, self._hovered = Hit(), None
        self._item.update()

    def _let_go(self) -> None:
        self._drag, self._stuck, self._box = None, None, None
        self._item.update()

    def _show_hover(self, place: QPointF) -> None:
        hit = self._hit(place)
        if hit != self._hover:
            self._hover, self._hovered = hit, hit.key
            shape = Qt.CursorShape
            self.setCursor(shape.PointingHandCursor if hit.key or hit.grip or hit.curve else shape.ArrowCursor)
            self._item.update()

    def _snap(self, seconds: float, free: bool) -> Fraction:
        width = self.area().width
        targets = (*self.targets, self.time) if self.snapping and not free else ()
        found = snapped(seconds, targets, self.view, width, not free)
        self._stuck = None if found.stuck is None else float(found.stuck)
        return found.time


def _adds(modifiers: Qt.KeyboardModifier) -> bool:
    return bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
