"""Drive and swap clips in the editor: what their dialogs change, the face chooser, and the question about rights."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from desktop import main_window as main_window_module
from desktop.dialogs.drive import DriveDialog
from desktop.dialogs.project_info import ProjectInfoDialog
from desktop.dialogs.rights import RightsDialog, with_the_right
from desktop.dialogs.swap import SwapDialog
from desktop.document import Document
from desktop.face_following import FaceFollowing
from desktop.main_window import MainWindow
from desktop.render_thread import RenderThread
from desktop.settings import Settings
from desktop.theme import Palette
from engine.jobs import Stage
from engine.media.image import read_image, write_image
from engine.media.video_writer import VideoWriter
from engine.project.edits import with_clip, with_portrait
from engine.project.media_ref import refer_to
from engine.project.project import DriveClip, Portrait, Project, SwapClip


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def main_window(qtbot: QtBot, settings: Settings, palette: Palette, monkeypatch: pytest.MonkeyPatch):
    """The whole window, which asks nothing when it goes."""
    monkeypatch.setattr(main_window_module, "may_stop_jobs", lambda _: True)
    window = MainWindow(settings, palette)
    window.show()
    yield window
    window.document.undo_stack.setClean()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def driven(document: Document, samples: Path) -> Document:
    project = with_portrait(Project(), Portrait(refer_to(samples / "hopper.jpg")))
    document.new(with_clip(project, DriveClip(refer_to(samples / "astronaut.jpg"))))
    return document


def test_groups_strengths_and_speed_of_a_drive_are_steps_of_undo(
    driven: Document, window: QMainWindow, qtbot: QtBot
) -> None:
    dialog = DriveDialog(driven, 0, window)
    dialog.show()
    dialog.groups["jaw"].click()
    dialog.groups["mouth"].click()
    assert driven.project.drives[0].groups == ("brows", "eyes", "gaze", "head")
    dialog.gains["head"].field.setValue(0.5)
    dialog.speed.field.setValue(2.0)
    dialog.way.setCurrentIndex(1)
    dialog.way.activated.emit(1)
    clip = driven.project.drives[0]
    assert clip.gains == {"head": 0.5} and clip.speed == 2 and not clip.relative
    for _ in range(5):
        driven.undo_stack.undo()
    assert driven.project.drives[0] == DriveClip(clip.media)
    dialog.close()


def test_whose_motion_is_taken_is_chosen_by_picture(
    document: Document, window: QMainWindow, samples: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    two = np.hstack([read_image(samples / f"{name}.jpg").rgb[:400, :400] for name in ("hopper", "astronaut")])
    write_image(tmp_path / "two.png", two)
    document.new(with_clip(Project(), DriveClip(refer_to(tmp_path / "two.png"))))
    dialog = DriveDialog(document, 0, window)
    dialog.show()
    qtbot.waitUntil(lambda: len(dialog.faces) == 2, timeout=60_000)
    assert [button.isChecked() for button in dialog.faces] == [True, False]
    dialog.faces[1].click()
    assert document.project.drives[0].face == 1
    document.undo_stack.undo()
    assert document.project.drives[0].face is None
    dialog.close()


def test_a_sample_is_not_asked_about(driven: Document, window: QMainWindow) -> None:
    done: list[str] = []
    assert with_the_right(driven, window, lambda: done.append("exported")) is None
    assert done == ["exported"]


def test_a_picture_of_ones_own_is_asked_about_once(
    document: Document, window: QMainWindow, samples: Path, tmp_path: Path, palette: Palette
) -> None:
    write_image(tmp_path / "me.png", read_image(samples / "hopper.jpg").rgb[:200])
    document.new(with_portrait(Project(), Portrait(refer_to(tmp_path / "me.png"))))
    done: list[str] = []
    dialog = with_the_right(document, window, lambda: done.append("exported"))
    assert isinstance(dialog, RightsDialog) and not dialog.go.isEnabled()
    dialog.accept()
    assert done == [] and dialog.isVisible(), "nothing was chosen yet"
    dialog.grounds.buttons()[1].click()
    dialog.words.setText("my sister, today")
    dialog.accept()
    assert done == ["exported"]
    assert document.project.rights[0].ground == "They agreed to it: my sister, today"
    with_the_right(document, window, lambda: done.append("again"))
    assert done == ["exported", "again"]
    shown = ProjectInfoDialog(document.project, palette, window).page.toPlainText()
    assert "me.png" in shown and "my sister, today" in shown and "Synthetic" in shown


def test_the_swap_dialog_shows_before_and_after_and_lets_a_face_be_chosen(
    document: Document, window: QMainWindow, samples: Path, tmp_path: Path, palette: Palette, qtbot: QtBot
) -> None:
    two = [read_image(samples / f"{name}.jpg").rgb[:400, :400] for name in ("hopper", "astronaut")]
    with VideoWriter(tmp_path / "two.mp4", (800, 400), Fraction(25)) as video:
        for _ in range(3):
            video.write(np.hstack(two))
    project = with_portrait(Project(), Portrait(refer_to(samples / "astronaut.jpg")))
    document.new(with_clip(project, SwapClip(refer_to(tmp_path / "two.mp4"))))
    made: list[tuple[SwapClip, Path]] = []
    thread = RenderThread(window)  # never started: the faces stay unknown
    following = FaceFollowing(document, thread, Stage(), window)
    make = lambda p, clip, path: made.append((clip, path))  # noqa: E731
    dialog = SwapDialog(document, 0, Fraction(0), palette, following, Fraction(25), make, window)
    dialog.show()
    qtbot.waitUntil(lambda: len(dialog.faces) == 2, timeout=60_000)
    assert [button.isChecked() for button in dialog.faces] == [True, False]
    assert dialog.view.wipe is not None
    dialog.faces[1].click()
    dialog.rows["strength"].field.setValue(0.6)
    dialog.cover.click()
    clip = document.project.swaps[0]
    assert (clip.face, clip.strength, clip.cover) == (1, 0.6, False)
    qtbot.waitUntil(lambda: dialog.view.badge == "" and not dialog._timer.isActive(), timeout=60_000)
    dialog.key.click()
    dialog.rows["strength"].field.setValue(0.3)
    dialog.switch.click()
    keyed = document.project.swaps[0]
    assert keyed.strength == 0.6 and [key.value for key in keyed.keys["strength"]] == [pytest.approx(0.3)]
    assert keyed.keys["on"][0].value == 0 and dialog.switch.text() == "On from here"
    dialog.clear.click()
    assert document.project.swaps[0] == clip and not dialog.clear.isEnabled()
    dialog.grab()
    dialog.close()
    assert replace(clip, face=None, face_at=None, strength=1.0, cover=True) == SwapClip(clip.media)


def test_a_right_click_and_the_menu_lead_to_a_clips_options(driven: Document, main_window: MainWindow) -> None:
    window = main_window
    window.document.new(driven.project)
    window.show_workspace()
    assert window.workspace
    window.selection.set_clip(("drives", 0))
    menu = window.workspace.timeline._menus.row_menu("drives", 0, Fraction(0))
    assert window.commands["clip_options"] in menu.actions()
    window.commands["clip_options"].trigger()
    dialog = window.findChild(DriveDialog)
    assert dialog and dialog.isVisible() and "astronaut.jpg" in dialog.windowTitle()
    dialog.close()
    window.commands["project_info"].trigger()
    info = window.findChild(ProjectInfoDialog)
    assert info and "public domain" in info.page.toPlainText()
    info.close()


def test_a_picture_of_ones_own_is_asked_about_before_it_moves(
    samples: Path, tmp_path: Path, main_window: MainWindow
) -> None:
    window = main_window
    write_image(tmp_path / "me.png", read_image(samples / "hopper.jpg").rgb[:300])
    project = with_portrait(Project(), Portrait(refer_to(tmp_path / "me.png")))
    window.document.new(with_clip(project, DriveClip(refer_to(samples / "astronaut.jpg"))))
    window.show_workspace()
    window.commands["generate"].trigger()
    dialog = window.findChild(RightsDialog)
    assert dialog and window.render_thread.jobs == []
    dialog.grounds.buttons()[0].click()
    dialog.accept()
    assert [job.name for job in window.render_thread.jobs] == ["Generate motion"]
    window.render_thread.jobs[0].cancel()
