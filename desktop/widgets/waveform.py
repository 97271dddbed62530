"""Sound as it is drawn: extremes of the whole, and the samples themselves where one looks closely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from desktop.widgets.painting import tinted
from desktop.widgets.peaks import Peaks, zigzag
from desktop.widgets.polyline import polygon

BIN = 256  # samples an entry of the overview stands for


@dataclass(frozen=True, eq=False)
class Detail:
    """The very samples of a stretch that begins at `start` seconds of the recording."""

    start: float
    rate: int
    samples: Peaks

    @property
    def end(self) -> float:
        """Seconds of the recording."""
        return self.start + len(self.samples.samples) / self.rate


@dataclass(frozen=True, eq=False)
class Waveform:
    """A recording of `seconds` s: `bins` are extremes of BIN samples each, -1..1, at `rate` samples a second."""

    rate: int
    bins: Peaks
    detail: Detail | None = None

    @property
    def seconds(self) -> float:
        """The length, to the last whole bin."""
        return len(self.bins.samples) * BIN / self.rate

    def needs_detail(self, start: float, end: float, width: float) -> bool:
        """Whether this stretch is shown so large that extremes are too coarse and the samples are not at hand."""
        coarse = (end - start) * self.rate / BIN < width / 2
        known = self.detail and self.detail.start <= max(start, 0) and min(end, self.seconds) <= self.detail.end
        return coarse and not known


def draw_waveform(
    painter: QPainter, rect: QRectF, wave: Waveform, start: float, end: float, colour: str, gain: float = 1.0
) -> None:
    """Draw seconds `start` to `end` of the recording across `rect`; beyond its ends nothing."""
    detail = wave.detail
    if detail and (end - start) * wave.rate / BIN < rect.width() / 2 and detail.start < end and start < detail.end:
        rate, offset, peaks = float(detail.rate), detail.start, detail.samples
    else:
        rate, offset, peaks = wave.rate / BIN, 0.5 * BIN / wave.rate, wave.bins
    found = peaks.between((start - offset) * rate, (end - offset) * rate, int(rect.width()))
    if not len(found.low):
        return
    middle, half = rect.center().y(), rect.height() / 2 - 1
    scale = rect.width() / (end - start)

    def x_of(position: np.ndarray) -> np.ndarray:
        x: np.ndarray = rect.left() + (position / rate + offset - start) * scale
        return x

    def y_of(value: np.ndarray) -> np.ndarray:
        y: np.ndarray = middle - np.clip(value * gain, -1, 1) * half
        return y

    painter.save()
    painter.setClipRect(rect)
    if peaks is wave.bins or found.step > 1:
        x = x_of(found.first + (np.arange(len(found.low)) + 0.5) * found.step - 0.5)
        outline = polygon(np.append(x, x[::-1]), np.append(y_of(found.high) - 0.5, y_of(found.low[::-1]) + 0.5))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tinted(colour, 0.85))
        painter.drawPolygon(outline)
    else:
        _draw_samples(painter, polygon(x_of(zigzag(found)[0]), y_of(found.low)), colour)
    painter.restore()


def _draw_samples(painter: QPainter, line: QPolygonF, colour: str) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colour), 1))
    painter.drawPolyline(line)
    if line.count() < painter.clipBoundingRect().width() / 6:
        painter.setPen(QPen(QColor(colour), 4, c=Qt.PenCapStyle.RoundCap))
        painter.drawPoints(line)
