"""A curve editor with four keys on one channel, and where on it things are."""

from fractions import Fraction

import numpy as np
import pytest
from performances import project
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.actions import Actions
from desktop.document import Document
from desktop.panels.curve_panel import CurvePanel
from desktop.selection import Selection
from desktop.theme import Palette
from desktop.widgets.curve_shapes import share
from engine.project.channels import BY_NAME, INDEX
from engine.project.curve import Keyframe
from engine.project.key_edits import KeyRef, with_key
from engine.project.motion import sample
from engine.project.project import Project

SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
SMILE, OTHER = "mouthSmileLeft", "mouthSmileRight"
KEYS = ((2, 0.2), (4, 0.7), (6, 0.4), (8, 0.6))


def keyed(name: str = SMILE, of: Project | None = None) -> Project:
    """A range of a channel baked over by four keys of one layer."""
    made = of or project()
    for seconds, value in KEYS:
        made = with_key(made, name, Keyframe(Fraction(seconds), value), 0 if seconds > 2 else None)
    return made


@pytest.fixture
def panel(qtbot: QtBot, document: Document, selection: Selection, palette: Palette, actions: Actions) -> CurvePanel:
    made = CurvePanel(document, selection, palette, actions)
    qtbot.addWidget(made)
    made.resize(1100, 420)
    document.new(keyed())
    actions["snap"].setChecked(True)
    made.show()
    made.build()
    QApplication.processEvents()
    selection.set_channels((SMILE,))
    made.time_view.show(0, 10)
    made.plot.show_range()
    return made


def origin(panel: CurvePanel) -> QPointF:
    return panel.plot.box.sceneBoundingRect().topLeft()


def at(panel: CurvePanel, seconds: float, value: float, name: str = SMILE) -> QPointF:
    """Where on the plot a value of a channel lies."""
    return origin(panel) + panel.plot.area().point(seconds, float(share(BY_NAME[name], value)))


def keys(document: Document, name: str = SMILE, layer: int = 0) -> list[tuple[float, float]]:
    return [(float(k.time), round(k.value, 3)) for k in document.project.motion[name].layers[layer].keys]


def ref(seconds: float, name: str = SMILE, layer: int = 0) -> KeyRef:
    return KeyRef(name, layer, Fraction(seconds))


def steps(document: Document) -> list[str]:
    return [document.undo_stack.text(i) for i in range(document.undo_stack.count())]


def value_at(document: Document, name: str, seconds: float) -> float:
    return float(sample(document.project.motion, np.array([seconds]))[0, INDEX[name]])
