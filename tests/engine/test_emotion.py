"""Prompts to faces with the shipped encoder: grammar, degrees, mixtures, the unknown, pictures, and any text at all."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_texts import odd_texts

from engine.errors import ResourceError
from engine.project.channels import BY_NAME, INDEX, NAMES
from engine.text.action_units import units_to_values
from engine.text.anchors import anchors, faces
from engine.text.emotion import answer, described, from_face, read_emotion
from engine.text.grammar import HELD, TRIED, clauses
from engine.text.plain import emphasis, plain


def parts(text: str) -> list[tuple[str, bool]]:
    return [(clause.text, clause.negated) for clause in clauses(plain(text))]


def test_action_units_move_their_muscles_on_their_side():
    values = units_to_values("1D L12C 54B")
    assert values[INDEX["browInnerUp"]] == pytest.approx(0.78)
    assert values[INDEX["mouthSmileLeft"]] == pytest.approx(0.55)
    assert values[INDEX["mouthSmileRight"]] == 0
    assert values[INDEX["headPitch"]] < 0
    with pytest.raises(ResourceError, match="99A"):
        units_to_values("99A")


def test_the_tables_are_large_enough_and_within_the_channels():
    table = faces()
    assert len(anchors().texts) >= 150
    assert len(set(anchors().texts)) == len(anchors().texts)
    assert all(table.sources)
    for name, column in zip(NAMES, table.values.T, strict=True):
        low, high = BY_NAME[name].low - BY_NAME[name].neutral, BY_NAME[name].high - BY_NAME[name].neutral
        assert low <= column.min() and column.max() <= high, name
    assert (table.manners[:, 4:] > 0).all()
    assert (anchors().faces.max(axis=0) > 0).all(), "a face that no anchor asks for"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("not angry", [("angry", True)]),
        ("He isn't angry any more", [("angry", True)]),
        ("smiling without joy", [("smiling", False), ("joy", True)]),
        ("sad, not angry", [("sad", False), ("angry", True)]),
        ("happy yet nervous", [("happy", False), ("nervous", False)]),
        ("neither happy nor sad", [("happy", True), ("sad", True)]),
        ("anything but calm", [("calm", True)]),
        ("nothing but contempt", [("contempt", False)]),
        ("not just sad but devastated", [("sad", False), ("devastated", False)]),
        ("I can't wait", [("i cant wait", False)]),
        ("no idea", [("no idea", False)]),
    ],
)
def test_denial_and_mixture_are_parsed(text: str, wanted: list[tuple[str, bool]]):
    assert parts(text) == wanted


def test_degrees_and_manners_are_parsed():
    degrees = [clauses(f"{word} sad".strip())[0].degree for word in ("barely", "slightly", "", "very", "extremely")]
    assert degrees == sorted(set(degrees))
    assert [(clause.text, clause.manner) for clause in clauses("trying to smile")] == [("smile", TRIED)]
    assert [(clause.text, clause.manner) for clause in clauses("holding back tears")] == [("tears", HELD)]
    assert emphasis("SO HAPPY!!!") > emphasis("so happy!") > emphasis("so happy") == 1


def test_emoji_and_drawn_out_letters_become_words():
    assert plain("Sooooo HAPPY 😡") == "soo happy furious face"
    assert read_emotion("😡").channels["browDownLeft"] > 0.4


@pytest.mark.parametrize(
    ("text", "rises", "stays"),
    [
        ("happy", "mouthSmileLeft cheekSquintRight", "mouthFrownLeft"),
        ("Sad.", "browInnerUp mouthFrownLeft", "mouthSmileRight"),
        ("very ANGRY", "browDownLeft eyeSquintRight", "browInnerUp"),
        ("afraid", "eyeWideLeft mouthStretchRight browInnerUp", "mouthSmileLeft"),
        ("surprised", "browOuterUpLeft eyeWideLeft jawOpen", "browDownLeft"),
        ("flabbergasted", "browOuterUpLeft eyeWideLeft jawOpen", "browDownLeft"),
        ("disgusted", "noseSneerLeft mouthUpperUpRight", "mouthSmileLeft"),
        ("in pain", "browDownLeft eyeSquintLeft noseSneerLeft", "mouthSmileLeft"),
        ("exhausted", "eyeBlinkLeft", "eyeWideLeft"),
        ("over the moon", "mouthSmileLeft", "mouthFrownLeft"),
        ("hapy", "mouthSmileLeft", "mouthFrownLeft"),
    ],
)
def test_a_prompt_moves_what_the_literature_says(text: str, rises: str, stays: str):
    channels = read_emotion(text).channels
    assert all(channels.get(name, 0) > 0.25 for name in rises.split()), channels
    assert channels.get(stays, 0) < 0.1, channels


def test_denied_anger_is_no_anger_and_denied_joy_no_smile():
    assert max(read_emotion("not angry").channels.values(), default=0) < 0.15
    unhappy = read_emotion("not happy").channels
    assert unhappy.get("mouthSmileLeft", 0) == 0 and unhappy["mouthFrownLeft"] > 0.15


def test_a_mixture_shows_both_and_an_attempt_lacks_the_eyes():
    both = read_emotion("grieving, but trying to smile").channels
    assert both["browInnerUp"] > 0.4 and both["mouthSmileLeft"] > 0.2
    real, tried = read_emotion("smile").channels, read_emotion("trying to smile").channels
    eyes_to_mouth = [face.get("cheekSquintLeft", 0) / face["mouthSmileLeft"] for face in (tried, real)]
    assert eyes_to_mouth[0] < 0.6 * eyes_to_mouth[1]


@pytest.mark.parametrize("word", ["happy", "sad", "angry", "afraid", "disgusted", "tired", "surprised"])
def test_degrees_order_the_face(word: str):
    totals = [
        sum(read_emotion(f"{degree} {word}").channels.values()) for degree in ("slightly", "", "very", "extremely")
    ]
    assert all(weak < strong - 0.05 for weak, strong in pairwise(totals)), totals


def test_contempt_is_one_sided():
    channels = read_emotion("contempt").channels
    assert channels["mouthSmileLeft"] > channels.get("mouthSmileRight", 0) + 0.15


@pytest.mark.parametrize("text", ["xqzt wplk", "the invoice for two chairs", "42", "?!", "a list of railway stations"])
def test_the_unknown_is_neutral_and_says_so(text: str):
    emotion = read_emotion(text)
    assert max(emotion.channels.values(), default=0) < 0.15, emotion
    assert emotion.confidence < 0.25
    assert text in emotion.note and "\n" not in emotion.note


def test_neutral_is_understood_as_neutral():
    emotion = read_emotion("neutral")
    assert emotion.confidence > 0.8
    assert max(emotion.channels.values(), default=0) < 0.1


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_a_face_within_bounds_and_plain_json(text: str):
    emotion = read_emotion(text)
    assert all(0 < value <= 1 and name in BY_NAME for name, value in emotion.channels.items())
    assert 0 <= emotion.confidence <= 1
    assert set(json.loads(json.dumps(described(emotion)))) == {"channels", "dynamics", "confidence", "nearest"}


def test_manners_follow_the_feeling():
    tired, excited = read_emotion("exhausted").dynamics, read_emotion("wildly excited").dynamics
    assert tired.speech < 1 < excited.speech and tired.head < 1 < excited.head
    assert tired.onset > excited.onset
    assert read_emotion("ashamed").dynamics.gazePitch < -3
    assert read_emotion("nervous").dynamics.blinks > 1.3


@pytest.mark.parametrize("text", ["happy", "furious", "contempt", "afraid", "disgusted"])
def test_a_face_is_read_back_from_its_channels(text: str):
    """The face of a prompt, handed over as if fitted to a picture, is understood as that feeling."""
    values = np.zeros(len(NAMES), np.float32)
    for name, value in read_emotion(text).channels.items():
        values[INDEX[name]] = value
    emotion = from_face(values)
    rows = [anchors().texts.index(word) for word, _ in emotion.nearest[:3]]
    assert any(anchors().faces[row, faces().names.index(text)] > 0 for row in rows), emotion.nearest
    assert emotion.confidence > 0.6


def test_a_neutral_picture_is_read_as_neutral():
    emotion = from_face(np.zeros(len(NAMES), np.float32))
    assert emotion.channels == {}
    assert emotion.nearest[0][0] == "neutral"


def test_one_text_is_answered_with_an_object_and_several_with_a_list():
    one, several = answer(["happy"]), answer(["happy", "sad"])
    assert isinstance(several, list) and several[0] == one
    assert json.loads(json.dumps(one))["nearest"][0] == ["happy", 1.0]


def test_five_hundred_odd_texts_move_no_face_and_are_known_for_what_they_are():
    texts = odd_texts(500)
    assert len(set(texts)) > 480
    for text in texts:
        emotion = read_emotion(text)
        assert max(emotion.channels.values(), default=0) < 0.25, (text[:80], emotion)
        assert emotion.confidence < 0.35, (text[:80], emotion)


@pytest.mark.parametrize("text", ["insanely happy", "melancholic", "80% happy", "#happy"])
def test_new_forms_of_known_words_are_no_noise(text: str):
    assert read_emotion(text).confidence > 0.5


def test_what_is_tried_shows_in_the_mouth_and_what_is_felt_in_the_brows():
    felt, tried = read_emotion("grieving").channels, read_emotion("grieving, but trying to smile").channels
    assert tried["browInnerUp"] > 0.8 * felt["browInnerUp"]
    assert tried.get("mouthFrownLeft", 0) < 0.5 * felt["mouthFrownLeft"]


@pytest.mark.parametrize(
    "text", ["eyes closed", "sleepy, eyes closed", "smiling with her eyes shut", "close your eyes", "fast asleep"]
)
def test_closed_eyes_are_closed(text: str):
    assert read_emotion(text).channels["eyeBlinkLeft"] == read_emotion(text).channels["eyeBlinkRight"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "half-closed eyes",
        "eyes slightly closed",
        "eyes not closed",
        "eyes open, mouth closed",
        "half asleep",
        "not asleep",
    ],
)
def test_other_eyes_are_not(text: str):
    assert read_emotion(text).channels.get("eyeBlinkLeft", 0) < 0.7


def test_a_wink_closes_one_eye():
    channels = read_emotion("winking, with a smile").channels
    assert channels["eyeBlinkLeft"] == 1 and channels.get("eyeBlinkRight", 0) < 0.3
