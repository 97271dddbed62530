"""Paints the curves of a plot: quickly while the view moves, finely when it rests."""

from __future__ import annotations

import math
from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from desktop.theme import Palette
from desktop.widgets.curve_shapes import CurveShape, CurveShapes, share
from desktop.widgets.painting import channel_colour, faded, hatch, tinted
from desktop.widgets.peaks import Extremes, Peaks, zigzag
from desktop.widgets.plot_area import PlotArea
from desktop.widgets.polyline import polygon
from desktop.widgets.ticks import ticks
from desktop.widgets.time_view import TimeView

_DRAFT = 30_000  # points all curves may have together while the view moves
_BOLD = 8  # picked curves that are drawn bold while the view moves; more would take too long


@dataclass(frozen=True)
class Scene:
    """What is drawn: curves named in `shown` (those in `picked` brightly), and under them another take.

    `active` is the picked one whose unit the axis has.
    """

    shapes: CurveShapes
    shown: tuple[str, ...]
    picked: frozenset[str]
    active: str | None = None
    ghost: CurveShapes | None = None


def draw_scene(scene: Scene, area: PlotArea, view: TimeView, palette: Palette, ratio: float, draft: bool) -> QImage:
    """A picture of grid, guards and curves, `ratio` pixels a unit. `draft` takes a fifth of the time."""
    steps = drawing(scene, area, view, palette, ratio, draft)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            image: QImage = done.value
            return image


def drawing(
    scene: Scene, area: PlotArea, view: TimeView, palette: Palette, ratio: float, draft: bool
) -> Generator[None, None, QImage]:
    """The same a curve at a time, for whoever has other things to do meanwhile; close it to give up."""
    image = QImage(
        math.ceil(area.width * ratio), math.ceil(area.height * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.fill(QColor(palette.background))
    # Painted in device pixels, because a line of one device pixel is drawn many times faster than any wider one.
    scaled = PlotArea(area.width * ratio, area.height * ratio, area.start, area.end, area.low, area.high)
    most = min(_DRAFT // max(len(scene.shown), 1), int(scaled.width / 2)) if draft else int(scaled.width)
    bold = 0.0 if draft and len(scene.picked) > _BOLD else 1.0 if draft else ratio
    painter = QPainter(image)
    try:
        _draw_grid(painter, scene, scaled, view, palette, ratio)
        _draw_guards(painter, [scene.shapes[name] for name in scene.shown if name in scene.picked], scaled, palette)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not draft)
        for name in sorted(scene.shown, key=lambda name: name in scene.picked):
            _draw_channel(painter, scene, name, scaled, palette, most, bold)
            yield
    finally:
        painter.end()
    image.setDevicePixelRatio(ratio)
    return image


def _draw_channel(
    painter: QPainter, scene: Scene, name: str, area: PlotArea, palette: Palette, most: int, bold: float
) -> None:
    shape, colour = scene.shapes[name], channel_colour(palette, name)
    if name not in scene.picked:
        if shape.moves:
            _draw_peaks(painter, shape, shape.values, area, most, faded(colour, palette.background, 0.38))
        return
    if scene.ghost and name in scene.ghost.motion.curves:
        ghost = scene.ghost[name]
        _draw_peaks(painter, ghost, ghost.values, area, most, faded(palette.text, palette.background, 0.4))
    if shape.generated:
        _draw_peaks(painter, shape, shape.generated, area, most, faded(colour, palette.background, 0.42))
    # Several thin lines side by side are drawn many times faster than a wide one.
    offsets = (0.0,) if not bold else (0.0, 0.6) if bold < 1.5 else (-0.7, 0.0, 0.7)
    for offset in offsets:
        _draw_peaks(painter, shape, shape.values, area, most, QColor(colour), offset * bold)


def _draw_peaks(
    painter: QPainter, shape: CurveShape, peaks: Peaks, area: PlotArea, most: int, colour: QColor, offset: float = 0.0
) -> None:
    rate = float(shape.rate)
    found = peaks.between(area.start * rate, area.end * rate, most)
    if not len(found.low):
        return
    x, y = _points(found, rate, area)
    painter.setPen(QPen(colour, 0))
    painter.drawPolyline(polygon(x, y + offset))


def _points(found: Extremes, rate: float, area: PlotArea) -> tuple[np.ndarray, np.ndarray]:
    positions, values = zigzag(found)
    return area.xs(positions / rate), np.clip(area.ys(values), -1e4, 1e4)


def _draw_grid(painter: QPainter, scene: Scene, area: PlotArea, view: TimeView, palette: Palette, ratio: float) -> None:
    end = area.x(view.duration)
    if end < area.width:
        painter.fillRect(QRectF(end, 0, area.width - end, area.height), tinted(palette.surface, 0.6))
    if area.start < 0:
        painter.fillRect(QRectF(0, 0, area.x(0), area.height), tinted(palette.surface, 0.6))
    painter.setPen(QPen(tinted(palette.line, 0.5), 0))
    for tick in ticks(area.start, area.end, view.rate, max(int(area.width / ratio) // 110, 1)):
        if tick.label:
            x = math.floor(area.x(tick.seconds)) + 0.5
            painter.drawLine(QPointF(x, 0), QPointF(x, area.height))
    for level in _levels(scene):
        strong = level == 0
        y = math.floor(area.y(level)) + 0.5
        painter.setPen(QPen(tinted(palette.muted if strong else palette.line, 0.6), 0))
        painter.drawLine(QPointF(0, y), QPointF(area.width, y))


def _levels(scene: Scene) -> set[float]:
    """Shares with a line of their own: neutral, and the ends of the picked channels' ranges."""
    levels = {0.0, 1.0}
    for name in scene.picked:
        channel = scene.shapes[name].channel
        levels.add(float(share(channel, channel.low)))
    return levels


def _draw_guards(painter: QPainter, shapes: Sequence[CurveShape], area: PlotArea, palette: Palette) -> None:
    """Dim where the picked curves are muted, hatch where they are locked: each in its own band, if there are many."""
    for i, shape in enumerate(shapes):
        top, height = area.height * i / len(shapes), area.height / len(shapes)
        for span in shape.curve.mutes:
            left, right = _edges(span.start, span.end, area)
            painter.fillRect(QRectF(left, top, right - left, height), tinted(palette.surface, 0.9))
        for span in shape.curve.locks:
            left, right = _edges(span.start, span.end, area)
            brush = hatch(channel_colour(palette, shape.channel.name), 0.3)
            painter.setBrushOrigin(QPointF(math.floor(left), 0))
            painter.fillRect(QRectF(left, top, right - left, height), brush)
            painter.setPen(QPen(tinted(palette.muted, 0.6), 0, Qt.PenStyle.SolidLine))
            for x in (left, right):
                painter.drawLine(QPointF(x, top), QPointF(x, top + height))


def _edges(start: object, end: object, area: PlotArea) -> tuple[float, float]:
    left = min(max(area.x(float(start)), -2.0), area.width + 2)  # type: ignore[arg-type]
    right = area.width + 2 if end == math.inf else min(max(area.x(float(end)), -2.0), area.width + 2)  # type: ignore[arg-type]
    return left, right


def extremes(scene: Scene, names: Collection[str], start: float, end: float) -> tuple[float, float]:
    """The lowest and highest share of these curves between two times, neutral included."""
    low, high = 0.0, 0.0
    for name in names:
        shape = scene.shapes[name]
        found = shape.values.between(start * float(shape.rate), end * float(shape.rate), 200)
        if len(found.low):
            low, high = min(low, float(found.low.min())), max(high, float(found.high.max()))
    return low, high
