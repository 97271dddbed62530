"""Unsaved work is kept, and found again when it matters."""

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop import autosave as autosave_module
from desktop.autosave import Autosave, left_behind
from desktop.background import Background
from desktop.document import Document
from engine.project.edits import with_seed
from engine.project.project import Project
from engine.project.storage import autosave_path, load_project, save_project


@pytest.fixture
def background(qtbot: QtBot):
    """A pool that is closed at the end."""
    pool = Background()
    yield pool
    pool.close()


@pytest.fixture
def autosave(document: Document, tmp_path: Path, background: Background, monkeypatch: pytest.MonkeyPatch) -> Autosave:
    """Saves aside 10 ms after a change."""
    monkeypatch.setattr(autosave_module, "PAUSE_MS", 10)
    return Autosave(document, tmp_path / "unsaved", background)


def change(document: Document, seed: int) -> None:
    document.edit("Change seed", lambda project: with_seed(project, seed))


def test_untitled_work_is_saved_aside_and_its_lock_keeps_others_from_it(
    qtbot: QtBot, document: Document, autosave: Autosave, tmp_path: Path
):
    with qtbot.waitSignal(autosave.saved) as saved:
        change(document, 5)
    assert load_project(saved.args[0], tmp_path).seed == 5
    assert left_behind(tmp_path / "unsaved", []) == []  # this program still runs
    lock = Path(f"{saved.args[0]}.lock")
    lock.unlink()  # as if it had crashed
    found = left_behind(tmp_path / "unsaved", [])
    assert [one.autosave for one in found] == [saved.args[0]]
    assert found[0].name == "Untitled project"


def test_titled_work_is_saved_beside_its_project_and_goes_away_when_that_is_saved(
    qtbot: QtBot, document: Document, autosave: Autosave, tmp_path: Path
):
    path = tmp_path / "a.portrayal"
    document.save(path)
    with qtbot.waitSignal(autosave.saved):
        change(document, 1)
    assert autosave_path(path).exists()
    assert [one.path for one in left_behind(tmp_path, [path])] == [path]
    document.save(path)
    assert not autosave_path(path).exists()
    assert left_behind(tmp_path, [path]) == []


def test_an_autosave_that_ends_after_the_save_does_not_stay(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    document: Document,
    autosave: Autosave,
    background: Background,
    tmp_path: Path,
):
    path, saved = tmp_path / "a.portrayal", threading.Event()
    document.save(path)
    change(document, 1)

    def slow(project: Project, target: Path) -> None:
        saved.wait(10)
        save_project(project, target)

    monkeypatch.setattr(autosave_module, "save_project", slow)
    autosave._start()
    document.save(path)
    saved.set()
    background._pool.waitForDone()
    assert autosave_path(path).exists()
    qtbot.waitUntil(lambda: not autosave_path(path).exists())


def test_leaving_while_an_autosave_is_written_leaves_nothing(
    document: Document, autosave: Autosave, background: Background, tmp_path: Path
):
    change(document, 2)
    autosave._start()
    background.close()
    autosave.close()
    assert list((tmp_path / "unsaved").iterdir()) == []


def test_leaving_in_good_order_leaves_nothing(qtbot: QtBot, document: Document, autosave: Autosave, tmp_path: Path):
    with qtbot.waitSignal(autosave.saved):
        change(document, 2)
    autosave.close()
    assert [file.name for file in (tmp_path / "unsaved").iterdir()] == []


def test_now_saves_at_once_and_only_if_there_is_something(document: Document, autosave: Autosave):
    assert autosave.now() is None
    change(document, 3)
    kept = autosave.now()
    assert kept and kept.exists()
    document.new()  # the user did not want it
    assert not kept.exists()
