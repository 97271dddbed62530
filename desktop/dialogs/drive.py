"""A drive clip: which groups take their motion from it, how much of it, and in what way."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QGridLayout, QLabel, QSpinBox, QWidget

from desktop.document import Document
from desktop.theme import SPACE
from desktop.widgets.value_row import ValueRow
from engine.project.channels import GROUPS
from engine.project.edits import clip_at, with_clip_changed
from engine.project.project import DriveClip

NAMES = {"jaw": "Jaw", "mouth": "Lips", "brows": "Brows", "eyes": "Lids", "gaze": "Gaze", "head": "Head"}
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
        self.face = QSpinBox()
        self.face.setRange(1, 20)
        self.face.setValue((clip.face or 0) + 1)
        self.face.setAccessibleName("Whose face, counted from the largest")
        self.face.valueChanged.connect(lambda number: self._change("Whose motion", face=number - 1))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        row = len(GROUPS)
        grid.addWidget(QLabel("How"), row, 0)
        grid.addWidget(self.way, row, 1)
        grid.addWidget(self.speed, row + 1, 1)
        grid.addWidget(QLabel("Face (1 the largest)"), row + 2, 0)
        grid.addWidget(self.face, row + 2, 1)
        grid.addWidget(buttons, row + 3, 0, 1, 2)

    def _choose_groups(self) -> None:
        self._change("Choose groups", groups=tuple(group for group in GROUPS if self.groups[group].isChecked()))

    def _set_gain(self, group: str, value: float, gesture: int) -> None:
        clip: DriveClip = clip_at(self._document.project, "drives", self._index)
        self._change(f"{NAMES[group]} strength", f"drive gain {group} {gesture}", gains={**clip.gains, group: value})

    def _set_speed(self, value: float, gesture: int) -> None:
        self._change("Speed", f"drive speed {gesture}", speed=Fraction(value).limit_denominator(100))

    def _change(self, name: str, merge: str | None = None, **changes: object) -> None:
        self._document.edit(name, lambda p: with_clip_changed(p, "drives", self._index, **changes), merge)
