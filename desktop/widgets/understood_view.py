"""What a prompt was understood as: words it is close to, and how far it moves which channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.theme import Palette
from desktop.widgets.painting import channel_colour, elided, small_font, tinted
from desktop.widgets.words import readable
from engine.project.channels import BY_NAME

MOST = 6  # channels shown
_ROW, _BAR = 18, 5  # pixels


class UnderstoodView(QWidget):
    """Bars for the channels that move most; pairs of left and right that agree share one."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self.bars: list[tuple[str, str, float]] = []  # label, channel for the colour, share of its range
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("What the prompt moves")

    def sizeHint(self) -> QSize:
        return QSize(200, max(len(self.bars), 1) * _ROW + 4)

    def show_channels(self, channels: Mapping[str, float], strength: float = 1.0) -> None:
        """Show these offsets from neutral, times `strength`."""
        self.bars = bars(channels, strength)[:MOST]
        spoken = ", ".join(f"{label} {share:.0%}" for label, _, share in self.bars)
        self.setAccessibleDescription(spoken or "nothing")
        self.updateGeometry()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(small_font(self))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        name_width = self.width() * 0.5
        room = self.width() - name_width - 8
        for i, (label, channel, share) in enumerate(self.bars):
            top = 2.0 + i * _ROW
            painter.setPen(QColor(self._palette.muted))
            elided(painter, QRectF(0, top, name_width, _ROW), label, Qt.AlignmentFlag.AlignVCenter)
            painter.setPen(Qt.PenStyle.NoPen)
            track = QRectF(name_width + 8, top + (_ROW - _BAR) / 2, room, _BAR)
            painter.setBrush(tinted(self._palette.text, 0.08))
            painter.drawRoundedRect(track, 2.5, 2.5)
            painter.setBrush(QColor(channel_colour(self._palette, channel)))
            track.setWidth(max(room * min(abs(share), 1.0), _BAR))
            painter.drawRoundedRect(track, 2.5, 2.5)


def bars(channels: Mapping[str, float], strength: float) -> list[tuple[str, str, float]]:
    """Label, channel and share of the range for each bar, the largest first."""
    found: list[tuple[str, str, float]] = []
    for name, offset in channels.items():
        channel = BY_NAME[name]
        share = offset * strength / (channel.high - channel.neutral)
        partner = channel.partner
        if partner and partner in channels and abs(channels[partner] - offset) < 0.02:
            if name.endswith("Right"):
                continue
            found.append((readable(name.removesuffix("Left")), name, share))
        else:
            found.append((readable(name), name, share))
    return sorted(found, key=lambda bar: -abs(bar[2]))


def nearest_text(nearest: Sequence[tuple[str, float]], confidence: float) -> str:
    """The words a prompt is close to, in one line."""
    words = ", ".join(word for word, likeness in nearest[:3] if likeness > 0)
    sure = "Understood as" if confidence >= 0.6 else "Probably" if confidence >= 0.3 else "Perhaps"
    return f"{sure}: {words}" if words else ""
