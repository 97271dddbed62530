"""Which renderer draws the finished video, how finely, and with whose weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QMenu, QPushButton, QWidget

from desktop.actions import Actions
from desktop.document import Document
from desktop.render_thread import RenderThread
from engine import personal_jobs
from engine.errors import EngineError, InputError
from engine.project.edits import with_settings
from engine.project.media_ref import refer_to
from engine.render.renderers import SHIPPED
from engine.resources import table

RENDERERS = (("Automatic", "auto"), ("Diffusion", "tgdm"), ("Warp", "warp"))
STEPS = (1, 2, 4, 8)
MINUTES = 5.0  # that learning a face may take
WEIGHTS = "Weights (*.safetensors)"
VIDEOS = "Videos (*.mp4 *.mov *.mkv *.webm *.avi *.mpg)"


class RendererFields(QObject):
    """Edits the project's render settings that are about its renderer. `rows` and `render_final` are to be laid out."""

    failed = Signal(object)  # Exception
    notice = Signal(str)

    def __init__(self, document: Document, actions: Actions, thread: RenderThread) -> None:
        super().__init__()
        self._document, self._thread = document, thread
        self.renderer, self.steps = QComboBox(), QComboBox()
        self.personal, self.denoiser = QPushButton(), QPushButton()
        for text, name in RENDERERS:
            self.renderer.addItem(text, name)
        for steps in STEPS:
            self.steps.addItem(str(steps), steps)
        self.renderer.setToolTip(
            "Diffusion draws light, mouth and eyes better and takes longer; Automatic takes it where this machine is quick enough"
        )
        self.steps.setToolTip("Of diffusion: more are finer and slower")
        self.personal.setToolTip("Weights learnt from this very face, which diffusion then draws better")
        self.denoiser.setToolTip("The weights that diffusion draws with")
        self._fill()
        self.render_final = QPushButton(actions["render_final"].text())
        self.render_final.setToolTip(actions["render_final"].toolTip())
        self.render_final.clicked.connect(actions["render_final"].trigger)
        chosen = (("Renderer", self.renderer), ("Steps", self.steps))
        self.rows: tuple[tuple[str, QWidget], ...] = (*chosen, ("This face", self.personal), ("Weights", self.denoiser))
        self.renderer.activated.connect(lambda _: self._set("Change renderer", renderer=self.renderer.currentData()))
        self.steps.activated.connect(lambda _: self._set("Change steps", steps=self.steps.currentData()))
        document.changed.connect(self.refresh)
        document.replaced.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the project's settings as they are now."""
        settings = self._document.project.settings
        self.renderer.setCurrentIndex(max(self.renderer.findData(settings.renderer), 0))
        if self.steps.findData(settings.steps) < 0:
            self.steps.addItem(str(settings.steps), settings.steps)
        self.steps.setCurrentIndex(self.steps.findData(settings.steps))
        self.personal.setText(settings.personal.name if settings.personal else "Not learnt")
        shipped = "Built in" if SHIPPED in table() else "None installed"
        self.denoiser.setText(Path(settings.denoiser.source).name if settings.denoiser else shipped)

    def learn(self, output: Path, clip: Path | None = None, minutes: float = MINUTES) -> None:
        """Learn the portrait's face in the background, from the picture or a clip, and use what comes of it."""
        document, project = self._document, self._document.project
        if project.portrait is None:
            self.failed.emit(InputError("there is no portrait: choose a picture of a face first"))
            return

        def use(learnt: object) -> None:
            path, before, after = learnt.path, learnt.before, learnt.after  # type: ignore[attr-defined]
            if document.project.portrait == project.portrait:
                self.use_personal(path)
            gain = f"{1 - after / before:.0%} less error than before on pictures it had not seen"
            self.notice.emit(f"Learnt this face: {gain}.")

        job = self._thread.submit("Learn this face", personal_jobs.personalise(project, output, clip, minutes))
        job.finished.connect(use)

    def use_personal(self, path: Path | None) -> None:
        """Draw with these weights of one face; None: without."""
        self._try("Change personal weights", lambda: {"personal": refer_to(path) if path else None})

    def use_denoiser(self, path: Path | None) -> None:
        """Draw with these weights of the user's own, a file or a folder; None: with those that ship."""
        from engine.render.checkpoints import describe

        self._try("Change weights", lambda: {"denoiser": describe(str(path)) if path else None})

    def _fill(self) -> None:
        rows: tuple[tuple[QPushButton, tuple[tuple[str, Callable[[], object]], ...]], ...] = (
            (
                self.personal,
                (
                    ("Learn from the portrait…", self._learn_portrait),
                    ("Learn from a clip…", self._learn_clip),
                    ("Choose a file…", lambda: self._choose(self.use_personal)),
                    ("Use none", lambda: self.use_personal(None)),
                ),
            ),
            (
                self.denoiser,
                (
                    ("Choose a file…", lambda: self._choose(self.use_denoiser)),
                    ("Choose a folder of diffusers…", self._choose_folder),
                    ("Use what is built in", lambda: self.use_denoiser(None)),
                ),
            ),
        )
        for button, entries in rows:
            menu = QMenu(button)
            for text, call in entries:
                menu.addAction(text).triggered.connect(lambda _checked=False, call=call: call())
            button.setMenu(menu)

    def _set(self, name: str, **changes: object) -> None:
        self._document.edit(name, lambda project: with_settings(project, **changes))

    def _try(self, name: str, changes: Callable[[], dict[str, object]]) -> None:
        try:
            self._set(name, **changes())
        except EngineError as error:
            self.failed.emit(error)

    def _choose(self, use: Callable[[Path], object]) -> None:
        name, _ = QFileDialog.getOpenFileName(self._window(), "Weights", self._folder(), WEIGHTS)
        if name:
            use(Path(name))

    def _choose_folder(self) -> None:
        if name := QFileDialog.getExistingDirectory(self._window(), "A pipeline in diffusers' format", self._folder()):
            self.use_denoiser(Path(name))

    def _learn_portrait(self) -> None:
        if path := self._place():
            self.learn(path)

    def _learn_clip(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self._window(), "A clip of the same person talking", self._folder(), VIDEOS
        )
        if name and (path := self._place()):
            self.learn(path, Path(name))

    def _place(self) -> Path | None:
        """Where to keep what is learnt: beside the project, if nobody says otherwise."""
        path = self._document.path
        suggested = Path(self._folder()) / f"{path.stem if path else 'me'}.personal.safetensors"
        name, _ = QFileDialog.getSaveFileName(self._window(), "Keep what is learnt as", str(suggested), WEIGHTS)
        return Path(name) if name else None

    def _window(self) -> QWidget:
        return self.renderer.window()

    def _folder(self) -> str:
        return str(self._document.path.parent) if self._document.path else ""
