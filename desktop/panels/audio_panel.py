"""The speech: bring it in or record it, and set it up."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.actions import Actions
from desktop.background import Background
from desktop.document import Document
from desktop.panels.record_box import RecordBox
from desktop.panels.speech_box import SpeechBox
from desktop.settings import Settings
from desktop.sound_devices import RATE
from desktop.theme import SPACE, Palette, icon
from desktop.widgets.waveform import Waveform
from engine.project.edits import with_audio
from engine.project.media_ref import refer_to
from engine.project.project import AudioClip

NOTHING = "No speech yet. Import a recording or a video, record your own, or drop a file here."


class AudioPanel(QWidget):
    """The speech there is and the two ways to get another; while it is open, the recorder instead."""

    failed = Signal(object)  # an exception

    def __init__(
        self, document: Document, palette: Palette, actions: Actions, background: Background, settings: Settings
    ) -> None:
        super().__init__()
        self._document, self._palette = document, palette
        self._background, self._settings = background, settings
        self.speech, self.recording = SpeechBox(document, palette), RecordBox(palette)
        self.nothing, self.bring, self.record = QLabel(NOTHING), QPushButton("Import…"), QPushButton("Record…")
        self.nothing.setProperty("role", "muted")
        self.nothing.setWordWrap(True)
        self._ways = QWidget()
        ways = QHBoxLayout(self._ways)
        ways.setContentsMargins(0, 0, 0, 0)
        for button, id in ((self.bring, "import_audio"), (self.record, "record_audio")):
            button.setToolTip(actions[id].toolTip())
            button.clicked.connect(actions[id].trigger)
            ways.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3 // 2, SPACE // 2, SPACE * 3 // 2, SPACE * 3 // 2)
        column.setSpacing(SPACE)
        column.addWidget(self.nothing)
        column.addWidget(self.speech)
        column.addWidget(self._ways)
        column.addWidget(self.recording)
        column.addStretch(1)
        self._recording = False
        self.recording.kept.connect(self._keep)
        self.recording.closed.connect(self._recorder_closed)
        actions.connect("record_audio", self.show_recorder)
        document.changed.connect(lambda old, new: self._follow())
        document.replaced.connect(self._follow)
        self._redraw()
        self._follow()

    def set_waveform(self, waveform: Waveform | None) -> None:
        """Show the sound of the recording."""
        self.speech.set_waveform(waveform)

    def show_recorder(self) -> None:
        """Open the microphone."""
        self._recording = True
        self._follow()
        self.recording.open()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._redraw()
        super().changeEvent(event)

    def _keep(self, samples: np.ndarray) -> None:
        folder = self._settings.folders.data / "recordings"
        path = folder / f"Recording {datetime.now():%Y-%m-%d %H.%M.%S}.wav"
        self._background.start(lambda: _written(path, samples), self._take_clip, self.failed.emit)

    def _take_clip(self, clip: AudioClip) -> None:
        self._document.edit("Record speech", lambda p: with_audio(p, clip))

    def _recorder_closed(self) -> None:
        self._recording = False
        self._follow()

    def _follow(self) -> None:
        speech = self._document.project.audio is not None
        self.recording.setVisible(self._recording)
        self._ways.setVisible(not self._recording)
        self.speech.setVisible(speech and not self._recording)
        self.nothing.setVisible(not speech and not self._recording)

    def _redraw(self) -> None:
        self.bring.setIcon(icon("import", self._palette))
        self.record.setIcon(icon("mic", self._palette))


def _written(path: Path, samples: np.ndarray) -> AudioClip:
    """The take as a file, which saving puts into the project."""
    from engine.media.audio import Audio, write_audio
    from engine.media.files import free_name

    path.parent.mkdir(parents=True, exist_ok=True)
    path = free_name(path)
    write_audio(path, Audio(samples[:, None], RATE))
    return AudioClip(refer_to(path, embedded=True), Fraction(len(samples), RATE))
