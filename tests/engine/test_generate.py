"""A whole performance from real speech: lips meet where they must, rest where they may, and emotions do not stop them."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from engine.face.head_model import load_head_model
from engine.motion.features import RATE
from engine.motion.generate import generate_motion, perform
from engine.motion.phones import SILENCE, Phone
from engine.project.channels import CHANNELS, INDEX, in_group
from engine.project.project import Delivery, PromptClip
from engine.project.timing import TimeRange, frame_count

RATE_25 = Fraction(25)
NEUTRAL = np.array([channel.neutral for channel in CHANNELS], np.float32)


def opening(values: np.ndarray) -> np.ndarray:
    """Between the lips of the average head, in eye distances."""
    model = load_head_model()
    person = model.person(np.zeros(len(model.identity)))
    points = np.array([person.shape(row[:52])[[13, 14], 1] for row in values])
    return points[:, 0] - points[:, 1]


def smiling() -> np.ndarray:
    """A portrait that shows its teeth."""
    rest = NEUTRAL.copy()
    for name, value in {"mouthSmile": 0.8, "mouthUpperUp": 0.5, "mouthLowerDown": 0.3}.items():
        rest[[INDEX[name + "Left"], INDEX[name + "Right"]]] = value
    rest[INDEX["jawOpen"]] = 0.1
    return rest


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(24000, 1001), Fraction(12), Fraction(60)])
@pytest.mark.parametrize("rest", [NEUTRAL, smiling()], ids=["neutral", "smiling"])
def test_lips_meet_in_every_p_b_and_m_whatever_the_face_and_rate(
    speech: np.ndarray, aligned: list[Phone], rate: Fraction, rest: np.ndarray
):
    prompt = PromptClip("furious", strength=1.5)
    gap = opening(perform(aligned, speech, rate, rest, [prompt]))
    times = np.arange(len(gap)) / float(rate)
    frame = 1 / float(rate)
    for phone in aligned:
        if phone.label in ("P", "B", "M"):
            near = (times > phone.start - frame) & (times < phone.end + frame)
            assert gap[near].min() < 0.01
    assert np.percentile(gap, 95) > 0.06  # and the mouth does open


def test_the_same_seed_is_the_same_performance_bit_for_bit(speech: np.ndarray):
    mouth = [INDEX[name] for name in in_group("mouth", "jaw")]
    for model, moved in (("atom", True), ("phones", False)):
        one, same, other = (
            generate_motion(speech, RATE_25, NEUTRAL, seed=seed, how=Delivery(model)) for seed in (1, 1, 2)
        )
        assert one.tobytes() == same.tobytes() != other.tobytes()
        assert np.array_equal(one[:, mouth], other[:, mouth]) != moved, "the phone table has one take of the mouth"


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001)])
def test_every_frame_of_the_sound_is_covered_within_each_channels_range(speech: np.ndarray, rate: Fraction):
    values = generate_motion(speech, rate, smiling(), prompts=[PromptClip("excited", strength=2.0)])
    assert values.dtype == np.float32 and len(values) == frame_count(Fraction(len(speech), RATE), rate)
    low, high = np.array([[channel.low, channel.high] for channel in CHANNELS], np.float32).T
    assert (values >= low).all() and (values <= high).all()


def test_in_silence_the_lips_rest_while_the_face_lives():
    values = generate_motion(np.zeros(10 * RATE, np.float32), RATE_25, smiling())
    assert opening(values).max() < 0.01
    assert (values[:, INDEX["mouthSmileLeft"]] == smiling()[INDEX["mouthSmileLeft"]]).all()
    assert values[:, INDEX["eyeBlinkLeft"]].max() > 0.9 and np.ptp(values[:, INDEX["headYaw"]]) > 0.2


def test_lips_are_still_in_pauses_and_the_jaw_is_wider_when_louder(speech: np.ndarray, aligned: list[Phone]):
    gap = opening(perform(aligned, speech, RATE_25, NEUTRAL))
    times = np.arange(len(gap)) / 25
    for before, pause in pairwise(aligned):
        if pause.label == SILENCE and before.label != SILENCE and pause.end - pause.start > 0.4:
            inside = gap[(times > pause.start + 0.2) & (times < pause.end - 0.1)]
            assert np.abs(np.diff(inside)).max(initial=0) < 0.01
    half = len(speech) // 2
    fading = np.concatenate([speech[:half], 0.2 * speech[half:]])
    quieter = opening(perform(aligned, fading, RATE_25, NEUTRAL))
    middle = len(gap) // 2
    assert quieter[middle:].mean() / gap[middle:].mean() < 0.95 * quieter[:middle].mean() / gap[:middle].mean()


def test_a_prompt_acts_in_its_range_and_fades(speech: np.ndarray):
    clip = PromptClip("happy", TimeRange(Fraction(2), Fraction(5)), 1.0, Fraction(1), Fraction(1))
    plain, happy = (generate_motion(speech, RATE_25, NEUTRAL, prompts=prompts) for prompts in ((), (clip,)))
    more = (happy - plain)[:, INDEX["cheekSquintLeft"]]
    assert not more[:50].any() and not more[125:].any()
    assert more[75:100].min() > 0.8 * more.max() > 0.3  # held, not frozen
    assert (np.diff(more[50:76]) >= 0).all() and (np.diff(more[99:125]) <= 0).all()


@pytest.mark.parametrize("length", [0, 1, 400, 3000])
def test_any_length_of_sound(length: int):
    dice = np.random.default_rng(0)
    values = generate_motion(dice.normal(0, 0.1, length).astype(np.float32), RATE_25, NEUTRAL, "hello")
    assert len(values) == frame_count(Fraction(length, RATE), RATE_25) and np.isfinite(values).all()
