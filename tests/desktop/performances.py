"""Projects to edit: a calm performance with something on every channel."""

from fractions import Fraction

import numpy as np

from engine.project.channels import CHANNELS
from engine.project.motion import Motion
from engine.project.project import Marker, Project, PromptClip
from engine.project.timing import TimeRange

RATE = Fraction(25)


def span(start: float, end: float) -> TimeRange:
    """Seconds as exact ones."""
    return TimeRange(Fraction(start).limit_denominator(1000), Fraction(end).limit_denominator(1000))


def performance(seconds: float = 20, level: float = 0.25, seed: int = 0) -> Motion:
    """Slow waves about `level` of each channel's way up, unlike each other."""
    frames = round(seconds * RATE)
    rng = np.random.default_rng(seed)
    t = np.arange(frames) / float(RATE)
    columns = []
    for channel in CHANNELS:
        wave = level + 0.1 * np.sin(2 * np.pi * (0.2 * t + rng.uniform()))
        columns.append(channel.neutral + wave * (channel.high - channel.neutral))
    return Motion.from_dense(np.stack(columns, axis=1).astype(np.float32), RATE)


def project(**changes: object) -> Project:
    """Twenty seconds with two prompts and a marker."""
    prompts = (
        PromptClip("happy", span(2, 5), 1.0, Fraction(1, 2), Fraction(1, 2)),
        PromptClip("sad", span(8, 12), 1.0, Fraction(1, 2), Fraction(1, 2)),
    )
    given = {"motion": performance(), "prompts": prompts, "markers": (Marker(Fraction(15), "here"),), **changes}
    return Project(**given)  # type: ignore[arg-type]
