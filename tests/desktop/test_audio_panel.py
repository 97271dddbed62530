"""The speech panel with the sample recording: trim, loudness, words, and a recording that becomes the speech."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.actions import Actions
from desktop.background import Background
from desktop.document import Document
from desktop.panels.audio_panel import AudioPanel
from desktop.settings import Settings
from desktop.sound_devices import RATE
from desktop.waveforms import Waveforms
from engine.media.audio import read_audio
from engine.project.media_ref import refer_to
from engine.project.project import AudioClip, Project
from engine.project.storage import load_project
from engine.project.timing import ALWAYS


@pytest.fixture
def background(qapp) -> Iterator[Background]:
    background = Background()
    yield background
    background.close()


@pytest.fixture
def panel(
    document: Document,
    palette,
    actions: Actions,
    background: Background,
    settings: Settings,
    samples: Path,
    qtbot: QtBot,
) -> AudioPanel:
    """Shown, with the sample speech and its waveform."""
    panel = AudioPanel(document, palette, actions, background, settings)
    qtbot.addWidget(panel)
    panel.resize(300, 600)
    panel.show()
    waveforms = Waveforms(document, background, panel)
    waveforms.changed.connect(panel.set_waveform)
    path = samples / "speech.flac"
    document.new(Project(audio=AudioClip(refer_to(path), read_audio(path).seconds)))
    qtbot.waitUntil(lambda: waveforms.waveform is not None, timeout=10000)
    return panel


def drag(widget, start: float, end: float) -> None:
    """Press at x `start`, go to `end` in steps, let go."""
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

    def send(kind: QEvent.Type, x: float) -> None:
        at = QPointF(x, widget.height() / 2)
        QApplication.sendEvent(widget, QMouseEvent(kind, at, widget.mapToGlobal(at), left, left, none))

    send(QEvent.Type.MouseButtonPress, start)
    for share in (0.25, 0.5, 0.75, 1.0):
        send(QEvent.Type.MouseMove, start + (end - start) * share)
    send(QEvent.Type.MouseButtonRelease, end)


def test_dragging_an_end_trims_in_one_step_of_undo(panel: AudioPanel, document: Document):
    trim, whole = panel.speech.trim, document.project.audio
    drag(trim, 0, trim.width() * 0.25)
    clip = document.project.audio
    assert (
        float(clip.part.start) == pytest.approx(float(whole.seconds) * 0.25, rel=0.02) and clip.part.end == ALWAYS.end
    )
    drag(trim, trim.width(), trim.width() * 0.75)
    assert float(document.project.audio.duration) == pytest.approx(float(whole.seconds) * 0.5, rel=0.02)
    assert "of 10.9 s" in panel.speech.facts.text()
    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert document.project.audio == whole
    assert panel.speech.trim.start == 0


def test_normalising_puts_the_highest_peak_just_below_full_scale(panel: AudioPanel, document: Document, samples: Path):
    panel.speech.normalise.click()
    gain = document.project.audio.gain
    peak = np.abs(read_audio(samples / "speech.flac").samples).max() * gain
    assert peak == pytest.approx(10 ** (-1 / 20), rel=0.02), "the waveform is drawn from resampled sound"
    assert not panel.speech.warning.isVisible()
    panel.speech.loudness.setValue(200)
    assert document.project.audio.gain == pytest.approx(10.0, rel=0.01)
    assert panel.speech.warning.isVisible() and panel.speech.decibels.text() == "+20.0 dB"


def test_one_drag_of_the_loudness_is_one_step(panel: AudioPanel, document: Document):
    slider = panel.speech.loudness
    for first in (10, -40):
        slider.sliderPressed.emit()
        for value in range(first, first + 5):
            slider.setValue(value)
    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    assert document.project.audio.gain == pytest.approx(10 ** (1.4 / 20), rel=0.001)
    assert slider.value() == 14


def test_words_reach_the_project_when_the_writer_leaves(panel: AudioPanel, document: Document):
    words = panel.speech.words
    words.setPlainText("Good evening.")
    assert document.project.audio.words == ""
    QApplication.sendEvent(words, QFocusEvent(QEvent.Type.FocusOut))
    assert document.project.audio.words == "Good evening."
    document.undo_stack.undo()
    assert words.toPlainText() == ""


def test_a_recording_becomes_the_speech_and_is_saved_inside_the_project(
    panel: AudioPanel, document: Document, tmp_path: Path, qtbot: QtBot
):
    said = 0.5 * np.sin(np.arange(RATE) / 20).astype(np.float32)
    panel.show_recorder()
    panel.recording.kept.emit(said)
    qtbot.waitUntil(lambda: document.project.audio.media.embedded, timeout=5000)
    clip = document.project.audio
    assert clip.seconds == Fraction(1) and document.undo_stack.undoText() == "Record speech"
    document.save(tmp_path / "mine.portrayal")
    Path(clip.media.path).unlink()
    saved = load_project(tmp_path / "mine.portrayal", tmp_path / "elsewhere").audio
    assert np.abs(read_audio(saved.media.locate()).samples[:, 0] - said).max() < 2 / 32768


def test_without_speech_it_offers_the_two_ways(panel: AudioPanel, document: Document):
    panel.speech.remove.click()
    assert document.project.audio is None and panel.nothing.isVisible() and not panel.speech.isVisible()
    document.undo_stack.undo()
    assert panel.speech.isVisible() and not panel.nothing.isVisible()
