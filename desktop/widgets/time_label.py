"""Where the playhead is, in figures."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from desktop.theme import Palette
from engine.project.timing import DEFAULT_RATE, seconds_to_frame, timecode


class TimeLabel(QLabel):
    """Timecode, or with a click frames, and back."""

    toggled = Signal(bool)  # whether frames are counted

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._frames = False
        self._time, self._rate = Fraction(0), DEFAULT_RATE
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self.font().pointSizeF() * 1.2)
        font.setWeight(QFont.Weight.DemiBold)
        self._figures = font
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Click to change between timecode and frames")
        self._update()

    def show_time(self, time: Fraction, rate: Fraction) -> None:
        """Show this time."""
        self._time, self._rate = time, rate
        self._update()

    def _update(self) -> None:
        frame = seconds_to_frame(self._time, self._rate)
        text = f"{frame}" if self._frames else timecode(frame, self._rate)
        self.setText(text)
        self.setAccessibleName(f"Playhead at {'frame ' if self._frames else ''}{text}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._figures)
        painter.setPen(self._palette.accent)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self._frames = not self._frames
        self._update()
        self.toggled.emit(self._frames)
