"""New prompts: where they begin and end, and words to begin them with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from engine.project.project import Project, PromptClip
from engine.project.timing import TimeRange

FADE = Fraction(3, 10)  # seconds: how a new prompt comes and goes
LENGTH = Fraction(2)  # seconds of a new prompt

PRESETS = (
    "happy",
    "a faint smile",
    "amused",
    "excited",
    "surprised",
    "tender",
    "proud",
    "calm",
    "serious",
    "worried",
    "sad",
    "afraid",
    "angry",
    "disgusted",
    "tired",
    "confused",
)


def offers() -> Sequence[str]:
    """Phrases that are understood, to be offered while a prompt is typed."""
    from engine.text.anchors import anchors, faces

    table = anchors()
    felt = [name not in ("none", "neutral") for name in faces().names]
    return [text for text, row in zip(table.texts, table.faces, strict=True) if row[felt].any()]


def new_prompt(project: Project, text: str, at: Fraction, span: TimeRange | None) -> PromptClip:
    """A prompt over `span` if `at` is in it; else from `at` on, not into the next one. It comes and goes softly."""
    if span is None or at not in span:
        following = [clip.span.start for clip in project.prompts if clip.span.start > at]
        span = TimeRange(at, min([at + LENGTH, *following]))
    fade = FADE if span.end == math.inf else min(FADE, Fraction(span.duration) / 2)
    return PromptClip(text, span, 1.0, fade, fade)
