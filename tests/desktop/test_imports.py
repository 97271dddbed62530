"""Media come in by dialog and by drop; what is no use is refused in words."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QFileDialog, QMainWindow
from pytestqt.qtbot import QtBot

from desktop.actions import Actions
from desktop.background import Background
from desktop.document import Document
from desktop.imports import Imports
from desktop.media_kinds import kind_of, name_filter
from desktop.selection import Selection
from desktop.settings import Settings
from engine.errors import MediaError
from engine.media.image import write_image
from engine.project.media_ref import refer_to


@pytest.fixture
def imports(qtbot: QtBot, document: Document, selection: Selection, settings: Settings, actions: Actions):
    """The commands, in a window of their own."""
    window = QMainWindow()
    qtbot.addWidget(window)
    background = Background()
    yield Imports(document, selection, settings, background, actions, window)
    background.close()


def bring(qtbot: QtBot, imports: Imports, paths: list[Path]) -> None:
    with qtbot.waitSignal(imports.brought, timeout=20_000):
        imports.dropped(paths)


def test_a_picture_and_a_sound_make_a_project_in_two_steps_of_undo(
    qtbot: QtBot, document: Document, imports: Imports, samples: Path
):
    bring(qtbot, imports, [samples / "hopper.jpg"])
    bring(qtbot, imports, [samples / "speech.flac"])
    project = document.project
    assert project.portrait and project.portrait.media == refer_to(samples / "hopper.jpg")
    assert project.audio and 10 < project.audio.seconds < 12
    assert [document.undo_stack.text(i) for i in range(2)] == ["Choose portrait", "Import speech"]
    document.undo_stack.undo()
    assert document.project.audio is None and document.project.portrait


def test_by_dialog_the_folder_is_remembered(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    document: Document,
    imports: Imports,
    actions: Actions,
    settings: Settings,
    samples: Path,
):
    asked: list[str] = []

    def choose(_parent: object, _title: str, folder: str, _names: str) -> tuple[str, str]:
        asked.append(folder)
        return str(samples / "astronaut.jpg"), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    for _ in range(2):
        with qtbot.waitSignal(imports._background.busy, check_params_cb=lambda on: not on, timeout=20_000):
            actions["import_portrait"].trigger()
    assert asked[1] == str(samples)
    assert document.project.portrait and document.project.portrait.media.name == "astronaut.jpg"


@pytest.mark.parametrize("name", ["broken.png", "broken.wav"])
def test_what_cannot_be_read_changes_nothing(
    qtbot: QtBot, document: Document, imports: Imports, tmp_path: Path, name: str
):
    (tmp_path / name).write_bytes(b"nonsense")
    with qtbot.waitSignal(imports.failed, timeout=20_000) as failed:
        imports.dropped([tmp_path / name])
    assert isinstance(failed.args[0], MediaError) and name in str(failed.args[0])
    assert document.undo_stack.count() == 0


def test_a_second_picture_may_be_a_portrait_or_a_drive(
    qtbot: QtBot, document: Document, imports: Imports, selection: Selection, samples: Path
):
    bring(qtbot, imports, [samples / "hopper.jpg"])
    menu = imports._menu(samples / "astronaut.jpg", "picture")
    texts = [action.text() for action in menu.actions()]
    drive, swap = "Take its motion from the playhead on", "Put its face onto the performance"
    assert texts == ["Use it as the portrait", drive, swap]
    with qtbot.waitSignal(imports.brought, timeout=20_000):
        menu.actions()[1].trigger()
    assert len(document.project.drives) == 1
    assert document.project.portrait and document.project.portrait.media.name == "hopper.jpg"


def test_a_project_is_opened_and_other_files_are_ignored(qtbot: QtBot, imports: Imports, tmp_path: Path):
    data = QMimeData()
    names = ["notes.txt", "film.portrayal", "voice.WAV"]
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in names] + [QUrl("https://example.org/a.png")])
    usable = imports.usable(data)
    assert [path.name for path in usable] == names[1:]
    assert imports.meaning(usable) == "Open the project"
    with qtbot.waitSignal(imports.open_project) as opened:
        imports.dropped(usable)
    assert opened.args[0].name == "film.portrayal"


def test_kinds_go_by_name():
    assert [kind_of(Path(name)) for name in ("a.PNG", "b.flac", "c.mov", "d.portrayal", "e", "f.txt")] == [
        *("picture", "sound", "video", "project", None, None)
    ]
    assert "*.flac" in name_filter("Sound", "sound") and "All files" in name_filter("Sound", "sound")


def test_a_picture_that_is_there_but_odd_still_comes_in(
    qtbot: QtBot, document: Document, imports: Imports, tmp_path: Path
):
    write_image(tmp_path / "ümlaut name.png", np.zeros((4, 4, 3), np.uint8))
    bring(qtbot, imports, [tmp_path / "ümlaut name.png"])
    assert document.project.portrait and document.project.portrait.media.name == "ümlaut name.png"
