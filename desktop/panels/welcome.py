"""The first page: new, open, the sample, and what was worked on lately."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QImageReader, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.actions import Actions
from desktop.settings import Settings
from desktop.theme import SPACE, Palette
from desktop.widgets.card_button import CardButton
from engine.resources import resource

SHOWN = 6  # recent projects on the page
WAYS = (  # action, icon, the line beneath
    ("new", "new", "Start from a portrait and a voice"),
    ("open", "folder", "Go on with a project file"),
    ("sample", "play", "A portrait that speaks, to try things on"),
)


class Welcome(QWidget):
    """Knows the actions and the recent projects."""

    open_project = Signal(object)  # Path

    def __init__(self, actions: Actions, settings: Settings, palette: Palette) -> None:
        super().__init__()
        self._actions, self._settings, self._palette = actions, settings, palette
        self._recent = QVBoxLayout()
        self._recent.setSpacing(SPACE // 2)
        page = QWidget()
        page.setMaximumWidth(880)
        grid = QGridLayout(page)
        grid.setContentsMargins(SPACE * 4, SPACE * 4, SPACE * 4, SPACE * 4)
        grid.setHorizontalSpacing(SPACE * 6)
        grid.setVerticalSpacing(SPACE)
        grid.addLayout(self._title(), 0, 0, 1, 2)
        grid.setRowMinimumHeight(1, SPACE * 2)
        grid.addWidget(_heading("Start"), 2, 0)
        grid.addLayout(self._ways(), 3, 0)
        grid.addWidget(_heading("Recent projects"), 2, 1)
        grid.addLayout(self._recent, 3, 1)
        grid.setRowMinimumHeight(4, SPACE * 2)
        hint = QLabel("Or drop a picture, a recording or a project anywhere in this window.")
        hint.setProperty("role", "muted")
        grid.addWidget(hint, 5, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(page, 8)
        middle.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addLayout(middle)
        whole.addStretch(3)
        actions.shortcuts_changed.connect(self._show_shortcuts)
        self.refresh()

    def refresh(self) -> None:
        """List the recent projects anew."""
        while item := self._recent.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        recent = self._settings.recent[:SHOWN]
        for path in recent:
            card = CardButton(self._palette, path.stem, _place(path), "film", _when(path))
            card.setToolTip(str(path))
            card.clicked.connect(lambda _checked=False, path=path: self.open_project.emit(path))
            self._recent.addWidget(card)
        if not recent:
            nothing = QLabel("Projects you save appear here.")
            nothing.setProperty("role", "muted")
            self._recent.addWidget(nothing)
        self._recent.addStretch(1)

    def changeEvent(self, event: QEvent) -> None:
        """Cards paint themselves from the palette, so a new theme needs a repaint only."""
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def _title(self) -> QVBoxLayout:
        name = QLabel("Portrayal")
        name.setProperty("role", "title")
        line = QLabel("Give a portrait a voice, and shape how it speaks.")
        line.setProperty("role", "muted")
        column = QVBoxLayout()
        column.setSpacing(SPACE // 2)
        column.addWidget(name)
        column.addWidget(line)
        return column

    def _ways(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(SPACE // 2)
        self._cards = {}
        for id, symbol, line in WAYS:
            action = self._actions[id]
            card = CardButton(self._palette, action.text().rstrip("…"), line, symbol)
            card.clicked.connect(action.trigger)
            self._cards[id] = card
            column.addWidget(card)
        self._cards["sample"].set_picture(_sample_picture())
        self._show_shortcuts()
        column.addStretch(1)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
        return column

    def _show_shortcuts(self) -> None:
        for id, card in self._cards.items():
            card.set_hint(self._actions.shortcut(id))


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    return label


def _sample_picture() -> QPixmap:
    reader = QImageReader(str(resource("samples/hopper.jpg")))
    size = reader.size()
    reader.setScaledSize(size * (160 / max(size.width(), 1)))
    return QPixmap.fromImage(reader.read())


def _place(path: Path) -> str:
    """The folder, from the home folder if it lies there."""
    folder, home = path.parent, Path.home()
    return f"~/{folder.relative_to(home).as_posix()}" if folder.is_relative_to(home) else str(folder)


def _when(path: Path) -> str:
    """When the file was last saved, as briefly as is clear."""
    saved = datetime.fromtimestamp(path.stat().st_mtime)
    days = (date.today() - saved.date()).days
    if days < 2:
        return f"{('Today', 'Yesterday')[max(days, 0)]} {saved:%H:%M}"
    return f"{saved.day} {saved:%b %Y}"
