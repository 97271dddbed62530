"""The user's word on the right to use a picture: none needed for samples, once for others, kept and exported."""

from pathlib import Path

import pytest

from engine.console import with_word
from engine.errors import InputError
from engine.export.provenance import provenance_tags
from engine.export.rights import BY_USE, needing_word, stated
from engine.jobs import new_project
from engine.media.image import read_image, write_image
from engine.project.edits import with_rights
from engine.project.project import Project, Rights
from engine.project.storage import load_project, save_project


@pytest.fixture
def mine(samples: Path, tmp_path: Path) -> Project:
    write_image(tmp_path / "me.png", read_image(samples / "hopper.jpg").rgb)
    return new_project(tmp_path / "me.png")


def test_a_sample_that_ships_needs_no_word(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = new_project(samples / "hopper.jpg")
    assert needing_word(project) == [] and with_word(project) == project
    assert project.portrait
    word = stated(project, project.portrait.media)
    assert word and "public domain" in word.ground
    assert capsys.readouterr().err == ""


def test_a_script_is_told_what_it_states_once(mine: Project, capsys: pytest.CaptureFixture[str]) -> None:
    sure = with_word(mine)
    assert "me.png" in capsys.readouterr().err
    assert sure.rights[0].ground == BY_USE and sure.rights[0].date
    assert with_word(sure) == sure
    assert capsys.readouterr().err == ""


def test_a_person_is_asked_and_may_say_no(mine: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda: "n")
    with pytest.raises(InputError, match=r"me\.png"):
        with_word(mine)
    monkeypatch.setattr("builtins.input", lambda: "Yes")
    assert needing_word(with_word(mine)) == []


def test_the_word_is_kept_in_the_project_and_told_in_the_video(mine: Project, tmp_path: Path) -> None:
    project = with_word(mine, "she is my sister and agreed")
    save_project(project, tmp_path / "p.portrayal")
    assert load_project(tmp_path / "p.portrayal", tmp_path / "unpacked").rights == project.rights
    assert "my sister" in provenance_tags(project, "1")["comment"]
    again = with_rights(project, Rights(project.rights[0].sha256, "it is me"))
    assert [word.ground for word in again.rights] == ["it is me"]


def test_a_word_says_something(mine: Project) -> None:
    with pytest.raises(InputError):
        Rights("0" * 64, "  ")
