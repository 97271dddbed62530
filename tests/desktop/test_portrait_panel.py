"""The portrait panel with real pictures."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.actions import Actions
from desktop.background import Background
from desktop.document import Document
from desktop.panels.portrait_panel import PortraitPanel
from desktop.theme import Palette
from engine.project.edits import with_portrait
from engine.project.media_ref import refer_to
from engine.project.project import Portrait


@pytest.fixture
def panel(qtbot: QtBot, document: Document, palette: Palette, actions: Actions):
    """An empty panel, shown."""
    background = Background()
    panel = PortraitPanel(document, palette, actions, background)
    qtbot.addWidget(panel)
    panel.resize(280, 480)
    panel.show()
    yield panel
    background.close()


def take(document: Document, path: Path) -> None:
    document.edit("Choose portrait", lambda project: with_portrait(project, Portrait(refer_to(path))))


def said(panel: PortraitPanel) -> list[str]:
    return [line.text.text() for line in panel.advice if line.isVisible()]


def test_a_picture_is_inspected_meshed_and_undone(
    qtbot: QtBot, document: Document, panel: PortraitPanel, samples: Path
):
    take(document, samples / "hopper.jpg")
    assert "Looking for faces" in panel.facts.text()
    assert not panel.mesh.isEnabled()
    qtbot.waitUntil(lambda: bool(said(panel)), timeout=30_000)
    assert said(panel) == ["A good portrait."]
    assert "512 × 512" in panel.facts.text()
    plain = panel.view.grab().toImage()
    panel.mesh.click()
    assert panel.view.grab().toImage() != plain
    document.undo_stack.undo()
    assert panel.facts.text() == "" and said(panel) == []


def test_a_picture_of_two_asks_and_a_click_chooses(
    qtbot: QtBot, document: Document, panel: PortraitPanel, shared_data: Path
):
    take(document, shared_data / "portraits" / "real_pd_two_people.jpg")
    qtbot.waitUntil(lambda: any("2 faces" in line for line in said(panel)), timeout=30_000)
    other = panel.view._box(panel.view._faces[1]).center().toPoint()
    qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=other)
    assert document.project.portrait and document.project.portrait.face == 1
    assert document.undo_stack.undoText() == "Choose face"
    panel.view.setFocus()
    qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    assert document.project.portrait.face == 0


def test_without_a_face_it_says_what_to_do(qtbot: QtBot, document: Document, panel: PortraitPanel, shared_data: Path):
    take(document, shared_data / "portraits" / "neg_noface_landscape.jpg")
    qtbot.waitUntil(lambda: bool(said(panel)), timeout=30_000)
    assert said(panel)[0].startswith("No face was found: use")


def test_a_picture_that_is_gone_is_said_in_the_panel(
    qtbot: QtBot, document: Document, panel: PortraitPanel, tmp_path: Path
):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"not a picture")
    take(document, picture)
    qtbot.waitUntil(lambda: bool(said(panel)), timeout=30_000)
    assert "a.png" in said(panel)[0]


def test_the_empty_panel_is_an_invitation(qtbot: QtBot, panel: PortraitPanel, actions: Actions):
    asked: list[int] = []
    actions.connect("import_portrait", lambda: asked.append(1))
    qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton)
    panel.view.setFocus()
    qtbot.keyClick(panel.view, Qt.Key.Key_Return)
    assert asked == [1, 1]
