"""New, open, save, recover and the sample, through the commands the menus use."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMainWindow
from pytestqt.qtbot import QtBot

from desktop.actions import Actions
from desktop.autosave import Autosave, Recoverable
from desktop.background import Background
from desktop.document import Document
from desktop.projects import Answer, Projects
from desktop.settings import Settings
from engine.errors import EngineError, ProjectError
from engine.project.edits import with_seed
from engine.project.project import Project
from engine.project.storage import autosave_path, check_media, load_project, save_project


@pytest.fixture
def background(qtbot: QtBot):
    """A pool that is closed at the end."""
    pool = Background()
    yield pool
    pool.close()


@pytest.fixture
def projects(
    qtbot: QtBot, document: Document, settings: Settings, actions: Actions, background: Background
) -> Projects:
    """The commands, in a window of their own."""
    window = QMainWindow()
    qtbot.addWidget(window)
    autosave = Autosave(document, settings.folders.unsaved, background)
    projects = Projects(document, settings, autosave, actions, window)
    projects.failures = []  # type: ignore[attr-defined]
    projects.failed.connect(projects.failures.append)  # type: ignore[attr-defined]
    return projects


def answer(monkeypatch: pytest.MonkeyPatch, projects: Projects, button: Answer) -> list[int]:
    """Answer every question about unsaved changes this way; a list that grows with each."""
    asked: list[int] = []
    monkeypatch.setattr(projects, "_ask_to_save", lambda: asked.append(1) or button)
    return asked


def name_file(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))


def change(document: Document, seed: int) -> None:
    document.edit("Change seed", lambda project: with_seed(project, seed))


def test_saving_asks_for_a_file_once_adds_the_ending_and_remembers(
    monkeypatch: pytest.MonkeyPatch,
    document: Document,
    actions: Actions,
    projects: Projects,
    settings: Settings,
    tmp_path: Path,
):
    name_file(monkeypatch, tmp_path / "My film")
    change(document, 1)
    actions["save"].trigger()
    assert document.path == tmp_path / "My film.portrayal"
    assert not document.dirty
    assert settings.recent == [document.path]
    assert settings.folder("project") == tmp_path
    change(document, 2)
    monkeypatch.delattr(QFileDialog, "getSaveFileName")  # asking again would fail
    actions["save"].trigger()
    assert load_project(document.path, tmp_path).seed == 2
    assert projects.name == "My film"


@pytest.mark.parametrize(
    ("button", "left", "saved"),
    [(Answer.Save, True, True), (Answer.Discard, True, False), (Answer.Cancel, False, False)],
)
def test_unsaved_work_is_asked_about(
    monkeypatch: pytest.MonkeyPatch,
    document: Document,
    projects: Projects,
    tmp_path: Path,
    button: Answer,
    left: bool,
    saved: bool,
):
    document.save(tmp_path / "a.portrayal")
    change(document, 9)
    asked = answer(monkeypatch, projects, button)
    projects.new()
    assert asked == [1]
    assert (document.project == Project()) is left
    assert (load_project(tmp_path / "a.portrayal", tmp_path).seed == 9) is saved


def test_without_changes_nobody_is_asked(monkeypatch: pytest.MonkeyPatch, document: Document, projects: Projects):
    asked = answer(monkeypatch, projects, Answer.Cancel)
    projects.new()
    projects.close()
    assert asked == []


def test_a_file_that_is_no_project_leaves_the_open_one(document: Document, projects: Projects, tmp_path: Path):
    document.new(Project(seed=4))
    bad = tmp_path / "bad.portrayal"
    bad.write_bytes(b"PK no")
    assert not projects.open(bad)
    assert [type(error) for error in projects.failures] == [ProjectError]  # type: ignore[attr-defined]
    assert document.project.seed == 4


@pytest.mark.parametrize("wanted", [True, False])
def test_a_newer_autosave_is_offered(
    monkeypatch: pytest.MonkeyPatch, document: Document, projects: Projects, tmp_path: Path, wanted: bool
):
    path = tmp_path / "a.portrayal"
    save_project(Project(seed=1), path)
    save_project(Project(seed=2), autosave_path(path))
    monkeypatch.setattr(projects, "_wants_autosave", lambda _: wanted)
    assert projects.open(path)
    assert document.project.seed == (2 if wanted else 1)
    assert document.dirty is wanted
    assert document.path == path


def test_untitled_work_comes_back_and_is_kept_safe_again(document: Document, projects: Projects, settings: Settings):
    lost = settings.folders.unsaved / "untitled-1-a.portrayal"
    lost.parent.mkdir(parents=True)
    save_project(Project(seed=8), lost)
    assert projects.recover(Recoverable(lost, None))
    assert document.project.seed == 8 and document.dirty and document.path is None
    assert not lost.exists()
    kept = list(settings.folders.unsaved.glob("*.portrayal"))
    assert len(kept) == 1 and load_project(kept[0], settings.folders.unpacked).seed == 8


def test_a_damaged_autosave_says_so_and_stays(document: Document, projects: Projects, tmp_path: Path):
    lost = tmp_path / "untitled-1-a.portrayal"
    lost.write_bytes(b"half")
    assert not projects.recover(Recoverable(lost, None))
    assert lost.exists()
    assert isinstance(projects.failures[0], EngineError)  # type: ignore[attr-defined]


def test_the_sample_is_whole_and_saves_with_its_media_inside(
    monkeypatch: pytest.MonkeyPatch, document: Document, projects: Projects, tmp_path: Path
):
    projects.sample()
    sample = document.project
    assert sample.portrait and sample.audio and sample.audio.words and len(sample.prompts) == 2
    assert sample.motion.duration >= sample.audio.duration
    check_media(sample)
    name_file(monkeypatch, tmp_path / "mine.portrayal")
    assert projects.save()
    again = load_project(tmp_path / "mine.portrayal", tmp_path / "elsewhere")
    assert again == sample
    check_media(again)
    assert all(Path(ref.path).is_relative_to(tmp_path / "elsewhere") for ref in again.media)
