"""Fixtures of the engine's tests: the sample speech, and what is said in it."""

from pathlib import Path

import numpy as np
import pytest

from engine.media.audio import read_mono
from engine.motion.phones import RATE, Phone, recognise


@pytest.fixture(scope="session")
def speech(samples: Path) -> np.ndarray:
    """The sample recording, mono float32 at 16 kHz."""
    return read_mono(samples / "speech.flac", RATE)


@pytest.fixture(scope="session")
def aligned(speech: np.ndarray, samples: Path) -> list[Phone]:
    """Its phones, found with its text."""
    return recognise(speech, (samples / "speech.txt").read_text(encoding="utf-8"))
