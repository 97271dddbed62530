"""The first page: new, open, what was worked on lately, and the sample that plays at once."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.actions import Actions
from desktop.settings import Settings
from desktop.theme import SPACE, Palette
from desktop.widgets.card_button import CardButton
from desktop.widgets.picture_button import PictureButton
from engine.resources import resource

SHOWN = 5  # recent projects on the page
WAYS = (  # action, icon, the line beneath
    ("new", "new", "Start from a portrait and a voice"),
    ("open", "folder", "Go on with a project file"),
)


class Welcome(QWidget):
    """Knows the actions and the recent projects."""

    open_project = Signal(object)  # Path

    def __init__(self, actions: Actions, settings: Settings, palette: Palette) -> None:
        super().__init__()
        self._actions, self._settings, self._palette = actions, settings, palette
        self._recent = QVBoxLayout()
        self._recent.setSpacing(SPACE // 2)
        picture = QPixmap(str(resource("samples/hopper.jpg")))
        sample = PictureButton(palette, "Sample project", "A portrait that speaks, to try things on", picture)
        sample.clicked.connect(actions["sample"].trigger)
        page = QWidget()
        page.setMaximumSize(920, 520)
        columns = QHBoxLayout(page)
        columns.setSpacing(SPACE * 6)
        columns.addLayout(self._left(), 1)
        columns.addWidget(sample, 1)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(page, 12)
        middle.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addLayout(middle, 12)
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
            self._recent.addWidget(_label("Projects you save appear here.", "muted"))

    def changeEvent(self, event: QEvent) -> None:
        """Cards paint themselves from the palette, so a new theme needs a repaint only."""
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(SPACE // 2)
        column.addWidget(_label("Portrayal", "title"))
        column.addWidget(_label("Give a portrait a voice, and shape how it speaks.", "muted"))
        column.addSpacing(SPACE * 3)
        self._cards = {}
        for id, symbol, line in WAYS:
            action = self._actions[id]
            card = self._cards[id] = CardButton(self._palette, action.text().rstrip("…"), line, symbol)
            card.clicked.connect(action.trigger)
            column.addWidget(card)
        self._show_shortcuts()
        column.addSpacing(SPACE * 3)
        column.addWidget(_label("Recent projects", "heading"))
        column.addSpacing(SPACE // 2)
        column.addLayout(self._recent)
        column.addStretch(1)
        hint = _label("Or drop a picture, a recording or a project anywhere in this window.", "muted")
        hint.setWordWrap(True)
        column.addWidget(hint, 0, Qt.AlignmentFlag.AlignBottom)
        return column

    def _show_shortcuts(self) -> None:
        for id, card in self._cards.items():
            card.set_hint(self._actions.shortcut(id))


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    return label


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
