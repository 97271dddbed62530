"""A picture to look at closely: fit, 100 %, zoom about the pointer, pan, a wipe against another picture, and layers.

Positions are in the picture's own pixels, wherever it is shown and however large.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.theme import SPACE, Palette
from desktop.widgets.painting import small_font, tinted

CLOSEST, FARTHEST = 32.0, 0.02  # screen pixels a picture pixel
CRISP = 3.0  # from this zoom on pixels are drawn as squares
GRIP = 7.0  # pixels: how near to the wipe's line the mouse has it


class Layer(Protocol):
    """Something drawn over the picture that may take the mouse first."""

    def paint(self, painter: QPainter, to_screen: QTransform) -> None:
        """Draw; the painter works in screen pixels."""

    def press(self, at: QPointF, to_screen: QTransform) -> bool:
        """The mouse is pressed at a screen position; whether the layer takes this drag."""

    def move(self, at: QPointF, to_screen: QTransform, dragging: bool) -> bool:
        """The mouse has moved; whether something is under it that can be dragged."""

    def release(self) -> None:
        """The drag that the layer took is over."""


class ImageView(QWidget):
    """Shows HxWx3 uint8 RGB arrays. `zoom` is None while the picture is kept fitted to the widget."""

    zoom_changed = Signal(object)  # float, screen pixels a pixel of the full picture, or None for fit
    resized = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self.layers: list[Layer] = []
        self.zoom: float | None = None
        self.wipe: float | None = None  # share of the width that shows the other picture; None: no comparison
        self.badge = ""  # a few words at the lower left: what is being waited for
        self._labels = ("", "")
        self._image: QPixmap | None = None
        self._other: QPixmap | None = None
        self._other_rgb: np.ndarray | None = None
        self._full = QSize(1, 1)  # the picture's size when finished; what is shown may be smaller
        self._middle = QPointF(0.5, 0.5)  # what part of the picture is in the widget's middle
        self._pan_from: QPointF | None = None
        self._taken: Layer | str | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMinimumSize(160, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Preview picture")

    # --- what is shown

    def set_image(self, rgb: np.ndarray | None, full: tuple[int, int] | None = None) -> None:
        """Show a picture; `full` is the (width, height) it has when finished, if that is another."""
        self._image = None if rgb is None else pixmap_of(rgb)
        if rgb is not None:
            height, width = rgb.shape[:2]
            self._full = QSize(*(full or (width, height)))
        self.update()

    def set_other(self, rgb: np.ndarray | None, labels: tuple[str, str] = ("", "")) -> None:
        """The picture to compare with, and what both are called: (other, own)."""
        if rgb is not self._other_rgb:
            self._other_rgb, self._other = rgb, None if rgb is None else pixmap_of(rgb)
        self._labels = labels
        self.wipe = None if rgb is None else 0.5 if self.wipe is None else self.wipe
        self.update()

    def set_badge(self, text: str) -> None:
        """Say what is being waited for; "" for nothing."""
        if text != self.badge:
            self.badge = text
            self.update()

    def set_zoom(self, zoom: float | None, about: QPointF | None = None) -> None:
        """Show the picture this large (None: fitted); the screen position `about` keeps its place."""
        if zoom is None:
            self._middle = QPointF(0.5, 0.5)
        else:
            zoom = min(max(zoom, FARTHEST), CLOSEST)
            if about is not None:
                box = self._box()
                share = QPointF((about.x() - box.x()) / box.width(), (about.y() - box.y()) / box.height())
                self.zoom = zoom
                away = about - QPointF(self.width() / 2, self.height() / 2)
                size = self._size()
                self._middle = share - QPointF(away.x() / size.width(), away.y() / size.height())
        self.zoom = zoom
        self.update()
        self.zoom_changed.emit(zoom)

    @property
    def scale(self) -> float:
        """Screen pixels (of the device) a pixel of the full picture, as it is shown now."""
        return self._size().width() / self._full.width() * self.devicePixelRatioF()

    def to_screen(self) -> QTransform:
        """From pixels of the picture as given to `set_image` to the widget."""
        box = self._box()
        shown = self._image.size() if self._image else self._full
        return QTransform.fromTranslate(box.x(), box.y()).scale(
            box.width() / shown.width(), box.height() / shown.height()
        )

    # --- events

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.background))
        if self._image is None:
            self._paint_badge(painter)
            return
        box = self._box()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.scale < CRISP)
        painter.drawPixmap(box, self._image, QRectF(self._image.rect()))
        if self._other and self.wipe is not None:
            self._paint_wipe(painter, box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        to_screen = self.to_screen()
        for layer in self.layers:
            layer.paint(painter, to_screen)
        self._paint_badge(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.resized.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Wheel: zoom about the pointer. Fingers on a pad: pan."""
        if not event.pixelDelta().isNull() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._pan(QPointF(event.pixelDelta()))
        elif event.angleDelta().y():
            current = self.scale if self.zoom is None else self.zoom
            self.set_zoom(current * 1.2 ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if event.button() == Qt.MouseButton.LeftButton and self._image:
            transform = self.to_screen()
            if self.wipe is not None and abs(at.x() - self._wipe_x()) < GRIP:
                self._taken = "wipe"
                return
            for layer in reversed(self.layers):
                if layer.press(at, transform):
                    self._taken = layer
                    return
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._taken, self._pan_from = "pan", at

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at, taken = event.position(), self._taken
        if taken == "wipe":
            box = self._box()
            self.wipe = min(max((at.x() - box.x()) / box.width(), 0.0), 1.0)
            self.update()
        elif taken == "pan" and self._pan_from is not None:
            self._pan(at - self._pan_from)
            self._pan_from = at
        elif taken and not isinstance(taken, str):
            taken.move(at, self.to_screen(), True)
            self.update()
        else:
            self._hover(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        taken, self._taken = self._taken, None
        if taken and not isinstance(taken, str):
            taken.release()
        self._hover(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Between fit and 100 %."""
        self.set_zoom(1.0 if self.zoom is None else None, event.position())

    # --- inside

    def _size(self) -> QSize:
        """How large the whole picture is in widget pixels."""
        full, room = self._full, self.size()
        if self.zoom is None:
            factor = min((room.width() - 2 * SPACE) / full.width(), (room.height() - 2 * SPACE) / full.height())
        else:
            factor = self.zoom / self.devicePixelRatioF()
        return QSize(max(round(full.width() * factor), 1), max(round(full.height() * factor), 1))

    def _box(self) -> QRectF:
        """Where the whole picture lies in the widget."""
        size = self._size()
        x = self.width() / 2 - self._middle.x() * size.width()
        y = self.height() / 2 - self._middle.y() * size.height()
        return QRectF(round(x), round(y), size.width(), size.height())

    def _pan(self, by: QPointF) -> None:
        if self.zoom is None:
            return
        size = self._size()
        moved = self._middle - QPointF(by.x() / size.width(), by.y() / size.height())
        self._middle = QPointF(min(max(moved.x(), 0.0), 1.0), min(max(moved.y(), 0.0), 1.0))
        self.update()

    def _hover(self, at: QPointF) -> None:
        shape = Qt.CursorShape.ArrowCursor
        if self._image:
            transform = self.to_screen()
            over = [layer.move(at, transform, False) for layer in self.layers]
            if self.wipe is not None and abs(at.x() - self._wipe_x()) < GRIP:
                shape = Qt.CursorShape.SplitHCursor
            elif any(over):
                shape = Qt.CursorShape.OpenHandCursor
            if self.layers:
                self.update()
        self.setCursor(shape)

    def _wipe_x(self) -> float:
        box = self._box()
        return box.x() + (self.wipe or 0.0) * box.width()

    def _paint_wipe(self, painter: QPainter, box: QRectF) -> None:
        assert self._other
        x = self._wipe_x()
        painter.save()
        painter.setClipRect(QRectF(box.x(), box.y(), x - box.x(), box.height()))
        painter.drawPixmap(box, self._other, QRectF(self._other.rect()))
        painter.restore()
        painter.setPen(QPen(tinted("#ffffff", 0.9), 1.5))
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        painter.setFont(small_font(self))
        inner = box.intersected(QRectF(self.rect())).adjusted(SPACE, SPACE, -SPACE, -SPACE)
        other, own = self._labels
        self._paint_pill(painter, QPointF(inner.left(), inner.top()), other, left=True)
        self._paint_pill(painter, QPointF(inner.right(), inner.top()), own, left=False)

    def _paint_badge(self, painter: QPainter) -> None:
        if self.badge:
            painter.setFont(small_font(self))
            top = self.height() - SPACE * 2 - painter.fontMetrics().height()
            self._paint_pill(painter, QPointF(SPACE * 1.5, top - SPACE / 2), self.badge, left=True)

    def _paint_pill(self, painter: QPainter, corner: QPointF, text: str, left: bool) -> None:
        if not text:
            return
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(text) + SPACE * 2, metrics.height() + SPACE / 2
        pill = QRectF(corner.x() if left else corner.x() - width, corner.y(), width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tinted("#000000", 0.55))
        painter.drawRoundedRect(pill, height / 2, height / 2)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)


def pixmap_of(rgb: np.ndarray) -> QPixmap:
    """A pixmap of its own of an HxWx3 uint8 RGB array."""
    rgb = np.ascontiguousarray(rgb)
    height, width = rgb.shape[:2]
    return QPixmap.fromImage(QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888))
