"""The showing half of a curve editor's plot: curves, keyframes, axis and view.

It imports pyqtgraph, which takes a while: import this module when the plot is first shown.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from fractions import Fraction
from typing import Any

import pyqtgraph
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import QGraphicsGridLayout, QWidget

from desktop.theme import Palette
from desktop.widgets.curve_layer import Scene, draw_scene, drawing, extremes
from desktop.widgets.curve_mouse import visible_grips
from desktop.widgets.curve_shapes import CurveShapes
from desktop.widgets.key_layer import Marks, draw_marks
from desktop.widgets.key_table import Grip, KeyTable
from desktop.widgets.legend import draw_legend
from desktop.widgets.painting import playhead, small_font, tinted
from desktop.widgets.plot_area import PlotArea
from desktop.widgets.time_view import TimeView
from desktop.widgets.value_axis import ValueAxis
from engine.project.key_edits import KeyRef
from engine.project.timing import TimeRange

_REST = 140  # milliseconds without a change, after which many curves are drawn finely
_FEW = 4  # curves that are drawn finely at once
_SLICE = 0.012  # seconds of drawing between two looks at what the user does
_MARGIN = 0.07  # share of the range of values left free above and below


class PlotCanvas(pyqtgraph.GraphicsView):
    """Give it a `Scene` and what is selected. Values are shares: see `curve_shapes.share`."""

    def __init__(self, view: TimeView, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self._axis, self.box = ValueAxis(palette), pyqtgraph.ViewBox(enableMenu=False)
        self.view, self._palette = view, palette
        self.scene_shown = Scene(CurveShapes(), (), frozenset())
        self.table = KeyTable.of(())
        self.selected: frozenset[KeyRef] = frozenset()
        self.time = Fraction(0)
        self.span: TimeRange | None = None
        self.targets: Sequence[Fraction] = ()
        self.snapping = True
        self.low, self.high = -_MARGIN, 1 + _MARGIN
        self._picture: QImage | None = None
        self._draft = False
        self._hovered: KeyRef | None = None
        self._box: QRectF | None = None
        self._stuck: float | None = None  # seconds
        self._rest = QTimer(self, interval=_REST, singleShot=True)
        self._rest.timeout.connect(self.refine)
        self._fine: Generator[None, None, QImage] | None = None
        self._slices = QTimer(self, interval=0)
        self._slices.timeout.connect(self.draw_on)
        self._set_up()
        view.changed.connect(self._view_changed)

    def _set_up(self) -> None:
        # Axis and view box alone: a PlotItem would bring dozens of controls and menus that nobody sees.
        page = pyqtgraph.GraphicsWidget()
        grid = QGraphicsGridLayout(page)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addItem(self._axis, 0, 0)
        grid.addItem(self.box, 0, 1)
        self.setCentralItem(page)
        self._axis.linkToView(self.box)
        self.box.setMouseEnabled(False, False)
        self._item = _Painted(self)
        self._item.setParentItem(self.box)
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Curves")
        self.setAccessibleDescription("Drag keyframes; Ctrl and click adds one; drag on empty ground to select")
        self._view_changed()

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 120)

    # --- what is shown

    def set_scene(self, scene: Scene) -> None:
        """Show these curves."""
        self.scene_shown = scene
        self.table = KeyTable.of([scene.shapes[name] for name in scene.shown])
        self._axis.set_channel(scene.shapes[scene.active].channel if scene.active else None)
        self.refresh()

    def set_marks(self, **changes: Any) -> None:
        """Change `selected`, `time`, `span`, `targets` or `snapping`."""
        for name, value in changes.items():
            setattr(self, name, value)
        self._item.update()

    def fit_values(self) -> None:
        """Show all values of the curves in sight, or the whole range where there are none."""
        scene = self.scene_shown
        low, high = extremes(scene, scene.picked or scene.shown, self.view.start, self.view.end)
        if high - low < 0.02:
            low, high = 0.0, 1.0
        room = (high - low) * _MARGIN
        self._set_values(low - room, high + room)

    def show_range(self) -> None:
        """Show the whole range of the curves' values."""
        scene = self.scene_shown
        channels = [scene.shapes[name].channel for name in scene.picked or scene.shown]
        both = any(channel.low < channel.neutral for channel in channels)
        self._set_values(-1 - _MARGIN if both else -_MARGIN, 1 + _MARGIN)

    def refresh(self) -> None:
        """Draw the curves anew: a few at once as they should be, many quickly first."""
        self._picture = None
        self._give_up()
        self._draft = len(self.scene_shown.shown) > _FEW
        if self._draft:
            self._rest.start()
        self._item.update()

    def area(self) -> PlotArea:
        """Where what lies."""
        box = self.box.rect()
        view = self.view
        return PlotArea(max(box.width(), 1.0), max(box.height(), 1.0), view.start, view.end, self.low, self.high)

    def grips(self) -> tuple[Grip, ...]:
        """The handles that can be dragged."""
        return visible_grips(self.scene_shown, self.selected)

    def _set_values(self, low: float, high: float) -> None:
        self.low, self.high = low, high
        self._view_changed()

    def _view_changed(self) -> None:
        self.box.setRange(xRange=(self.view.start, self.view.end), yRange=(self.low, self.high), padding=0)
        self.refresh()

    def refine(self) -> None:
        """Begin to draw finely, in slices, so that nothing has to wait for it."""
        ratio = self.devicePixelRatioF()
        self._fine = drawing(self.scene_shown, self.area(), self.view, self._palette, ratio, draft=False)
        self._slices.start()

    @property
    def drawing_finely(self) -> bool:
        """Whether slices are left to draw."""
        return self._fine is not None

    def draw_on(self) -> None:
        """Draw the next slice; the last one shows the picture."""
        until = time.perf_counter() + _SLICE
        while self._fine and time.perf_counter() < until:
            try:
                next(self._fine)
            except StopIteration as done:
                self._picture = done.value
                self._give_up()
                self._item.update()

    def _give_up(self) -> None:
        if self._fine:
            self._fine.close()
        self._fine = None
        self._slices.stop()

    # --- painting, called by the item in the plot

    def paint_all(self, painter: QPainter) -> None:
        """Paint curves and marks in the pixels of the view box."""
        area, ratio = self.area(), self.devicePixelRatioF()
        if self._picture is None:
            dots = 1.0 if self._draft else ratio  # while the view moves, dense screens need not be filled densely
            self._picture = draw_scene(self.scene_shown, area, self.view, self._palette, dots, self._draft)
        painter.drawImage(QPointF(0, 0), self._picture)
        if self.span:
            left, right = area.x(self.span.start), area.x(min(self.span.end, self.view.end))
            painter.fillRect(QRectF(left, 0, right - left, area.height), tinted(self._palette.accent, 0.09))
        marks = Marks(
            self.table,
            self.selected,
            self.scene_shown.picked,
            self.grips(),
            self._hovered,
            self._box,
            self._stuck,
        )
        draw_marks(painter, marks, area, self._palette)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        playhead(painter, int(area.x(self.time)) + 0.5, 0, area.height, self._palette)
        draw_legend(painter, self.scene_shown, float(self.time), self._palette, small_font(self))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_item"):
            self._item.resized()
            self.refresh()


class _Painted(pyqtgraph.GraphicsObject):
    """Lies in the view box and lets the plot paint."""

    def __init__(self, plot: PlotCanvas) -> None:
        super().__init__()
        self._plot = plot
        self.setFlag(self.GraphicsItemFlag.ItemClipsToShape)

    def resized(self) -> None:
        """Take the view box's new size."""
        self.prepareGeometryChange()

    def boundingRect(self) -> QRectF:
        return QRectF(self._plot.box.rect())

    def paint(self, painter: QPainter, *_: object) -> None:
        self._plot.paint_all(painter)
