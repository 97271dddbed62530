"""The picked channels by name, each with its value at the playhead."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from desktop.theme import Palette
from desktop.widgets.curve_layer import Scene
from desktop.widgets.curve_mouse import value_at
from desktop.widgets.curve_shapes import CurveShape, unshare
from desktop.widgets.painting import channel_colour, tinted
from desktop.widgets.words import readable

_MOST = 6  # channels named; of more only their number


def draw_legend(painter: QPainter, scene: Scene, seconds: float, palette: Palette, font: QFont) -> None:
    """Draw it into the upper left corner."""
    names = [name for name in scene.shown if name in scene.picked]
    lines = [(readable(name), value_text(scene.shapes[name], seconds), name) for name in names[:_MOST]]
    if len(names) > _MOST:
        lines.append((f"and {len(names) - _MOST} more", "", ""))
    if not lines:
        return
    painter.setFont(font)
    metrics = painter.fontMetrics()
    step = metrics.height() + 2
    left = max(metrics.horizontalAdvance(text) for text, _, _ in lines) + 34
    width = left + max(metrics.horizontalAdvance(value) for _, value, _ in lines) + 8
    painter.fillRect(QRectF(8, 8, width, step * len(lines) + 8), tinted(palette.background, 0.75))
    for i, (text, value, name) in enumerate(lines):
        base = 12 + step * i + metrics.ascent()
        if name:
            painter.fillRect(QRectF(14, base - 6, 8, 4), QColor(channel_colour(palette, name)))
        painter.setPen(QColor(palette.muted))
        painter.drawText(QPointF(28, base), text)
        painter.setPen(QColor(palette.text))
        painter.drawText(QRectF(8, base - metrics.ascent(), width - 8, step), Qt.AlignmentFlag.AlignRight, value)


def value_text(shape: CurveShape, seconds: float) -> str:
    """The channel's value at a time, in its unit."""
    samples = shape.values.samples
    if not len(samples):
        return "–"
    value = unshare(shape.channel, value_at(samples, seconds * float(shape.rate)))
    return f"{value:.1f}°" if shape.channel.unit == "degrees" else f"{value:.2f}"
