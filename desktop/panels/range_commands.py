"""What the commands on whole stretches of curves do: lock, mute, restore, smooth, scale, offset, generate again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, SignalInstance

from desktop.actions import Actions
from desktop.document import Document
from desktop.selection import Selection
from desktop.widgets.slider_popup import SliderPopup
from engine.errors import InputError
from engine.project.channels import BY_NAME, NAMES
from engine.project.curve_edits import (
    with_baked,
    with_lock,
    with_mute,
    with_offset,
    with_scale,
    with_smoothed,
    without_edits,
    without_lock,
    without_mute,
)
from engine.project.project import Project
from engine.project.swap_curves import channel_of
from engine.project.timing import ALWAYS, TimeRange

if TYPE_CHECKING:
    from desktop.panels.curve_panel import CurvePanel

_FADE = Fraction(1, 5)  # seconds over which a change of a stretch blends into its surroundings


@dataclass(frozen=True)
class Tool:
    """A change of the picked curves over the picked range, by an amount between `low` and `high`."""

    title: str
    low: float
    high: float
    start: float
    suffix: str
    change: Callable[[Project, tuple[str, ...], TimeRange, float], Project]


def _smooth(project: Project, names: tuple[str, ...], span: TimeRange, amount: float) -> Project:
    return with_smoothed(project, names, span, Fraction(amount).limit_denominator(1000)) if amount > 0 else project


def _scale(project: Project, names: tuple[str, ...], span: TimeRange, amount: float) -> Project:
    return with_scale(project, names, span, amount / 100, _fade(span)) if amount != 100 else project


def _offset(project: Project, names: tuple[str, ...], span: TimeRange, amount: float) -> Project:
    for name in names if amount else ():
        channel = channel_of(name)
        rise = amount / 100 * (channel.high - channel.neutral)
        project = with_offset(project, [name], span, rise, _fade(span))
    return project


def _fade(span: TimeRange) -> Fraction:
    return min(_FADE, Fraction(span.duration) / 2) if span.end != math.inf else Fraction(0)


_CHANGES: dict[str, tuple[str, Callable[[Project, tuple[str, ...], TimeRange], Project]]] = {
    "lock": ("Lock", with_lock),
    "unlock": ("Unlock", without_lock),
    "mute": ("Mute", with_mute),
    "unmute": ("Unmute", without_mute),
    "bake": ("Turn into keyframes", with_baked),
}
TOOLS = {
    "smooth": Tool("Smooth", 0.0, 0.5, 0.08, " s", _smooth),
    "scale": Tool("Scale", 0.0, 200.0, 100.0, " %", _scale),
    "offset": Tool("Offset", -100.0, 100.0, 0.0, " %", _offset),
}


class RangeCommands(QObject):
    """Connects their rows of the action table. Each acts on the picked channels within the picked range, if any."""

    def __init__(self, panel: CurvePanel, document: Document, selection: Selection, actions: Actions) -> None:
        super().__init__(panel)
        self._panel, self._document, self._selection = panel, document, selection
        self._count = 0
        for id, (name, change) in _CHANGES.items():
            actions.connect(id, partial(self._apply, name, change))
        actions.connect("restore", self.restore)
        actions.connect("regenerate", lambda: self._generate(panel.regenerate_wanted))
        actions.connect("new_take", lambda: self._generate(panel.take_wanted))
        for id in TOOLS:
            actions.connect(id, partial(self.open_tool, id))

    @property
    def span(self) -> TimeRange:
        """The picked range, or all time."""
        return self._selection.span or ALWAYS

    @property
    def names(self) -> tuple[str, ...]:
        """The picked channels, or all; none where curves of swap clips are all that is picked."""
        picked = self._selection.channels
        return tuple(name for name in picked if name in BY_NAME) if picked else NAMES

    def restore(self) -> None:
        """Take the edits off the picked channels, or off all within the picked range."""
        if not self._selection.channels and not self._selection.span:
            self._refuse("nothing to restore is picked: pick channels or a range")
            return
        names = self._selection.channels or NAMES
        self._panel.edit("Restore defaults", lambda p: without_edits(p, names, self.span))

    def open_tool(self, id: str, at: QPoint | None = None) -> SliderPopup | None:
        """Ask for the amount of a tool, showing what it does while the slider moves."""
        names, span, tool = self._selection.channels, self.span, TOOLS[id]
        if not names:
            self._refuse("no channel is picked: pick one in the list or click its curve")
            return None
        where = "everywhere" if span == ALWAYS else f"from {float(span.start):.2f} to {float(span.end):.2f} s"
        what = f"{len(names)} channel{'s' if len(names) > 1 else ''} {where}"
        popup = SliderPopup(self._panel, tool.title, what, tool.low, tool.high, tool.start, tool.suffix)
        self._count += 1
        gesture = (id, self._count)
        popup.changed.connect(
            lambda amount: self._panel.drag.step(gesture, tool.title, lambda p: tool.change(p, names, span, amount))
        )
        popup.cancelled.connect(self._panel.drag.cancel)
        popup.open_at(at or self._panel.tools.below(id))
        return popup

    def _generate(self, wanted: SignalInstance) -> None:
        if self.names:
            wanted.emit(self.span, self.names)
        else:
            self._refuse("the curves of a face swap are not generated: pick channels, or nothing for all")

    def _apply(self, name: str, change: Callable[[Project, tuple[str, ...], TimeRange], Project]) -> None:
        names, span = self._selection.channels, self.span
        if not names:
            self._refuse("no channel is picked: pick one in the list or click its curve")
            return
        self._panel.edit(name, lambda p: change(p, names, span))

    def _refuse(self, why: str) -> None:
        self._panel.failed.emit(InputError(why))
