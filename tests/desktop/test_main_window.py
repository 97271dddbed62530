"""The real window with real media: the way from a picture to a video, layout, theme, drops, and leaving."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop import main_window as main_window_module
from desktop.app import open_window
from desktop.dialogs.export import ExportDialog
from desktop.main_window import MainWindow
from desktop.projects import Answer
from desktop.settings import Settings
from desktop.widgets import message_bar
from engine.errors import MediaError
from engine.events import Progress
from engine.jobs import Job
from engine.media.video import probe
from engine.project.channels import in_group
from engine.project.edits import with_portrait, with_seed, with_settings
from engine.project.media_ref import refer_to
from engine.project.motion import dense
from engine.project.project import Portrait, Project
from engine.project.storage import autosave_path, load_project, save_project
from engine.project.timing import TimeRange

LONG = 120_000  # milliseconds: real work on a busy machine


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, settings: Settings, monkeypatch: pytest.MonkeyPatch):
    """A started window that warms nothing up, and leaves without questions."""
    monkeypatch.setattr(main_window_module, "warm_up", lambda _stopped: None)
    window = open_window(qapp, settings)
    window.start()
    yield window
    window.document.undo_stack.setClean()
    leave(window)


def leave(window: MainWindow) -> None:
    """Close and destroy it: the next one's style sheet would be worked out for this one too."""
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def do(window: MainWindow, name: str, edit: Callable[[Project], Project]) -> None:
    window.document.edit(name, edit)


