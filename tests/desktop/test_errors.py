"""Errors become words; faults become a report, once."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.dialogs.crash import CrashDialog
from desktop.errors import ErrorPresenter, sentence
from desktop.theme import Palette
from desktop.widgets.message_bar import MessageBar
from engine.errors import MediaError


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[CrashDialog]:
    """Crash dialogs that would have waited for the user."""
    dialogs: list[CrashDialog] = []
    monkeypatch.setattr(CrashDialog, "exec", lambda self: dialogs.append(self))
    return dialogs


@pytest.fixture
def presenter(qtbot: QtBot, palette: Palette, tmp_path: Path) -> ErrorPresenter:
    """One whose keep-safe always keeps."""
    window = QWidget()
    qtbot.addWidget(window)
    bar = MessageBar(palette)
    bar.setParent(window)
    window.show()
    return ErrorPresenter(window, bar, tmp_path / "log", lambda: tmp_path / "kept.portrayal")


def test_an_engine_error_is_a_sentence_in_the_bar(presenter: ErrorPresenter, shown: list[CrashDialog]):
    presenter.show(MediaError("a.wav holds no sound: choose a recording with speech"))
    assert presenter._bar.text == "a.wav holds no sound: choose a recording with speech."
    assert shown == []


def test_a_fault_is_logged_and_shown_once(presenter: ErrorPresenter, shown: list[CrashDialog], tmp_path: Path):
    for _ in range(3):
        try:
            {}["nothing"]
        except KeyError as error:
            presenter.show(error)
    assert len(shown) == 1
    assert "KeyError: 'nothing'" in shown[0].details.toPlainText()
    assert "KeyError" in (tmp_path / "log" / "faults.txt").read_text()


def test_paths_keep_their_case():
    assert sentence("/home/x.wav is gone: put it back") == "/home/x.wav is gone: put it back."
    assert sentence("no face: use another picture") == "No face: use another picture."
    assert sentence("Really?") == "Really?"
