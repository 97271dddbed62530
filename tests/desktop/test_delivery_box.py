"""Controls of the delivery, and that a performance is generated as they say."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.actions import Actions
from desktop.document import Document
from desktop.motion_commands import MotionCommands
from desktop.panels.delivery_box import MODELS, DeliveryBox
from desktop.render_thread import RenderThread
from engine import jobs
from engine.project.channels import INDEX, in_group
from engine.project.motion import dense
from engine.project.project import MOTION_MODELS, Delivery
from tests.desktop.mouse import drag

MOUTH = [INDEX[name] for name in in_group("jaw", "mouth")]
REST = [i for i in INDEX.values() if i not in MOUTH]


@pytest.fixture
def box(document: Document, actions: Actions, qtbot: QtBot) -> DeliveryBox:
    box = DeliveryBox(document, actions)
    qtbot.addWidget(box)
    box.resize(272, 200)
    box.show()
    return box


def test_every_model_can_be_chosen_and_the_choice_undone(box: DeliveryBox, document: Document):
    assert tuple(name for _, name in MODELS) == MOTION_MODELS
    box.model.setCurrentIndex(1)
    box.model.activated.emit(1)
    assert document.project.delivery == Delivery("phones")
    assert not box.rows["expressiveness"].slider.isEnabled(), "a table has no other speakers"
    document.undo_stack.undo()
    assert document.project.delivery == Delivery() and box.model.currentIndex() == 0
    assert box.rows["expressiveness"].slider.isEnabled()


def test_sliders_reach_from_the_least_to_the_most_that_a_delivery_takes(box: DeliveryBox, document: Document):
    for end, wanted in (("minimum", (0, 0, -2)), ("maximum", (2, 1, 2))):
        for row in box.rows.values():
            row.slider.setValue(getattr(row.slider, end)())
        delivery = document.project.delivery
        assert (delivery.intensity, delivery.smoothness, delivery.expressiveness) == wanted


def test_a_drag_is_one_step_of_undo_and_a_figure_may_be_typed(box: DeliveryBox, document: Document, qtbot: QtBot):
    slider = box.rows["intensity"].slider
    x, y = slider.width() / 2, slider.height() / 2
    drag(slider, (x, y), (x + 5, y), (x + 15, y))
    assert document.project.delivery.intensity > 1.1
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.project.delivery == Delivery() and box.rows["intensity"].value == 1
    field = box.rows["smoothness"].field
    field.selectAll()
    qtbot.keyClicks(field, "0.4")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert document.project.delivery.smoothness == 0.4


def test_performing_again_moves_the_mouth_as_asked_and_nothing_else(
    box: DeliveryBox, document: Document, actions: Actions, thread: RenderThread, samples: Path, qtbot: QtBot
):
    document.new(jobs.new_project(samples / "hopper.jpg", samples / "speech.flac"))
    commands = MotionCommands(document, actions, thread)
    seen = []
    for intensity in (1.0, 0.5):
        box.rows["intensity"].field.setValue(intensity)
        box.again.click()
        qtbot.waitUntil(lambda: not thread.jobs, timeout=60_000)
        seen.append(dense(document.project.motion))
    assert np.array_equal(seen[0][:, REST], seen[1][:, REST])
    assert 0.3 < seen[1][:, INDEX["jawOpen"]].mean() / seen[0][:, INDEX["jawOpen"]].mean() < 0.7
    assert commands is not None
