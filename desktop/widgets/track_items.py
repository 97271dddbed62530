"""The rows of a timeline and how each paints itself. A row is given what it shows; it holds no state of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from desktop.theme import Palette
from desktop.widgets.curve_shapes import CurveShape, CurveShapes
from desktop.widgets.key_layer import Marks, draw_marks
from desktop.widgets.key_table import KeyTable
from desktop.widgets.painting import channel_colour, diamond, elided, faded, hatch, tinted
from desktop.widgets.peaks import zigzag
from desktop.widgets.plot_area import PlotArea
from desktop.widgets.polyline import polygon
from desktop.widgets.time_view import TimeView
from desktop.widgets.waveform import Waveform, draw_waveform
from engine.project.curve import Faded, envelope
from engine.project.key_edits import KeyRef
from engine.project.timing import TimeRange


@dataclass(frozen=True)
class Pane:
    """Where rows are painted: time across `width` pixels, in these colours and this (small) font."""

    view: TimeView
    width: int
    palette: Palette
    font: QFont

    def x(self, seconds: Fraction | float) -> float:
        """Where this time lies; times out of sight stay near the edge, so that Qt need not draw miles."""
        return min(max(self.view.x(float(seconds), self.width), -50.0), self.width + 50.0)


class Spoken(Protocol):
    """A phone, or a word: a label from `start` to `end` seconds."""

    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def label(self) -> str: ...


@dataclass(frozen=True)
class Row:
    """A row with its `key` ("prompts", "group:jaw", "curve:jawOpen" ...) and the name in its header."""

    key: str
    title: str

    @property
    def height(self) -> int:
        """Pixels."""
        return 32

    def paint(self, painter: QPainter, rect: QRectF, pane: Pane) -> None:
        """Draw the row into `rect`."""


@dataclass(frozen=True)
class AudioRow(Row):
    """The speech: from time 0, `duration` seconds of the recording from `offset` on."""

    waveform: Waveform | None = None
    name: str = ""
    duration: float = 0.0
    offset: float = 0.0
    gain: float = 1.0

    @property
    def height(self) -> int:
        return 56

    def paint(self, painter: QPainter, rect: QRectF, pane: Pane) -> None:
        if self.duration <= 0:
            _hint(painter, rect, pane, "Drop a recording here, or record speech")
            return
        colour = pane.palette.tracks["audio"]
        block = QRectF(pane.x(0), rect.top() + 3, pane.x(self.duration) - pane.x(0), rect.height() - 6)
        _block(painter, block, colour, pane.palette, selected=False)
        if self.waveform:
            inner = QRectF(max(block.left(), 0), block.top() + 2, 0, block.height() - 4)
            inner.setRight(min(block.right(), pane.width))
            start, end = (pane.view.at(x, pane.width) + self.offset for x in (inner.left(), inner.right()))
            if end > start:
                draw_waveform(painter, inner, self.waveform, start, end, colour, self.gain)
        _label(painter, block, self.name, pane)


@dataclass(frozen=True)
class PhoneRow(Row):
    """What is said, phone by phone."""

    phones: Sequence[Spoken] = ()

    @property
    def height(self) -> int:
        return 20

    def paint(self, painter: QPainter, rect: QRectF, pane: Pane) -> None:
        painter.setFont(pane.font)
        colour = pane.palette.tracks["phones"]
        for phone in self.phones:
            if phone.end < pane.view.start or phone.start > pane.view.end or phone.label == "SIL":
                continue
            left, right = pane.x(phone.start), pane.x(phone.end)
            cell = QRectF(left + 0.5, rect.top() + 3, max(right - left - 1, 0.5), rect.height() - 6)
            painter.fillRect(cell, tinted(colour, 0.22 if cell.width() > 3 else 0.12))
            if cell.width() > 14:
                painter.setPen(QColor(pane.palette.muted))
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, phone.label)


@dataclass(frozen=True)
class ClipItem:
    """A clip as it is drawn. `level` is its strength as a share of the most it can have; None: it has none.

    With `fixed` the level is not for dragging. `acts` gives the level at float64 seconds where it changes over time.
    """

    span: TimeRange
    text: str
    fade_in: Fraction = Fraction(0)
    fade_out: Fraction = Fraction(0)
    level: float | None = None
    fixed: bool = False
    acts: Callable[[np.ndarray], np.ndarray] | None = None


@dataclass(frozen=True)
class ClipRow(Row):
    """Clips of one track, the later ones on top; `selected` is the index of the picked one."""

    clips: tuple[ClipItem, ...] = ()
    selected: int | None = None
    hint: str = ""
    colour: str = ""  # instead of the track's own
    tall: int = 40
    open: bool | None = None  # whether rows that belong to it are shown below; None: it has none

    @property
    def height(self) -> int:
        return self.tall if self.clips else 26

    def rect_of(self, index: int, rect: QRectF, pane: Pane) -> QRectF:
        """Where a clip lies within the row's `rect`."""
        span = self.clips[index].span
        left = pane.x(span.start)
        return QRectF(left, rect.top() + 3, max(pane.x(span.end) - left, 2), rect.height() - 6)

    def order(self) -> list[int]:
        """Indices from the lowest clip to the uppermost, which is the picked one."""
        return sorted(range(len(self.clips)), key=lambda i: i == self.selected)

    def paint(self, painter: QPainter, rect: QRectF, pane: Pane) -> None:
        if not self.clips:
            _hint(painter, rect, pane, self.hint)
        blocks = [(i, self.rect_of(i, rect, pane)) for i in self.order()]
        seen = [(i, block) for i, block in blocks if block.right() >= 0 and block.left() <= pane.width]
        colour = self.colour or pane.palette.tracks[self.key]
        for i, block in seen:
            _block(painter, block, colour, pane.palette, selected=i == self.selected)
        for i, block in seen:  # on top of all blocks, so that a cross-fade shows both its hills
            if self.clips[i].level is not None:
                _draw_envelope(painter, block, self.clips[i], colour, pane)
            _label(painter, block, self.clips[i].text, pane)


