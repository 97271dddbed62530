"""How direct the preview feels, and whether the window ever stalls: `python -m benchmarks.preview`.

Drives the real window with the sample project, off screen. A stall is how much later than asked for a timer in the GUI
thread beats, less the time it waited for a free core (on Linux, which tells), which is other programs' doing. A slot is
what the GUI thread itself worked between two beats; the rest of a stall is waiting for the interpreter.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, QPointF, Qt, QThread, QTimer, Signal
from PySide6.QtWidgets import QApplication

from desktop.app import open_window
from desktop.main_window import MainWindow
from desktop.render_thread import Events, RenderThread
from desktop.settings import Folders, Settings
from engine import jobs
from engine.events import FrameReady

Row = tuple[str, str]
BEAT = 0.005  # seconds
SCRUBS = 60
DRAGGED, STEPS = ("cornerLeft", "chin", "turn"), 12


class Heart(QObject):
    """Beats in the GUI thread and notes how late each beat is, and what the thread worked meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self._beats: list[np.ndarray] = []
        self._schedule = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._last = self._clocks()
        self._timer = QTimer(self, interval=round(BEAT * 1000))
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def told(self) -> str:
        """The worst since the last time this was asked."""
        wall, waited, worked = 1000 * np.array(self._beats).T
        self._beats = []
        late = wall - waited - 1000 * BEAT
        over = int((late > 50).sum())
        return f"longest {late.max():.0f} ms, {over} of {len(late)} over 50 ms; busiest slot {worked.max():.0f} ms"

    def _beat(self) -> None:
        now = self._clocks()
        self._beats.append(now - self._last)
        self._last = now

    def _clocks(self) -> np.ndarray:
        """Seconds: the wall clock, this thread's wait for a core, this thread's work."""
        waited = int(self._schedule.read_text().split()[1]) / 1e9 if self._schedule.exists() else 0.0
        return np.array([time.monotonic(), waited, time.thread_time()])


def until(condition: Callable[[], object], seconds: float = 120.0) -> None:
    """Let the window live until this holds."""
    end = time.monotonic() + seconds
    waking = QTimer(interval=20)  # or the loop would wait for an event although the condition holds
    waking.start()
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("the benchmark waited in vain")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def rest(seconds: float) -> None:
    """Let the window live for a while."""
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() > end)


def window_rows(window: MainWindow, folder: Path) -> Iterator[Row]:
    """Scrubbing, playing and an export, in the whole window."""
    heart, shown = Heart(), list[object]()
    window.projects.sample()
    workspace = window.workspace
    assert workspace
    frames, playback, selection = workspace.frames, workspace.playback, window.selection
    frames.shown.connect(shown.append)
    until(lambda: shown and shown[-1] is not None)
    playback.stop()
    rest(1.0)
    yield "stalls while the sample opens and its portrait is set up", heart.told()

    rate, order = window.document.project.settings.rate, np.random.default_rng(1).permutation(playback.last_frame)
    frames._rest.setInterval(10**6)  # nothing is rendered ahead: every frame is new
    taken = []
    for frame in order[:SCRUBS]:
        count, begun = len(shown), clocks()
        selection.set_playhead(int(frame) / rate)
        until(lambda count=count: len(shown) > count)
        workspace.preview.view.repaint()
        taken.append(clocks() - begun)
    yield "scrub to a frame that is not rendered yet, until it is painted", latency(taken)
    yield "stalls while scrubbing", heart.told()

    window.commands["handles"].trigger()
    until(lambda: workspace.face.layer.handles)
    taken = [step for id in DRAGGED for step in dragged(window, id, shown)]
    window.commands["undo"].trigger()
    window.commands["handles"].trigger()
    yield "drag a landmark by a step, until the face that follows is painted", latency(taken)
    yield "stalls while dragging", heart.told()

    for name in ("first time", "rendered ahead"):
        selection.set_playhead(0 / rate)
        rest(0.2)
        count, started = len(shown), time.monotonic()
        playback.play()
        until(lambda: not playback.playing)
        yield (
            f"playing, {name}",
            f"{(len(shown) - count) / (time.monotonic() - started):.1f} of {float(rate):g} frames/s",
        )
        if name == "first time":
            frames._rest.setInterval(100)
            frames._rest.start()
            until(lambda: len(frames.store.frames()) > playback.last_frame)
    yield "stalls while playing and rendering ahead", heart.told()

    job = window.render_thread.submit("Export", jobs.export_video(window.document.project, folder / "out.mp4"))
    until(lambda: job.state.over)
    yield "stalls during an export", heart.told()

    frames.store.clear()
    job = window.render_thread.submit("Export", jobs.export_video(window.document.project, folder / "out.mp4"))
    until(lambda: job.progress is not None and job.progress.text == "Rendering")
    late = []
    for frame in order[:SCRUBS]:
        if job.state.over:
            break
        count, asked = len(shown), time.monotonic()
        selection.set_playhead(int(frame) / rate)
        until(lambda count=count: len(shown) > count)
        late.append(1000 * (time.monotonic() - asked))
    until(lambda: job.state.over)
    yield "scrub during an export", f"median {statistics.median(late):.0f} ms, worst {max(late):.0f} ms"
    yield "stalls while scrubbing during an export", heart.told()


