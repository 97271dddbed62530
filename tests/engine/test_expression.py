"""Feeling over speech: phones keep their mouth, sides keep their difference, nothing freezes, nothing jumps."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.media.audio import read_mono
from engine.motion import expression
from engine.motion.expression import Feeling, arousal, blend, envelope, held, manner, resting, targets
from engine.motion.features import RATE as SPEECH_RATE
from engine.motion.features import Prosody
from engine.motion.generate import perform
from engine.motion.idle import idle
from engine.motion.phones import SILENCE, Phone
from engine.project.channels import INDEX, NAMES
from engine.project.project import PromptClip
from engine.text.emotion import Dynamics, Emotion

RATE = 25.0
TIMES = np.arange(150) / RATE
HAPPY = Emotion(
    {
        "mouthSmileLeft": 0.8,
        "mouthSmileRight": 0.8,
        "cheekSquintLeft": 0.6,
        "cheekSquintRight": 0.6,
        "jawOpen": 0.3,
        "mouthUpperUpLeft": 0.3,
    },
    Dynamics(speech=1.3, head=1.5, headPitch=4.0),
    1.0,
    [],
)
SMIRK = Emotion({"mouthSmileLeft": 0.6, "mouthDimpleLeft": 0.5}, Dynamics(), 1.0, [])
STILL = np.zeros((len(TIMES), len(NAMES)), np.float32)
STILL[:, INDEX["headScale"]] = 1
ALWAYS, NEVER = np.ones(len(TIMES)), np.zeros(len(TIMES))


def column(values: np.ndarray, name: str) -> np.ndarray:
    return values[:, INDEX[name]]


def test_an_envelope_rises_holds_and_is_gone_at_its_end():
    weight = envelope(TIMES, 1.0, 4.0, 0.5, 1.0)
    assert weight[TIMES <= 1.0].max() == 0
    assert weight[TIMES >= 4.0].max() == 0
    assert weight[(TIMES > 1.5) & (TIMES < 3.0)].min() >= 0.9
    assert np.abs(np.diff(weight)).max() < 0.2


def test_an_envelope_too_short_for_its_ends_still_begins_and_ends_at_nothing():
    weight = envelope(TIMES, 2.0, 2.4, 1.0, 1.0)
    assert weight.max() > 0.4
    assert weight[TIMES >= 2.4].max() == 0


@pytest.mark.parametrize("name", ["jawOpen", "mouthUpperUpLeft"])
def test_what_a_phone_closes_stays_closed_under_a_smile(name: str):
    closed = (np.arange(len(TIMES)) % 10 == 5).astype(float)
    result = blend(STILL, TIMES, [Feeling(HAPPY, ALWAYS)], closed, ALWAYS, seed=1)
    assert column(result, name)[closed == 1].max() == 0
    assert column(result, name)[closed == 0].min() > 0.02
    assert column(result, "mouthSmileLeft")[closed == 1].min() > 0.5 * expression._ROOM


def test_livelier_speech_is_larger_in_all_that_phones_do_but_closing():
    spoken = STILL.copy()
    for name in ("jawOpen", "mouthPucker", "mouthStretchLeft", "mouthPressLeft"):
        spoken[:, INDEX[name]] = 0.3 * np.abs(np.sin(TIMES * 9))
    lively = Feeling(Emotion({}, Dynamics(speech=1.5), 1.0), ALWAYS)
    result = blend(spoken, TIMES, [lively], NEVER, ALWAYS, seed=1)
    for name in ("jawOpen", "mouthPucker", "mouthStretchLeft"):
        assert np.allclose(column(result, name), 1.5 * column(spoken, name), atol=1e-5)
    assert np.allclose(column(result, "mouthPressLeft"), column(spoken, "mouthPressLeft"), atol=1e-5)


def test_a_held_face_covers_what_the_portrait_wears():
    rest = STILL[0].copy()
    rest[INDEX["mouthFrownLeft"]] = 0.5
    face = held(HAPPY, rest)
    assert face[INDEX["mouthFrownLeft"]] == 0 and face[INDEX["mouthSmileLeft"]] > 0.6
    assert held(HAPPY, rest, 0.5)[INDEX["mouthSmileLeft"]] < 0.6


def test_in_pauses_the_whole_face_is_the_feelings():
    result = blend(STILL, TIMES, [Feeling(HAPPY, ALWAYS)], NEVER, NEVER, seed=1)
    assert column(result, "jawOpen").mean() == pytest.approx(0.3, abs=0.03)


def test_an_asymmetric_feeling_stays_on_its_side():
    result = blend(STILL, TIMES, [Feeling(SMIRK, ALWAYS)], NEVER, NEVER, seed=3)
    assert column(result, "mouthSmileLeft").mean() == pytest.approx(0.6, abs=0.05)
    assert column(result, "mouthSmileRight").max() == 0


def test_no_expression_is_held_frozen_and_none_trembles():
    smile = column(blend(STILL, TIMES, [Feeling(HAPPY, ALWAYS)], NEVER, NEVER, seed=5), "mouthSmileLeft")
    assert smile.std() > 0.01
    assert np.abs(np.diff(smile)).max() < 0.02
    again = column(blend(STILL, TIMES, [Feeling(HAPPY, ALWAYS)], NEVER, NEVER, seed=5), "mouthSmileLeft")
    assert np.array_equal(smile, again)


def test_feelings_that_overlap_cross_fade():
    first = Feeling(HAPPY, envelope(TIMES, -5, 4, 0.5, 2))
    second = Feeling(SMIRK, envelope(TIMES, 2, 20, 2, 0.5))
    result = blend(STILL, TIMES, [first, second], NEVER, NEVER, seed=2)
    right = column(result, "mouthSmileRight")
    assert right[:20].min() > 0.6
    assert right[-40:].max() == 0
    assert np.abs(np.diff(result[:, [i for i, n in enumerate(NAMES) if not n.startswith("head")]], axis=0)).max() < 0.06


def test_without_feelings_nothing_changes():
    dice = np.random.default_rng(0)
    values = STILL + dice.uniform(0, 0.4, STILL.shape).astype(np.float32) * (np.arange(len(NAMES)) < 52)
    assert np.allclose(blend(values, TIMES, [], NEVER, ALWAYS, seed=1), values, atol=1e-6)


def test_a_strong_prompt_goes_beyond_its_description_but_never_beyond_the_face():
    plain, strong = (blend(STILL, TIMES, [Feeling(HAPPY, ALWAYS * w)], NEVER, NEVER, seed=1) for w in (1.0, 2.0))
    assert column(strong, "mouthSmileLeft").mean() > column(plain, "mouthSmileLeft").mean() + 0.1
    assert strong[:, :52].max() <= 1


def test_targets_hold_the_posture_as_an_offset():
    assert targets(HAPPY)[INDEX["headPitch"]] == 4
    assert targets(HAPPY)[INDEX["headScale"]] == 0


def test_a_moved_voice_strengthens_and_a_flat_one_weakens():
    seconds = np.arange(500) / 50
    flat = arousal(np.full(500, 0.7), np.sin(seconds) * 0.3, 50)
    moved = arousal(np.full(500, 0.7), np.sin(seconds * 3) * 6, 50)
    assert flat.mean() < 0.95 < 1.05 < moved.mean()
    assert moved.max() <= 1.3


def test_a_portraits_own_smile_yields_to_what_is_understood_only():
    rest = STILL[0].copy()
    rest[INDEX["mouthSmileLeft"]] = 0.6
    sad, unknown = (Emotion({}, Dynamics(), confidence) for confidence in (1.0, 0.0))
    assert column(resting(rest, [Feeling(sad, ALWAYS)]), "mouthSmileLeft").max() == 0
    assert column(resting(rest, [Feeling(unknown, ALWAYS)]), "mouthSmileLeft").min() == pytest.approx(0.6)
    assert column(resting(rest, [Feeling(sad, ALWAYS)]), "headScale").min() == 1


def test_a_nervous_speaker_blinks_more_and_looks_about():
    frames = 2500
    voice = Prosody(np.full(frames, 0.8, np.float32), np.zeros(frames, np.float32), np.ones(frames, bool))
    pausing = np.arange(frames) % 100 < 15
    times = np.arange(frames) / RATE
    nervous = Feeling(Emotion({}, Dynamics(blinks=2.5, wander=2.5), 1.0), np.ones(frames))
    calm, restless = (
        idle(voice, pausing, Fraction(25), np.random.default_rng(4), manner(times, feelings))
        for feelings in ([], [nervous])
    )
    blinks = [
        int((np.diff((column(motion, "eyeBlinkLeft") > 0.9).astype(int)) == 1).sum()) for motion in (calm, restless)
    ]
    assert blinks[1] > 1.5 * blinks[0] > 15
    assert column(restless, "gazeYaw").std() > 1.3 * column(calm, "gazeYaw").std()


def test_a_prompt_that_follows_the_voice_grows_and_shrinks_with_it(samples: Path):
    speech = read_mono(samples / "speech.flac", SPEECH_RATE)[: 4 * SPEECH_RATE]
    plain, following = (
        perform([Phone(0, 4, "AH")], speech, Fraction(25), STILL[0], [PromptClip("sad", follows_voice=follows)])
        for follows in (False, True)
    )
    share = column(following, "browInnerUp") / column(plain, "browInnerUp")
    assert 0.7 <= share.min() < share.max() - 0.05
    assert share.max() <= 1.35


def test_a_prompt_of_a_picture_shows_the_pictures_face_whatever_it_is_called():
    silence = np.zeros(2 * SPEECH_RATE, np.float32)
    clip = PromptClip("furious", shown=(("mouthSmileLeft", 0.7), ("mouthSmileRight", 0.7)))
    values = perform([Phone(0, 2, SILENCE)], silence, Fraction(25), STILL[0], [clip])
    assert column(values, "mouthSmileLeft")[25:].min() > 0.5
    assert column(values, "browDownLeft").max() < 0.1


def test_whoever_reads_prompts_decides_what_they_ask_for():
    silence = np.zeros(SPEECH_RATE, np.float32)
    values = perform([Phone(0, 1, SILENCE)], silence, Fraction(25), STILL[0], [PromptClip("x")], read=lambda _: HAPPY)
    assert column(values, "mouthSmileLeft").max() > 0.6


def test_closed_eyes_stay_closed_while_the_feeling_eases():
    asleep = Emotion({"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}, Dynamics(), 1.0, [])
    weight = np.linspace(0, 1, len(TIMES))
    lids = column(blend(STILL, TIMES, [Feeling(asleep, weight)], NEVER, NEVER, seed=3), "eyeBlinkLeft")
    assert lids[0] == 0 and np.abs(np.diff(lids)).max() < 0.02
    assert lids[weight > 0.7].min() == 1
