"""What was understood of a prompt: words that are near, a face, and the channels that move; it follows the typing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.background import Background
from desktop.face_preview import FacePreview
from desktop.prompt_reader import PromptReader
from desktop.theme import SPACE, Palette
from desktop.widgets.thumbnail import Thumbnail
from desktop.widgets.understood_view import UnderstoodView, nearest_text
from engine.project.project import PromptClip

if TYPE_CHECKING:
    from engine.text.emotion import Emotion

_PAUSE = 150  # milliseconds after the last letter, before the words are read
FACE = 104  # pixels
_Meaning = tuple[str, tuple[tuple[str, float], ...]]  # what decides how a clip is understood


class PromptFeedback(QWidget):
    """Shows a prompt clip. Reading and rendering happen in the background, always for the newest words."""

    failed = Signal(object)  # Exception
    rested = Signal()  # typing has paused

    def __init__(self, reader: PromptReader, preview: FacePreview, palette: Palette) -> None:
        super().__init__()
        self._reader, self._preview = reader, preview
        self._background = Background(self)
        self._clip: PromptClip | None = None
        self._read: _Meaning | None = None
        self._emotion: Emotion | None = None
        self.face, self.bars = Thumbnail(FACE, "How the prompt will look"), UnderstoodView(palette)
        self.words, self.note = QLabel(), QLabel()
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(self._understand)
        self._lay_out()
        preview.pictured.connect(self.face.show_picture)
        preview.failed.connect(self.failed)
        reader.changed.connect(self._read_again)

    @property
    def read(self) -> str | None:
        """The words that are shown as understood, None while that is being found out."""
        return self._read[0] if self._read else None

    @property
    def like(self) -> str:
        """The word that says best what was understood, "" while nothing is."""
        return self._emotion.nearest[0][0] if self._emotion and self._emotion.nearest else ""

    def show_clip(self, clip: PromptClip | None) -> None:
        """Tell about this prompt; None hides everything."""
        self._clip = clip
        self.setVisible(clip is not None)
        if clip is None:
            self._read = self._emotion = None
            self._preview.show(None)
        elif self._read != _meaning(clip):
            self._pause.start()
        else:
            self._show()

    def _lay_out(self) -> None:
        for label in (self.words, self.note):
            label.setWordWrap(True)
            label.setProperty("role", "muted")
        told = QVBoxLayout()
        told.addWidget(self.words)
        told.addWidget(self.note)
        told.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(SPACE * 3 // 2)
        head.addWidget(self.face, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(told, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(head)
        column.addWidget(self.bars)

    def _read_again(self) -> None:
        self._read = None
        self._pause.start()

    def _understand(self) -> None:
        self.rested.emit()
        if clip := self._clip:
            wanted = _meaning(clip)
            self._background.start(
                lambda: _understood(wanted, self._reader),
                lambda found: self._take(wanted, found),
                self.failed.emit,
                key="emotion",
            )

    def _take(self, wanted: _Meaning, emotion: Emotion | None) -> None:
        self._read, self._emotion = wanted, emotion
        self._show()

    def _show(self) -> None:
        clip, emotion = self._clip, self._emotion
        if clip:
            self.bars.show_channels(emotion.channels if emotion else {}, clip.strength)
            note = emotion.note if emotion else ""
            self.words.setText(nearest_text(emotion.nearest, emotion.confidence) if emotion and not note else "")
            self.note.setText(note)
            self.words.setVisible(not note)
            self.note.setVisible(bool(note))
            self._preview.show(emotion, clip.strength)


def _meaning(clip: PromptClip) -> _Meaning:
    return clip.text, clip.shown


def _understood(wanted: _Meaning, reader: PromptReader) -> Emotion | None:
    text, shown = wanted
    if shown:
        from engine.text.emotion import from_channels

        return from_channels(dict(shown))
    return reader.read(text) if text.strip() else None
