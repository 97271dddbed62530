"""Thousands of random but possible things done to timeline and curves: nothing breaks, and the project stays sound."""

import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from mouse import NONE, click, double_click, drag, wheel
from performances import project
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.actions import ROWS, Actions
from desktop.document import Document
from desktop.face_preview import FacePreview
from desktop.panels.curve_panel import CurvePanel
from desktop.panels.prompt_panel import PromptPanel
from desktop.panels.range_commands import TOOLS
from desktop.panels.timeline_panel import TimelinePanel
from desktop.prompt_reader import PromptReader
from desktop.selection import Selection
from desktop.settings import Settings
from desktop.theme import Palette
from engine.project.channels import NAMES
from engine.project.storage import load_project, save_project

DEEDS = 1500
HELD = (
    NONE,
    NONE,
    NONE,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Monkey:
    """Everything that can be done with these panels, by chance."""

    def __init__(self, panels: tuple[TimelinePanel, CurvePanel], actions: Actions, seed: int) -> None:
        self.timeline, self.curves = panels
        self.actions, self.dice = actions, random.Random(seed)
        view = self.timeline.view
        plot = self.curves.build()
        self.places: list[QWidget] = [view.canvas, view.ruler, view.headers, view.bar, plot, self.curves.layers.canvas]

    def place(self, widget: QWidget) -> QPointF:
        return QPointF(self.dice.uniform(0, widget.width()), self.dice.uniform(0, widget.height()))

    def act(self) -> None:
        deeds: dict[Callable[[], object], int] = {
            self.drag: 30,
            self.click: 15,
            self.wheel: 5,
            self.command: 28,
            self.tool: 3,
            self.pick: 8,
            self.travel: 11,
        }
        self.dice.choices(list(deeds), list(deeds.values()))[0]()

    def drag(self) -> None:
        widget = self.dice.choice(self.places)
        drag(widget, *(self.place(widget) for _ in range(3)), modifiers=self.dice.choice(HELD))

    def click(self) -> None:
        widget = self.dice.choice(self.places)
        if self.dice.random() < 0.3:
            double_click(widget, self.place(widget))
        else:
            click(widget, self.place(widget), self.dice.choice(HELD))

    def wheel(self) -> None:
        widget = self.dice.choice([*self.places[:3], self.places[4]])
        wheel(widget, self.place(widget), self.dice.choice([-2, -1, 1, 2]), self.dice.choice(HELD))

    def command(self) -> None:
        id = self.dice.choice([row.id for row in ROWS])
        if id not in TOOLS:
            self.actions.run(id)

    def tool(self) -> None:
        popup = self.curves.ranges.open_tool(self.dice.choice(list(TOOLS)))
        if popup:
            popup.box.setValue(self.dice.uniform(popup.box.minimum(), popup.box.maximum()))
            popup._finish(keep=self.dice.random() < 0.7)

    def pick(self) -> None:
        self.curves.selection.set_channels(tuple(self.dice.sample(NAMES, self.dice.randint(0, 4))))
        self.curves.selection.set_playhead(Fraction(self.dice.randint(0, 600), 25))

    def travel(self) -> None:
        stack = self.timeline.document.undo_stack
        (stack.undo if self.dice.random() < 0.5 else stack.redo)()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_nothing_breaks_and_the_project_can_be_kept(
    qtbot: QtBot,
    document: Document,
    selection: Selection,
    palette: Palette,
    actions: Actions,
    settings: Settings,
    tmp_path: Path,
    seed: int,
):
    timeline = TimelinePanel(document, selection, palette, actions)
    curves = CurvePanel(document, selection, palette, actions, timeline.time_view)
    prompts = PromptPanel(document, selection, palette, actions, PromptReader(settings), FacePreview())
    document.new(project())
    for panel in (timeline, curves, prompts):
        qtbot.addWidget(panel)
        panel.resize(1000, 420)
        panel.show()
    monkey = Monkey((timeline, curves), actions, seed)
    for i in range(DEEDS):
        monkey.act()
        if i % 50 == 0:
            QApplication.processEvents()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    path = tmp_path / "kept.portrayal"
    save_project(document.project, path)
    assert load_project(path, tmp_path) == document.project
    assert document.undo_stack.count() > 10
    changed = document.project
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert document.project == project() != changed
