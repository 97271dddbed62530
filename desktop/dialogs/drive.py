"""A drive clip: which groups take their motion from it, how much of it, and in what way."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QWidget,
)

from desktop.background import Background
from desktop.document import Document
from desktop.theme import SPACE
from desktop.widgets.image_view import pixmap_of
from desktop.widgets.value_row import ValueRow
from engine.project.channels import GROUPS
from engine.project.edits import clip_at, with_clip_changed
from engine.project.project import DriveClip

NAMES = {"jaw": "Jaw", "mouth": "Lips", "brows": "Brows", "eyes": "Lids", "gaze": "Gaze", "head": "Head"}
THUMB = 56  # pixels
MOST = 3.0  # the largest gain that the sliders give


class DriveDialog(QDialog):
    """Every change is a step of undo at once; the motion waits to be generated again."""

    def __init__(self, document: Document, index: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        clip: DriveClip = clip_at(document.project, "drives", index)
        self.setWindowTitle(f"Motion from {clip.media.name}")
        self._document, self._index = document, index
        self.groups: dict[str, QCheckBox] = {}
        self.gains: dict[str, ValueRow] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE * 2)
        grid.setSpacing(SPACE)
        for row, group in enumerate(GROUPS):
            box, gain = QCheckBox(NAMES[group]), ValueRow("Strength", 0, MOST)
            box.setChecked(group in clip.groups)
            gain.show_value(clip.gains.get(group, 1.0))
            box.toggled.connect(lambda _on: self._choose_groups())
            gain.changed.connect(lambda value, gesture, group=group: self._set_gain(group, value, gesture))
            self.groups[group], self.gains[group] = box, gain
            grid.addWidget(box, row, 0)
            grid.addWidget(gain, row, 1)
        self._add_rest(grid, clip)
        self._background = Background(self)
        path = Path(clip.media.path)
        self._background.start(
            lambda: _faces(path), self._show_faces, lambda error: self.seen.setText(str(error)), key="faces"
        )

    def _add_rest(self, grid: QGridLayout, clip: DriveClip) -> None:
        self.way = QComboBox()
        self.way.addItem("Change as the driver's face changes", True)
        self.way.addItem("Look as the driver looks", False)
        self.way.setCurrentIndex(0 if clip.relative else 1)
        self.way.setAccessibleName("How")
        self.way.activated.connect(lambda _: self._change("How motion is taken", relative=self.way.currentData()))
        self.speed = ValueRow("Speed", 0.25, 4)
        self.speed.show_value(float(clip.speed))
        self.speed.changed.connect(self._set_speed)
        self.faces: list[QToolButton] = []
        self._thumbs = QHBoxLayout()
        self.seen = QLabel("Looking for faces…")
        self.seen.setProperty("role", "muted")
        self._thumbs.addWidget(self.seen)
        self._thumbs.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        row = len(GROUPS)
        grid.addWidget(QLabel("How"), row, 0)
        grid.addWidget(self.way, row, 1)
        grid.addWidget(self.speed, row + 1, 1)
        grid.addWidget(QLabel("Whose"), row + 2, 0)
        grid.addLayout(self._thumbs, row + 2, 1)
        grid.addWidget(buttons, row + 3, 0, 1, 2)

    def done(self, result: int) -> None:
        """Wait for nobody."""
        self._background.close(0)
        super().done(result)

    def _show_faces(self, pictures: tuple[np.ndarray, ...]) -> None:
        clip: DriveClip = clip_at(self._document.project, "drives", self._index)
        self.seen.setText("" if pictures else "No face was seen.")
        for number, picture in enumerate(pictures):
            button = QToolButton()
            button.setProperty("role", "face")
            button.setCheckable(True)
            button.setAutoExclusive(True)
            button.setIcon(QIcon(pixmap_of(picture)))
            button.setIconSize(QSize(THUMB, THUMB))
            button.setAccessibleName(f"Face {number + 1}")
            button.setChecked(number == (clip.face or 0))
            button.clicked.connect(lambda _on, number=number: self._change("Whose motion", face=number))
            self._thumbs.insertWidget(number, button)
            self.faces.append(button)

    def _choose_groups(self) -> None:
        self._change("Choose groups", groups=tuple(group for group in GROUPS if self.groups[group].isChecked()))

    def _set_gain(self, group: str, value: float, gesture: int) -> None:
        clip: DriveClip = clip_at(self._document.project, "drives", self._index)
        self._change(f"{NAMES[group]} strength", f"drive gain {group} {gesture}", gains={**clip.gains, group: value})

    def _set_speed(self, value: float, gesture: int) -> None:
        self._change("Speed", f"drive speed {gesture}", speed=Fraction(value).limit_denominator(100))

    def _change(self, name: str, merge: str | None = None, **changes: object) -> None:
        self._document.edit(name, lambda p: with_clip_changed(p, "drives", self._index, **changes), merge)


def _faces(media: Path) -> tuple[np.ndarray, ...]:
    from engine.export.swap_frame import face_pictures

    return face_pictures(media)
