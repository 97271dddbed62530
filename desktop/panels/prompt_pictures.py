"""A picture's expression as a prompt: chosen in a dialog, or dropped on the prompt track."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, Signal
from PySide6.QtWidgets import QFileDialog

from desktop.actions import Actions
from desktop.document import Document
from desktop.media_kinds import kind_of, name_filter
from desktop.panels.prompt_words import new_prompt
from desktop.render_thread import RenderThread
from desktop.selection import Selection
from desktop.settings import Settings
from engine import jobs
from engine.errors import EngineError
from engine.project.edits import with_clip

if TYPE_CHECKING:
    from desktop.panels.timeline_panel import TimelinePanel
    from engine.text.emotion import Emotion


class PromptPictures(QObject):
    """The face is read by a job in the queue; the clip that comes of it is one step of undo."""

    failed = Signal(object)  # EngineError

    def __init__(
        self,
        document: Document,
        selection: Selection,
        actions: Actions,
        thread: RenderThread,
        settings: Settings,
        timeline: TimelinePanel,
    ) -> None:
        super().__init__(timeline)
        self._document, self._selection, self._thread = document, selection, thread
        self._settings, self._timeline = settings, timeline
        self._opened = 0  # how often another project was opened
        document.replaced.connect(self._forget)
        actions.connect("prompt_picture", self.choose)

    def choose(self) -> None:
        """Ask for a picture; its expression is for the playhead."""
        names, folder = name_filter("Pictures", "picture"), str(self._settings.folder("expression"))
        name, _ = QFileDialog.getOpenFileName(self._timeline, "Prompt from a picture", folder, names)
        if name:
            self._settings.set_folder("expression", Path(name).parent)
            self.take(Path(name), self._selection.playhead)

    def place(self, paths: list[Path]) -> QRect | None:
        """Where on the screen dropping these files would make a prompt: the prompt track, for one picture."""
        canvas = self._timeline.view.canvas
        if [kind_of(path) for path in paths] != ["picture"] or not canvas.isVisible():
            return None
        rect = next(rect for row, rect in canvas.placed() if row.key == "prompts").toRect().intersected(canvas.rect())
        return None if rect.isEmpty() else QRect(canvas.mapToGlobal(rect.topLeft()), rect.size())

    def drop(self, paths: list[Path], at: QPoint) -> None:
        """Make a prompt of the picture where it was dropped on the screen."""
        canvas = self._timeline.view.canvas
        x = canvas.mapFromGlobal(QPointF(at)).x()
        self.take(paths[0], max(self._timeline.time_view.frame_start(canvas.view.at(x, canvas.width())), Fraction(0)))

    def take(self, path: Path, at: Fraction) -> None:
        """Read the expression in this picture and make it a prompt at this time."""
        job = self._thread.submit(f"Read the expression in {path.name}", jobs.read_expression(path))
        opened = self._opened

        def done(emotion: Emotion) -> None:
            if opened == self._opened:  # else it was meant for another project
                self._add(path.name, emotion, at)

        job.finished.connect(done)

    def _add(self, name: str, emotion: Emotion, at: Fraction) -> None:
        project, span = self._document.project, self._selection.span
        clip = replace(new_prompt(project, f"like {name}", at, span), shown=tuple(sorted(emotion.channels.items())))
        try:
            self._document.edit("Add prompt from a picture", lambda p: with_clip(p, clip))
        except EngineError as error:
            self.failed.emit(error)
        else:
            self._selection.set_clip(("prompts", len(self._document.project.prompts) - 1))

    def _forget(self) -> None:
        self._opened += 1
