"""The faces of a video as small pictures, a row for each shot; those with a frame are chosen."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from desktop.theme import SPACE
from desktop.widgets.image_view import pixmap_of

SIDE = 64  # pixels of a picture


@dataclass(frozen=True)
class FaceItem:
    """One face of a shot: what to call it, its picture [n, n, 3] uint8, a line beneath, whether it is chosen."""

    key: Hashable
    picture: np.ndarray
    line: str
    name: str
    chosen: bool


class FaceShots(QScrollArea):
    """Says who was clicked and changes nothing by itself."""

    clicked = Signal(object, bool)  # key of an item, whether it shall be chosen

    def __init__(self) -> None:
        super().__init__()
        self.buttons: dict[Hashable, QToolButton] = {}
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setMinimumHeight(2 * SIDE)
        self.setAccessibleName("Faces, shot by shot")

    def show_shots(self, shots: list[tuple[str, list[FaceItem]]]) -> None:
        """Show these shots, each with its title and its faces; the place scrolled to stays."""
        at, page = self.verticalScrollBar().value(), QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        self.buttons = {}
        for title, items in shots:
            label = QLabel(title)
            label.setProperty("role", "muted")
            column.addWidget(label)
            row = QHBoxLayout()
            row.setSpacing(SPACE // 2)
            for item in items:
                self.buttons[item.key] = button = self._button(item)
                row.addWidget(button)
            row.addStretch(1)
            column.addLayout(row)
        column.addStretch(1)
        self.setWidget(page)
        self.verticalScrollBar().setValue(at)

    def _button(self, item: FaceItem) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "face")
        button.setCheckable(True)
        button.setChecked(item.chosen)
        button.setIcon(QIcon(pixmap_of(np.ascontiguousarray(item.picture))))
        button.setIconSize(QSize(SIDE, SIDE))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setText(item.line)
        button.setAccessibleName(item.name)
        button.setToolTip(item.name)
        button.clicked.connect(lambda on, key=item.key: self.clicked.emit(key, on))
        return button
