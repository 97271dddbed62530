"""The render queue: what runs, what waits and what has come of the rest."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from desktop.errors import sentence
from desktop.render_thread import QueuedJob, RenderThread, State
from desktop.theme import SPACE, Palette
from desktop.widgets.job_row import JobRow
from desktop.widgets.placeholder import Placeholder

TICK_MS = 500  # milliseconds between two looks at the time left


class QueuePanel(QWidget):
    """A row for each job of this session, the latest at the top of those that are over."""

    def __init__(self, thread: RenderThread, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # else a dock shows through
        self._rows: dict[QueuedJob, JobRow] = {}
        self._results: dict[QueuedJob, object] = {}
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, SPACE // 2, 0, SPACE // 2)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.clear = QPushButton("Clear finished")
        self.clear.setProperty("flat", True)
        self.clear.clicked.connect(self.clear_finished)
        self._empty = Placeholder(palette, "queue", "Nothing to do", "Exports and other long work appear here.")
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._page())
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        thread.added.connect(self._add)
        for job in thread.jobs:
            self._add(job)

    @property
    def rows(self) -> list[JobRow]:
        """From top to bottom."""
        items = (self._column.itemAt(i) for i in range(self._column.count()))
        return [row for item in items if item and isinstance(row := item.widget(), JobRow)]

    def clear_finished(self) -> None:
        """Put away the rows of all jobs that are over."""
        for job in [job for job in self._rows if job.state.over]:
            self._remove(job)

    def _page(self) -> QWidget:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._list)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(SPACE, 0, SPACE, SPACE)
        foot.addStretch(1)
        foot.addWidget(self.clear)
        column.addLayout(foot)
        return page

    def _add(self, job: QueuedJob) -> None:
        row = self._rows[job] = JobRow(self._palette, job.name)
        row.stop_wanted.connect(lambda: self._stop(job))
        row.put_away.connect(lambda: self._remove(job))
        job.progressed.connect(lambda _: self._show(job))
        job.framed.connect(lambda frame: row.thumbnail.show_picture(frame.image))
        job.finished.connect(lambda result: self._results.update({job: result}))
        job.ended.connect(lambda: self._end(job))
        self._column.insertWidget(sum(not row.over for row in self.rows), row)
        self._timer.start()
        self._refresh()

    def _stop(self, job: QueuedJob) -> None:
        job.cancel()
        self._show(job)

    def _show(self, job: QueuedJob) -> None:
        row, progress = self._rows.get(job), job.progress
        if row is None or job.state.over:
            return
        if job.cancelling:
            row.show_progress("Stopping…", 0, 0)
        elif progress is None:
            row.show_progress(job.state.value, 0, 0 if job.state is State.RUNNING else 1)
        else:
            left = job.seconds_left
            many = f" {progress.done} of {progress.total}" if progress.total > 1 else ""
            words = progress.text + many + ("" if left is None else f", {spoken(left)} left")
            row.show_progress(words, progress.done, progress.total if progress.total > 1 else 0)

    def _end(self, job: QueuedJob) -> None:
        row, result = self._rows.get(job), self._results.pop(job, None)
        if row is None:
            return
        took = "" if job.started is None else f" in {spoken(time.monotonic() - job.started)}"
        if job.state is State.FAILED:
            row.show_end(sentence(str(job.error)), bad=True)
        elif job.state is State.DONE and isinstance(result, Path):
            links = (("Play", lambda: _open(result)), ("Show folder", lambda: _open(result.parent)))
            row.show_end(f"{result.name} written{took}", links=links)
        else:
            row.show_end(job.state.value + (took if job.state is State.DONE else ""))
        self._column.removeWidget(row)
        self._column.insertWidget(sum(not row.over for row in self.rows), row)
        self._refresh()

    def _remove(self, job: QueuedJob) -> None:
        row = self._rows.pop(job)
        self._column.removeWidget(row)
        row.deleteLater()
        self._refresh()

    def _tick(self) -> None:
        active = [job for job in self._rows if not job.state.over]
        for job in active:
            self._show(job)
        if not active:
            self._timer.stop()

    def _refresh(self) -> None:
        self._pages.setCurrentIndex(bool(self._rows))
        self.clear.setVisible(any(row.over for row in self._rows.values()))


def spoken(seconds: float) -> str:
    """A length of time as people say it: 5 s, 2 min, 1 h 20 min; rounded up, since it never goes faster."""
    whole = int(seconds + 0.999)
    if whole < 60:
        return f"{whole} s"
    minutes = -(-whole // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
