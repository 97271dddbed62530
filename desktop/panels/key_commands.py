"""What the commands on keyframes do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.actions import Actions
from desktop.document import Document
from desktop.panels.curve_moves import moved
from desktop.selection import Selection
from engine.errors import InputError
from engine.project.curve import Keyframe
from engine.project.easing import EASINGS, with_eased
from engine.project.key_edits import (
    KeyRef,
    Keys,
    copied,
    mirrored,
    with_key,
    with_keys_changed,
    with_pasted,
    without_keys,
)
from engine.project.project import Project
from engine.project.swap_curves import value_at
from engine.project.timing import frame_to_seconds

if TYPE_CHECKING:
    from desktop.panels.curve_panel import CurvePanel

_NUDGE = 0.01  # share of a channel's range


class KeyCommands(QObject):
    """Connects the rows of the action table that concern keyframes."""

    def __init__(self, panel: CurvePanel, document: Document, selection: Selection, actions: Actions) -> None:
        super().__init__(panel)
        self._panel, self._document, self._selection = panel, document, selection
        self._copied: Keys | None = None
        for id, handler in {
            "add_key": self.add_here,
            "previous_key": lambda: self._go(-1),
            "next_key": lambda: self._go(1),
            "mirror_keys": self.mirror,
            "key_earlier": lambda: self.nudge(-1, 0),
            "key_later": lambda: self.nudge(1, 0),
            "key_up": lambda: self.nudge(0, _NUDGE),
            "key_down": lambda: self.nudge(0, -_NUDGE),
        }.items():
            actions.connect(id, handler)
        for name in EASINGS:
            actions.connect(f"ease_{name.replace(' ', '_')}", partial(self.ease, name))
        shared: dict[str, Callable[[], object]] = {
            "delete": self.delete,
            "cut": self.cut,
            "copy": self.copy,
            "paste": self.paste,
            "paste_mirrored": lambda: self.paste(mirror=True),
            "duplicate": self.duplicate,
            "select_all": self.select_all,
            "select_none": self.select_none,
        }
        for id, shared_handler in shared.items():
            actions.connect(id, shared_handler, panel)

    # --- add, remove

    def add_here(self) -> None:
        """A key at the playhead on every picked channel, with the value it has there."""
        names = self._selection.channels
        if not names:
            self._refuse("no channel is picked: pick one in the list or click its curve")
            return
        at, project = self._selection.playhead, self._panel.project
        self.put({name: value_at(project, name, at) for name in names}, at)

    def put(self, values: Mapping[str, float], at: Fraction) -> None:
        """Keys with these values, by channel, at one time; then they are selected."""

        def edit(project: Project) -> Project:
            for name, value in values.items():
                project = with_key(project, name, Keyframe(at, value))
            return project

        if self._panel.edit("Add keyframe", edit):
            self._selection.set_keys(self._found({name: {at} for name in values}))

    def delete(self) -> None:
        """Delete the selected keys, or the picked layer."""
        if refs := self._selection.keys:
            self._panel.edit("Delete keyframes", lambda p: without_keys(p, refs))
        else:
            self._panel.layers.delete()

    # --- copy

    def copy(self) -> bool:
        """Remember the selected keys."""
        if not self._selection.keys:
            self._refuse("no keyframes to copy: select some first")
            return False
        self._copied = copied(self._panel.project, self._selection.keys)
        return True

    def cut(self) -> None:
        """Remember the selected keys and delete them."""
        if self.copy():
            self.delete()

    def paste(self, mirror: bool = False) -> None:
        """Put the remembered keys at the playhead."""
        if self._copied is None:
            self._refuse("no keyframes to paste: copy some first")
            return
        keys = mirrored(self._copied) if mirror else self._copied
        self._paste(keys, self._selection.playhead, "Paste mirrored" if mirror else "Paste keyframes")

    def duplicate(self) -> None:
        """The selected keys once more: at the playhead, or right after them where the playhead is at their start."""
        refs = self._selection.keys
        if refs:
            start, end = min(ref.time for ref in refs), max(ref.time for ref in refs)
            at = self._selection.playhead
            if at == start:
                at = end + frame_to_seconds(1, self._panel.time_view.rate)
            self._paste(copied(self._panel.project, refs), at, "Duplicate keyframes")

    def mirror(self) -> None:
        """Give the other side of the face the selected keys, at the same time."""
        if refs := self._selection.keys:
            start = min(ref.time for ref in refs)
            self._paste(mirrored(copied(self._panel.project, refs)), start, "Mirror keyframes")
        else:
            self._refuse("no keyframes to mirror: select some first")

    # --- change

    def ease(self, easing: str) -> None:
        """Shape the way from each selected key to the next."""
        refs = self._selection.keys
        if refs:
            self._panel.edit("Ease", lambda p: with_eased(p, refs, easing))
        else:
            self._refuse("no keyframes to ease: select some first")

    def nudge(self, frames: int, share: float) -> None:
        """Move the selected keys a little."""
        refs, by = self._selection.keys, frame_to_seconds(frames, self._panel.time_view.rate)
        if refs and min(ref.time for ref in refs) + by >= 0:
            shifted = frozenset(ref._replace(time=ref.time + by) for ref in refs)
            if self._panel.edit("Move keyframes", lambda p: moved(p, refs, by, share)):
                self._selection.set_keys(shifted)

    def set_value(self, value: float) -> None:
        """Give all selected keys this value."""
        refs = self._selection.keys
        if refs:
            merge = f"value {sorted(refs)}"
            self._panel.edit(
                "Set value", lambda p: with_keys_changed(p, refs, lambda key: replace(key, value=value)), merge
            )

    # --- select

    def select_all(self) -> None:
        """Select all keys of the picked channels, or of all."""
        names = self._selection.channels or self._panel.project.motion.curves
        self._selection.set_keys(frozenset(ref for name in names for ref in self._panel.shapes[name].set_keys.refs))

    def select_none(self) -> None:
        """Let the keys go; if there are none, the range; then the channels."""
        if self._selection.keys:
            self._selection.set_keys(frozenset())
        elif self._selection.span:
            self._selection.set_span(None)
        else:
            self._selection.set_channels(())

    def _paste(self, keys: Keys, at: Fraction, name: str) -> None:
        if self._panel.edit(name, lambda p: with_pasted(p, keys, at)):
            self._selection.set_channels(tuple(dict.fromkeys((*self._selection.channels, *keys))))
            self._selection.set_keys(self._found({name: {key.time + at for key in keys[name]} for name in keys}))

    def _found(self, times: Mapping[str, Collection[Fraction]]) -> frozenset[KeyRef]:
        """The uppermost keys of these channels at these times."""
        found = {(ref.channel, ref.time): ref for name in times for ref in self._panel.shapes[name].set_keys.refs}
        return frozenset(ref for ref in found.values() if ref.time in times[ref.channel])

    def _go(self, direction: int) -> None:
        names = self._selection.channels or tuple(self._panel.project.motion.curves)
        at = self._selection.playhead
        times = {ref.time for name in names for ref in self._panel.shapes[name].set_keys.refs}
        ahead = [time for time in times if (time - at) * direction > 0]
        if ahead:
            self._selection.set_playhead(min(ahead) if direction > 0 else max(ahead))
            self._panel.time_view.reveal(float(self._selection.playhead))

    def _refuse(self, why: str) -> None:
        self._panel.failed.emit(InputError(why))
