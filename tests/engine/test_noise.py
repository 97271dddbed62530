"""Steady noise is taken out of speech before anything listens: lips rest in its pauses."""

from fractions import Fraction

import numpy as np
import pytest

from engine.events import Progress
from engine.motion import noise
from engine.motion.features import RATE
from engine.motion.generate import generate_motion
from engine.motion.noise import quieted, quieting
from engine.project.channels import CHANNELS, INDEX
from engine.training.fan_figures import with_fan

NEUTRAL = np.array([channel.neutral for channel in CHANNELS], np.float32)
PAUSE = 2 * RATE


@pytest.fixture
def recording(speech: np.ndarray) -> np.ndarray:
    """Five seconds of speech between pauses of two."""
    return np.pad(speech[: 5 * RATE], PAUSE)


def power(sound: np.ndarray) -> float:
    return float(np.mean(np.square(sound)))


def test_a_clean_recording_stays_bit_for_bit(recording: np.ndarray):
    assert np.array_equal(quieted(recording.copy()), recording)
    assert not quieted(np.zeros(RATE, np.float32)).any()


@pytest.mark.parametrize("decibels", [20, 10])
def test_a_fan_goes_and_the_voice_stays(recording: np.ndarray, decibels: int):
    noisy = with_fan(recording, decibels, seed=0)
    cleaned = quieted(noisy.copy())
    assert power(cleaned[: PAUSE // 2]) < 0.03 * power(noisy[: PAUSE // 2])
    assert np.corrcoef(cleaned[PAUSE:-PAUSE], recording[PAUSE:-PAUSE])[0, 1] > 0.95
    assert power(cleaned - recording) < power(noisy - recording) / 2


def test_lips_rest_while_only_the_fan_is_heard(recording: np.ndarray):
    noisy = with_fan(recording, 15, seed=0)
    jaws = [
        generate_motion(sound, Fraction(25), NEUTRAL)[:, INDEX["jawOpen"]] for sound in (noisy, quieted(noisy.copy()))
    ]
    pause, talk = slice(10, 35), slice(50, 175)
    babbling, resting = (jaw[pause].max() / np.percentile(jaw[talk], 95) for jaw in jaws)
    assert babbling > 0.4, "or else there is nothing to show"
    assert resting < 0.1


def test_pieces_make_no_difference_and_tell_how_far_they_are(recording: np.ndarray, monkeypatch: pytest.MonkeyPatch):
    noisy = with_fan(recording, 15, seed=0)
    whole = quieted(noisy.copy())
    monkeypatch.setattr(noise, "_BLOCK", 100)
    job, told = quieting(pieces := noisy.copy()), []
    with pytest.raises(StopIteration):
        while True:
            told.append(next(job))
    assert all(isinstance(event, Progress) for event in told) and len(told) == -(-len(noisy) // 12_800)
    done = [event.done for event in told]
    assert done == sorted(done) and done[-1] == len(noisy) // RATE
    assert np.abs(pieces - whole).mean() < 0.05 * np.abs(whole).mean()


@pytest.mark.parametrize("length", [0, 1, 300, 511, 513, 5000])
def test_any_length(length: int):
    cleaned = quieted(np.random.default_rng(0).normal(0, 0.1, length).astype(np.float32))
    assert len(cleaned) == length and np.isfinite(cleaned).all()


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])  # of the noise: white, pink, brown
def test_noise_alone_is_silence(slope: float):
    sound = np.random.default_rng(0).standard_normal(6 * RATE)
    spectrum = np.fft.rfft(sound) / np.maximum(np.fft.rfftfreq(len(sound), 1 / RATE), 30) ** slope
    noise_alone = np.fft.irfft(spectrum, len(sound)).astype(np.float32)
    noise_alone *= 0.1 / noise_alone.std()
    lips = generate_motion(quieted(noise_alone), Fraction(25), NEUTRAL)
    assert not noise_alone.any() and lips[:, INDEX["jawOpen"]].max() < 0.01
