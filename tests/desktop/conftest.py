"""Fixtures of the editor's tests: no screen, and settings in a temporary folder."""

import gc
import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is loaded: pytest-qt makes the application later
# Else Qt tells pytest-qt's handler what its media library lacks, in the midst of loading it; the handler waits for Python,
# which a thread that loads another library may hold: neither would ever go on.
os.environ["QT_LOGGING_RULES"] = "qt.multimedia.*=false"

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from desktop import theme
from desktop.actions import Actions
from desktop.dialogs.crash import CrashDialog
from desktop.document import Document
from desktop.render_thread import RenderThread
from desktop.selection import Selection
from desktop.settings import Folders, Settings


@pytest.fixture(autouse=True)
def _no_real_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever asks the platform for a folder gets one below the test's own."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


@pytest.fixture(autouse=True)
def _garbage_in_this_thread(qapp: QApplication) -> Iterator[None]:
    """Cycles that hold widgets and timers must not be collected in a background thread (see desktop/garbage.py)."""
    gc.disable()
    yield
    gc.collect(1)
    gc.enable()


@pytest.fixture(autouse=True)
def _widgets_go_with_their_test() -> Iterator[None]:
    """Without an event loop `deleteLater` would keep every widget, and each change of style would polish them all."""
    yield
    if app := QApplication.instance():
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def _no_fault_waits_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that would open the crash dialog fails the test instead."""

    def fail(dialog: CrashDialog) -> int:
        raise AssertionError(dialog.details.toPlainText())

    monkeypatch.setattr(CrashDialog, "exec", fail)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of somebody who starts the program for the first time."""
    return Settings(Folders.below(tmp_path / "portrayal"))


@pytest.fixture
def palette(qapp: QApplication) -> theme.Palette:
    """The dark theme, applied to the application."""
    colours = theme.dark()
    theme.apply(qapp, "dark", colours)
    return colours


@pytest.fixture
def document(qapp: QApplication, tmp_path: Path) -> Document:
    """An empty project."""
    return Document(tmp_path / "unpacked")


@pytest.fixture
def selection(qapp: QApplication) -> Selection:
    """Nothing picked, playhead at 0."""
    return Selection()


@pytest.fixture
def actions(qapp: QApplication, settings: Settings, palette: theme.Palette) -> Iterator[Actions]:
    """All actions of the table, with nothing connected; they live in an empty window."""
    window = QMainWindow()
    yield Actions(settings, palette, window)
    window.deleteLater()


@pytest.fixture
def thread(qapp: QApplication) -> Iterator[RenderThread]:
    """A render thread that runs."""
    thread = RenderThread()
    thread.start()
    yield thread
    thread.stop()
