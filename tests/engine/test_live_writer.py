"""What a camera gives, written as it comes: when it came, with its sound, and readable though it broke off."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.errors import ExportError
from engine.media.audio import read_mono
from engine.media.live_writer import SOUND_RATE, LiveWriter
from engine.media.video import probe, read_frames


def grey(level: int) -> np.ndarray:
    return np.full((49, 65, 3), level, np.uint8)


def test_pictures_show_when_they_came_and_sound_is_in_time(tmp_path: Path) -> None:
    writer = LiveWriter(tmp_path / "new" / "me.mkv", (65, 49), sound=True)
    times = [0.0, 0.04, 0.08, 0.4, 0.44, 0.8]  # the camera was busy with itself for a while
    for k, seconds in enumerate(times):
        writer.picture(grey(40 * k), seconds)
        writer.sound(np.full(SOUND_RATE // 5, 0.5 if k == 2 else 0.0, np.float32))
    path = writer.close()
    info = probe(path)
    assert info.size == (64, 48) and info.variable_rate and info.has_audio
    shown = [int(frame[20, 20, 0]) for frame in read_frames(path, Fraction(25))]
    assert shown[9] == pytest.approx(80, abs=6) and shown[10] == pytest.approx(120, abs=6)
    assert shown[19] == pytest.approx(160, abs=6) and shown[20] == pytest.approx(200, abs=6)
    loud = np.flatnonzero(read_mono(path, 16_000) > 0.25)
    assert (loud[0] / 16_000, loud[-1] / 16_000) == pytest.approx((0.4, 0.6), abs=0.01)


def test_what_was_recorded_before_the_power_went_can_be_read(tmp_path: Path) -> None:
    writer = LiveWriter(tmp_path / "me.mkv", (64, 48), sound=False)
    for k in range(150):
        writer.picture(grey(k), k / 30)
    while not writer._waiting.empty():
        pass
    torn = tmp_path / "torn.mkv"
    torn.write_bytes((tmp_path / "me.mkv").read_bytes())  # as it lies on the disk in this moment
    writer.close()
    assert sum(1 for _ in read_frames(torn)) > 90, "of 150 pictures"
    assert sum(1 for _ in read_frames(tmp_path / "me.mkv")) == 150


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExportError, match=r"me\.mkv"):
        LiveWriter(tmp_path / "file" / "me.mkv", (64, 48), sound=False)
