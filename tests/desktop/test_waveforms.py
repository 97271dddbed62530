from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from desktop.background import Background
from desktop.document import Document
from desktop.waveforms import RATE, Waveforms
from engine.media.audio import read_mono, sound_seconds
from engine.project.edits import with_audio
from engine.project.media_ref import MediaRef, refer_to
from engine.project.project import AudioClip, Project
from engine.project.timing import TimeRange


@pytest.fixture
def background(qapp):
    made = Background()
    yield made
    made.close()


@pytest.fixture
def speech(samples: Path) -> AudioClip:
    path = samples / "speech.flac"
    return AudioClip(refer_to(path), sound_seconds(path))


def test_the_waveform_of_real_speech_comes_and_goes_with_it(
    qtbot: QtBot, document: Document, background, speech: AudioClip
):
    waves = Waveforms(document, background)
    with qtbot.waitSignal(waves.changed, check_params_cb=lambda wave: wave is not None, timeout=20_000):
        document.edit("Import speech", lambda p: with_audio(p, speech))
    wave = waves.waveform
    assert wave.seconds == pytest.approx(float(speech.seconds), abs=0.02)
    sound = read_mono(speech.media.locate(), RATE)
    assert wave.bins.samples.min() == sound.min()
    document.undo_stack.undo()
    assert waves.waveform is None


def test_looking_closely_brings_the_samples(qtbot: QtBot, document: Document, background, speech: AudioClip):
    waves = Waveforms(document, background)
    with qtbot.waitSignal(waves.changed, check_params_cb=lambda wave: wave is not None, timeout=20_000):
        document.new(Project(audio=speech))
    with qtbot.waitSignal(waves.changed, timeout=20_000):
        waves.look(2.0, 2.1)
    detail = waves.waveform.detail
    assert detail.start <= 2.0 and detail.end >= 2.1
    part = TimeRange(Fraction(2), Fraction(21, 10))
    heard = read_mono(speech.media.locate(), RATE, part)
    offset = round((2.0 - detail.start) * RATE)
    assert np.abs(detail.samples.samples[offset : offset + len(heard)] - heard).max() < 0.02


def test_a_trim_or_a_gain_does_not_read_the_file_again(qtbot: QtBot, document: Document, background, speech: AudioClip):
    from dataclasses import replace

    waves = Waveforms(document, background)
    with qtbot.waitSignal(waves.changed, check_params_cb=lambda wave: wave is not None, timeout=20_000):
        document.new(Project(audio=speech))
    known = waves.waveform
    document.edit("Normalise", lambda p: with_audio(p, replace(speech, gain=2.0)))
    assert waves.waveform is known


def test_a_missing_file_is_told(qtbot: QtBot, document: Document, background, tmp_path: Path):
    waves = Waveforms(document, background)
    gone = AudioClip(MediaRef(str(tmp_path / "gone.wav"), "0" * 64), Fraction(3))
    with qtbot.waitSignal(waves.failed, timeout=20_000) as said:
        document.new(Project(audio=gone))
    assert "gone.wav" in str(said.args[0])
