"""The curve editor: channels at the left, their curves and keyframes at the right."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from desktop.actions import Actions
from desktop.document import Document, Edit
from desktop.panels.curve_drags import CurveDrags
from desktop.panels.curve_menu import CurveMenu
from desktop.panels.curve_tools import CurveTools
from desktop.panels.drag_edit import DragEdit
from desktop.panels.key_commands import KeyCommands
from desktop.panels.layer_strip import LayerStrip
from desktop.panels.range_commands import RangeCommands
from desktop.panels.takes import Takes
from desktop.panels.timeline_rows import edges, guard_states, names_of, toggled_guard
from desktop.selection import Selection
from desktop.theme import Palette
from desktop.widgets.channel_tree import ChannelTree
from desktop.widgets.curve_layer import Scene
from desktop.widgets.curve_shapes import CurveShapes
from desktop.widgets.range_bar import RangeBar
from desktop.widgets.ruler import Ruler
from desktop.widgets.time_view import TimeView
from engine.errors import EngineError
from engine.project.channels import BY_NAME, INDEX, NAMES, in_group
from engine.project.edits import with_in_out
from engine.project.project import SWAP_KEYS, Project
from engine.project.swap_curves import swap_curve_name, swap_curve_of
from engine.project.timing import TimeRange

if TYPE_CHECKING:
    from desktop.widgets.curve_plot import CurvePlot

AXIS = 48  # pixels at the left of the plot, over which there is no time
SHOWN: dict[str, Callable[[tuple[str, ...]], tuple[str, ...]]] = {
    "Picked": lambda picked: tuple(sorted(picked, key=_place)) or NAMES,
    "Picked groups": lambda picked: _with_their_groups(picked) or NAMES,
    "All channels": lambda picked: NAMES,
}


class CurvePanel(QWidget):
    """Shows the picked channels and edits their keyframes. The plot itself is made when it is first seen."""

    failed = Signal(object)  # EngineError: what was tried cannot be done, and why
    scrubbing = Signal(bool)  # the playhead is taken hold of, or let go
    regenerate_wanted = Signal(object, object)  # TimeRange, names of channels
    take_wanted = Signal(object, object)  # the same, with another seed

    def __init__(
        self,
        document: Document,
        selection: Selection,
        palette: Palette,
        actions: Actions,
        time_view: TimeView | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Give the timeline's `time_view`, and both scroll and zoom together."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.document, self.selection, self.palette_, self.actions_ = document, selection, palette, actions
        self.time_view = time_view or TimeView(self)
        self.shapes = CurveShapes()
        self.ghost: CurveShapes | None = None
        self.shown = "Picked"
        self.plot: CurvePlot | None = None
        self._recolour = QTimer(self, singleShot=True, interval=0)  # a window that is put together tells often
        self._recolour.timeout.connect(self._redraw)
        self.drag = DragEdit(document, self)
        self.takes = Takes(document, self)
        self.ruler = Ruler(self.time_view, palette)
        self.tree = ChannelTree(palette)
        self.keys = KeyCommands(self, document, selection, actions)
        self.ranges = RangeCommands(self, document, selection, actions)
        self.layers = LayerStrip(self, document, selection, palette)
        self.tools = CurveTools(self, palette, actions)
        self._menu = CurveMenu(self, actions)
        self.tools.connect_shown(list(SHOWN))
        self._lay_out()
        self._wire()
        self._project_replaced()

    @property
    def project(self) -> Project:
        """The project as it is now."""
        return self.document.project

    # --- for the parts of the panel

    def edit(self, name: str, edit: Edit, merge: str | None = None) -> bool:
        """One step of undo; what the engine refuses is told, and changes nothing."""
        try:
            self.document.edit(name, edit, merge)
        except EngineError as error:
            self.failed.emit(error)
            return False
        return True

    def set_shown(self, which: str) -> None:
        """Show the channels that a row of SHOWN names."""
        self.shown = which
        self.refresh()
        if self.plot:
            self.plot.show_range()

    def compare(self, ghost: CurveShapes | None) -> None:
        """Draw another take under the picked curves, or none."""
        self.ghost = ghost
        self.refresh()

    def build(self) -> CurvePlot:
        """Make the plot, which loads pyqtgraph."""
        if self.plot is None:
            from desktop.widgets.curve_plot import CurvePlot

            self.plot = CurvePlot(self.time_view, self.palette_)
            self.plot_drags = CurveDrags(self, self.plot)
            self.plot.menu_wanted.connect(self._menu.open)
            self._column.insertWidget(1, self.plot, 1)
            self._space.hide()
            self.actions_["snap"].toggled.connect(lambda on: self.build().set_marks(snapping=on))
            self.plot.set_marks(snapping=self.actions_["snap"].isChecked())
            self.refresh()
            self.plot.show_range()
            self._show_time(self.selection.playhead)
        return self.plot

    def refresh(self, *_: object) -> None:
        """Show the project and what is picked."""
        project, picked = self.project, self.selection.channels
        self.time_view.set_content(float(project.duration), project.motion.rate)
        self.ruler.set(in_out=project.in_out, markers=project.markers, span=self.selection.span)
        edited = [name for name, curve in project.motion.curves.items() if curve.layers]
        self.tree.set_states(guard_states(project), edited)
        self.tree.set_picked(picked)
        self.layers.refresh()
        self.tools.refresh()
        if self.plot:
            active = picked[-1] if picked else None
            shown = SHOWN[self.shown](picked)
            self.plot.set_scene(Scene(self.shapes, shown, frozenset(picked), active, self.ghost))
            self.plot.set_marks(selected=self.selection.keys, span=self.selection.span, targets=tuple(edges(project)))

    # --- inside

    def _lay_out(self) -> None:
        right = QWidget()
        right.setMinimumWidth(320)
        self._column = QVBoxLayout(right)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._space = QWidget()  # until the plot is there
        for widget in (self.ruler, self._space, self.layers, RangeBar(self.time_view, self.palette_)):
            widget.setContentsMargins(0, 0, 0, 0)
            self._column.addWidget(_beside_axis(widget) if widget is not self._space else widget)
        self._column.setStretchFactor(self._space, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.tree)
        split.addWidget(right)
        split.setStretchFactor(1, 1)
        split.setHandleWidth(1)
        split.setCollapsible(1, False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(split, 1)

    def _wire(self) -> None:
        selection = self.selection
        self.document.changed.connect(self._project_changed)
        self.document.replaced.connect(self._project_replaced)
        selection.playhead_changed.connect(self._show_time)
        selection.span_changed.connect(self.refresh)
        selection.channels_changed.connect(self._channels_changed)
        selection.keys_changed.connect(self._keys_changed)
        self.drag.failed.connect(self.failed)
        self.tree.picked.connect(selection.set_channels)
        self.tree.switched.connect(self._switch)
        self.ruler.scrubbed.connect(selection.set_playhead)
        self.ruler.span_changed.connect(selection.set_span)
        self.ruler.pressed.connect(self.scrubbing)
        self.ruler.in_out_changed.connect(self._drag_in_out)

    def _project_changed(self, _old: Project, new: Project) -> None:
        self.shapes.set_project(new)
        self._let_go_of_the_lost()
        self.refresh()

    def _project_replaced(self) -> None:
        self.shapes.set_project(self.project)
        self._let_go_of_the_lost()
        self.ghost = None
        self.refresh()

    def _let_go_of_the_lost(self) -> None:
        """Keys that are gone are no longer selected, nor the curves of swap clips that are."""
        selection = self.selection
        selection.set_keys(frozenset(ref for ref in selection.keys if ref in self._refs(ref.channel)))
        selection.set_channels(tuple(name for name in selection.channels if name in self.shapes))

    def _refs(self, name: str) -> frozenset[object]:
        return frozenset(self.shapes[name].set_keys.refs) if name in self.shapes else frozenset()

    def _drag_in_out(self, span: TimeRange) -> None:
        self.drag.step(("ruler", self.ruler.gesture), "Change in and out", lambda p: with_in_out(p, span))

    def _switch(self, key: str, guard: str) -> None:
        name, edit = toggled_guard(self.project, names_of(key), guard, self.ranges.span)
        self.edit(name, edit)

    def _show_time(self, time: Fraction) -> None:
        self.ruler.set(time=time)
        if self.plot:
            self.plot.set_marks(time=time)

    def _channels_changed(self, picked: tuple[str, ...]) -> None:
        self.refresh()
        if self.plot and self.shown != "All channels":
            self.plot.show_range()

    def _keys_changed(self, _keys: object) -> None:
        self.tools.refresh()
        if self.plot:
            self.plot.set_marks(selected=self.selection.keys)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.plot is None:
            QTimer.singleShot(0, self, self._build_if_seen)

    def _build_if_seen(self) -> None:
        """Behind another tab a dock is shown too, but out of sight."""
        if not self.visibleRegion().isEmpty():
            self.build()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_recolour"):
            self._recolour.start()
        super().changeEvent(event)

    def _redraw(self) -> None:
        self.tree.redraw()
        self.tools.redraw()
        if self.plot:
            self.plot.refresh()


def _place(name: str) -> tuple[int, str]:
    """Channels in the order of their table, then swap clips' curves."""
    return INDEX.get(name, len(INDEX)), name


def _with_their_groups(picked: tuple[str, ...]) -> tuple[str, ...]:
    """The groups of these channels, and all curves of these swap clips."""
    swaps = {found[0] for name in picked if (found := swap_curve_of(name))}
    groups = {BY_NAME[name].group for name in picked if name in BY_NAME}
    return (*in_group(*groups), *(swap_curve_name(index, key) for index in sorted(swaps) for key in SWAP_KEYS))


def _beside_axis(widget: QWidget) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(AXIS, 0, 0, 0)
    column.addWidget(widget)
    return box
