"""The portrait, small: its faces to choose among and the mesh on the chosen one, or an invitation to drop a picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.theme import SPACE, Palette, icon

LONGEST = 1024  # px kept of a picture: no panel shows more
ROUND = 6.0


class PortraitView(QWidget):
    """Emits `picked` with a face's index, and `wanted` when the empty view is clicked."""

    picked = Signal(int)
    wanted = Signal()

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self._pixmap: QPixmap | None = None
        self._small: QPixmap | None = None  # the picture at the size it was last painted at
        self._size = QSize(1, 1)  # of the picture itself
        self._faces: list[np.ndarray] = []
        self._chosen: int | None = None
        self._edges: list[tuple[int, int]] = []
        self.mesh = False
        self.setAccessibleName("Portrait")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def show_picture(self, rgb: np.ndarray) -> None:
        """Show a picture [H, W, 3] uint8, faces unknown as yet."""
        height, width = rgb.shape[:2]
        image = QImage(np.ascontiguousarray(rgb).data, width, height, width * 3, QImage.Format.Format_RGB888)
        self._size, self._small = image.size(), None
        self._pixmap = QPixmap.fromImage(
            image.scaled(
                image.size().boundedTo(QSize(LONGEST, LONGEST)),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
        self.show_faces([], None, np.empty((0, 3), int))

    def show_faces(self, faces: list[np.ndarray], chosen: int | None, triangles: np.ndarray) -> None:
        """Mark faces, landmarks [478, 3] px each; the mesh of `triangles` [F, 3] lies on the chosen one."""
        self._faces, self._chosen = faces, chosen
        pairs = np.concatenate([triangles[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])
        self._edges = [(int(a), int(b)) for a, b in np.unique(np.sort(pairs, axis=1), axis=0)]
        self.update()

    def show_mesh(self, shown: bool) -> None:
        """Draw the mesh or not."""
        self.mesh = shown
        self.update()

    def clear(self) -> None:
        """No portrait."""
        self._pixmap = None
        self._faces = []
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, 72)  # of height it takes what is left over

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 64)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the face under the pointer; ask for a picture if there is none."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._pixmap is None:
            self.wanted.emit()
        elif (face := self._face_at(event.position())) is not None:
            self.picked.emit(face)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        choosable = self._pixmap is None or (len(self._faces) > 1 and self._face_at(event.position()) is not None)
        self.setCursor(Qt.CursorShape.PointingHandCursor if choosable else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go through the faces; Enter asks for a picture if there is none."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if self._pixmap is None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.wanted.emit()
        elif step and self._faces:
            self.picked.emit(((self._chosen or 0) + step) % len(self._faces))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._pixmap is None:
            self._paint_invitation(painter)
            return
        place = self._place()
        shape = QPainterPath()
        shape.addRoundedRect(place, ROUND, ROUND)
        painter.setClipPath(shape)
        painter.drawPixmap(place.toRect(), self._scaled(place.toRect().size()))
        if self.mesh and self._chosen is not None and self._chosen < len(self._faces):
            self._paint_mesh(painter, self._faces[self._chosen])
        if len(self._faces) > 1:
            for index, face in enumerate(self._faces):
                self._paint_box(painter, index, self._box(face))
        painter.setClipping(False)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._palette.accent), 1.5))
            painter.drawRoundedRect(place, ROUND, ROUND)

    def _scaled(self, size: QSize) -> QPixmap:
        """The picture at this size, smooth; kept, since painting is frequent and scaling is not free."""
        assert self._pixmap
        wanted = size * self.devicePixelRatioF()
        if self._small is None or self._small.size() != wanted:
            self._small = self._pixmap.scaled(
                wanted, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            self._small.setDevicePixelRatio(self.devicePixelRatioF())
        return self._small

    def _paint_invitation(self, painter: QPainter) -> None:
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        colour = self._palette.accent if self.hasFocus() else self._palette.line
        painter.setPen(QPen(QColor(colour), 1.5, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(box, ROUND, ROUND)
        middle = self.rect().center()
        symbol = self.rect().adjusted(0, 0, 0, 0)
        symbol.setSize(QSize(36, 36))
        symbol.moveCenter(middle)
        symbol.translate(0, -SPACE * 3)
        icon("portrait", self._palette, self._palette.muted).paint(painter, symbol)
        painter.setPen(QColor(self._palette.muted))
        text = self.rect().adjusted(SPACE, middle.y() - self.rect().top() + SPACE // 2, -SPACE, 0)
        painter.drawText(
            text,
            Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap,
            "Drop a picture here,\nor click to choose one",
        )

    def _paint_mesh(self, painter: QPainter, face: np.ndarray) -> None:
        colour = QColor(self._palette.accent)
        colour.setAlphaF(min(0.55, self._box(face).width() / 400))  # a small face stays visible
        painter.setPen(QPen(colour, 0.7))
        points = [self._to_view(x, y) for x, y in face[:, :2]]
        for a, b in self._edges:
            painter.drawLine(points[a], points[b])

    def _paint_box(self, painter: QPainter, index: int, box: QRectF) -> None:
        chosen = index == (self._chosen or 0)
        colour = QColor(self._palette.accent if chosen else "#ffffff")
        colour.setAlphaF(1.0 if chosen else 0.7)
        painter.setPen(QPen(colour, 2.0 if chosen else 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 4, 4)

    def _place(self) -> QRectF:
        """Where the picture lies: as large as fits, centred."""
        width, height = self._size.width(), self._size.height()
        scale = min(self.width() / width, self.height() / height)
        return QRectF(
            (self.width() - width * scale) / 2, (self.height() - height * scale) / 2, width * scale, height * scale
        )

    def _to_view(self, x: float, y: float) -> QPointF:
        place = self._place()
        scale = place.width() / self._size.width()
        return QPointF(place.left() + x * scale, place.top() + y * scale)

    def _box(self, face: np.ndarray) -> QRectF:
        (left, top), (right, bottom) = face[:, :2].min(axis=0), face[:, :2].max(axis=0)
        margin = 0.08 * (right - left)
        return QRectF(self._to_view(left - margin, top - margin), self._to_view(right + margin, bottom + margin))

    def _face_at(self, position: QPointF) -> int | None:
        hit = [i for i, face in enumerate(self._faces) if self._box(face).contains(position)]
        return min(hit, key=lambda i: self._box(self._faces[i]).width()) if hit else None