@dataclass(frozen=True)
class GroupRow(Row):
    """A group of channels at a glance: every curve faintly, every key as a dot."""

    names: tuple[str, ...] = ()
    shapes: CurveShapes | None = None
    open: bool = False

    @property
    def height(self) -> int:
        return 30

    def paint(self, painter: QPainter, rect: QRectF, pane: Pane) -> None:
        painter.fillRect(rect, tinted(pane.palette.text, 0.025))
        if not self.shapes:
            return
        shapes = [self.shapes[name] for name in self.names]
        if not self.open:
            for shape in shapes:
                if shape.moves:
                    colour = faded(channel_colour(pane.palette, shape.channel.name), pane.palette.background, 0.6)
                    draw_curve(painter, rect, shape, pane, colour)
        times = np.unique(np.concatenate([shape.set_keys.seconds for shape in shapes]))
        draw_keys(painter, rect.bottom() - 6, times, pane)


@dataclass(frozen=True)
class CurveRow(Row):
    """One channel. Where keys are `selected`, or none of them, they are shown by their values and can be dragged."""

    shape: CurveShape | None = None
    picked: bool = False
    selected: frozenset[KeyRef] | None = None

    @property
    def height(self) -> int:
        return 36

    def paint(self, painter: QPainter, rect: QRectF, pane: Pane) -> None:
        if not self.shape:
            return
        name = self.shape.channel.name
        if self.picked:
            painter.fillRect(rect, tinted(pane.palette.accent, 0.08))
        draw_guards(painter, rect, self.shape, pane)
        y = _heights(self.shape, rect)(np.zeros(1))[0]
        painter.setPen(QColor(pane.palette.line))
        painter.drawLine(QPointF(rect.left(), round(y) + 0.5), QPointF(rect.right(), round(y) + 0.5))
        colour = QColor(channel_colour(pane.palette, name))
        draw_curve(painter, rect, self.shape, pane, colour)
        if self.selected is None:
            draw_keys(painter, rect.center().y(), self.shape.set_keys.seconds, pane)
            return
        painter.save()
        painter.translate(0, rect.top() + 3)
        marks = Marks(KeyTable.of([self.shape]), self.selected, frozenset({name}))
        draw_marks(painter, marks, self.area(rect, pane.view, pane.width), pane.palette)
        painter.restore()

    def area(self, rect: QRectF, view: TimeView, width: float) -> PlotArea:
        """Where its values lie, counted from 3 pixels below the top of `rect`."""
        assert self.shape
        return PlotArea(width, rect.height() - 6, view.start, view.end, _lowest(self.shape), 1.0)


def draw_guards(painter: QPainter, rect: QRectF, shape: CurveShape, pane: Pane) -> None:
    """Hatch where the curve is locked, dim where it is muted."""
    for muted in shape.curve.mutes:
        painter.fillRect(_across(muted, rect, pane), tinted(pane.palette.background, 0.6))
    for lock in shape.curve.locks:
        painter.fillRect(_across(lock, rect, pane), hatch(pane.palette.muted))


