"""See, search and change the keyboard shortcuts."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.actions import MENUS, ROWS, Actions, clashes, keys_of
from desktop.theme import SPACE

ID = Qt.ItemDataRole.UserRole


class ShortcutEditor(QDialog):
    """Changes take effect with OK; a key that two actions claim is named until it is settled."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        self._actions = actions
        self.keys = {row.id: "; ".join(k.toString() for k in actions[row.id].shortcuts()) for row in ROWS}
        self.search = QLineEdit(placeholderText="Search by name or key", clearButtonEnabled=True)
        self.search.textChanged.connect(self._filter)
        self.tree = QTreeWidget()
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(SPACE * 2)
        self.tree.setHeaderLabels(["Action", "Shortcut"])
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.currentItemChanged.connect(self._picked)
        self.edit = QKeySequenceEdit(maximumSequenceLength=1, clearButtonEnabled=True)
        self.edit.setAccessibleName("New shortcut")
        self.edit.editingFinished.connect(self._typed)
        self.reset = QPushButton("Default")
        self.reset.setAutoDefault(False)
        self.reset.setToolTip("Give this action the shortcut it had at first")
        self.reset.clicked.connect(self._reset_one)
        self.clash = QLabel(wordWrap=True)
        self.clash.setProperty("role", "muted")
        self._fill()
        self._lay_out()
        self.search.setFocus()

    def sizeHint(self) -> QSize:
        return QSize(560, 640)

    def set_key(self, id: str, keys: str) -> None:
        """Give an action these shortcuts ("; " between several, "" for none)."""
        self.keys[id] = keys
        item = self._items[id]
        item.setText(1, QKeySequence.listToString(keys_of(keys), _NATIVE))
        self._judge()

    def accept(self) -> None:
        """Take the shortcuts over."""
        table = {row.id: row.shortcut for row in ROWS}
        self._actions.set_shortcuts({id: keys for id, keys in self.keys.items() if not _same(keys, table[id])})
        super().accept()

    def _fill(self) -> None:
        self._items: dict[str, QTreeWidgetItem] = {}
        self._tops: list[QTreeWidgetItem] = []
        for menu in MENUS:
            top = QTreeWidgetItem([menu, ""])
            top.setFlags(Qt.ItemFlag.ItemIsEnabled)
            font = top.font(0)
            font.setBold(True)
            top.setFont(0, font)
            self.tree.addTopLevelItem(top)
            self._tops.append(top)
            for row in ROWS:
                if row.menu == menu:
                    item = QTreeWidgetItem([row.text.rstrip("…"), ""])
                    item.setData(0, ID, row.id)
                    item.setToolTip(0, row.tip)
                    top.addChild(item)
                    self._items[row.id] = item
        self.tree.expandAll()
        for id, keys in self.keys.items():
            self.set_key(id, keys)
        self.tree.setCurrentItem(self._items[ROWS[0].id])

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(QLabel("Press the new keys:"))
        row.addWidget(self.edit, 1)
        row.addWidget(self.reset)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        everything = buttons.addButton("Restore all defaults", QDialogButtonBox.ButtonRole.ResetRole)
        everything.clicked.connect(self._reset_all)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 2, SPACE * 2, SPACE * 2, SPACE * 2)
        column.setSpacing(SPACE)
        column.addWidget(self.search)
        column.addWidget(self.tree, 1)
        column.addLayout(row)
        column.addWidget(self.clash)
        column.addWidget(buttons)

    def _current(self) -> str | None:
        item = self.tree.currentItem()
        return item.data(0, ID) if item else None

    def _picked(self) -> None:
        id = self._current()
        self.edit.setEnabled(id is not None)
        self.reset.setEnabled(id is not None)
        first = keys_of(self.keys[id])[:1] if id else []
        self.edit.setKeySequence(first[0] if first else QKeySequence())

    def _typed(self) -> None:
        if id := self._current():
            self.set_key(id, self.edit.keySequence().toString())

    def _reset_one(self) -> None:
        if id := self._current():
            self.set_key(id, next(row.shortcut for row in ROWS if row.id == id))
            self._picked()

    def _reset_all(self) -> None:
        for row in ROWS:
            self.set_key(row.id, row.shortcut)
        self._picked()

    def _judge(self) -> None:
        names = {row.id: row.text.rstrip("…") for row in ROWS}
        lines = [f"{key} is used by {' and '.join(names[id] for id in ids)}" for key, ids in self._clashes().items()]
        self.clash.setText("; ".join(lines) + (": give one of them another." if lines else ""))

    def _clashes(self) -> dict[str, list[str]]:
        return clashes(self.keys.items())

    def _filter(self, text: str) -> None:
        text = text.lower()
        for item in self._items.values():
            item.setHidden(text not in item.text(0).lower() and text not in item.text(1).lower())
        for top in self._tops:
            top.setHidden(all(item.isHidden() for item in self._items.values() if item.parent() is top))


_NATIVE = QKeySequence.SequenceFormat.NativeText


def _same(one: str, other: str) -> bool:
    return keys_of(one) == keys_of(other)
