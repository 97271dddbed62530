"""What becomes of the gestures on the plot."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.panels.curve_moves import drag_keys
from desktop.widgets.curve_shapes import CurveShape, unshare
from desktop.widgets.key_table import Grip, grips
from engine.project.curve import Handle, Keyframe
from engine.project.key_edits import KeyRef, with_keys_changed

if TYPE_CHECKING:
    from desktop.panels.curve_panel import CurvePanel
    from desktop.widgets.curve_plot import CurvePlot


class CurveDrags(QObject):
    """Turns the plot's wishes into picks and steps of undo."""

    def __init__(self, panel: CurvePanel, plot: CurvePlot) -> None:
        super().__init__(panel)
        self._panel, self._plot = panel, plot
        plot.keys_picked.connect(panel.selection.set_keys)
        plot.channel_picked.connect(self._pick)
        plot.keys_dragged.connect(self.drag_keys)
        plot.grip_dragged.connect(self._drag_grip)
        plot.key_wanted.connect(self._add_key)
        plot.drag_cancelled.connect(self._cancel)
        self._before: frozenset[KeyRef] = frozenset()

    def _pick(self, name: str, add: bool) -> None:
        before = self._panel.selection.channels
        kept = tuple(other for other in before if other != name)
        self._panel.selection.set_channels((*kept, name) if add else (name,))

    def drag_keys(self, refs: frozenset[KeyRef], by: Fraction, share: float) -> None:
        """Show these keys moved by this much against how they were when the drag began."""
        self._before = refs
        drag_keys(self._panel.drag, self._panel.selection, ("plot", self._plot.gesture), refs, by, share)

    def _drag_grip(self, grip: Grip, seconds: float, share: float, breaks: bool) -> None:
        shape = self._panel.shapes[grip.ref.channel]
        end = (seconds, share * (shape.channel.high - shape.channel.neutral))
        other = None if breaks else _opposite(shape, grip, end)

        def change(key: Keyframe) -> Keyframe:
            both = {grip.side: end, **({_other(grip.side): other} if other else {})}
            return replace(key, **both)  # type: ignore[arg-type]

        self._panel.drag.step(
            ("plot", self._plot.gesture), "Move handle", lambda p: with_keys_changed(p, [grip.ref], change)
        )

    def _add_key(self, name: str, time: Fraction, share: float) -> None:
        channel = self._panel.shapes[name].channel
        value = min(max(unshare(channel, share), channel.low), channel.high)
        self._panel.keys.put({name: value}, time)

    def _cancel(self) -> None:
        self._panel.drag.cancel()
        self._panel.selection.set_keys(self._before)


def _other(side: str) -> str:
    return "right" if side == "left" else "left"


def _opposite(shape: CurveShape, grip: Grip, end: Handle) -> Handle | None:
    """The handle on the other side, as long as it was, in line with this one."""
    beyond = next((g for g in grips(shape, [grip.ref]) if g.side != grip.side), None)
    if beyond is None or abs(end[0]) < 1e-6:
        return None
    reach = beyond.seconds - float(grip.ref.time)
    return (reach, end[1] / end[0] * reach)
