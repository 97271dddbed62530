"""Where times and values lie on a plot of curves."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from PySide6.QtCore import QPointF


@dataclass(frozen=True)
class PlotArea:
    """`width` x `height` pixels show seconds `start` to `end` and shares (see `curve_shapes.share`) `low` to `high`."""

    width: float
    height: float
    start: float
    end: float
    low: float
    high: float

    def x(self, seconds: float | Fraction) -> float:
        """Pixels from the left."""
        return (float(seconds) - self.start) / (self.end - self.start) * self.width

    def y(self, share: float) -> float:
        """Pixels from the top."""
        return (self.high - share) / (self.high - self.low) * self.height

    def point(self, seconds: float | Fraction, share: float) -> QPointF:
        """Both."""
        return QPointF(self.x(seconds), self.y(share))

    def xs(self, seconds: np.ndarray) -> np.ndarray:
        """Pixels from the left, float64, same shape."""
        return (seconds - self.start) * (self.width / (self.end - self.start))

    def ys(self, shares: np.ndarray) -> np.ndarray:
        """Pixels from the top, float64, same shape."""
        return (self.high - np.asarray(shares, np.float64)) * (self.height / (self.high - self.low))

    def seconds_at(self, x: float) -> float:
        """The time at this pixel."""
        return self.start + x / self.width * (self.end - self.start)

    def share_at(self, y: float) -> float:
        """The share at this pixel."""
        return self.high - y / self.height * (self.high - self.low)
