"""Some hundreds of random deeds in the whole window; `python -m tests.desktop.monkey` does ten thousand."""

import traceback
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import main_window
from desktop.app import open_window
from desktop.settings import Settings
from tests.desktop.monkey import Monkey
from tests.desktop.monkey_cage import watched

DEEDS = 300


def test_whatever_is_done_in_the_window_nothing_breaks_and_the_project_can_be_kept(
    qtbot: QtBot, qapp: QApplication, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(main_window, "warm_up", lambda _stopped: None)
    window = open_window(qapp, settings)
    window.resize(1440, 900)
    window.start()
    monkey = Monkey(window, tmp_path, seed=5)
    with watched(monkey):
        for deed in range(1, DEEDS + 1):
            try:
                monkey.act()
                if deed % 100 == 0:
                    monkey.check()
            except Exception:
                monkey.note(traceback.format_exc())
        monkey.rest()
        while (
            not window.close()
        ):  # what was still on its way in has changed the project: it asks, and the monkey may stay
            monkey.rest()
    assert monkey.faults == []
    assert monkey.saves == DEEDS // 100
    window.deleteLater()