def test_from_a_picture_and_a_voice_to_a_video(
    qtbot: QtBot, window: MainWindow, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    document, selection, commands = window.document, window.selection, window.commands
    commands["new"].trigger()
    assert window.workspace and window.workspace.isVisible()
    for command, file in (("import_portrait", "hopper.jpg"), ("import_audio", "speech.flac")):
        answer_file(monkeypatch, "getOpenFileName", samples / file)
        with qtbot.waitSignal(window.imports.brought, timeout=LONG):
            commands[command].trigger()
    do(window, "Change size", lambda p: with_settings(p, size=128))

    commands["generate"].trigger()
    qtbot.waitUntil(lambda: document.project.motion.frames > 0, timeout=LONG)
    assert len(window.workspace.timeline.phones) > 60, "the sounds show on the timeline"
    generated = document.project

    selection.set_channels(("browInnerUp",))
    selection.set_playhead(Fraction(2))
    commands["add_key"].trigger()
    commands["key_up"].trigger()
    edited = document.project
    key = edited.motion["browInnerUp"].layers[0].keys[0]
    assert key.time == 2 and key.value > generated.motion["browInnerUp"].generated[50]
    commands["undo"].trigger()
    commands["undo"].trigger()
    assert document.project == generated
    commands["redo"].trigger()
    commands["redo"].trigger()
    assert document.project == edited

    mouth, locked = in_group("mouth"), TimeRange(Fraction(3), Fraction(6))
    selection.set_channels(mouth)
    selection.set_span(locked)
    commands["lock"].trigger()
    before = document.project.motion
    selection.set_channels(())
    selection.set_span(None)
    commands["new_take"].trigger()
    qtbot.waitUntil(lambda: document.project.motion != before, timeout=LONG)
    after = document.project.motion
    frames = locked.frames(after.rate, after.frames)
    for name in mouth:
        assert np.array_equal(before[name].generated[frames], after[name].generated[frames])
    assert not np.array_equal(dense(before), dense(after))

    do(window, "Mark", lambda p: with_settings(p, rate=Fraction(30000, 1001)))
    assert document.dirty and window.isWindowModified()
    answer_file(monkeypatch, "getSaveFileName", tmp_path / "film.portrayal")
    commands["save"].trigger()
    assert not window.isWindowModified() and "film" in window.windowTitle()
    kept = document.project
    commands["close"].trigger()
    assert window.welcome.isVisible()
    answer_file(monkeypatch, "getOpenFileName", tmp_path / "film.portrayal")
    commands["open"].trigger()
    assert document.project == kept

    commands["export"].trigger()
    dialog = window.findChild(ExportDialog)
    dialog.path.setText(str(tmp_path / "film.mp4"))
    with qtbot.waitSignal(window.render_thread.added) as added:
        dialog.go.click()
    job = added.args[0]
    qtbot.waitUntil(lambda: job.state.over, timeout=LONG)
    assert job.error is None and "film.mp4" in window.bar.text
    video = probe(tmp_path / "film.mp4")
    assert video.rate == Fraction(30000, 1001) and video.has_audio
    assert abs(video.seconds - document.project.duration) < Fraction(1, 25)


def answer_file(monkeypatch: pytest.MonkeyPatch, question: str, path: Path) -> None:
    """The next file dialogs give this file."""
    monkeypatch.setattr(QFileDialog, question, lambda *_: (str(path), ""))


def test_the_sample_plays_by_itself(qtbot: QtBot, window: MainWindow):
    window.commands["sample"].trigger()
    assert window.workspace
    qtbot.waitUntil(lambda: window.workspace.playback.playing, timeout=LONG)
    qtbot.waitUntil(lambda: window.selection.playhead > 0, timeout=LONG)
    assert window.projects.name == "Untitled"
    window.commands["play_stop"].trigger()


def test_every_action_is_connected_in_the_workspace(window: MainWindow):
    window.commands["new"].trigger()
    from desktop.actions import ROWS

    unconnected = [row.id for row in ROWS if row.id not in window.commands._handlers]
    assert unconnected == []


def test_tabbed_docks_show_their_title_once_and_no_tab_bar_strays(qtbot: QtBot, window: MainWindow):
    window.commands["new"].trigger()
    space = window.workspace
    assert space
    qtbot.waitUntil(lambda: space.docks["curves"].titleBarWidget() is space.docks["curves"]._none)
    assert space.docks["portrait"].titleBarWidget() is not space.docks["portrait"]._none
    bars = [bar for bar in space.findChildren(QTabBar) if bar.parent() is space and bar.isVisible()]
    assert sorted(bar.count() for bar in bars) == [2, 2, 4]


def test_the_layout_is_remembered_and_reset(
    qtbot: QtBot, qapp: QApplication, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(main_window_module, "warm_up", lambda _stopped: None)
    first = open_window(qapp, settings)
    first.start()
    first.commands["new"].trigger()
    assert first.workspace
    first.workspace.docks["queue"].setFloating(True)
    first.workspace.docks["speech"].close()
    leave(first)
    second = open_window(qapp, settings)
    second.start()
    second.commands["new"].trigger()
    assert second.workspace
    assert second.workspace.docks["queue"].isFloating()
    assert not second.workspace.docks["speech"].isVisible()
    second.commands["reset_layout"].trigger()
    assert not second.workspace.docks["queue"].isFloating()
    assert second.workspace.docks["speech"].isVisible()
    leave(second)


def test_the_theme_is_switched_everywhere_and_remembered(qtbot: QtBot, window: MainWindow, settings: Settings):
    window.commands["sample"].trigger()
    window.commands["theme"].trigger()
    assert settings.theme == "light" and not window.colours.dark
    light = window.grab().toImage()
    window.commands["theme"].trigger()
    assert settings.theme == "dark"
    assert window.grab().toImage() != light


def test_files_dragged_over_the_window_say_what_they_would_do(
    qtbot: QtBot, window: MainWindow, samples: Path, tmp_path: Path
):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(samples / "hopper.jpg"))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(400, 300), copy, data, left, none)
    window.dragEnterEvent(enter)
    assert enter.isAccepted() and window._veil.isVisible() and window._veil._text == "Use it as the portrait"
    window.dropEvent(QDropEvent(QPointF(400, 300), copy, data, left, none))
    assert not window._veil.isVisible()
    qtbot.waitUntil(lambda: window.document.project.portrait is not None, timeout=LONG)
    assert window.workspace and window.workspace.isVisible()
    other = QMimeData()
    other.setText("words")
    refused = QDragEnterEvent(QPoint(400, 300), copy, other, left, none)
    refused.ignore()
    window.dragEnterEvent(refused)
    assert not refused.isAccepted()


def test_unsaved_work_keeps_the_window_open_until_answered(window: MainWindow, monkeypatch: pytest.MonkeyPatch):
    do(window, "Change seed", lambda p: with_seed(p, 3))
    monkeypatch.setattr(window.projects, "_ask_to_save", lambda: Answer.Cancel)
    event = QCloseEvent()
    window.closeEvent(event)
    assert not event.isAccepted() and window.isVisible()


@pytest.mark.parametrize("stop", [False, True])
def test_a_job_under_way_is_asked_about(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, stop: bool):
    def long() -> Job:
        for done in range(10**6):
            yield Progress(done, 10**6, "Rendering")

    asked: list[str] = []

    def answer(box: QMessageBox) -> int:
        asked.append(box.text())
        next(b for b in box.buttons() if b.text() == ("Quit now" if stop else "Keep working")).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    job = window.render_thread.submit("Export a.mp4", long())
    event = QCloseEvent()
    window.closeEvent(event)
    assert asked == ["“Export a.mp4” is not finished."]
    assert event.isAccepted() is stop
    job.cancel()
    if not stop:  # else the thread has ended
        qtbot.waitUntil(lambda: job.state.over)