def dragged(window: MainWindow, id: str, shown: list[object]) -> Iterator[np.ndarray]:
    """Drag a handle on the face about its place, never twice to the same; what each step took."""
    assert window.workspace
    layer, view = window.workspace.face.layer, window.workspace.preview.view
    at = view.to_screen().map(next(handle.at for handle in layer.handles if handle.id == id))
    layer.press(at, view.to_screen())
    for step in range(1, STEPS + 1):
        count, begun = len(shown), clocks()
        away = (4 + step / 4) * np.exp(2.4j * step)
        layer.move(at + QPointF(away.real, away.imag), view.to_screen(), True)
        until(lambda count=count: len(shown) > count)
        view.repaint()
        yield clocks() - begun
    layer.release()
    rest(0.3)


def clocks() -> np.ndarray:
    """Milliseconds by the clock, and of processor in all threads."""
    return 1000 * np.array([time.monotonic(), time.process_time()])


def latency(taken: list[np.ndarray]) -> str:
    """In words; the processor time is what it would take at most if no other program ran."""
    wall, work = np.median(taken, axis=0)
    most = np.quantile(np.array(taken)[:, 0], 0.95)
    return f"median {wall:.0f} ms, 95 % within {most:.0f} ms; {work:.0f} ms of processor"


def crossing_rows() -> Iterator[Row]:
    """600 frames of 1280x720 to a GUI thread that takes 20 ms for each: through the mailbox, and as queued signals."""

    def job(sent: dict[int, float]) -> Events:
        for index in range(600):
            time.sleep(0.004)
            sent[index] = time.monotonic()
            yield FrameReady(index, np.full((720, 1280, 3), index % 256, np.uint8))

    class Queued(QThread):
        framed = Signal(object)

        def __init__(self, sent: dict[int, float]) -> None:
            super().__init__()
            self._sent = sent

        def run(self) -> None:
            for event in job(self._sent):
                self.framed.emit(event)

    for name in ("mailbox", "queued signals"):
        sent: dict[int, float] = {}
        lags: list[float] = []
        memory, most = resident(), 0.0

        def show(frame: FrameReady, sent: dict[int, float] = sent, lags: list[float] = lags) -> None:
            nonlocal most
            time.sleep(0.02)
            lags.append(time.monotonic() - sent[frame.index])
            most = max(most, resident())

        thread: QThread = RenderThread() if name == "mailbox" else Queued(sent)
        if isinstance(thread, RenderThread):
            thread.start()
            thread.submit("frames", job(sent)).framed.connect(show)
        elif isinstance(thread, Queued):
            thread.framed.connect(show, Qt.ConnectionType.QueuedConnection)
            thread.start()
        until(lambda sent=sent, lags=lags: len(sent) == 600)
        rest(0.3)
        yield f"600 frames to a slow window, {name}", f"at most {max(lags):.2f} s late, +{most - memory:.0f} MiB"
        if isinstance(thread, RenderThread):
            thread.stop()
        thread.wait()


def resident() -> float:
    """MiB of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    """Print the table as Markdown."""
    app = QApplication(sys.argv[:1])
    print("| what | measured |\n|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        window = open_window(app, Settings(Folders.below(folder / "settings")))
        window.resize(1440, 900)
        window.start()
        rest(0.5)
        for rows in (window_rows(window, folder), crossing_rows()):
            for label, figure in rows:
                print(f"| {label} | {figure} |", flush=True)
        window.render_thread.stop()
        window.background.close()


if __name__ == "__main__":
    main()
