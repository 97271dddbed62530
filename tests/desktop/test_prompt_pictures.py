"""A face in a picture becomes a prompt: through the queue, by drop on the prompt track, as one step of undo."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from performances import project
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import main_window as main_window_module
from desktop.actions import Actions
from desktop.app import open_window
from desktop.document import Document
from desktop.main_window import MainWindow
from desktop.panels.prompt_pictures import PromptPictures
from desktop.panels.timeline_panel import TimelinePanel
from desktop.render_thread import RenderThread
from desktop.selection import Selection
from desktop.settings import Settings
from desktop.theme import Palette
from engine.errors import FaceError
from engine.media.image import write_image


@pytest.fixture
def pictures(
    qtbot: QtBot,
    document: Document,
    selection: Selection,
    palette: Palette,
    actions: Actions,
    thread: RenderThread,
    settings: Settings,
) -> PromptPictures:
    timeline = TimelinePanel(document, selection, palette, actions)
    qtbot.addWidget(timeline)
    document.new(project())
    timeline.resize(900, 300)
    timeline.show()
    return PromptPictures(document, selection, actions, thread, settings, timeline)


def test_a_smile_becomes_a_prompt_in_one_step_of_undo(
    pictures: PromptPictures,
    document: Document,
    selection: Selection,
    thread: RenderThread,
    qtbot: QtBot,
    samples: Path,
):
    pictures.take(samples / "astronaut.jpg", Fraction(13))
    assert thread.jobs[0].name == "Read the expression in astronaut.jpg"
    qtbot.waitUntil(lambda: len(document.project.prompts) == 3, timeout=30_000)
    clip = document.project.prompts[2]
    assert dict(clip.shown)["mouthSmileLeft"] > 0.5
    assert (clip.text, clip.span.start) == ("like astronaut.jpg", 13)
    assert selection.clip == ("prompts", 2)
    document.undo_stack.undo()
    assert document.project == project()


def test_a_picture_without_a_face_changes_nothing(
    pictures: PromptPictures, document: Document, thread: RenderThread, qtbot: QtBot, tmp_path: Path
):
    write_image(tmp_path / "grey.png", np.full((200, 200, 3), 128, np.uint8))
    pictures.take(tmp_path / "grey.png", Fraction(0))
    with qtbot.waitSignal(thread.jobs[0].failed, timeout=30_000) as failed:
        pass
    assert isinstance(failed.args[0], FaceError)
    assert document.project == project()


def test_what_is_read_for_a_project_that_is_gone_is_not_put_into_the_next(
    pictures: PromptPictures, document: Document, thread: RenderThread, qtbot: QtBot, samples: Path
):
    pictures.take(samples / "astronaut.jpg", Fraction(1))
    document.new(project())
    qtbot.waitUntil(lambda: not thread.jobs, timeout=30_000)
    assert document.project == project()


def test_only_one_picture_over_the_prompt_track_means_its_expression(pictures: PromptPictures, samples: Path):
    face = samples / "hopper.jpg"
    place = pictures.place([face])
    assert place and 20 < place.height() < 80
    assert pictures.place([face, face]) is None
    assert pictures.place([samples / "speech.flac"]) is None


def test_dropped_on_the_track_in_the_window_it_is_a_prompt_there(
    qtbot: QtBot, qapp: QApplication, settings: Settings, monkeypatch: pytest.MonkeyPatch, samples: Path
):
    monkeypatch.setattr(main_window_module, "warm_up", lambda _stopped: None)
    window = open_window(qapp, settings)
    window.start()
    window.document.new(project())
    window.show_workspace()
    qtbot.waitUntil(lambda: window.workspace.timeline.isVisible())
    qapp.processEvents()
    place = window.workspace.prompt_pictures.place([samples / "astronaut.jpg"])
    assert place
    _drag(window, samples / "astronaut.jpg", place.center())
    assert window._veil._text == "Make its expression a prompt"
    _drag(window, samples / "astronaut.jpg", place.center() - QPoint(0, 300))
    assert window._veil._text != "Make its expression a prompt"
    _drag(window, samples / "astronaut.jpg", place.center(), drop=True)
    qtbot.waitUntil(lambda: len(window.document.project.prompts) == 3, timeout=30_000)
    assert window.document.project.portrait is None
    assert 5 < window.document.project.prompts[2].span.start < 15
    window.document.undo_stack.setClean()
    window.close()
    window.deleteLater()


def _drag(window: MainWindow, path: Path, at: QPoint, drop: bool = False) -> None:
    data, here = QMimeData(), window.mapFromGlobal(at)
    data.setUrls([QUrl.fromLocalFile(str(path))])
    held = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    if drop:
        window.dropEvent(QDropEvent(QPointF(here), *held))
    else:
        window.dragMoveEvent(QDragMoveEvent(here, *held))
