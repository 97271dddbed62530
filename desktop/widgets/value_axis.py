"""The value axis of a plot of shares, lettered in the units of one channel."""

from __future__ import annotations

from math import ceil, log10

import pyqtgraph
from PySide6.QtGui import QPen

from desktop.theme import Palette
from engine.project.channels import Channel

WIDTH = 48


class ValueAxis(pyqtgraph.AxisItem):
    """Figures at the left; without a channel they are shares."""

    def __init__(self, palette: Palette) -> None:
        super().__init__("left", maxTickLength=-4)
        self._palette = palette
        self._neutral = 0.0
        self._degrees = False
        self.setWidth(WIDTH)
        self.setStyle(tickTextOffset=6, autoExpandTextSpace=False)

    def set_channel(self, channel: Channel | None) -> None:
        """Letter in this channel's unit."""
        self._neutral = channel.neutral if channel else 0.0
        self._degrees = bool(channel and channel.unit == "degrees")
        self.setScale(channel.high - channel.neutral if channel else 1.0)
        self.picture = None
        self.update()

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Names of the ticks at these shares."""
        places = max(0, ceil(-log10(spacing * scale) - 1e-9))
        shown = (round(value * scale + self._neutral, places) + 0.0 for value in values)
        return [f"{value:.{places}f}{'°' if self._degrees else ''}" for value in shown]

    def pen(self) -> QPen:
        """The line and its ticks."""
        return pyqtgraph.mkPen(self._palette.line)

    def textPen(self) -> QPen:
        """The figures."""
        return pyqtgraph.mkPen(self._palette.muted)