def test_undo_and_redo_name_what_they_do(window: MainWindow):
    assert not window.commands["undo"].isEnabled()
    do(window, "Change seed", lambda p: with_seed(p, 3))
    assert window.commands["undo"].text() == "Undo “change seed”"
    window.commands["undo"].trigger()
    assert window.commands["redo"].text() == "Redo “change seed”"
    assert not window.commands["undo"].isEnabled()


def test_after_a_crash_the_work_is_offered(
    qtbot: QtBot, qapp: QApplication, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(main_window_module, "warm_up", lambda _stopped: None)
    path = tmp_path / "film.portrayal"
    save_project(Project(seed=1), path)
    save_project(Project(seed=2), autosave_path(path))
    settings.remember(path)
    window = open_window(qapp, settings)
    window.start()
    qtbot.waitUntil(lambda: any(child.isVisible() for child in window.findChildren(QDialog)))
    dialog = next(child for child in window.findChildren(QDialog) if child.isVisible())
    dialog._open()  # type: ignore[attr-defined]
    assert window.document.project.seed == 2 and window.document.dirty
    window.document.save(path)
    assert load_project(path, tmp_path).seed == 2 and not autosave_path(path).exists()
    leave(window)


def test_what_the_engine_refuses_is_said_in_the_bar(qtbot: QtBot, window: MainWindow, tmp_path: Path):
    window.commands["new"].trigger()
    window.commands["generate"].trigger()
    assert "portrait" in window.bar.text and window.bar.text.endswith(".")
    picture = tmp_path / "a.png"
    picture.write_bytes(b"nothing")
    do(window, "Choose portrait", lambda p: with_portrait(p, Portrait(refer_to(picture))))
    qtbot.waitUntil(lambda: "a.png" in window.bar.text, timeout=LONG)


def test_enter_presses_the_button_in_focus_space_plays_and_escape_lets_go(qtbot: QtBot, window: MainWindow):
    window.commands["new"].trigger()
    assert window.workspace
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    pressed: list[str] = []
    button = window.workspace.audio.findChildren(QPushButton)[0]
    button.clicked.disconnect()
    button.clicked.connect(lambda: pressed.append("button"))
    window.commands["play_pause"].triggered.connect(lambda: pressed.append("play"))
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Return)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert pressed == ["button", "play"]
    window.workspace.timeline.setFocus()
    window.selection.set_span(TimeRange(Fraction(1), Fraction(2)))
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Escape)
    assert window.selection.span is None


def test_everything_that_takes_the_keyboard_has_a_name(window: MainWindow):
    window.commands["sample"].trigger()
    window.selection.set_clip(("prompts", 0))
    kinds = (
        QAbstractButton,
        QAbstractSpinBox,
        QAbstractSlider,
        QComboBox,
        QLineEdit,
        QMessageBox,
        QPlainTextEdit,
        QAbstractItemView,
    )
    nameless = []
    for widget in window.findChildren(QWidget):
        inner = isinstance(widget.parent(), (QAbstractSpinBox, QComboBox, QAbstractItemView, QTabBar, QScrollArea))
        if isinstance(widget, kinds) and not inner and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            named = widget.accessibleName() or text or isinstance(widget, QScrollBar) or not widget.isVisible()
            if not named:
                nameless.append(f"{widget.parent()}: {widget}")
    assert nameless == [], "\n".join(nameless)


def test_an_error_leaves_when_the_user_goes_on(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    window.projects.new()
    window.presenter.show(MediaError("no face found in landscape.png: choose another picture"))
    window.document.edit("Reseed", lambda p: with_seed(p, 5))
    assert window.bar.text != ""  # not read yet
    monkeypatch.setattr(message_bar, "READ_MS", 0)
    qtbot.wait(5)
    window.document.edit("Reseed", lambda p: with_seed(p, 6))
    assert window.bar.text == ""
    window.document.undo_stack.setClean()


def test_what_asks_something_stays_but_not_an_error_of_the_last_project(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(message_bar, "READ_MS", 0)
    window.projects.new()
    window.bar.say("It stopped.", "error", (("Try again", lambda: None),))
    qtbot.wait(5)
    window.document.edit("Reseed", lambda p: with_seed(p, 5))
    window.document.undo_stack.setClean()
    window.projects.new()
    assert window.bar.text == "It stopped."
    window.bar.say("It stopped.", "error")
    window.projects.new()
    assert window.bar.text == ""
