"""A wide button with an icon, a title and a line beneath, for pages that offer ways on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFocusEvent, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from desktop.theme import SPACE, Palette, icon

ROUND = 6.0


class CardButton(QAbstractButton):
    """Title over a muted line; `hint` (a shortcut, a date) stands at the right."""

    def __init__(self, palette: Palette, title: str, line: str, symbol: str, hint: str = "") -> None:
        super().__init__()
        self._palette, self._title, self._line, self._symbol, self._hint = palette, title, line, symbol, hint
        self._ring = False
        self.setAccessibleName(title)
        self.setAccessibleDescription(line)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_hint(self, hint: str) -> None:
        """Another text at the right."""
        self._hint = hint
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, QFontMetrics(self.font()).height() * 2 + SPACE * 3)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring is for those who work with the keyboard."""
        self._ring = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        palette, box = self._palette, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        lit = self.underMouse() or self.isDown()
        painter.setPen(
            QColor(palette.accent if self._ring and self.hasFocus() else palette.line if lit else palette.surface)
        )
        painter.setBrush(QColor(palette.hover if lit else palette.surface))
        painter.drawRoundedRect(box, ROUND, ROUND)
        square = QRect(SPACE, 0, SPACE * 4, self.height())
        inner = QRect(0, 0, 20, 20)
        inner.moveCenter(square.center())
        icon(self._symbol, palette, palette.accent).paint(painter, inner)
        self._paint_text(painter, self.rect().adjusted(square.right() + SPACE * 3 // 2, SPACE, -SPACE * 2, -SPACE))

    def _paint_text(self, painter: QPainter, room: QRect) -> None:
        metrics = painter.fontMetrics()
        if self._hint:
            painter.setPen(QColor(self._palette.muted))
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._hint)
            room.setRight(room.right() - metrics.horizontalAdvance(self._hint) - SPACE * 2)
        upper, lower = QRect(room), QRect(room)
        upper.setHeight(room.height() // 2 - 1)
        lower.setTop(upper.bottom() + 4)
        elide = Qt.TextElideMode.ElideMiddle
        left = Qt.AlignmentFlag.AlignLeft
        painter.setPen(QColor(self._palette.text))
        title = metrics.elidedText(self._title, elide, room.width())
        painter.drawText(upper, left | Qt.AlignmentFlag.AlignBottom, title)
        painter.setPen(QColor(self._palette.muted))
        painter.drawText(lower, left | Qt.AlignmentFlag.AlignTop, metrics.elidedText(self._line, elide, room.width()))
