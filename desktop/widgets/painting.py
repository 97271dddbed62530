"""Small things that several painted widgets draw alike."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPen, QPixmap, QPolygonF, QTransform
from PySide6.QtWidgets import QWidget

from desktop.theme import Palette
from engine.project.channels import BY_NAME, in_group

PLAYHEAD = 5.5  # pixels: half the width of its handle


def tinted(colour: str, alpha: float) -> QColor:
    """The colour with this opacity, 0..1."""
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made


def faded(colour: str, ground: str, share: float) -> QColor:
    """What the colour with this opacity looks like over `ground`; opaque, which is far faster to draw."""
    a, b = QColor(colour), QColor(ground)
    mixed = (x * share + y * (1 - share) for x, y in zip(a.getRgb()[:3], b.getRgb()[:3], strict=True))  # type: ignore[index]
    return QColor(*(round(x) for x in mixed))


@lru_cache(maxsize=256)
def _shade(base: str, name: str, dark: bool) -> str:
    names = in_group(BY_NAME[name].group)
    share = names.index(name) / max(len(names) - 1, 1) - 0.5  # -0.5 .. 0.5 over the group
    colour = QColor(base)
    turned = (colour.hslHueF() + 0.09 * share) % 1.0
    lightness = colour.lightnessF() + (0.16 if dark else 0.12) * share
    if name.endswith("Right"):  # paler than its partner, or they could not be told apart
        lightness += 0.1 if dark else 0.07
    return QColor.fromHslF(turned, colour.hslSaturationF(), min(max(lightness, 0.0), 1.0)).name()


def channel_colour(palette: Palette, name: str) -> str:
    """The channel's own shade of its group's colour; a swap clip's curves have its track's."""
    if name not in BY_NAME:
        return palette.tracks["swaps"]
    return _shade(palette.groups[BY_NAME[name].group], name, palette.dark)


def hatch(colour: str, alpha: float = 0.28) -> QBrush:
    """Slanting lines, for what is locked."""
    return _hatch(colour, alpha)


@lru_cache(maxsize=32)
def _hatch(colour: str, alpha: float) -> QBrush:
    size = 8
    tile = QPixmap(2 * size, 2 * size)  # drawn twice as large, for dense screens
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(tinted(colour, alpha), 2.2))
    for x in (-2 * size, 0, 2 * size):
        painter.drawLine(x, 2 * size, x + 2 * size, 0)
    painter.end()
    brush = QBrush(tile)
    brush.setTransform(QTransform.fromScale(0.5, 0.5))
    return brush


def playhead(painter: QPainter, x: float, top: float, bottom: float, palette: Palette, handle: bool = False) -> None:
    """The playhead's line and, on a ruler, its handle."""
    painter.save()
    painter.setPen(QPen(QColor(palette.accent), 1))
    painter.drawLine(QPointF(x, top), QPointF(x, bottom))
    if handle:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.accent))
        w = PLAYHEAD
        points = [(-w, 0), (w, 0), (w, 7), (0, 13), (-w, 7)]
        painter.drawPolygon(QPolygonF([QPointF(x + dx, top + dy) for dx, dy in points]))
    painter.restore()


def diamond(painter: QPainter, x: float, y: float, size: float) -> None:
    """A keyframe as rows of a timeline show it, in the painter's pen and brush."""
    corners = ((0, -size), (size, 0), (0, size), (-size, 0))
    painter.drawPolygon(QPolygonF([QPointF(x + dx, y + dy) for dx, dy in corners]))


def elided(painter: QPainter, rect: QRectF, text: str, flags: Qt.AlignmentFlag) -> None:
    """The text in one line, shortened to fit."""
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
    painter.drawText(rect, flags | Qt.TextFlag.TextSingleLine, shown)


def small_font(widget: QWidget, factor: float = 0.88) -> QFont:
    """The widget's font, a little smaller."""
    font = QFont(widget.font())
    font.setPointSizeF(max(font.pointSizeF() * factor, 6.5))
    return font