def draw_curve(painter: QPainter, rect: QRectF, shape: CurveShape, pane: Pane, colour: QColor) -> None:
    """The curve's values over the height of `rect`."""
    view, rate = pane.view, float(shape.rate)
    found = shape.values.between(view.start * rate, view.end * rate, pane.width // 2)
    if not len(found.low):
        return
    positions, values = zigzag(found)
    x = (positions / rate - view.start) / view.seconds * pane.width
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 0))
    y = _heights(shape, rect)(values)
    dense = painter.device().devicePixelRatio() > 1.5
    for offset in (-0.25, 0.25) if dense else (0.0,):  # two hairlines are drawn many times faster than a wide line
        painter.drawPolyline(polygon(x, y + offset))
    painter.restore()


def draw_keys(painter: QPainter, y: float, times: np.ndarray, pane: Pane) -> None:
    """Diamonds at these times, or a line where they are too many to tell apart."""
    seen = times[(times >= pane.view.start) & (times <= pane.view.end)]
    if not len(seen):
        return
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(pane.palette.text))
    x = np.unique(np.round((seen - pane.view.start) / pane.view.seconds * pane.width))
    crowded = len(x) > pane.width / 12
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not crowded)
    for at in x:
        if crowded:
            painter.drawRect(QRectF(float(at), y - 1, 1, 2))
        else:
            diamond(painter, float(at), y, 3.2)
    painter.restore()


class _Heights(Protocol):
    def __call__(self, shares: np.ndarray) -> np.ndarray: ...


def _heights(shape: CurveShape, rect: QRectF) -> _Heights:
    lowest, top, height = _lowest(shape), rect.top() + 3, rect.height() - 6
    return lambda shares: top + (1 - np.asarray(shares, np.float64)) / (1 - lowest) * height


def _lowest(shape: CurveShape) -> float:
    channel = shape.channel
    return (channel.low - channel.neutral) / (channel.high - channel.neutral)


def _across(span: TimeRange, rect: QRectF, pane: Pane) -> QRectF:
    right = pane.width if span.end == math.inf else pane.x(span.end)
    return QRectF(pane.x(span.start), rect.top(), max(right - pane.x(span.start), 1), rect.height())


def _block(painter: QPainter, rect: QRectF, colour: str, palette: Palette, selected: bool) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(palette.raised))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(rect, 4, 4)
    painter.setBrush(tinted(colour, 0.22))
    painter.setPen(QPen(QColor(palette.accent), 1.5) if selected else QPen(tinted(colour, 0.7), 1))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.restore()


class _Shape:
    """Just enough of a clip for `envelope`."""

    def __init__(self, clip: ClipItem, end: float) -> None:
        self.span, self.fade_in, self.fade_out = clip.span, clip.fade_in, clip.fade_out
        if clip.span.end == math.inf and end > clip.span.start:
            self.span = TimeRange(clip.span.start, Fraction(end).limit_denominator(1000))


def _draw_envelope(painter: QPainter, rect: QRectF, clip: ClipItem, colour: str, pane: Pane) -> None:
    """How strongly the clip acts, as a hill with a line on top: the line is dragged for strength."""
    shape: Faded = _Shape(clip, pane.view.duration)
    x = np.linspace(rect.left() + 1, rect.right() - 1, max(int(min(rect.width(), pane.width) / 3), 8))
    times = np.clip(pane.view.start + x / pane.width * pane.view.seconds, float(shape.span.start), None)
    height = (rect.height() - 3) * (clip.level or 0.0)
    y = rect.bottom() - 1.5 - (clip.acts(times) if clip.acts else envelope(shape, times)) * height
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    hill = polygon(np.concatenate([x, x[[-1, 0]]]), np.concatenate([y, [rect.bottom() - 1] * 2]))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tinted(colour, 0.35))
    painter.drawPolygon(hill)
    painter.setPen(QPen(tinted(colour, 0.95), 1.2))
    painter.drawPolyline(polygon(x, y))
    painter.restore()


def _label(painter: QPainter, rect: QRectF, text: str, pane: Pane) -> None:
    inner = rect.adjusted(7, 2, -7, 0)
    inner.setLeft(max(inner.left(), 7.0))  # the name stays in sight while its clip is scrolled out to the left
    if inner.width() > 12 and text:
        painter.setFont(pane.font)
        painter.setPen(QColor(pane.palette.text))
        elided(painter, inner, text, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)


def _hint(painter: QPainter, rect: QRectF, pane: Pane, text: str) -> None:
    painter.setFont(pane.font)
    painter.setPen(QColor(pane.palette.muted))
    elided(painter, rect.adjusted(12, 0, -12, 0), text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
