"""What a right click on the timeline offers, and the naming of markers."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtWidgets import QMenu

from desktop.actions import Actions
from desktop.document import Document
from desktop.panels.timeline_rows import is_swap_curve, names_of
from desktop.selection import Selection
from desktop.widgets.inline_edit import InlineEdit
from desktop.widgets.pop_up import pop_up
from engine.project.curve_edits import without_edits
from engine.project.edits import with_marker, without_marker
from engine.project.project import Marker

if TYPE_CHECKING:
    from desktop.panels.timeline_panel import TimelinePanel


class TimelineMenus(QObject):
    """Context menus of ruler and tracks."""

    def __init__(self, panel: TimelinePanel, document: Document, selection: Selection, actions: Actions) -> None:
        super().__init__(panel)
        self._panel, self._document, self._selection, self._actions = panel, document, selection, actions
        ruler = panel.view.ruler
        ruler.menu_wanted.connect(lambda at, time, marker: pop_up(self.ruler_menu(time, marker), at))
        ruler.marker_activated.connect(self.rename)
        ruler.marker_moved.connect(self._move)
        panel.view.canvas.menu_wanted.connect(self._open_row_menu)

    def ruler_menu(self, time: Fraction, marker: Marker | None) -> QMenu:
        """In, out, markers."""
        menu, edit = QMenu(self._panel), self._panel.commands.edit
        if marker:
            menu.addAction("Rename marker…").triggered.connect(lambda: self.rename(marker))
            remove = menu.addAction("Delete marker")
            remove.triggered.connect(lambda: edit("Delete marker", lambda p: without_marker(p, marker.time)))
        else:
            add = menu.addAction("Add marker here")
            add.triggered.connect(lambda: edit("Add marker", lambda p: with_marker(p, Marker(time))))
        menu.addSeparator()
        menu.addActions([self._actions[id] for id in ("mark_in", "mark_out", "clear_in_out")])
        menu.addSeparator()
        menu.addActions([self._actions[id] for id in ("zoom_fit", "zoom_selection")])
        return menu

    def row_menu(self, key: str, clip: int | None, time: Fraction) -> QMenu:
        """What can be done with a clip, a track, or channels."""
        menu, panel = QMenu(self._panel), self._panel
        names = names_of(key)
        if clip is not None:
            if key == "prompts":
                menu.addAction("Edit text…").triggered.connect(lambda: panel.edit_text(clip))
            elif key in ("drives", "swaps"):
                menu.addAction(self._actions["clip_options"])
            menu.addActions([self._actions[id] for id in ("split", "duplicate", "copy", "delete", "zoom_selection")])
        elif key == "prompts":
            menu.addAction("Add prompt here").triggered.connect(lambda: panel.commands.add_prompt(time))
            menu.addAction(self._actions["prompt_picture"])
            menu.addAction(self._actions["paste"])
        elif key in ("audio", "phones"):
            menu.addActions([self._actions[id] for id in ("import_audio", "record_audio", "find_sounds")])
        elif key in ("drives", "swaps"):
            menu.addAction(self._actions["import_drive" if key == "drives" else "import_swap"])
            menu.addAction(self._actions["paste"])
        elif is_swap_curve(key):
            name = names[0]
            menu.addAction("Add keyframe here").triggered.connect(lambda: panel.commands.add_swap_key(name, time))
            menu.addAction("Edit in the curve editor").triggered.connect(lambda: panel.edit_curve(name))
            clear = menu.addAction("Clear keyframes")
            clear.triggered.connect(lambda: panel.commands.edit("Clear keyframes", lambda p: without_edits(p, names)))
        elif names:
            where = "here" if self._selection.span else "everywhere"
            menu.addAction(f"Lock or unlock {where}").triggered.connect(lambda: panel.toggle_guard(key, "lock"))
            menu.addAction(f"Mute or unmute {where}").triggered.connect(lambda: panel.toggle_guard(key, "mute"))
            menu.addSeparator()
            again = menu.addAction(f"Regenerate {where}")
            again.triggered.connect(lambda: panel.regenerate_wanted.emit(panel.span_or_all(), names))
            restore = menu.addAction(f"Restore defaults {where}")
            restore.triggered.connect(
                lambda: panel.commands.edit("Restore defaults", lambda p: without_edits(p, names, panel.span_or_all()))
            )
        return menu

    def rename(self, marker: Marker) -> None:
        """Type a marker's name in place."""
        ruler = self._panel.view.ruler
        x = int(self._panel.time_view.x(float(marker.time), ruler.width()))

        def done(text: str) -> None:
            if text != marker.text:
                self._panel.commands.edit("Rename marker", lambda p: with_marker(p, Marker(marker.time, text)))

        InlineEdit(ruler, QRect(x, 0, 160, ruler.height() - 4), marker.text, done)

    def _move(self, marker: Marker, time: Fraction) -> None:
        moved = Marker(time, marker.text)
        self._panel.commands.edit("Move marker", lambda p: with_marker(without_marker(p, marker.time), moved))

    def _open_row_menu(self, at: QPoint, key: str, clip: int | None, time: Fraction) -> None:
        menu = self.row_menu(key, clip, time)
        if menu.actions():
            pop_up(menu, at)
