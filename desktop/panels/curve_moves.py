"""Moving keyframes of channels with different units together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction

from desktop.panels.drag_edit import DragEdit
from desktop.selection import Selection
from engine.project.curve import Keyframe
from engine.project.key_edits import KeyRef, with_keys_changed
from engine.project.project import Project
from engine.project.swap_curves import channel_of


def drag_keys(
    drag: DragEdit, selection: Selection, gesture: object, refs: frozenset[KeyRef], by: Fraction, share: float
) -> None:
    """Show these keys moved by this much against how they were when the drag began, and selected where they are."""
    if drag.step(gesture, "Move keyframes", lambda p: moved(p, refs, by, share)):
        selection.set_keys(frozenset(ref._replace(time=ref.time + by) for ref in refs))


# o--o----- -> ---o--o--    each channel by the same share of its own range, and not beyond it
def moved(project: Project, refs: Collection[KeyRef], by: Fraction, share: float) -> Project:
    """The project with these keys `by` seconds later and `share` of their channel's range higher."""
    for name in dict.fromkeys(ref.channel for ref in refs):
        channel = channel_of(name)
        rise = share * (channel.high - channel.neutral)

        def change(key: Keyframe, low: float = channel.low, high: float = channel.high, rise: float = rise) -> Keyframe:
            return replace(key, time=key.time + by, value=min(max(key.value + rise, low), high) if rise else key.value)

        project = with_keys_changed(project, [ref for ref in refs if ref.channel == name], change)
    return project
