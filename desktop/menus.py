"""The menu bar, built from the table of actions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QMenu, QMenuBar

from desktop.actions import MENUS, ROWS, Actions
from desktop.settings import Settings


class Menus(QObject):
    """One menu for each name in `MENUS`; "Open recent" and "Panels" are filled when they are opened."""

    def __init__(self, bar: QMenuBar, actions: Actions, settings: Settings, open_project: Callable[[Path], object]):
        super().__init__(bar)
        self._settings, self._open_project = settings, open_project
        self.menus = {name: bar.addMenu(name) for name in MENUS}
        for name, menu in self.menus.items():
            menu.setToolTipsVisible(False)  # the status bar tells
            section = 0
            for row in ROWS:
                if row.menu != name:
                    continue
                if row.section != section:
                    menu.addSeparator()
                    section = row.section
                menu.addAction(actions[row.id])
                if row.id == "open":
                    self._recent = menu.addMenu("Open recent")
        self._recent.aboutToShow.connect(self._list_recent)
        self.panels = QMenu("Panels", self.menus["View"])
        self.menus["View"].insertMenu(actions["theme"], self.panels)

    def _list_recent(self) -> None:
        self._recent.clear()
        for path in self._settings.recent:
            action = self._recent.addAction(path.stem)
            action.setStatusTip(str(path))
            action.triggered.connect(lambda _checked=False, path=path: self._open_project(path))
        if self._recent.isEmpty():
            self._recent.addAction("No projects yet").setEnabled(False)
        else:
            self._recent.addSeparator()
            self._recent.addAction("Clear this list").triggered.connect(self._settings.forget_recent)


def name_undo(actions: Actions, stack: QUndoStack) -> None:
    """Undo and redo say what they would undo and redo, and do it."""
    for id, word, can, text, do in (
        ("undo", "Undo", stack.canUndoChanged, stack.undoTextChanged, stack.undo),
        ("redo", "Redo", stack.canRedoChanged, stack.redoTextChanged, stack.redo),
    ):
        action = actions[id]
        actions.connect(id, do)
        action.setEnabled(False)
        can.connect(action.setEnabled)
        text.connect(
            lambda what, action=action, word=word: action.setText(f"{word} “{what.lower()}”" if what else word)
        )
