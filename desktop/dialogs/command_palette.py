"""Ctrl+K: type a few letters of what you want to do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.actions import ROWS, Actions
from desktop.theme import SPACE, Palette, icon

Index = QModelIndex | QPersistentModelIndex
ID = Qt.ItemDataRole.UserRole


class CommandPalette(QDialog):
    """Lists the actions that match, best first; Enter does the picked one."""

    def __init__(self, actions: Actions, palette: Palette, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions = actions
        self.field = QLineEdit(placeholderText="What do you want to do?")
        self.field.setAccessibleName("Find a command")
        self.field.textChanged.connect(self._find)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setItemDelegate(_Row(actions, palette, self))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.itemClicked.connect(self._run)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        column.setSpacing(SPACE)
        column.addWidget(self.field)
        column.addWidget(self.list)
        width = min(560, parent.width() - SPACE * 4)
        corner = parent.mapToGlobal(parent.rect().topLeft())
        self.setGeometry(QRect(corner.x() + (parent.width() - width) // 2, corner.y() + SPACE * 9, width, 400))
        self._find("")
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys move in the list while the field keeps the focus."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            if by := step.get(Qt.Key(event.key())):
                self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + by)))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _find(self, text: str) -> None:
        self.list.clear()
        scored = [(score(text, row.text, row.tip), self._actions[row.id].isEnabled(), row) for row in ROWS]
        fitting = sorted((one for one in scored if one[0]), key=lambda one: (-one[0], not one[1]))
        for _, _, row in fitting:
            if row.id != "commands":
                item = QListWidgetItem(row.text)
                item.setData(ID, row.id)
                self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _run(self, item: QListWidgetItem | None) -> None:
        if item and self._actions[item.data(ID)].isEnabled():
            self.close()
            self._actions[item.data(ID)].trigger()


def score(wanted: str, text: str, tip: str) -> float:
    """How well an action fits what was typed, 0 if not at all.

    Every word must occur: at the start of a word of the name counts most, then inside it, then in the tip; letters in
    order ("exv" for Export video) count least.
    """
    words, name = wanted.lower().split(), text.lower()
    if not words:
        return 1.0
    total = 0.0
    for word in words:
        if any(part.startswith(word) for part in name.split()):
            total += 4.0
        elif word in name:
            total += 3.0
        elif word in tip.lower():
            total += 1.0
        elif _in_order(word, name):
            total += 0.5
        else:
            return 0.0
    return total + (2.0 if name.startswith(wanted.lower()) else 0.0)


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return len(letters) > 1 and text[:1] == letters[:1] and all(letter in rest for letter in letters)


class _Row(QStyledItemDelegate):
    """Icon, name, menu, shortcut."""

    def __init__(self, actions: Actions, palette: Palette, parent: QObject) -> None:
        super().__init__(parent)
        self._actions, self._palette = actions, palette
        self._rows = {row.id: row for row in ROWS}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, option.fontMetrics.height() + SPACE * 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, palette = self._rows[index.data(ID)], self._palette
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        enabled = self._actions[row.id].isEnabled()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.hover))
            painter.drawRoundedRect(box, 4, 4)
        text = box.adjusted(SPACE * 5, 0, -SPACE, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        if row.icon:
            colour = palette.text if enabled else palette.muted
            place = QRect(box.left() + SPACE * 3 // 2, box.center().y() - 8, 18, 18)
            icon(row.icon, palette, colour).paint(painter, place)
        painter.setPen(QColor(palette.text if enabled else palette.muted))
        painter.drawText(text, middle, row.text)
        painter.setPen(QColor(palette.muted))
        painter.drawText(text, middle | Qt.AlignmentFlag.AlignRight, self._actions.shortcut(row.id))
        name = painter.fontMetrics().horizontalAdvance(row.text)
        painter.drawText(text.adjusted(name + SPACE * 2, 0, 0, 0), middle, row.menu)
        painter.restore()
