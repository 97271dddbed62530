"""The queue as the user sees it, with real jobs on the real thread."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from desktop.panels.queue_panel import QueuePanel, spoken
from desktop.render_thread import Events, RenderThread
from engine.errors import ExportError
from engine.events import Finished, FrameReady, Progress


@pytest.fixture
def panel(thread: RenderThread, palette, qtbot: QtBot) -> Iterator[QueuePanel]:
    panel = QueuePanel(thread, palette)
    qtbot.addWidget(panel)
    panel.resize(300, 400)
    panel.show()
    yield panel
    thread.stop()  # before the panel goes


def frames(total: int, result: object = None, pause: float = 0.0) -> Events:
    for i in range(total):
        time.sleep(pause)
        yield FrameReady(i, np.full((90, 60, 3), 200, np.uint8))
        yield Progress(i + 1, total, "Rendering")
    yield Finished(result)


def refused() -> Events:
    yield Progress(0, 1, "Opening")
    raise ExportError("the disk is full: make room")


def test_each_job_has_a_row_that_tells_how_it_goes_and_how_it_ended(panel, thread, qtbot: QtBot, tmp_path: Path):
    export = thread.submit("Export hello.mp4", frames(5, tmp_path / "hello.mp4"))
    broken = thread.submit("Export again.mp4", refused())
    assert [row.name for row in panel.rows] == ["Export hello.mp4", "Export again.mp4"]
    assert [row.words for row in panel.rows] == ["Waiting", "Waiting"]
    with qtbot.waitSignal(broken.ended, timeout=5000):
        pass
    assert export.state.over
    assert panel.rows[0].words == "The disk is full: make room."
    assert panel.rows[1].words.startswith("hello.mp4 written in ")


def test_a_running_job_shows_its_latest_picture_and_can_be_cancelled(panel, thread, qtbot: QtBot):
    job = thread.submit("Render", frames(10**6, pause=0.002))
    row = panel.rows[0]
    qtbot.waitUntil(lambda: "left" in row.words, timeout=5000)
    assert row.words.startswith("Rendering ") and " of 1000000, " in row.words
    middle = row.thumbnail.grab().toImage().pixelColor(24, 24)
    assert abs(middle.red() - 200) < 3, "the frame itself"
    row._close.click()
    assert row.words == "Stopping…"
    with qtbot.waitSignal(job.ended, timeout=5000):
        pass
    assert row.words == "Cancelled"


def test_rows_of_finished_jobs_can_be_put_away(panel, thread, qtbot: QtBot):
    first, second = thread.submit("a", frames(1)), thread.submit("b", frames(1))
    running = thread.submit("c", frames(10**6, pause=0.002))
    with qtbot.waitSignal(running.framed, timeout=5000):
        pass
    assert first.state.over and second.state.over
    assert [row.name for row in panel.rows] == ["c", "b", "a"], "what is over goes below what runs"
    panel.rows[1]._close.click()
    assert [row.name for row in panel.rows] == ["c", "a"]
    panel.clear.click()
    assert [row.name for row in panel.rows] == ["c"] and not panel.clear.isVisible()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (59, "59 s"), (59.5, "1 min"), (61, "2 min"), (3600, "1 h 0 min")]
)
def test_time_is_told_as_people_say_it(seconds: float, text: str):
    assert spoken(seconds) == text
