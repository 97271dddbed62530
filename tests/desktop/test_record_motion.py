"""Recording a driving clip with a camera that the test holds pictures before, and a clock that it moves."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot
from test_recorder import FakeMicrophone, tone

from desktop import cameras, recorder, sound_devices
from desktop.dialogs.record_motion import BUSY, GONE, REFUSED, RecordMotionDialog
from desktop.film_recorder import FilmRecorder
from desktop.recorder import COUNT, Stage
from desktop.theme import Palette
from engine.media.audio import read_mono
from engine.media.video import probe, read_frames


class FakeCamera(QObject):
    """Sees what `look` is given while it is open."""

    seen = Signal(object)
    lost = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.works, self.is_open = True, False

    def open(self, id: str) -> bool:
        self.is_open = self.works
        return self.works

    def close(self) -> None:
        self.is_open = False


class Studio:
    """A camera, a microphone, a clock, and the dialog that uses them."""

    def __init__(self, folder: Path, palette: Palette, qtbot: QtBot) -> None:
        self.now, self.shown = 100.0, 0
        self.camera, self.microphone = FakeCamera(), FakeMicrophone()
        self.recorder = FilmRecorder(folder, self.camera, self.microphone, lambda: self.now)
        self.used: list[tuple[Path, bool]] = []
        self.left: list[Path] = []
        self.dialog = RecordMotionDialog(palette, self.recorder, lambda path, sound: self.used.append((path, sound)))
        self.dialog.left.connect(self.left.append)
        qtbot.addWidget(self.dialog)

    def film(self, seconds: float, rate: int = 25, sound: bool = False) -> None:
        """So much time goes by before the camera, in pictures that grow lighter."""
        for _ in range(round(seconds * rate)):
            if self.camera.is_open:
                picture = np.full((48, 64, 3), self.shown % 200, np.uint8)
                picture[:, :8] = 255  # to tell left from right
                self.camera.seen.emit(picture)
                self.shown += 1
            self.now += 1 / rate
            if sound:
                self.microphone.say(tone(1 / rate))


@pytest.fixture
def studio(tmp_path: Path, palette: Palette, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Studio:
    monkeypatch.setattr(recorder, "SECOND_MS", 10)
    monkeypatch.setattr(cameras, "cameras", lambda: [("front", "Front camera"), ("usb", "Webcam")])
    monkeypatch.setattr(cameras, "ask_for_camera", lambda context, answered: answered(True))
    monkeypatch.setattr(sound_devices, "inputs", lambda: [("mic", "Microphone")])
    studio = Studio(tmp_path / "recordings", palette, qtbot)
    studio.dialog.open()
    return studio


def test_one_sees_oneself_counts_in_records_and_uses_it(studio: Studio, qtbot: QtBot) -> None:
    dialog, counted = studio.dialog, []
    studio.recorder.counted.connect(counted.append)
    assert [dialog.devices.itemText(i) for i in range(2)] == ["Front camera", "Webcam"]
    studio.film(0.2)
    assert dialog.view._image and dialog.record.isVisible() and not dialog.stop.isVisible()
    assert dialog.view._image.toImage().pixelColor(60, 20).red() == 255, "as in a mirror"
    dialog.record.click()
    studio.film(0.2)
    qtbot.waitUntil(lambda: studio.recorder.stage is Stage.RECORDING, timeout=5000)
    assert counted == list(range(COUNT, 0, -1))
    first = studio.shown
    studio.film(2)
    assert "2.0" in dialog.status.text() or "1.9" in dialog.status.text()
    dialog.stop.click()
    studio.film(0.2)
    assert dialog.keep.isVisible() and dialog.again.isVisible()
    dialog.keep.click()
    ((path, sound),) = studio.used
    assert not sound and not studio.left and not studio.camera.is_open and not dialog.isVisible()
    frames = list(read_frames(path))
    assert probe(path).frames == 50 and not probe(path).has_audio
    assert frames[0][20, 30, 0] == pytest.approx(first % 200, abs=4), "not before the count-in was over"
    assert frames[0][20, 3, 0] > 200 > frames[0][20, 60, 0], "the file is not mirrored"


def test_with_sound_both_come_together(studio: Studio, qtbot: QtBot) -> None:
    dialog = studio.dialog
    dialog.count_in.click()
    dialog.microphones.setCurrentIndex(1)
    dialog.microphones.activated.emit(1)
    assert dialog.speech.isVisible()
    dialog.speech.click()
    dialog.record.click()
    studio.film(0.6)
    studio.film(0.4, sound=True)
    dialog.stop.click()
    dialog.keep.click()
    ((path, sound),) = studio.used
    assert sound
    loud = np.flatnonzero(np.abs(read_mono(path, 16_000)) > 0.2)
    assert loud[0] / 16_000 == pytest.approx(0.6, abs=0.03) and probe(path).frames == 25


def test_nothing_that_was_recorded_is_lost(studio: Studio) -> None:
    """Unplugged, taken again, closed in the midst: every file is there."""
    dialog = studio.dialog
    dialog.count_in.click()
    dialog.record.click()
    studio.film(0.4)
    studio.camera.lost.emit()
    assert dialog.problem.text() == GONE and dialog.keep.isVisible() and dialog.close_button.isVisible()
    dialog.again.click()
    studio.film(0.6)
    dialog.stop.click()
    dialog.again.click()
    studio.film(0.8)
    dialog.reject()
    files = sorted((studio.recorder._folder).iterdir())
    assert sorted(probe(path).frames for path in files) == [10, 15, 20]
    assert len(studio.left) == 1 and probe(studio.left[0]).frames == 20 and not studio.used


def test_no_camera_a_busy_one_and_one_that_is_not_allowed_say_what_to_do(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = studio.dialog
    studio.camera.works = False
    dialog.devices.activated.emit(0)
    assert dialog.problem.text() == BUSY and dialog.look.isVisible() and not dialog.record.isVisible()
    monkeypatch.setattr(cameras, "cameras", list)
    monkeypatch.setattr(cameras, "problem", lambda: "No camera was found. Connect one.")
    dialog.look.click()
    assert dialog.problem.text() == "No camera was found. Connect one." and not dialog.record.isVisible()
    monkeypatch.setattr(cameras, "ask_for_camera", lambda context, answered: answered(False))
    dialog.look.click()
    assert dialog.problem.text() == REFUSED


def test_a_folder_that_cannot_be_written_is_told(studio: Studio) -> None:
    studio.recorder._folder.parent.joinpath("recordings").write_bytes(b"")
    studio.dialog.count_in.click()
    studio.dialog.record.click()
    studio.film(0.1)
    assert "cannot be written" in studio.dialog.problem.text() and studio.recorder.stage is Stage.LISTENING


def test_on_this_machine_whatever_it_has_the_devices_can_be_listed(qapp) -> None:
    assert bool(cameras.cameras()) != bool(cameras.problem())
