"""Prompts in words: what is known, what is not, and that every face is made of channels."""

import pytest

from engine.project.channels import BY_NAME
from engine.text.emotion import read_emotion


@pytest.mark.parametrize(
    ("text", "rises", "stays"),
    [
        ("happy", "mouthSmileLeft", "mouthFrownLeft"),
        ("Sad.", "mouthFrownRight", "mouthSmileRight"),
        ("very ANGRY", "browDownLeft", "browInnerUp"),
        ("surprised", "browOuterUpRight", "browDownLeft"),
        ("tired", "eyeBlinkLeft", "eyeWideLeft"),
    ],
)
def test_a_word_moves_what_it_should(text: str, rises: str, stays: str):
    channels = read_emotion(text).channels
    assert channels[rises] > 0.2 and channels.get(stays, 0.0) == 0


def test_contempt_is_one_sided():
    channels = read_emotion("contemptuous").channels
    assert channels["mouthSmileLeft"] > 0.2 and "mouthSmileRight" not in channels


def test_two_words_are_both_seen_and_filling_words_cost_confidence():
    both = read_emotion("happy yet nervous")
    assert both.channels["mouthSmileLeft"] > 0.2 and both.channels["browInnerUp"] > 0.2
    assert 0 < both.confidence < 1 and [word for word, _ in both.nearest] == ["happy", "nervous"]


def test_unknown_words_leave_the_face_neutral_and_say_what_is_known():
    odd = read_emotion("flabbergasted")
    assert odd.channels == {} and odd.confidence == 0
    assert "'flabbergasted'" in odd.note and "happy" in odd.note and "\n" not in odd.note


def test_every_known_word_names_channels_within_their_range():
    for word in read_emotion("?").note.rsplit(": ", 1)[1].split(", "):
        for name, value in read_emotion(word).channels.items():
            assert 0 < value <= BY_NAME[name].high
