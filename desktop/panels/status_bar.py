"""The line at the bottom: what the program is doing, and the facts of the project."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar

from desktop.background import Background
from desktop.document import Document
from desktop.render_thread import QueuedJob, RenderThread
from desktop.theme import SPACE
from engine.project.project import Project
from engine.project.timing import frame_count, timecode


class StatusBar(QStatusBar):
    """Menus put the tip of what the mouse is over at the left; the job that runs and the facts stand at the right."""

    def __init__(self, document: Document, render_thread: RenderThread, background: Background) -> None:
        super().__init__()
        self._document, self._thread = document, render_thread
        self.setSizeGripEnabled(False)
        self._work, self._bar, self._facts = QLabel(), QProgressBar(), QLabel()
        self._bar.setFixedSize(QSize(96, 4))
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the job that runs")
        for widget in (self._work, self._bar, self._facts):
            self.addPermanentWidget(widget)
        self._facts.setContentsMargins(SPACE, 0, SPACE, 0)
        self._facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._background_busy = False
        render_thread.added.connect(self._follow)
        background.busy.connect(self._set_background_busy)
        document.changed.connect(self.refresh)
        document.replaced.connect(self.refresh)
        self.refresh()

    @property
    def doing(self) -> str:
        """What the program is doing, "" when it is idle."""
        return self._work.text()

    def refresh(self, *_: object) -> None:
        """Show the state of things now."""
        job = next(iter(self._thread.jobs), None)
        progress = job.progress if job else None
        waiting = len(self._thread.jobs) - 1
        text = (progress.text if progress else job.name) if job else "Working…" if self._background_busy else ""
        self._work.setText(f"{text}, {waiting} more waiting" if waiting > 0 else text)
        self._bar.setVisible(bool(text))
        self._bar.setMaximum(progress.total if progress else 0)  # 0 of 0 moves to and fro
        self._bar.setValue(progress.done if progress else 0)
        self._facts.setText(self._describe())
        self._facts.setMinimumWidth(QFontMetrics(self._facts.font()).horizontalAdvance(self._facts.text()) + SPACE * 3)

    def _describe(self) -> str:
        project, rate = self._document.project, self._document.project.settings.rate
        if project == Project():
            return ""
        parts = [timecode(frame_count(project.duration, rate), rate)] if project.duration else []
        return "   ".join((*parts, f"{rate_text(rate)} fps"))

    def _follow(self, job: QueuedJob) -> None:
        job.progressed.connect(self.refresh)
        job.ended.connect(self.refresh)
        self.refresh()

    def _set_background_busy(self, busy: bool) -> None:
        self._background_busy = busy
        self.refresh()


def rate_text(rate: Fraction) -> str:
    """A frame rate as editors write it: 25, 29.97."""
    return str(rate.numerator) if rate.denominator == 1 else f"{float(rate):.3f}".rstrip("0")
