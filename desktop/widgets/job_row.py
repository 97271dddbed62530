"""One job as a row: a small live picture, its name, how far it is, and a button to stop it or to put it away."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.theme import SPACE, Palette, icon
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.image_view import pixmap_of

THUMB = 48  # pixels


class Thumbnail(QWidget):
    """A square of a picture, or an icon until there is one."""

    def __init__(self, palette: Palette, symbol: str) -> None:
        super().__init__()
        self._palette, self._symbol = palette, symbol
        self._picture: QPixmap | None = None
        self.setFixedSize(QSize(THUMB, THUMB))

    def show_picture(self, rgb: np.ndarray) -> None:
        """Show an HxWx3 uint8 RGB picture, made small at once."""
        step = max(min(rgb.shape[:2]) // (THUMB * 4), 1)
        small = pixmap_of(rgb[::step, ::step])
        side = round(THUMB * self.devicePixelRatioF())
        grow, smooth = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
        self._picture = small.scaled(side, side, grow, smooth)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), SPACE / 2, SPACE / 2)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), QColor(self._palette.raised))
        if self._picture:
            side = min(self._picture.width(), self._picture.height())
            left, top = (self._picture.width() - side) / 2, (self._picture.height() - side) / 3
            painter.drawPixmap(QRectF(self.rect()), self._picture, QRectF(left, top, side, side))
        else:
            inner = self.rect().adjusted(SPACE * 2, SPACE * 2, -SPACE * 2, -SPACE * 2)
            icon(self._symbol, self._palette, self._palette.muted).paint(painter, inner)


class JobRow(QWidget):
    """Say how it goes with `show_progress` and, at last, `show_end`."""

    stop_wanted = Signal()
    put_away = Signal()

    def __init__(self, palette: Palette, name: str, symbol: str = "film") -> None:
        super().__init__()
        self._palette, self.name = palette, name
        self.over = False
        self.thumbnail = Thumbnail(palette, symbol)
        self._name, self._words, self._bar, self._close = ElidedLabel(name), QLabel(), QProgressBar(), QToolButton()
        self._name.setProperty("role", "heading")
        self._words.setProperty("role", "muted")
        self._words.setWordWrap(True)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(f"Progress of {name}")
        self._close.setAutoRaise(True)
        self._close.clicked.connect(lambda: (self.put_away if self.over else self.stop_wanted).emit())
        self._links = QHBoxLayout()
        self._links.setSpacing(SPACE)
        middle = QVBoxLayout()
        middle.setSpacing(SPACE // 2)
        middle.addWidget(self._name)
        middle.addWidget(self._words)
        middle.addWidget(self._bar)
        middle.addLayout(self._links)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE * 3 // 2, SPACE, SPACE, SPACE)
        row.setSpacing(SPACE * 3 // 2)
        row.addWidget(self.thumbnail, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(middle, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self.show_progress("Waiting", 0, 1)
        self._redraw()

    @property
    def words(self) -> str:
        """What it says about the job."""
        return self._words.text()

    def show_progress(self, words: str, done: int, total: int) -> None:
        """`done` of `total`; a total of 0 means nobody knows."""
        self._words.setText(words)
        self._bar.setMaximum(total)
        self._bar.setValue(done)

    def show_end(self, words: str, bad: bool = False, links: tuple[tuple[str, object], ...] = ()) -> None:
        """How it ended, with buttons (text, what to call)."""
        self.over = True
        self._words.setText(words)
        self._words.setProperty("role", "error" if bad else "muted")
        self._words.style().polish(self._words)
        self._bar.hide()
        for text, call in links:
            button = QPushButton(text)
            button.setProperty("flat", True)
            button.clicked.connect(call)
            self._links.addWidget(button)
        self._links.addStretch(1)
        self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._redraw()
        super().changeEvent(event)

    def _redraw(self) -> None:
        tip = "Remove from the list" if self.over else "Cancel this job"
        self._close.setToolTip(tip)
        self._close.setAccessibleName(f"{tip}: {self.name}")
        self._close.setIcon(icon("close", self._palette, self._palette.muted))
