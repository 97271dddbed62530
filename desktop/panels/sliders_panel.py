"""The face at the playhead as sliders, a group at a time: moving one sets a keyframe there."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QScrollArea, QTabBar, QVBoxLayout, QWidget

from desktop.actions import Actions
from desktop.document import Document
from desktop.panels.drag_edit import DragEdit
from desktop.preview_frames import PreviewFrames
from desktop.selection import Selection
from desktop.theme import SPACE
from desktop.widgets.value_row import ValueRow
from desktop.widgets.words import readable
from engine.project.channels import BY_NAME, GROUPS, INDEX, NAMES, in_group
from engine.project.motion import sample
from engine.project.pose_edits import with_rest, with_values
from engine.project.project import Project

FOLLOW_MS = 40  # milliseconds between two looks at the playhead while it plays


class SlidersPanel(QWidget):
    """Rows are made when their group is first looked at."""

    failed = Signal(object)  # EngineError

    def __init__(self, document: Document, selection: Selection, actions: Actions, frames: PreviewFrames) -> None:
        super().__init__()
        self._document, self._selection, self._actions, self._frames = document, selection, actions, frames
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # else a dock shows through
        self._edit = DragEdit(document, self)
        self._edit.failed.connect(self.failed)
        self.rows: dict[str, ValueRow] = {}
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setProperty("role", "small")
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setAccessibleName("Group of channels")
        for group in GROUPS:
            self.tabs.addTab(group.capitalize())
        self._areas: dict[str, QScrollArea] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.tabs)
        self._soon = QTimer(self, singleShot=True, interval=FOLLOW_MS)
        self._soon.timeout.connect(self._follow)
        for signal in (selection.playhead_changed, document.changed, document.replaced, frames.portrait_changed):
            signal.connect(lambda *_: None if self._soon.isActive() else self._soon.start())
        self.tabs.currentChanged.connect(lambda _: self._show_group())
        self._show_group()

    @property
    def group(self) -> str:
        """The group that is shown."""
        return GROUPS[self.tabs.currentIndex()]

    def show_group(self, group: str) -> None:
        """Show the channels of another group."""
        self.tabs.setCurrentIndex(GROUPS.index(group))

    def _show_group(self) -> None:
        if self.group not in self._areas:
            self._areas[self.group] = self._made(self.group)
            self._column.addWidget(self._areas[self.group], 1)
        for group, area in self._areas.items():
            area.setVisible(group == self.group)
        self._follow()

    def _made(self, group: str) -> QScrollArea:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(SPACE * 3 // 2, SPACE, SPACE * 3 // 2, SPACE)
        column.setSpacing(SPACE // 2)
        for name in in_group(group):
            channel = BY_NAME[name]
            row = self.rows[name] = ValueRow(readable(name, group), channel.low, channel.high, channel.unit)
            row.changed.connect(lambda value, gesture, name=name: self._set(name, value, gesture))
            column.addWidget(row)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(page)
        return area

    def _set(self, name: str, value: float, gesture: int) -> None:
        values, time = {name: value}, self._selection.playhead
        partner = BY_NAME[name].partner
        if partner and self._actions["symmetric"].isChecked():
            values[partner] = value
        fitted = self._frames.fitted

        def edit(project: Project) -> Project:
            return with_values(with_rest(project, fitted.fit.values()) if fitted else project, time, values)

        if not self._edit.step((name, gesture), f"Set {readable(name).lower()}", edit):
            self._follow()

    def _follow(self) -> None:
        """Show what shows at the playhead."""
        if not self.isVisible():
            return
        project, time = self._document.project, self._selection.playhead
        values = self._values(project)
        for name in in_group(self.group):
            row, curve = self.rows[name], project.motion[name]
            row.set_held(
                "Locked here: unlock it first"
                if any(time in span for span in curve.locks)
                else "Muted here: unmute it first"
                if any(time in span for span in curve.mutes)
                else ""
            )
            if not row.slider.isSliderDown():
                row.show_value(float(values[INDEX[name]]))

    def _values(self, project: Project) -> np.ndarray:
        moves = project.motion.frames or any(project.motion[name].layers for name in NAMES)
        if not moves and self._frames.fitted:
            return self._frames.fitted.fit.values()
        return sample(project.motion, np.array([float(self._selection.playhead)]))[0]

    def showEvent(self, event: QShowEvent) -> None:
        self._follow()
