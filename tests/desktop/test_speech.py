"""The speech as it is handed to a sound device: right part, right loudness, ready without holding up the window."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QByteArray
from pytestqt.qtbot import QtBot

from desktop import sound_devices
from desktop.background import Background
from desktop.document import Document
from desktop.sound_devices import RATE, bytes_of, samples_of
from desktop.speech import Speech
from engine.media.audio import read_mono
from engine.project.edits import with_audio
from engine.project.media_ref import refer_to
from engine.project.project import AudioClip
from engine.project.timing import TimeRange


class FakeSpeaker:
    """Keeps what it is given to play."""

    def __init__(self) -> None:
        self.sound, self.start = QByteArray(), -1.0

    def play(self, sound: QByteArray, channels: int, start: float) -> bool:
        self.sound, self.start = sound, start
        return True

    def stop(self) -> None: ...

    def heard(self) -> float | None:
        return 0.0


@pytest.fixture
def background(qapp):
    background = Background()
    yield background
    background.close()


def test_the_speech_is_ready_at_its_part_and_loudness(
    document: Document, background: Background, samples: Path, qtbot: QtBot
):
    speaker = FakeSpeaker()
    speech = Speech(document, background, speaker)
    assert not speech.start(Fraction(0)), "there is no speech yet"
    path = samples / "speech.flac"
    part = TimeRange(Fraction(1, 2), Fraction(3))
    clip = AudioClip(refer_to(path), Fraction(8), part, gain=0.5)
    with qtbot.waitSignal(speech.loaded, timeout=10000):
        document.edit("Import speech", lambda p: with_audio(p, clip))
    assert speech.seconds == pytest.approx(2.5, abs=1 / RATE)
    assert speech.start(Fraction(1)) and speaker.start == 1.0
    heard = samples_of(speaker.sound.data()).reshape(-1, 2).mean(axis=1)
    meant = read_mono(path, RATE, part) * 0.5
    assert len(heard) == len(meant)
    assert np.abs(heard - meant).max() < 2 / 32768

    with qtbot.waitSignal(speech.loaded, timeout=10000):
        document.edit("Louder", lambda p: with_audio(p, replace(clip, gain=1.0)))
    speech.start(Fraction(0))
    louder = samples_of(speaker.sound.data()).reshape(-1, 2).mean(axis=1)
    assert np.abs(louder - 2 * meant).max() < 3 / 32768

    document.edit("No speech", lambda p: with_audio(p, None))
    assert not speech.start(Fraction(0))


def test_a_missing_recording_is_told(document: Document, background: Background, tmp_path: Path, qtbot: QtBot):
    speech = Speech(document, background, FakeSpeaker())
    path = tmp_path / "gone.wav"
    path.write_bytes(b"x")
    clip = AudioClip(refer_to(path), Fraction(1))
    path.unlink()
    with qtbot.waitSignal(speech.failed, timeout=10000) as failed:
        document.edit("Import speech", lambda p: with_audio(p, clip))
    assert "gone.wav" in str(failed.args[0])


def test_sixteen_bits_there_and_back():
    wave = np.linspace(-1.2, 1.2, 1001, dtype=np.float32)
    assert np.abs(samples_of(bytes_of(wave)) - np.clip(wave, -1, 1)).max() < 2 / 32768
    assert len(samples_of(b"\x00\x01\x02")) == 1, "half a sample at the end of a block is left out"


def test_a_machine_without_sound_says_what_to_do(qapp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sound_devices, "media_library", lambda: (None, "libpulse.so.0 is missing"))
    assert "libpulse.so.0" in sound_devices.problem("microphone") and "nstall" in sound_devices.problem("loudspeaker")
    assert sound_devices.inputs() == []
    assert not sound_devices.Speaker().play(QByteArray(bytes(400)), 1, 0.0)
    assert not sound_devices.Microphone().open("any")
    sound_devices.Watcher()
