"""Real generators on the real thread: order, pre-emption, cancelling, failures, and that nothing piles up."""

import threading
import time

import numpy as np
from pytestqt.qtbot import QtBot

from desktop.render_thread import Events, QueuedJob, RenderThread, State
from engine.errors import InputError
from engine.events import Finished, FrameReady, Progress


def picture(value: int, side: int = 8) -> np.ndarray:
    return np.full((side, side, 3), value % 256, np.uint8)


def counting(frames: int, log: list[str], name: str = "job", pause: float = 0.0) -> Events:
    """Gives frames one after the other and writes down what happens to it."""
    try:
        for i in range(frames):
            time.sleep(pause)
            log.append(f"{name} {i}")
            yield FrameReady(i, picture(i))
            yield Progress(i + 1, frames, name)
        yield Finished(f"{name} result")
    finally:
        log.append(f"{name} closed")


def watch(job: QueuedJob) -> list[tuple[str, object]]:
    seen: list[tuple[str, object]] = []
    job.framed.connect(lambda frame: seen.append(("frame", frame.index)))
    job.finished.connect(lambda result: seen.append(("finished", result)))
    job.failed.connect(lambda error: seen.append(("failed", str(error))))
    job.ended.connect(lambda: seen.append(("ended", job.state)))
    return seen


def test_jobs_run_in_the_order_they_came_off_the_gui_thread(thread: RenderThread, qtbot: QtBot):
    log: list[str] = []
    where: list[int] = []

    def locating() -> Events:
        where.append(threading.get_ident())
        yield Finished(7)

    first = thread.submit("first", counting(3, log, "a"))
    second = thread.submit("second", locating())
    third = thread.submit("third", counting(2, log, "b"))
    seen = [watch(first), watch(second), watch(third)]
    with qtbot.waitSignal(third.ended, timeout=5000):
        pass
    assert log == ["a 0", "a 1", "a 2", "a closed", "b 0", "b 1", "b closed"]
    assert [list[-2:] for list in seen] == [
        [("finished", "a result"), ("ended", State.DONE)],
        [("finished", 7), ("ended", State.DONE)],
        [("finished", "b result"), ("ended", State.DONE)],
    ]
    assert where != [threading.get_ident()]
    assert thread.jobs == []


def test_a_preview_goes_between_two_yields_of_a_running_job(thread: RenderThread, qtbot: QtBot):
    log: list[str] = []
    job = thread.submit("export", counting(40, log, "export", pause=0.005))
    with qtbot.waitSignal(job.framed, timeout=5000):
        pass
    with qtbot.waitSignal(thread.previewed, timeout=5000) as previewed:
        thread.preview(counting(1, log, "preview"))
    assert previewed.args[0].index == 0
    with qtbot.waitSignal(job.ended, timeout=5000):
        pass
    at = log.index("preview 0")
    assert log[at + 1] == "preview closed", "a preview that has begun is not interrupted by the job"
    assert log[at - 1].startswith("export") and log[at + 2].startswith("export")
    assert job.state is State.DONE and log.count("export closed") == 1


def test_of_several_previews_the_newest_wins_and_pictures_keep_coming(thread: RenderThread, qtbot: QtBot):
    log: list[str] = []
    shown: list[int] = []
    thread.previewed.connect(lambda frame: shown.append(int(frame.image[0, 0, 0])))

    def slow(value: int) -> Events:
        log.append(f"{value} begun")
        yield Progress(0, 2, "setting up")
        time.sleep(0.05)
        yield FrameReady(0, picture(value))
        time.sleep(0.05)
        yield FrameReady(0, picture(value + 100))

    for value in range(1, 20):
        thread.preview(slow(value))
        qtbot.wait(10)
    qtbot.waitUntil(lambda: 119 in shown, timeout=5000)
    begun = [int(line.split()[0]) for line in log]
    assert begun == sorted(begun) and begun[-1] == 19 and len(begun) < 12
    first = [value for value in shown if value < 100]  # a GUI thread that is late may find a second frame there already
    assert first == sorted(set(first) & set(begun))
    assert len(first) > len(begun) / 2, "whoever scrubs without pause still sees pictures"


