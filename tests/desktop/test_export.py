"""What the window exports is played back: mouth and voice begin together, in the whole and in a part of it."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import main_window
from desktop.app import open_window
from desktop.dialogs.export import ExportDialog
from desktop.settings import Settings
from engine.media.audio import Audio, read_audio, write_audio
from engine.media.video import probe, read_frames
from engine.project.channels import CHANNELS, INDEX
from engine.project.edits import with_in_out, with_motion, with_settings
from engine.project.media_ref import refer_to
from engine.project.motion import Motion
from engine.project.project import AudioClip, Portrait, Project
from engine.project.timing import ALWAYS, TimeRange, frame_count, frame_times

RATE = Fraction(30000, 1001)
SOUND = 44_100  # Hz
VOICED = (0.7, 1.45, 2.2)  # seconds at which a tone of LENGTH begins and the mouth opens
LENGTH, SECONDS = 0.3, Fraction(3)
LONG = 120_000


@pytest.fixture
def project(samples: Path, tmp_path: Path) -> Project:
    """A portrait whose mouth is wide open just while a tone sounds."""
    times = np.arange(int(SECONDS * SOUND)) / SOUND
    sound = np.where(_voiced(times), 0.5 * np.sin(2 * np.pi * 440 * times), 0).astype(np.float32)
    write_audio(tmp_path / "tones.wav", Audio(sound[:, None], SOUND))
    frames = frame_count(SECONDS, RATE)
    values = np.tile(np.array([channel.neutral for channel in CHANNELS], np.float32), (frames, 1))
    values[:, INDEX["jawOpen"]] = _voiced(frame_times(range(frames), RATE))
    made = Project(Portrait(refer_to(samples / "hopper.jpg")), AudioClip(refer_to(tmp_path / "tones.wav"), SECONDS))
    return with_motion(with_settings(made, rate=RATE, size=160), Motion.from_dense(values, RATE))


@pytest.mark.parametrize("part", [ALWAYS, TimeRange(Fraction(1, 2), Fraction(5, 2))])
def test_mouth_and_voice_begin_together(
    qtbot: QtBot,
    qapp: QApplication,
    settings: Settings,
    tmp_path: Path,
    project: Project,
    part: TimeRange,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(main_window, "warm_up", lambda _stopped: None)
    window = open_window(qapp, settings)
    window.start()
    window.document.new(with_in_out(project, part))
    window.show_workspace()
    window.commands["export"].trigger()
    dialog = window.findChild(ExportDialog)
    dialog.path.setText(str(tmp_path / "out.mp4"))
    with qtbot.waitSignal(window.render_thread.added) as added:
        dialog.go.click()
    qtbot.waitUntil(lambda: added.args[0].state.over, timeout=LONG)
    assert added.args[0].error is None
    window.close()
    window.deleteLater()

    video = probe(tmp_path / "out.mp4")
    length = SECONDS if part == ALWAYS else part.duration
    assert video.rate == RATE and video.has_audio
    frames = np.stack(list(read_frames(tmp_path / "out.mp4"))).astype(np.float32)
    assert len(frames) == len(part.frames(RATE, frame_count(SECONDS, RATE)))
    sound = read_audio(tmp_path / "out.mp4")
    assert abs(sound.samples.shape[0] / sound.rate - length) < 1 / RATE

    moved = np.abs(frames - frames[0]).mean(axis=(1, 2, 3))
    seen = [first / float(RATE) for first in _begins(moved > moved.max() / 2)]
    loud = np.convolve(np.abs(sound.samples).max(1), np.ones(64) / 64, mode="same")
    heard = [first / sound.rate for first in _begins(loud > 0.1)]
    wished = [at - float(part.start) for at in VOICED]
    assert heard == pytest.approx(wished, abs=0.005)
    assert len(seen) == len(heard)
    late = np.array(seen) - heard
    assert (late >= -0.005).all() and (late <= 1 / float(RATE) + 0.005).all(), late


def _voiced(times: np.ndarray) -> np.ndarray:
    return np.any([(times >= start) & (times < start + LENGTH) for start in VOICED], axis=0)


def _begins(on: np.ndarray) -> np.ndarray:
    """Where it turns from off to on."""
    return np.flatnonzero(on[1:] & ~on[:-1]) + 1
