"""The takes of this session, to compare: a click performs another one, undo the one before."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from desktop.actions import Actions
from desktop.document import Document
from desktop.panels.takes import Take, Takes
from desktop.theme import SPACE, Palette
from desktop.widgets.placeholder import Placeholder
from desktop.widgets.take_row import TakeRow
from engine.project.channels import BY_NAME, NAMES

DRAWN = (("headYaw", 0.5), ("headPitch", 0.5), ("browInnerUp", 0.0))  # channel, where its neutral lies in the drawing
SWING = 12.0  # degrees that fill half the drawing


class TakesPanel(QWidget):
    """A row a take, the newest on top."""

    def __init__(self, document: Document, palette: Palette, actions: Actions, takes: Takes) -> None:
        super().__init__()
        self._document, self._palette, self._takes = document, palette, takes
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # else a dock shows through
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
        takes.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        takes = self._takes.all
        for take in set(self.rows) - set(takes):
            self.rows.pop(take).deleteLater()
        for take in takes:
            if take not in self.rows:
                self.rows[take] = self._made(take)
                self._column.insertWidget(0, self.rows[take])
        self._pages.setCurrentIndex(bool(self.rows))
        for take, row in self.rows.items():
            row.setChecked(take is self._takes.current)

    def _made(self, take: Take) -> TakeRow:
        lines = []
        for name, neutral in DRAWN:
            samples = take.motion[name].generated
            if len(samples):
                size = SWING * 2 if BY_NAME[name].unit else 1.0
                lines.append((self._palette.groups[BY_NAME[name].group], neutral + samples / size))
        row = TakeRow(self._palette, take.name, f"{float(take.motion.duration):.1f} s", lines)
        row.clicked.connect(lambda: self._use(take))
        return row

    def _use(self, take: Take) -> None:
        self._document.edit(f"Use {take.name.lower()}", lambda p: self._takes.with_take(p, take, NAMES))
