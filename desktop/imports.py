"""Bringing media into the project, by file dialog or by dropping it anywhere on the window."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QPoint, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from desktop.actions import Actions
from desktop.background import Background
from desktop.document import Document
from desktop.media_kinds import kind_of, name_filter
from desktop.selection import Selection
from desktop.settings import Settings
from desktop.widgets.pop_up import pop_up
from engine.project.edits import with_audio, with_clip, with_portrait, with_settings
from engine.project.media_ref import MediaRef, refer_to
from engine.project.project import AudioClip, DriveClip, Portrait, Project, SwapClip
from engine.project.timing import TimeRange

Edit = Callable[[Project], Project]


class Imports(QObject):
    """Files are hashed and measured off the GUI thread; then the project changes by one named step of undo."""

    failed = Signal(object)  # an exception
    brought = Signal()  # something came into the project
    open_project = Signal(object)  # a project was dropped: its Path

    def __init__(
        self,
        document: Document,
        selection: Selection,
        settings: Settings,
        background: Background,
        actions: Actions,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._document, self._selection, self._settings = document, selection, settings
        self._background, self._window = background, window
        actions.connect("import_portrait", self.choose_portrait)
        actions.connect("import_audio", self.choose_audio)
        actions.connect("import_drive", self.choose_drive)
        actions.connect("import_swap", self.choose_swap)

    def choose_portrait(self) -> None:
        """Ask for a picture."""
        self._choose("portrait", "Choose portrait", name_filter("Pictures", "picture"), self.portrait)

    def choose_audio(self) -> None:
        """Ask for a recording, or a video whose sound is meant."""
        self._choose("audio", "Import speech", name_filter("Sound and video", "sound", "video"), self.audio)

    def choose_drive(self) -> None:
        """Ask for a picture or video whose motion shall be taken."""
        self._choose("drive", "Import motion", name_filter("Videos and pictures", "video", "picture"), self.drive)

    def choose_swap(self) -> None:
        """Ask for a video to put the portrait's face into, or a picture whose face shall be put onto the performance."""
        self._choose("swap", "Import face swap", name_filter("Videos and pictures", "video", "picture"), self.swap)

    def portrait(self, path: Path) -> None:
        """Take this picture as the portrait."""
        self._bring("Choose portrait", lambda: _portrait(path))

    def audio(self, path: Path) -> None:
        """Take this recording as the speech."""
        self._bring("Import speech", lambda: _audio(path))

    def drive(self, path: Path) -> None:
        """Take the motion of this picture or video, from the playhead on."""
        at = self._selection.playhead
        self._bring("Import motion", lambda: _clip(path, at, lambda media, span: DriveClip(media, span)))

    def swap(self, path: Path) -> None:
        """From the playhead on put the portrait's face into this video, or this picture's face onto the performance."""
        at = self._selection.playhead
        self._bring("Import face swap", lambda: _clip(path, at, lambda media, span: SwapClip(media, span)))

    @staticmethod
    def usable(data: QMimeData) -> list[Path]:
        """The files of a drag that mean something here."""
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        return [path for path in paths if kind_of(path)]

    def meaning(self, paths: list[Path]) -> str:
        """What dropping these files would do, in a line."""
        kinds = {kind_of(path) for path in paths}
        if "project" in kinds:
            return "Open the project"
        if kinds == {"sound"}:
            return "Use it as the speech"
        if kinds == {"picture"} and self._document.project.portrait is None:
            return "Use it as the portrait"
        return "Import"

    def dropped(self, paths: list[Path], at: QPoint | None = None) -> None:
        """Do what dropping these files means; a video or a second picture can mean several things, so ask."""
        for path in paths:
            kind = kind_of(path)
            if kind == "project":
                self.open_project.emit(path)
                return
            if kind == "sound":
                self.audio(path)
            elif kind == "picture" and self._document.project.portrait is None:
                self.portrait(path)
            elif kind:
                pop_up(self._menu(path, kind), at or QCursor.pos())

    def _menu(self, path: Path, kind: str) -> QMenu:
        menu = QMenu(self._window)
        meanings: list[tuple[str, Callable[[Path], None]]] = [
            ("Use it as the portrait", self.portrait),
            ("Use its sound as the speech", self.audio),
            ("Take its motion from the playhead on", self.drive),
            ("Put the portrait's face into it", self.swap),
        ]
        another = ("Put its face onto the performance", self.swap)
        for text, call in meanings[1:] if kind == "video" else (meanings[0], meanings[2], another):
            menu.addAction(text).triggered.connect(lambda _checked=False, call=call: call(path))
        return menu

    def _choose(self, use: str, title: str, names: str, then: Callable[[Path], None]) -> None:
        name, _ = QFileDialog.getOpenFileName(self._window, title, str(self._settings.folder(use)), names)
        if name:
            self._settings.set_folder(use, Path(name).parent)
            then(Path(name))

    def _bring(self, name: str, prepare: Callable[[], Edit]) -> None:
        def done(edit: Edit) -> None:
            try:
                self._document.edit(name, edit)
            except Exception as error:  # an edit may refuse; whatever it is, the presenter knows what to say
                self.failed.emit(error)
            else:
                self.brought.emit()

        self._background.start(prepare, done, self.failed.emit)


def _portrait(path: Path) -> Edit:
    from engine.media.image import read_image

    read_image(path)  # a picture that cannot be read is refused before it is in the project
    media = refer_to(path)
    return lambda project: with_portrait(project, Portrait(media))


def _audio(path: Path) -> Edit:
    from engine.media.audio import sound_seconds

    clip = AudioClip(refer_to(path), sound_seconds(path))
    return lambda project: with_audio(project, clip)


def _clip(path: Path, at: Fraction, make: Callable[[MediaRef, TimeRange], DriveClip | SwapClip]) -> Edit:
    from engine.media.image import is_picture
    from engine.media.video import probe

    media = refer_to(path)
    if is_picture(path):
        return lambda project: with_clip(project, make(media, TimeRange(at, max(project.duration, at + 1))))
    info = probe(path)
    clip = make(media, TimeRange(at, at + info.seconds))
    return lambda project: with_clip(with_settings(project, rate=info.rate) if _blank(project) else project, clip)


def _blank(project: Project) -> bool:
    """Whether nothing yet has a rate of its own: then a video's is taken."""
    return not (project.audio or project.motion.frames or project.drives or project.swaps)
