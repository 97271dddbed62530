"""The layers of the channel picked last, under its curve: drag, trim, fade, delete."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from desktop.document import Document
from desktop.selection import Selection
from desktop.theme import Palette
from desktop.widgets.painting import channel_colour
from desktop.widgets.timeline_canvas import TimelineCanvas
from desktop.widgets.track_items import ClipItem, ClipRow
from engine.project.channels import BY_NAME
from engine.project.curve import Layer
from engine.project.curve_edits import with_layer_changed
from engine.project.project import Project
from engine.project.timing import TimeRange

if TYPE_CHECKING:
    from desktop.panels.curve_panel import CurvePanel

_ROW = 22  # pixels
_MOST = 4  # rows; more are scrolled to with Ctrl and the wheel


class LayerStrip(QWidget):
    """One bar a layer, the uppermost first. It hides itself when there is nothing to show."""

    def __init__(self, panel: CurvePanel, document: Document, selection: Selection, palette: Palette) -> None:
        super().__init__(panel)
        self._panel, self._document, self._selection, self._palette = panel, document, selection, palette
        self._picked: tuple[str, int] | None = None
        self.canvas = TimelineCanvas(panel.time_view, palette)
        self.canvas.setAccessibleName("Layers of the picked channel")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 1, 0, 0)
        column.addWidget(self.canvas)
        self.canvas.clip_picked.connect(self._pick)
        self.canvas.clip_dragged.connect(self._drag)
        self.canvas.drag_cancelled.connect(panel.drag.cancel)
        self.canvas.scrubbed.connect(selection.set_playhead)
        self.canvas.span_changed.connect(selection.set_span)
        selection.playhead_changed.connect(self.canvas.set_time)
        selection.span_changed.connect(self.canvas.set_span)
        selection.keys_changed.connect(lambda keys: self._pick(None) if keys else None)

    @property
    def _channel(self) -> str | None:
        name = self._selection.channels[-1] if self._selection.channels else None
        return name if name in BY_NAME else None  # a swap clip's curves have no layers

    def refresh(self) -> None:
        """Show the layers as they are."""
        name = self._channel
        layers = self._document.project.motion[name].layers if name else ()
        rows = [self._row(str(name), i, bars) for i, bars in reversed(list(enumerate(stacked(layers))))]
        self.setVisible(bool(rows))
        self.setFixedHeight(min(len(rows), _MOST) * (_ROW + 1) + 1)
        self.canvas.set_rows(rows)

    def delete(self) -> None:
        """Delete the picked layer."""
        if self._picked and self._picked[0] == self._channel:
            name, index = self._picked
            self._picked = None
            self._panel.edit("Delete layer", lambda p: with_layer_changed(p, name, index, None))

    def _row(self, name: str, level: int, indices: list[int]) -> ClipRow:
        layers = self._document.project.motion[name].layers
        items = tuple(
            ClipItem(layer.span, describe(layer), layer.fade_in, layer.fade_out, 1.0, fixed=True)
            for layer in (layers[i] for i in indices)
        )
        selected = next((at for at, i in enumerate(indices) if self._picked == (name, i)), None)
        return ClipRow(f"level:{level}", "", items, selected, "", channel_colour(self._palette, name), _ROW)

    def _index(self, key: str, bar: int) -> int:
        """Which layer a bar stands for."""
        layers = self._document.project.motion[str(self._channel)].layers
        return stacked(layers)[int(key.removeprefix("level:"))][bar]

    def _pick(self, clip: tuple[str, int] | None) -> None:
        name = self._channel
        picked = (name, self._index(*clip)) if clip and name else None
        if picked != self._picked:
            self._picked = picked
            if picked:
                self._selection.set_keys(frozenset())
            self.refresh()

    def _drag(self, _key: str, _bar: int, changes: dict[str, object]) -> None:
        if self._picked:  # the bar was picked when it was taken hold of; its place may change under way
            name, index = self._picked
            gesture = ("layers", self.canvas.gesture)
            self._panel.drag.step(gesture, "Change layer", lambda p: _with_changes(p, name, index, changes))


def stacked(layers: Sequence[Layer]) -> list[list[int]]:
    """Indices of the layers level by level: each as low as it can lie above the earlier ones that it overlaps."""
    levels: list[list[int]] = []
    for i, layer in enumerate(layers):
        under = [k for k, level in enumerate(levels) if any(layer.span.overlaps(layers[j].span) for j in level)]
        level = max(under, default=-1) + 1
        if level == len(levels):
            levels.append([])
        levels[level].append(i)
    return levels


def describe(layer: Layer) -> str:
    """What a layer does, in a word or two."""
    if layer.blend == "replace":
        return f"{len(layer.keys)} keyframe{'s' if len(layer.keys) > 1 else ''}"
    value = layer.keys[0].value
    return f"Offset {value:+.2f}" if layer.blend == "add" else f"Scale {value * 100:.0f} %"


def _with_changes(project: Project, name: str, index: int, changes: dict[str, object]) -> Project:
    layer = project.motion[name].layers[index]
    for field, value in changes.items():
        placed = isinstance(value, TimeRange)
        layer = _placed(layer, value) if placed else replace(layer, **{field: value})  # type: ignore[arg-type]
    return with_layer_changed(project, name, index, layer)


def _placed(layer: Layer, span: TimeRange) -> Layer:
    """The layer over another range; moved as a whole, its keys and cuts go along."""
    moved = span.start != layer.span.start and span.end != layer.span.end
    if not moved:
        room = Fraction(span.duration) if span.end != math.inf else Fraction(10**6)
        fade_in = min(layer.fade_in, room)
        return replace(layer, span=span, fade_in=fade_in, fade_out=min(layer.fade_out, room - fade_in))
    by = span.start - layer.span.start
    keys = tuple(replace(key, time=key.time + by) for key in layer.keys)
    return replace(layer, span=span, keys=keys, cuts=tuple(cut.shifted(by) for cut in layer.cuts))
