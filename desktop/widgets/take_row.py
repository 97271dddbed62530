"""One take to choose: its name, its facts and a small drawing of how it moves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop.theme import SPACE, Palette
from desktop.widgets.painting import small_font, tinted
from desktop.widgets.polyline import polygon

POINTS = 160  # of a drawn line


class TakeRow(QAbstractButton):
    """`lines` are (colour, values) with values in 0..1 over the take's length; `isChecked` while it is the one used."""

    def __init__(
        self,
        palette: Palette,
        title: str,
        facts: str,
        lines: Sequence[tuple[str, np.ndarray]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._palette, self._title, self._facts = palette, title, facts
        self._lines = [(colour, _few(values)) for colour, values in lines]
        self.setCheckable(True)
        self.setAutoExclusive(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{title}, {facts}")
        self.setToolTip("Perform this take; what is locked stays")

    def sizeHint(self) -> QSize:
        return QSize(220, QFontMetrics(self.font()).height() * 2 + SPACE * 2)

    def nextCheckState(self) -> None:
        """Whether it is checked is for the project to say, not for the click."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette = QPainter(self), self._palette
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(SPACE / 2, 1.5, -SPACE / 2, -1.5)
        lit = self.underMouse() or self.hasFocus()
        painter.setPen(QColor(palette.accent) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(
            tinted(palette.accent, 0.16) if self.isChecked() else QColor(palette.hover if lit else palette.surface)
        )
        painter.drawRoundedRect(box, SPACE / 2, SPACE / 2)
        words = box.adjusted(SPACE, SPACE / 2, 0, -SPACE / 2)
        words.setWidth(max(box.width() * 0.42, 96))
        upper, lower = QRectF(words), QRectF(words)
        upper.setHeight(words.height() / 2)
        lower.setTop(upper.bottom())
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(palette.accent if self.isChecked() else palette.text))
        painter.drawText(upper, left, self._title)
        painter.setPen(QColor(palette.muted))
        painter.setFont(small_font(self))
        painter.drawText(lower, left, self._facts)
        self._paint_lines(painter, box.adjusted(words.width() + SPACE * 2, SPACE, -SPACE, -SPACE))

    def _paint_lines(self, painter: QPainter, room: QRectF) -> None:
        if room.width() < 24:
            return
        for colour, values in self._lines:
            x = room.left() + np.linspace(0, room.width(), len(values))
            painter.setPen(QPen(tinted(colour, 0.9), 1.2))
            painter.drawPolyline(polygon(x, room.bottom() - np.clip(values, 0, 1) * room.height()))


def _few(values: np.ndarray) -> np.ndarray:
    """At most POINTS values, each the mean of its stretch."""
    parts = np.array_split(np.asarray(values, np.float64), min(POINTS, len(values)) or 1)
    return np.array([part.mean() for part in parts if len(part)])
