"""Cycles are collected, in the GUI thread alone, and soon."""

import gc
import sys
import threading
from types import ModuleType

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from desktop.garbage import Garbage
from desktop.render_thread import RenderThread
from engine.events import Progress


class Ring:
    """Part of a cycle; notes the thread in which it goes."""

    def __init__(self, log: list[int]) -> None:
        self.me, self.log = self, log
        self.timer = QTimer()

    def __del__(self) -> None:
        self.log.append(threading.get_ident())


@pytest.fixture
def garbage(qapp):
    garbage = Garbage()
    yield garbage
    garbage.stop()
    assert gc.isenabled()


def test_a_busy_render_thread_collects_nothing_and_the_gui_thread_everything(garbage: Garbage, qtbot: QtBot):
    log: list[int] = []

    def allocating():
        for i in range(60):
            keep = [[] for _ in range(2000)]  # enough, once, to set the collector off in this thread
            yield Progress(i, 60, f"{len(keep)}")

    thread = RenderThread()
    thread.start()
    Ring(log)
    job = thread.submit("allocate", allocating())
    with qtbot.waitSignal(job.ended, timeout=10000):
        pass
    thread.stop()
    garbage.visit()
    for _ in range(20):
        garbage.visit()
    assert log == [threading.get_ident()]


def test_what_libraries_brought_is_left_alone_and_what_comes_later_is_not(
    garbage: Garbage, monkeypatch: pytest.MonkeyPatch
):
    before = gc.get_freeze_count()
    monkeypatch.setitem(sys.modules, "a_library", ModuleType("a_library"))
    library = [[] for _ in range(30_000)]
    garbage.visit()
    assert gc.get_freeze_count() >= before + 30_000
    log: list[int] = []
    Ring(log)
    for _ in range(20):
        garbage.visit()
    assert len(log) == 1 and len(library) == 30_000


def test_what_the_user_made_goes_however_much_it_was(garbage: Garbage):
    log: list[int] = []
    Ring(log)
    made = [[] for _ in range(30_000)]
    for _ in range(20):
        garbage.visit()
    assert len(log) == 1 and len(made) == 30_000


def test_qobjects_in_cycles_go_too(garbage: Garbage):
    gone: list[str] = []
    one = QObject()
    one.other = one
    one.destroyed.connect(lambda: gone.append("one"))
    del one
    for _ in range(20):
        garbage.visit()
    assert gone == ["one"]
