"""Loudness and pitch of sounds whose loudness and pitch are known."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.media.audio import read_mono
from engine.motion.features import BANDS, RATE, prosody, spectrum

FILM = Fraction(30000, 1001)


def tone(hertz: float, seconds: float, amplitude: float = 0.3) -> np.ndarray:
    """A voice-like sound: a pitch with five harmonics."""
    time = np.arange(int(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 6))
    return (amplitude * np.asarray(wave)).astype(np.float32)


@pytest.mark.parametrize("hertz", [90, 140, 220, 300])
def test_pitch_is_counted_in_semitones_from_the_voices_median(hertz: int):
    voice = prosody(np.concatenate([tone(hertz, 1), tone(hertz * 2 ** (4 / 12), 0.9)]), Fraction(25))
    assert voice.voiced.mean() > 0.9
    low, high = np.median(voice.pitch[5:20]), np.median(voice.pitch[30:45])
    assert high - low == pytest.approx(4, abs=0.4)


def test_loudness_falls_by_a_quarter_of_its_range_in_ten_decibels():
    voice = prosody(np.concatenate([tone(150, 1), tone(150, 1) * 10 ** (-10 / 20)]), Fraction(25))
    assert voice.level[12] - voice.level[37] == pytest.approx(0.25, abs=0.02)


def test_gain_changes_neither_loudness_nor_spectrum(samples: Path):
    mono = read_mono(samples / "speech.flac", RATE)
    assert np.allclose(prosody(mono, FILM).level, prosody(mono * 0.1, FILM).level, atol=0.02)
    assert np.abs(spectrum(mono) - spectrum(mono * 0.1)).max() < 0.02


@pytest.mark.parametrize("length", [0, 1, 100, 16_000, 16_001])
def test_any_length_is_covered_even_in_silence(length: int):
    voice = prosody(np.zeros(length, np.float32), FILM)
    assert len(voice.level) == len(voice.pitch) == len(voice.voiced) == int(np.ceil(length / RATE * FILM))
    assert not voice.voiced.any() and not voice.level.any() and not voice.pitch.any()
    assert spectrum(np.zeros(length, np.float32)).shape == (length // 160, BANDS)


def test_long_sounds_are_read_in_blocks_without_seams(samples: Path):
    mono = read_mono(samples / "speech.flac", RATE)
    twice = spectrum(np.concatenate([mono, mono]))  # more than one block of 1000 frames
    seam = len(mono) // 160
    once = spectrum(mono)
    assert np.abs(twice[10 : seam - 10] - once[10 : seam - 10]).max() < 0.05
