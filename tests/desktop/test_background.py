"""Work in threads whose answers come back here."""

import threading
import time

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from desktop.background import Background


def test_the_answer_comes_in_the_gui_thread_and_the_work_does_not(qtbot: QtBot):
    pool, where, answers = Background(), [], []
    pool.start(
        lambda: where.append(threading.get_ident()) or 7,
        lambda result: answers.append((result, threading.get_ident())),
        answers.append,
    )
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == [(7, threading.get_ident())]
    assert where[0] != threading.get_ident()
    pool.close()


def test_failures_come_back_and_busy_ends(qtbot: QtBot):
    pool, failures, busy = Background(), [], []
    pool.busy.connect(busy.append)
    pool.start(lambda: 1 / 0, lambda _: None, failures.append)
    qtbot.waitUntil(lambda: bool(failures))
    assert isinstance(failures[0], ZeroDivisionError)
    assert busy[-1] is False
    pool.close()


def test_of_several_with_a_key_only_the_newest_is_answered(qtbot: QtBot):
    pool, answers = Background(), []
    for number, pause in ((1, 0.15), (2, 0.0)):
        pool.start(lambda n=number, p=pause: (time.sleep(p), n)[1], answers.append, answers.append, key="same")
    qtbot.waitUntil(lambda: bool(answers))
    pool.close()
    qtbot.wait(50)
    assert answers == [2]


def test_what_comes_back_to_nobody_is_dropped(qtbot: QtBot, capfd: pytest.CaptureFixture[str]):
    background, begun, go_on = Background(), threading.Event(), threading.Event()
    caught: list[object] = []
    background.start(lambda: (begun.set(), go_on.wait(10)), caught.append, caught.append)
    assert begun.wait(10)
    background._pool.setParent(None)  # else it would wait for its threads
    shiboken6.delete(background)
    go_on.set()
    assert background._pool.waitForDone(10_000)
    assert caught == [] and "RuntimeError" not in capfd.readouterr().err
