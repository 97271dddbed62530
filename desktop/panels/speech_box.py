"""What can be done to the speech there is: trim it, set its loudness, write down what is said."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import count

import numpy as np
from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.document import Document
from desktop.theme import SPACE, Palette, icon
from desktop.widgets.trim_view import TrimView
from desktop.widgets.waveform import Waveform
from engine.project.edits import with_audio
from engine.project.project import AudioClip
from engine.project.timing import ALWAYS, TimeRange, to_seconds

LOUDEST = 24  # dB, the other way too
PEAK = -1.0  # dB of full scale: where normalising puts the highest peak
STEPS = 10  # of the slider a dB

_drags = count()


class SpeechBox(QWidget):
    """To be shown only while there is speech."""

    def __init__(self, document: Document, palette: Palette) -> None:
        super().__init__()
        self._document, self._palette = document, palette
        self._waveform: Waveform | None = None
        self._drag = ""
        self.name, self.facts, self.warning, self.symbol = QLabel(), QLabel(), QLabel(), QLabel()
        self.trim, self.loudness, self.decibels = TrimView(palette), QSlider(Qt.Orientation.Horizontal), QLabel()
        self.normalise, self.words, self.remove = QPushButton("Normalise"), _Words(), QToolButton()
        self._dress()
        self._lay_out()
        self._wire()
        self._redraw()
        self._follow()

    @property
    def clip(self) -> AudioClip | None:
        """The project's speech."""
        return self._document.project.audio

    def set_waveform(self, waveform: Waveform | None) -> None:
        """Show the sound of the recording."""
        self._waveform = waveform
        self.trim.set_waveform(waveform)
        self._follow()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._redraw()
        super().changeEvent(event)

    # --- layout

    def _dress(self) -> None:
        self.name.setProperty("role", "heading")
        self.facts.setProperty("role", "muted")
        self.warning.setProperty("role", "warning")
        for label in (self.name, self.warning):
            label.setWordWrap(True)
        self.remove.setAutoRaise(True)
        self.remove.setToolTip("Remove the speech from the project")
        self.remove.setAccessibleName("Remove the speech")
        self.loudness.setRange(-LOUDEST * STEPS, LOUDEST * STEPS)
        self.loudness.setAccessibleName("Loudness in dB")
        self.loudness.setToolTip("Louder or softer, in the export too")
        self.normalise.setToolTip(f"As loud as it can be: the highest peak at {PEAK:g} dB")
        self.decibels.setMinimumWidth(SPACE * 7)
        self.decibels.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def _lay_out(self) -> None:
        title, loudness = QHBoxLayout(), QHBoxLayout()
        title.addWidget(self.name, 1)
        title.addWidget(self.facts)
        title.addWidget(self.remove)
        loudness.addWidget(self.symbol)
        loudness.addWidget(self.loudness, 1)
        loudness.addWidget(self.decibels)
        loudness.addWidget(self.normalise)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(title)
        column.addWidget(self.trim)
        column.addLayout(loudness)
        column.addWidget(self.warning)
        column.addWidget(self.words)

    def _wire(self) -> None:
        self._document.changed.connect(lambda old, new: self._follow())
        self._document.replaced.connect(self._follow)
        self.remove.clicked.connect(lambda: self._document.edit("Remove speech", lambda p: with_audio(p, None)))
        self.trim.trimmed.connect(self._trim)
        self.loudness.sliderPressed.connect(self._new_drag)
        self.loudness.valueChanged.connect(lambda value: self._set_gain(value / STEPS))
        self.normalise.clicked.connect(self._normalise)
        self.words.written.connect(self._write)

    # --- what happens

    def _trim(self, start: float, end: float, drag: int) -> None:
        clip = self.clip
        if clip is None:
            return
        last = float(clip.seconds)
        whole = start <= 0 and end >= last
        part = ALWAYS if whole else TimeRange(to_seconds(start), math.inf if end >= last else to_seconds(end))
        self._change("Trim speech", f"trim {drag}", part=part)

    def _set_gain(self, decibels: float) -> None:
        if self.clip:
            self._change("Change loudness", self._drag, gain=round(10 ** (decibels / 20), 4))

    def _normalise(self) -> None:
        peak = self._peak()
        if peak > 0:
            self._change("Normalise speech", None, gain=round(min(10 ** (PEAK / 20) / peak, 10 ** (LOUDEST / 20)), 4))

    def _write(self, words: str) -> None:
        if self.clip:
            self._change("Write what is said", None, words=words)

    def _change(self, name: str, merge: str | None, **changes: object) -> None:
        clip = self.clip
        assert clip
        changed = replace(clip, **changes)  # type: ignore[arg-type]
        self._document.edit(name, lambda p: with_audio(p, changed), merge)

    def _new_drag(self) -> None:
        self._drag = f"loudness {next(_drags)}"

    # --- showing

    def _follow(self) -> None:
        clip = self.clip
        if clip is None:
            return
        start, end = float(clip.part.start), float(clip.part.start + clip.duration)
        self.name.setText(clip.media.name)
        trimmed = "" if clip.duration == clip.seconds else f" of {float(clip.seconds):.1f} s"
        self.facts.setText(f"{float(clip.duration):.1f} s{trimmed}")
        self.trim.show_part(float(clip.seconds), start, end, clip.gain)
        decibels = 20 * math.log10(max(clip.gain, 1e-3))
        with QSignalBlocker(self.loudness):
            self.loudness.setValue(round(decibels * STEPS))
        self.decibels.setText(f"{decibels:+.1f} dB")
        self.warning.setText("Too loud: the highest peaks are cut off." if self._peak() * clip.gain > 1.001 else "")
        self.warning.setVisible(bool(self.warning.text()))
        self.normalise.setEnabled(self._peak() > 0)
        self.words.show_words(clip.words)

    def _peak(self) -> float:
        """The highest peak of what is heard, before loudness; 0 while nobody knows."""
        clip, wave = self.clip, self._waveform
        if clip is None or wave is None:
            return 0.0
        first, last = float(clip.part.start), float(clip.part.start + clip.duration)
        scale = len(wave.bins.samples) / max(wave.seconds, 1e-6)
        found = wave.bins.between(first * scale, last * scale, 1 << 30)
        return float(max(np.abs(found.low).max(initial=0), np.abs(found.high).max(initial=0)))

    def _redraw(self) -> None:
        self.remove.setIcon(icon("delete", self._palette))
        self.symbol.setPixmap(icon("volume", self._palette, self._palette.muted).pixmap(18, 18))


class _Words(QPlainTextEdit):
    """What is said; told when the writer leaves it."""

    written = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""
        self.setPlaceholderText("What is said: write it down, and the lips follow the words exactly.")
        self.setToolTip("What is said")
        self.setAccessibleName("What is said")
        self.setTabChangesFocus(True)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * 3 + SPACE * 2)

    def show_words(self, words: str) -> None:
        """Show the project's words, unless somebody is writing."""
        if words != self._shown:
            self._shown = words
            self.setPlainText(words)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        words = self.toPlainText().strip()
        if words != self._shown:
            self._shown = words
            self.written.emit(words)
