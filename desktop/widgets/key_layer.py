"""Paints keyframes, their handles, the box of a selection and the line that a drag sticks to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from desktop.theme import Palette
from desktop.widgets.key_table import Grip, KeyTable
from desktop.widgets.painting import channel_colour, diamond, tinted
from desktop.widgets.plot_area import PlotArea
from desktop.widgets.polyline import polygon
from engine.project.key_edits import KeyRef

_FEW = 600  # keys in sight that are drawn one by one; more become plain dots


@dataclass(frozen=True)
class Marks:
    """What lies over the curves at the moment."""

    table: KeyTable
    selected: frozenset[KeyRef]
    picked: frozenset[str]
    grips: tuple[Grip, ...] = ()
    hovered: KeyRef | None = None
    box: QRectF | None = None
    stuck: float | None = None  # seconds


def draw_marks(painter: QPainter, marks: Marks, area: PlotArea, palette: Palette) -> None:
    """Draw them all."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw_keys(painter, marks, area, palette)
    _draw_grips(painter, marks.grips, marks.table, area, palette)
    chosen = [i for ref in marks.selected if (i := marks.table.index.get(ref)) is not None]
    if len(chosen) <= _FEW:
        for i in chosen:
            _draw_key(painter, marks, i, area, palette, QColor(palette.text), 4.6, palette.accent)
    if marks.stuck is not None:
        painter.setPen(QPen(QColor(palette.accent), 1, Qt.PenStyle.DashLine))
        x = round(area.x(marks.stuck)) + 0.5
        painter.drawLine(QPointF(x, 0), QPointF(x, area.height))
    if marks.box is not None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(palette.accent), 1))
        painter.setBrush(tinted(palette.accent, 0.12))
        painter.drawRect(marks.box)


def _draw_keys(painter: QPainter, marks: Marks, area: PlotArea, palette: Palette) -> None:
    x, y = area.xs(marks.table.seconds), area.ys(marks.table.shares)
    seen = np.flatnonzero((x > -8) & (x < area.width + 8) & (y > -8) & (y < area.height + 8))
    if len(seen) > _FEW:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for colour, which in _by_colour(marks, seen, palette):
            painter.setPen(QPen(colour, 3))
            painter.drawPoints(polygon(x[which], y[which]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        return
    for i in seen:
        ref = marks.table.refs[i]
        if ref in marks.selected:
            continue
        bright = ref.channel in marks.picked
        colour = tinted(channel_colour(palette, ref.channel), 1.0 if bright else 0.6)
        _draw_key(
            painter, marks, int(i), area, palette, colour, (4.6 if ref == marks.hovered else 4.0) if bright else 2.6
        )


def _by_colour(marks: Marks, seen: np.ndarray, palette: Palette) -> Iterable[tuple[QColor, np.ndarray]]:
    groups: dict[str, list[int]] = {}
    for i in seen:
        ref = marks.table.refs[i]
        colour = palette.accent if ref in marks.selected else channel_colour(palette, ref.channel)
        groups.setdefault(colour, []).append(int(i))
    return ((QColor(colour), np.array(which)) for colour, which in groups.items())


def _draw_key(
    painter: QPainter,
    marks: Marks,
    i: int,
    area: PlotArea,
    palette: Palette,
    colour: QColor,
    size: float,
    rim: str = "",
) -> None:
    """Round where the curve leads on smoothly, a diamond for a straight line, a square for a step."""
    at = area.point(marks.table.seconds[i], marks.table.shares[i])
    painter.setPen(QPen(QColor(rim or palette.background), 2.0 if rim else 1.4))
    painter.setBrush(colour)
    match marks.table.keys[i].interpolation:
        case "linear":
            diamond(painter, at.x(), at.y(), size + 0.6)
        case "step":
            painter.drawRect(QRectF(at.x() - size * 0.85, at.y() - size * 0.85, size * 1.7, size * 1.7))
        case _:
            painter.drawEllipse(at, size, size)


def _draw_grips(painter: QPainter, grips: Collection[Grip], table: KeyTable, area: PlotArea, palette: Palette) -> None:
    for grip in grips:
        i = table.index.get(grip.ref)
        if i is None:
            continue
        key, end = area.point(table.seconds[i], table.shares[i]), area.point(grip.seconds, grip.share)
        colour = tinted(palette.accent, 0.9 if grip.own else 0.45)
        painter.setPen(QPen(colour, 1))
        painter.drawLine(key, end)
        painter.setBrush(QColor(palette.accent) if grip.own else QColor(palette.background))
        painter.drawEllipse(end, 3.2, 3.2)
