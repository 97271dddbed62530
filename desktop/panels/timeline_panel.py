"""The timeline: the project's tracks over time, and what the mouse does to them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from desktop.actions import Actions
from desktop.document import Document
from desktop.panels.clip_commands import ClipCommands
from desktop.panels.curve_moves import drag_keys
from desktop.panels.drag_edit import DragEdit
from desktop.panels.prompt_words import offers
from desktop.panels.timeline_menus import TimelineMenus
from desktop.panels.timeline_rows import STRONGEST, edges, guard_states, is_swap_curve, names_of, rows_of, toggled_guard
from desktop.selection import Selection
from desktop.theme import Palette
from desktop.widgets.curve_shapes import CurveShapes
from desktop.widgets.inline_edit import InlineEdit
from desktop.widgets.time_label import TimeLabel
from desktop.widgets.time_view import TimeView
from desktop.widgets.timeline_view import TimelineView
from desktop.widgets.track_headers import WIDTH
from desktop.widgets.track_items import ClipRow, Spoken
from desktop.widgets.waveform import Waveform
from engine.project.crossfade import with_clip_placed
from engine.project.edits import with_clip_changed, with_in_out
from engine.project.key_edits import KeyRef
from engine.project.project import Project
from engine.project.timing import ALWAYS, TimeRange


class TimelinePanel(QWidget):
    """Shows and edits clips, ranges and markers. Give it what takes time to work out: `set_waveform`, `set_phones`,
    `set_rendered`, `set_loop`.
    """

    failed = Signal(object)  # EngineError: what was tried cannot be done, and why
    scrubbing = Signal(bool)  # the playhead is taken hold of, or let go
    detail_wanted = Signal(float, float)  # seconds of the recording whose very samples are in sight
    curves_wanted = Signal()  # a channel was double-clicked: bring the curve editor to the front
    regenerate_wanted = Signal(object, object)  # TimeRange, names of channels

    def __init__(
        self,
        document: Document,
        selection: Selection,
        palette: Palette,
        actions: Actions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.document, self.selection, self._actions = document, selection, actions
        self.time_view = TimeView(self)
        self.shapes = CurveShapes()
        self.waveform: Waveform | None = None
        self.phones: Sequence[Spoken] = ()
        self.opened: set[str] = set()
        self._swap = 0  # the swap clip whose curves are shown
        self._label = TimeLabel(palette)
        self.view = TimelineView(self.time_view, palette, self._corner())
        self.drag = DragEdit(document, self)
        self.commands = ClipCommands(self, document, selection, actions)
        self._menus = TimelineMenus(self, document, selection, actions)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self._wire()
        self._project_replaced()

    # --- what others give

    def set_waveform(self, waveform: Waveform | None) -> None:
        """Show the sound of the speech."""
        self.waveform = waveform
        self.refresh()

    def set_phones(self, phones: Sequence[Spoken]) -> None:
        """Show what is said."""
        self.phones = phones
        self.refresh()

    def set_rendered(self, fresh: Sequence[TimeRange], stale: Sequence[TimeRange] = ()) -> None:
        """Paint onto the ruler what is rendered, and what was before it changed."""
        self.view.ruler.set(fresh=tuple(fresh), stale=tuple(stale))

    def set_final(self, final: Sequence[TimeRange]) -> None:
        """Paint onto the ruler which frames are final."""
        self.view.ruler.set(final=tuple(final))

    def set_loop(self, loop: TimeRange | None) -> None:
        """Paint the range that is played over and over."""
        self.view.ruler.set(loop=loop)

    # --- the other way round

    def refuse(self, error: object) -> None:
        """Tell that something cannot be done."""
        self.failed.emit(error)

    def span_or_all(self) -> TimeRange:
        """The picked range, or all time."""
        return self.selection.span or ALWAYS

    def toggle_guard(self, key: str, guard: str) -> None:
        """Lock or mute a row's channels in the picked range, or free them if all of it is."""
        name, edit = toggled_guard(self.document.project, names_of(key), guard, self.span_or_all())
        self.commands.edit(name, edit)

    def edit_text(self, index: int) -> None:
        """Type a prompt's words in place."""
        row, rect = next((row, rect) for row, rect in self.view.canvas.placed() if row.key == "prompts")
        assert isinstance(row, ClipRow)
        start, end = (self.time_view.x(float(t), self.view.canvas.width()) for t in _shown(row.clips[index].span))
        place = rect.adjusted(0, 3, 0, -3).toRect()
        place.setLeft(max(int(start), 0))
        place.setRight(int(min(max(end, place.left() + 160), self.view.canvas.width())))
        text = self.document.project.prompts[index].text

        def done(typed: str) -> None:
            if typed != text:
                name = "Change prompt"
                self.commands.edit(name, lambda p: with_clip_changed(p, "prompts", index, text=typed))

        InlineEdit(self.view.canvas, place, text, done, offers())

    def edit_curve(self, name: str) -> None:
        """Bring a curve to the curve editor, and that to the front."""
        self.selection.set_channels((name,))
        self.curves_wanted.emit()

    # --- inside

    def _corner(self) -> QWidget:
        corner = QWidget()
        corner.setFixedWidth(WIDTH)
        row = QHBoxLayout(corner)
        row.setContentsMargins(12, 0, 6, 0)
        row.setSpacing(2)
        row.addWidget(self._label, 1)
        snap = QToolButton(autoRaise=True)
        snap.setDefaultAction(self._actions["snap"])
        snap.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row.addWidget(snap)
        return corner

    def _wire(self) -> None:
        document, selection = self.document, self.selection
        document.changed.connect(self._project_changed)
        document.replaced.connect(self._project_replaced)
        selection.playhead_changed.connect(self._show_time)
        selection.span_changed.connect(self._show_span)
        selection.channels_changed.connect(self.refresh)
        selection.clip_changed.connect(self.refresh)
        selection.keys_changed.connect(lambda _: self.refresh() if "swaps" in self.opened else None)
        self.drag.failed.connect(self.failed)
        self.time_view.changed.connect(self._look_closer)
        self._label.toggled.connect(lambda frames: self.view.ruler.set(frames=frames))
        ruler, canvas, headers = self.view.ruler, self.view.canvas, self.view.headers
        for part in (ruler, canvas):
            part.scrubbed.connect(selection.set_playhead)
            part.span_changed.connect(selection.set_span)
        ruler.in_out_changed.connect(self._drag_in_out)
        ruler.pressed.connect(self.scrubbing)
        canvas.clip_picked.connect(selection.set_clip)
        canvas.clip_dragged.connect(self._drag_clip)
        canvas.keys_picked.connect(selection.set_keys)
        canvas.keys_dragged.connect(self._drag_keys)
        canvas.drag_cancelled.connect(self.drag.cancel)
        canvas.clip_activated.connect(self._activate_clip)
        canvas.row_activated.connect(self._activate_row)
        canvas.row_picked.connect(self._pick_row)
        headers.picked.connect(self._pick_row)
        headers.opened.connect(self._open_group)
        headers.activated.connect(lambda key: self.curves_wanted.emit() if key.startswith("curve:") else None)
        headers.switched.connect(self.toggle_guard)
        headers.add_wanted.connect(self._add_clip)

    def _project_changed(self, _old: Project, new: Project) -> None:
        picked = self.selection.clip
        if picked and picked[1] >= len(getattr(new, picked[0])):  # an undo has taken it away
            self.selection.set_clip(None)
        self.shapes.set_project(new)
        self.refresh()

    def _project_replaced(self) -> None:
        self.shapes.set_project(self.document.project)
        self.refresh()
        self.time_view.fit()

    def refresh(self, *_: object) -> None:
        """Show the project and what is picked."""
        project, selection = self.document.project, self.selection
        self.time_view.set_content(float(project.duration), project.motion.rate)
        if selection.clip and selection.clip[0] == "swaps":
            self._swap = selection.clip[1]
        self._swap = min(self._swap, max(len(project.swaps) - 1, 0))
        picked, clip = selection.channels, selection.clip
        rows = rows_of(
            project, self.shapes, self.waveform, self.phones, self.opened, picked, clip, self._swap, selection.keys
        )
        self.view.set_rows(rows, guard_states(project), ("prompts", "drives", "swaps"))
        self.view.canvas.targets, self.view.canvas.in_out = edges(project), project.in_out
        self.view.ruler.set(in_out=project.in_out, markers=project.markers)

    def _show_time(self, time: Fraction) -> None:
        self.view.ruler.set(time=time)
        self.view.canvas.set_time(time)
        self.time_view.reveal(float(time))
        self._label.show_time(time, self.time_view.rate)

    def _show_span(self, span: TimeRange | None) -> None:
        self.view.ruler.set(span=span)
        self.view.canvas.set_span(span)

    def _look_closer(self) -> None:
        audio, view = self.document.project.audio, self.time_view
        if audio and self.waveform:
            offset = float(audio.part.start)
            start, end = max(view.start, 0) + offset, min(view.end, float(audio.duration)) + offset
            if self.waveform.needs_detail(start, end, self.view.canvas.width()):
                self.detail_wanted.emit(start, end)

    def _drag_in_out(self, in_out: TimeRange) -> None:
        self.drag.step(("ruler", self.view.ruler.gesture), "Change in and out", lambda p: with_in_out(p, in_out))

    def _drag_clip(self, track: str, index: int, changes: dict[str, object]) -> None:
        names = {"span": "Move clip", "level": "Change strength", "fade_in": "Change fade", "fade_out": "Change fade"}

        def edit(project: Project) -> Project:
            for field, value in changes.items():
                if isinstance(value, TimeRange):
                    project = with_clip_placed(project, track, index, value)
                elif field == "level":
                    assert isinstance(value, float)
                    project = with_clip_changed(project, track, index, strength=round(value * STRONGEST[track], 2))
                else:
                    project = with_clip_changed(project, track, index, **{field: value})
            return project

        self.drag.step(("canvas", self.view.canvas.gesture), names[next(iter(changes))], edit)

    def _drag_keys(self, refs: frozenset[KeyRef], by: Fraction, share: float) -> None:
        drag_keys(self.drag, self.selection, ("canvas", self.view.canvas.gesture), refs, by, share)

    def _activate_clip(self, track: str, index: int) -> None:
        if track == "prompts":
            self.edit_text(index)

    def _activate_row(self, key: str, time: Fraction) -> None:
        if key == "prompts":
            self.commands.add_prompt(time)
        elif key.startswith("group:"):
            self._open_group(key)
        elif is_swap_curve(key):
            self.commands.add_swap_key(names_of(key)[0], time)
        elif key.startswith("curve:"):
            self.curves_wanted.emit()

    def _pick_row(self, key: str, add: bool) -> None:
        if key.startswith("curve:"):
            name, before = key[6:], self.selection.channels
            if add:
                kept = tuple(other for other in before if other != name)
                self.selection.set_channels(kept if name in before else (*before, name))
            else:
                self.selection.set_channels((name,))

    def _open_group(self, key: str) -> None:
        self.opened ^= {key.removeprefix("group:")}
        self.refresh()

    def _add_clip(self, track: str) -> None:
        self._actions.run({"prompts": "add_prompt", "drives": "import_drive", "swaps": "import_swap"}[track])

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.view.canvas.refresh()
        super().changeEvent(event)


def _shown(span: TimeRange) -> tuple[Fraction, Fraction | float]:
    return span.start, span.end if span.end != math.inf else span.start + 10
