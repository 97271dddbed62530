"""The list of channels beside the curves: pick, find, lock, mute."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from PySide6.QtCore import QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.theme import Palette, icon
from desktop.widgets.painting import channel_colour
from desktop.widgets.words import readable
from engine.project.channels import BY_NAME, GROUPS, in_group

_GUARDS = ("lock", "mute")
_KEY = Qt.ItemDataRole.UserRole


class ChannelTree(QWidget):
    """Row keys are "group:mouth" and "curve:mouthLeft", as on the timeline."""

    picked = Signal(object)  # tuple of channel names
    switched = Signal(str, str)  # row key, "lock" or "mute"

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._items: dict[str, QTreeWidgetItem] = {}
        self._states: Mapping[str, Mapping[str, float]] = {}
        self._shown: dict[str, tuple[object, bool]] = {}  # what each row says at present
        self._icons: dict[tuple[str, str], QIcon] = {}
        self.search = QLineEdit(placeholderText="Find a channel")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Find a channel")
        self.search.textChanged.connect(self._filter)
        self.tree = self._made_tree()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.search)
        column.addWidget(self.tree)
        self._fill()
        self.tree.itemSelectionChanged.connect(self._tell)
        self.tree.itemClicked.connect(self._clicked)
        self.tree.itemExpanded.connect(self._point)
        self.tree.itemCollapsed.connect(self._point)

    def sizeHint(self) -> QSize:
        return QSize(216, 200)

    def set_picked(self, names: Collection[str]) -> None:
        """Show these channels as picked."""
        blocked = self.tree.blockSignals(True)
        for name, item in self._channels():
            if item.isSelected() != (name in names):
                item.setSelected(name in names)
        first = next((item for name, item in self._channels() if name in names), None)
        if first:
            if parent := first.parent():
                parent.setExpanded(True)
                self._point(parent)
            self.tree.setCurrentItem(first, 0, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.tree.scrollToItem(first, QAbstractItemView.ScrollHint.PositionAtCenter)
        self.tree.blockSignals(blocked)

    def set_states(self, states: Mapping[str, Mapping[str, float]], edited: Collection[str]) -> None:
        """Show how much of each row is locked and muted (0..1), and which channels carry edits."""
        shown, self._shown = self._shown, {}
        self._states = states
        for key, item in self._items.items():
            self._shown[key] = (states.get(key), key[6:] in edited)
            if shown.get(key) == self._shown[key]:
                continue
            for column, guard in enumerate(_GUARDS, start=1):
                on = states.get(key, {}).get(guard, 0.0)
                colour = self._palette.accent if on >= 1 else self._palette.muted
                item.setIcon(column, self._icon(guard, colour) if on else QIcon())
                item.setToolTip(column, _tip(guard, on))
            if key.startswith("curve:"):
                name = key[6:]
                item.setText(0, readable(name, BY_NAME[name].group) + (" •" if name in edited else ""))
                item.setToolTip(0, f"{readable(name)}{', edited' if name in edited else ''}")

    def redraw(self) -> None:
        """Take over the colours of the theme."""
        self._icons.clear()
        self._shown.clear()
        for group in GROUPS:
            self._point(self._items[f"group:{group}"])
        for name, item in self._channels():
            item.setIcon(0, _swatch(channel_colour(self._palette, name)))
        self.set_states(self._states, [n for n, i in self._channels() if i.text(0).endswith("•")])

    def _made_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setColumnCount(3)
        tree.setHeaderHidden(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setIndentation(14)
        tree.setRootIsDecorated(False)  # groups carry their own arrow
        tree.setStyleSheet("QTreeView::branch { background: transparent; } QTreeView::item { border-radius: 0; }")
        tree.setIconSize(QSize(14, 14))
        tree.setUniformRowHeights(True)
        plain = tree.palette()
        plain.setColor(plain.ColorRole.Highlight, QColor(Qt.GlobalColor.transparent))  # else left of what is picked
        tree.setPalette(plain)
        tree.setAccessibleName("Channels")
        header = tree.header()
        header.setMinimumSectionSize(24)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, 26)
        return tree

    def _fill(self) -> None:
        for group in GROUPS:
            parent = QTreeWidgetItem([group.capitalize()])
            parent.setData(0, _KEY, f"group:{group}")
            self._items[f"group:{group}"] = parent
            self.tree.addTopLevelItem(parent)
            self._point(parent)
            for name in in_group(group):
                item = QTreeWidgetItem([readable(name, group)])
                item.setData(0, _KEY, f"curve:{name}")
                item.setIcon(0, _swatch(channel_colour(self._palette, name)))
                parent.addChild(item)
                self._items[f"curve:{name}"] = item

    def _channels(self) -> Iterator[tuple[str, QTreeWidgetItem]]:
        return ((key[6:], item) for key, item in self._items.items() if key.startswith("curve:"))

    def _tell(self) -> None:
        names: list[str] = []
        for item in self.tree.selectedItems():
            kind, _, name = str(item.data(0, _KEY)).partition(":")
            names += in_group(name) if kind == "group" else [name]
        self.picked.emit(tuple(dict.fromkeys(names)))

    def _clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if not column and item.parent() is None:
            item.setExpanded(not item.isExpanded())
        elif column:
            self.switched.emit(item.data(0, _KEY), _GUARDS[column - 1])

    def _point(self, group: QTreeWidgetItem) -> None:
        """Turn a group's arrow."""
        group.setIcon(0, self._icon("chevron-down" if group.isExpanded() else "chevron-right", self._palette.muted))

    def _filter(self, text: str) -> None:
        for group in GROUPS:
            parent = self._items[f"group:{group}"]
            found = 0
            for name in in_group(group):
                fits = text.lower() in readable(name).lower()
                self._items[f"curve:{name}"].setHidden(not fits)
                found += fits
            parent.setHidden(not found)
            if text:
                parent.setExpanded(True)

    def _icon(self, name: str, colour: str) -> QIcon:
        if (name, colour) not in self._icons:
            self._icons[name, colour] = icon(name, self._palette, colour)
        return self._icons[name, colour]


def _tip(guard: str, on: float) -> str:
    done = {"lock": "Locked", "mute": "Muted"}[guard]
    return f"{done}{'' if on >= 1 else ' in part'}: click to change" if on else f"Click to {guard}"


def _swatch(colour: str) -> QIcon:
    picture = QPixmap(28, 28)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(6, 8, 16, 12, 3, 3)
    painter.end()
    return QIcon(picture)
