"""Recording with a microphone that the test speaks into."""

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from desktop import recorder as recorder_module
from desktop.panels.record_box import BUSY, GONE, REFUSED, RecordBox
from desktop.recorder import COUNT, Recorder, Stage
from desktop.sound_devices import RATE
from desktop.widgets.level_meter import CLIPS, FLOOR, LevelMeter


class FakeMicrophone(QObject):
    """Hears what `say` is given while it is open."""

    heard = Signal(object)
    lost = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.is_open, self.monitored, self.works = False, False, True

    def open(self, id: str) -> bool:
        self.is_open = self.works
        return self.works

    def close(self) -> None:
        self.is_open = False

    def set_monitored(self, on: bool) -> None:
        self.monitored = on

    def say(self, samples: np.ndarray) -> None:
        if self.is_open:
            self.heard.emit(samples.astype(np.float32))


class FakeSpeaker:
    """Counts what it is asked to play."""

    def __init__(self) -> None:
        self.played = 0

    def play(self, sound, channels: int, start: float) -> bool:
        self.played += 1
        return True

    def stop(self) -> None: ...


def tone(seconds: float, loud: float = 0.4) -> np.ndarray:
    return loud * np.sin(np.arange(round(seconds * RATE)) * 2 * np.pi * 220 / RATE)


@pytest.fixture
def microphone(qapp) -> FakeMicrophone:
    return FakeMicrophone()


@pytest.fixture
def recorder(microphone: FakeMicrophone, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    monkeypatch.setattr(recorder_module, "SECOND_MS", 10)
    return Recorder(microphone)


@pytest.fixture
def box(recorder: Recorder, palette, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> RecordBox:
    monkeypatch.setattr("desktop.sound_devices.inputs", lambda: [("built-in", "Microphone"), ("usb", "Headset")])
    box = RecordBox(palette, recorder, FakeSpeaker())
    qtbot.addWidget(box)
    box.show()
    box.open()
    qtbot.waitUntil(lambda: box.recorder.stage is Stage.LISTENING, timeout=5000)
    return box


def test_what_is_said_after_the_count_in_is_kept_and_nothing_else(recorder, microphone, qtbot: QtBot):
    counted, taken = [], []
    recorder.counted.connect(counted.append)
    recorder.taken.connect(taken.append)
    assert recorder.listen("any")
    microphone.say(tone(0.1))
    recorder.record()
    microphone.say(tone(0.2))
    qtbot.waitUntil(lambda: recorder.stage is Stage.RECORDING, timeout=5000)
    assert counted == list(range(COUNT, 0, -1))
    said = tone(0.5, 0.8)
    for block in np.array_split(said, 11):
        microphone.say(block)
    assert recorder.seconds == pytest.approx(0.5)
    recorder.stop()
    microphone.say(tone(0.1))
    assert len(taken) == 1 and len(taken[0]) == len(said)
    assert np.abs(taken[0] - said).max() < 2 / 32768


def test_stopping_during_the_count_in_keeps_nothing(recorder, microphone, qtbot: QtBot):
    taken = []
    recorder.taken.connect(taken.append)
    recorder.listen("any")
    recorder.record()
    recorder.stop()
    qtbot.wait(60)
    assert recorder.stage is Stage.LISTENING and not taken


def test_without_a_count_in_it_begins_at_once_and_closing_hands_over(recorder, microphone):
    taken = []
    recorder.taken.connect(taken.append)
    recorder.count_in = False
    recorder.listen("any")
    recorder.record()
    microphone.say(tone(0.2))
    recorder.close()
    assert len(taken) == 1 and not microphone.is_open and recorder.stage is Stage.CLOSED


def test_an_unplugged_microphone_does_not_lose_the_recording(box: RecordBox, recorder, microphone, qtbot: QtBot):
    box.count_in.setChecked(False)
    box.record.click()
    microphone.say(tone(0.3))
    microphone.lost.emit()
    assert box.problem.text() == GONE and box.keep.isVisible()
    with qtbot.waitSignal(box.kept) as kept:
        box.keep.click()
    assert len(kept.args[0]) == round(0.3 * RATE)


def test_retake_forgets_the_first_and_use_hands_over_the_second(box: RecordBox, microphone, qtbot: QtBot):
    box.count_in.setChecked(False)
    box.record.click()
    microphone.say(tone(0.2))
    box.stop.click()
    box.listen.click()
    assert box._speaker.played == 1 and "0.2 s recorded" in box.status.text()
    box.again.click()
    microphone.say(tone(0.4, 0.01))
    box.stop.click()
    assert "quiet" in box.status.text()
    with qtbot.waitSignals([box.kept, box.closed]):
        box.keep.click()
    assert not microphone.is_open


def test_monitoring_and_choosing_another_device(box: RecordBox, microphone):
    assert [box.devices.itemText(i) for i in range(box.devices.count())] == ["Microphone", "Headset"]
    box.monitor.setChecked(True)
    assert microphone.monitored
    microphone.works = False
    box.devices.setCurrentIndex(1)
    box.devices.activated.emit(1)
    assert box.problem.text() == BUSY and box.look.isVisible() and not box.record.isVisible()


def test_without_a_microphone_it_says_what_to_do(palette, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("desktop.sound_devices.inputs", list)
    monkeypatch.setattr("desktop.sound_devices.problem", lambda kind: f"No {kind} was found. Connect one.")
    box = RecordBox(palette, Recorder(FakeMicrophone()))
    qtbot.addWidget(box)
    box.show()
    box.open()
    qtbot.waitUntil(box.problem.isVisible, timeout=5000)
    assert box.problem.text() == "No microphone was found. Connect one."
    assert not box.record.isVisible() and not box.meter.isVisible()
    monkeypatch.setattr("desktop.sound_devices.ask_for_microphone", lambda context, answered: answered(False))
    box.look.click()
    assert box.problem.text() == REFUSED


def test_the_meter_shows_loudness_holds_peaks_and_remembers_clipping(palette, qtbot: QtBot):
    meter = LevelMeter(palette)
    qtbot.addWidget(meter)
    meter.resize(120, 12)
    quiet = meter.grab().toImage()
    meter.hear(0.5, 0.25)
    assert meter.loudness == pytest.approx(-12.04, abs=0.01) and meter.peak == pytest.approx(-6.02, abs=0.01)
    loud = meter.grab().toImage()
    lit = [x for x in range(120) if loud.pixelColor(x, 6) != quiet.pixelColor(x, 6)]
    assert max(x for x in lit if x + 1 in lit) > 90 and not meter.clipped
    meter.hear(1.0, 0.5)
    assert meter.clipped and meter.peak > CLIPS
    qtbot.waitUntil(lambda: meter.loudness < -12, timeout=5000)
    assert meter.clipped
    meter.reset()
    assert meter.loudness == meter.peak == FLOOR and not meter.clipped
