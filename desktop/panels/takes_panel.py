"""The takes of this session, to compare: a click performs another one, and undo the one before."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QStackedLayout, QVBoxLayout, QWidget

from desktop.actions import Actions
from desktop.document import Document
from desktop.motion_commands import MotionCommands, Take
from desktop.theme import SPACE, Palette
from desktop.widgets.placeholder import Placeholder
from desktop.widgets.take_row import TakeRow
from engine.project.channels import BY_NAME

DRAWN = (("headYaw", 0.5), ("headPitch", 0.5), ("browInnerUp", 0.0))  # channel, where its neutral lies in the drawing
SWING = 12.0  # degrees that fill half the drawing


class TakesPanel(QWidget):
    """A row a take, the newest on top."""

    def __init__(self, document: Document, palette: Palette, actions: Actions, motion: MotionCommands) -> None:
        super().__init__()
        self._document, self._palette, self._motion = document, palette, motion
        self.rows: dict[Take, TakeRow] = {}
        line = "Generate motion, then make new takes and compare them here."
        self._empty = Placeholder(palette, "take", "No takes yet", line, "Generate motion")
        self._empty.clicked.connect(actions["generate"].trigger)
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, SPACE // 2, 0, SPACE // 2)
        self._column.setSpacing(SPACE // 4)
        self._column.addStretch(1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._list)
        motion.takes_changed.connect(self._refresh)
        document.changed.connect(lambda old, new: self._mark() if old.motion is not new.motion else None)
        document.replaced.connect(self._mark)
        self._refresh()

    def _refresh(self) -> None:
        for take in set(self.rows) - set(self._motion.takes):
            self.rows.pop(take).deleteLater()
        for take in self._motion.takes:
            if take not in self.rows:
                self.rows[take] = self._made(take)
                self._column.insertWidget(0, self.rows[take])
        self._pages.setCurrentIndex(bool(self.rows))
        self._mark()

    def _made(self, take: Take) -> TakeRow:
        lines = []
        for name, neutral in DRAWN:
            size = SWING * 2 if BY_NAME[name].unit else 1.0
            lines.append((self._palette.groups[BY_NAME[name].group], neutral + take.motion[name].generated / size))
        facts = f"{float(take.motion.duration):.1f} s, seed {take.seed}"
        row = TakeRow(self._palette, f"Take {take.number}", facts, lines)
        row.clicked.connect(lambda: self._motion.use(take))
        row.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        row.customContextMenuRequested.connect(lambda at: self._menu(take).exec(row.mapToGlobal(at)))
        return row

    def _menu(self, take: Take) -> QMenu:
        menu = QMenu(self)
        menu.addAction("Use this take").triggered.connect(lambda: self._motion.use(take))
        menu.addAction("Remove from the list").triggered.connect(lambda: self._motion.forget(take))
        return menu

    def _mark(self) -> None:
        for take, row in self.rows.items():
            row.setChecked(self._motion.is_used(take))