def test_cancelling_runs_the_jobs_own_clean_up_and_the_next_job_goes_on(thread: RenderThread, qtbot: QtBot):
    log: list[str] = []
    endless = thread.submit("endless", counting(10**6, log, "endless", pause=0.001))
    waiting = thread.submit("waiting", counting(3, log, "waiting"))
    last = thread.submit("last", counting(1, log, "last"))
    seen = watch(endless)
    with qtbot.waitSignal(endless.framed, timeout=5000):
        pass
    waiting.cancel()
    endless.cancel()
    assert endless.cancelling
    with qtbot.waitSignal(last.ended, timeout=5000):
        pass
    assert endless.state is waiting.state is State.CANCELLED and last.state is State.DONE
    assert log.count("endless closed") == 1 and "waiting 0" not in log
    assert seen[-1] == ("ended", State.CANCELLED) and not [s for s in seen if s[0] in ("finished", "failed")]


def test_an_error_reaches_the_job_and_the_thread_goes_on(thread: RenderThread, qtbot: QtBot, caplog):
    def failing(error: Exception) -> Events:
        yield Progress(0, 1, "trying")
        raise error

    refused = thread.submit("refused", failing(InputError("size 3: give 64 or more")))
    broken = thread.submit("broken", failing(ZeroDivisionError("oops")))
    after = thread.submit("after", counting(1, []))
    seen = watch(refused)
    with qtbot.waitSignal(after.ended, timeout=5000):
        pass
    assert seen == [("failed", "size 3: give 64 or more"), ("ended", State.FAILED)]
    assert isinstance(broken.error, ZeroDivisionError)
    assert "oops" in caplog.text and "size 3" not in caplog.text, "only our own mistakes belong in the log"
    with qtbot.waitSignal(thread.preview_failed, timeout=5000) as failed:
        thread.preview(failing(InputError("no portrait")))
    assert str(failed.args[0]) == "no portrait"


def test_frames_of_a_cancelled_preview_do_not_come(thread: RenderThread, qtbot: QtBot):
    shown: list[object] = []
    thread.previewed.connect(shown.append)
    begun = threading.Event()

    def endless() -> Events:
        while True:
            begun.set()
            yield FrameReady(0, picture(1))

    thread.preview(endless())
    assert begun.wait(5)
    thread.cancel_preview()  # what it has left in the mailbox has not been fetched: we have not been back to the loop
    with qtbot.waitSignal(thread.submit("after", counting(1, [])).ended, timeout=5000):
        pass
    assert shown == []


def test_a_busy_gui_thread_finds_one_frame_not_a_backlog(thread: RenderThread, qtbot: QtBot):
    log: list[str] = []
    seen: list[int] = []
    job = thread.submit("fast", counting(500, log, "fast"))
    job.framed.connect(lambda frame: seen.append(frame.index))
    while "fast closed" not in log:
        time.sleep(0.01)  # the GUI thread is away all the while
    with qtbot.waitSignal(job.ended, timeout=5000):
        pass
    assert seen == [499] and job.progress == Progress(500, 500, "fast")


def test_stopping_closes_what_runs_and_forgets_the_rest(qapp, qtbot: QtBot):
    log: list[str] = []
    thread = RenderThread()
    thread.start()
    job = thread.submit("endless", counting(10**6, log, "endless", pause=0.001))
    thread.submit("waiting", counting(1, log, "waiting"))
    with qtbot.waitSignal(job.framed, timeout=5000):
        pass
    thread.stop()
    assert thread.isFinished() and log[-1] == "endless closed" and "waiting 0" not in log


def test_time_left_is_what_the_present_stage_will_take(thread: RenderThread, qtbot: QtBot):
    gate = threading.Event()

    def staged() -> Events:
        yield Progress(5, 10, "slow stage")
        yield Progress(0, 4, "rendering")
        gate.wait(5)
        yield Progress(1, 4, "rendering")
        gate.clear()
        gate.wait(5)

    job = thread.submit("staged", staged())
    qtbot.waitUntil(lambda: job.progress == Progress(0, 4, "rendering"), timeout=5000)
    assert job.seconds_left is None, "nothing of this stage is done: nobody can know"
    qtbot.wait(300)
    gate.set()
    qtbot.waitUntil(lambda: job.progress == Progress(1, 4, "rendering"), timeout=5000)
    left = job.seconds_left
    assert left is not None and left > 0.8, "a quarter took 0.3 s or more"
    gate.set()
