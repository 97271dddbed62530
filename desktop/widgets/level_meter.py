"""How loud it is: a bar for the loudness, a line for the highest peak of the last moments, red where it clips."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.theme import SPACE, Palette

FLOOR, HOT, CLIPS = -60.0, -9.0, -0.3  # dB of full scale: left end; from here on rather loud; peaks are cut off
FALL = 30.0  # dB a second
HOLD_MS = 1500
TICK_MS = 40


class LevelMeter(QWidget):
    """Feed it with `hear`; without news it falls to silence."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self.loudness = self.peak = FLOOR  # dB
        self.clipped = False
        self._held = 0
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._fall)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Microphone level")

    def sizeHint(self) -> QSize:
        return QSize(160, SPACE + SPACE // 2)

    def hear(self, peak: float, power: float) -> None:
        """Peak and root mean square of what was just heard, 0..1."""
        self.loudness = max(self.loudness, _decibels(power))
        if _decibels(peak) >= self.peak:
            self.peak, self._held = _decibels(peak), 0
        self.clipped = self.clipped or self.peak >= CLIPS
        self.setToolTip(f"Peak {self.peak:.0f} dB" + (": too loud, peaks are cut off" if self.clipped else ""))
        if not self._timer.isActive():
            self._timer.start()
        self.update()

    def reset(self) -> None:
        """Silence, and nothing clipped."""
        self.loudness = self.peak = FLOOR
        self.clipped = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette = QPainter(self), self._palette
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0, SPACE / 4, 0, -SPACE / 4)
        painter.setClipRect(box)
        painter.fillRect(box, QColor(palette.raised))
        for low, high, colour in ((FLOOR, HOT, palette.good), (HOT, 0.0, palette.warning)):
            if self.loudness > low:
                left, right = self._x(low, box), self._x(min(self.loudness, high), box)
                painter.fillRect(QRectF(left, box.top(), right - left, box.height()), QColor(colour))
        if self.peak > FLOOR:
            colour = palette.error if self.peak >= CLIPS else palette.text
            painter.fillRect(QRectF(self._x(self.peak, box) - 2, box.top(), 2, box.height()), QColor(colour))
        if self.clipped:
            painter.fillRect(QRectF(box.right() - SPACE / 2, box.top(), SPACE / 2, box.height()), QColor(palette.error))

    def _x(self, decibels: float, box: QRectF) -> float:
        return box.left() + (min(max(decibels, FLOOR), 0.0) - FLOOR) / -FLOOR * box.width()

    def _fall(self) -> None:
        step = FALL * TICK_MS / 1000
        self.loudness = max(self.loudness - step, FLOOR)
        self._held += TICK_MS
        if self._held > HOLD_MS:
            self.peak = max(self.peak - step, FLOOR)
        if self.peak == self.loudness == FLOOR:
            self._timer.stop()
        self.update()


def _decibels(level: float) -> float:
    return max(20 * math.log10(level), FLOOR) if level > 0 else FLOOR
