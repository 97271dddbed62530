"""Who reads prompts: the encoder that ships, or a model of open_clip whose weights are on this machine."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.settings import Settings

if TYPE_CHECKING:
    from engine.text.emotion import Emotion
    from engine.text.mapping import TextEncoder


class PromptReader(QObject):
    """Keeps the choice, and the encoder once it is loaded. `read` may be called from any thread."""

    changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings, self._lock = settings, Lock()
        self._loaded: tuple[tuple[str, str], TextEncoder] | None = None
        self._choice = settings.open_clip

    @property
    def choice(self) -> tuple[str, str] | None:
        """Model and weights (a tag of open_clip's registry, or a file), None for the encoder that ships."""
        return self._choice

    @property
    def folder(self) -> Path:
        """Where fetched weights are kept."""
        return self._settings.folders.data / "weights"

    def choose(self, choice: tuple[str, str] | None) -> None:
        """Read with this from now on, and the next time too."""
        if choice != self._choice:
            self._choice = self._settings.open_clip = choice
            self.changed.emit()

    def read(self, text: str) -> Emotion:
        """What the words ask for.

        Raises:
            InputError: open_clip's weights are gone, or cannot be loaded.
        """
        from engine.text.emotion import read_emotion, understand

        choice = self._choice
        return understand(text, self._encoder(choice)) if choice else read_emotion(text)

    def _encoder(self, choice: tuple[str, str]) -> TextEncoder:
        from engine.text.encoder import load_open_clip

        with self._lock:
            if self._loaded is None or self._loaded[0] != choice:
                self._loaded = None  # two may not fit into memory
                self._loaded = (choice, load_open_clip(*choice, self.folder))
            return self._loaded[1]
