"""Blinks, glances, head and brows: alive, calm, tied to the voice, and the same from the same seed."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.media.audio import read_mono
from engine.motion.features import RATE, Prosody, prosody
from engine.motion.idle import idle
from engine.project.channels import INDEX, in_group

RATE_25 = Fraction(25)


def silence(frames: int) -> tuple[Prosody, np.ndarray]:
    still = np.zeros(frames, np.float32)
    return Prosody(still, still, still > 0), np.ones(frames, bool)


def column(motion: np.ndarray, name: str) -> np.ndarray:
    return motion[:, INDEX[name]]


@pytest.fixture(scope="module")
def spoken(samples: Path) -> tuple[Prosody, np.ndarray]:
    voice = prosody(np.tile(read_mono(samples / "speech.flac", RATE), 12), RATE_25)
    return voice, voice.level < 0.3


def test_the_same_dice_give_the_same_life_and_others_another(spoken: tuple[Prosody, np.ndarray]):
    one, same, other = (idle(*spoken, RATE_25, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(one, same) and not np.array_equal(one, other)


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(60)])
def test_eyes_blink_as_often_as_eyes_do_and_close_on_a_frame(rate: Fraction):
    frames = round(300 * rate)
    lids = column(idle(*silence(frames), rate, np.random.default_rng(0)), "eyeBlinkLeft")
    closed = np.flatnonzero((lids > 0.999) & (np.roll(lids, 1) < lids + 1e-9))
    blinks = 1 + np.sum(np.diff(closed) > rate / 5)
    assert 13 <= blinks / 5 <= 23
    intervals = np.diff(closed[np.insert(np.diff(closed) > rate / 5, 0, True)]) / float(rate)
    assert intervals.std() > 0.8  # not a metronome
    assert lids.mean() < 0.1


def test_lids_close_faster_than_they_open():
    lids = column(idle(*silence(6000), Fraction(100), np.random.default_rng(1)), "eyeBlinkLeft")
    peaks = [i for i in np.flatnonzero(lids > 0.999) if 30 < i < 5960]
    closing = np.mean([np.sum(lids[i - 25 : i] > 0.05) for i in peaks])
    opening = np.mean([np.sum(lids[i : i + 35] > 0.05) for i in peaks])
    assert 1.4 * closing < opening


def test_the_head_is_calm_never_frozen_and_begins_and_ends_as_pictured(spoken: tuple[Prosody, np.ndarray]):
    motion = idle(*spoken, RATE_25, np.random.default_rng(5))
    for name, most in (("headYaw", 12), ("headPitch", 10), ("headRoll", 8), ("headX", 0.1), ("headY", 0.06)):
        values = column(motion, name)
        assert values[0] == values[-1] == 0
        assert np.abs(values).max() < most
        per_second = values[25 : len(values) // 25 * 25 - 25].reshape(-1, 25)
        assert np.ptp(per_second, axis=1).min() > most / 3000
        assert np.abs(np.diff(values, n=2)).max() < most / 8  # no jerks


def test_eyes_stay_on_the_viewer_while_the_head_turns(spoken: tuple[Prosody, np.ndarray]):
    motion = idle(*spoken, RATE_25, np.random.default_rng(7))
    seen = column(motion, "headYaw") + column(motion, "gazeYaw")
    assert np.median(np.abs(seen)) < np.median(np.abs(column(motion, "headYaw")))
    assert np.abs(seen).max() > 3  # but not always


def test_brows_rise_and_the_head_nods_with_the_voice_and_not_in_silence(spoken: tuple[Prosody, np.ndarray]):
    talking = idle(*spoken, RATE_25, np.random.default_rng(2))
    quiet = idle(*silence(len(talking)), RATE_25, np.random.default_rng(2))
    assert 0.1 < column(talking, "browInnerUp").max() < 0.5 and not column(quiet, "browInnerUp").any()
    assert column(talking, "headPitch").std() > column(quiet, "headPitch").std()


def test_the_mouth_is_left_alone(spoken: tuple[Prosody, np.ndarray]):
    motion = idle(*spoken, RATE_25, np.random.default_rng(0))
    assert not motion[:, [INDEX[name] for name in in_group("mouth", "jaw")]].any()
    assert np.isfinite(motion).all()


@pytest.mark.parametrize("frames", [0, 1, 2, 10])
def test_any_length(frames: int):
    assert idle(*silence(frames), RATE_25, np.random.default_rng(0)).shape == (frames, len(INDEX))
