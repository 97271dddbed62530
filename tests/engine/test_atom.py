"""AToM with the weights that ship, as what moves the mouth of a whole performance."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from engine.errors import InputError
from engine.events import in_one_go
from engine.face.head_model import Person, load_head_model
from engine.motion.atom.conditions import face_shape
from engine.motion.atom.face_space import SPOKEN
from engine.motion.atom.speaking import speaker as drawing
from engine.motion.features import RATE, prosody
from engine.motion.generate import perform
from engine.motion.kept import Kept
from engine.motion.models import Speak, listening, speaker
from engine.motion.phones import Phone
from engine.project.channels import CHANNELS, INDEX, NAMES, in_group
from engine.project.project import Delivery
from engine.project.timing import DEFAULT_RATE

NEUTRAL = np.array([channel.neutral for channel in CHANNELS], np.float32)
MOUTH = [INDEX[name] for name in in_group("mouth", "jaw")]
REST = [i for i in range(len(NAMES)) if i not in MOUTH]


@pytest.fixture(scope="module")
def person() -> Person:
    model = load_head_model()
    return model.person(np.zeros(len(model.identity)))


def opening(values: np.ndarray, person: Person) -> np.ndarray:
    points = np.array([person.shape(row[:52])[[13, 14], 1] for row in values])
    return points[:, 0] - points[:, 1]


def spoken(
    speak: Speak, phones: list[Phone], mono: np.ndarray, level: np.ndarray, kept: Kept | None = None
) -> np.ndarray:
    return np.concatenate([*speak(phones, mono, level, DEFAULT_RATE, kept)])


def test_lips_meet_in_every_p_b_and_m_of_the_text(speech: np.ndarray, aligned: list[Phone], person: Person):
    values = perform(aligned, speech, DEFAULT_RATE, NEUTRAL, speak=speaker(Delivery(), person, 0, True))
    gap = opening(values, person)
    times = np.arange(len(gap)) / 25
    for phone in aligned:
        if phone.label in ("P", "B", "M"):
            assert gap[(times > phone.start - 0.04) & (times < phone.end + 0.04)].min() < 0.01
    assert np.percentile(gap, 95) > 0.06


def test_lips_and_face_are_made_again_without_touching_each_other(
    speech: np.ndarray, aligned: list[Phone], person: Person
):
    first, lips, face = (
        perform(aligned, speech, DEFAULT_RATE, NEUTRAL, seed=seed, speak=speaker(Delivery(), person, take, True))
        for seed, take in ((1, 1), (1, 2), (2, 1))
    )
    assert np.array_equal(first[:, REST], lips[:, REST]) and not np.array_equal(first[:, MOUTH], lips[:, MOUTH])
    assert np.array_equal(first[:, MOUTH], face[:, MOUTH]) and not np.array_equal(first[:, REST], face[:, REST])


def test_the_two_ears_find_the_closures_and_cover_the_sound(speech: np.ndarray, aligned: list[Phone]):
    heard = in_one_go(listening)("atom", speech, None)
    assert heard[0].start == 0 and heard[-1].end == len(speech) / RATE
    assert all(one.end == other.start for one, other in pairwise(heard))
    shut = [phone for phone in heard if phone.label in ("P", "B", "M")]
    wanted = [phone for phone in aligned if phone.label in ("P", "B", "M")]
    found = [any(one.start < phone.end and phone.start < one.end for one in shut) for phone in wanted]
    assert np.mean(found) > 0.7 and len(shut) < 2 * len(wanted)


def test_what_is_kept_is_met(speech: np.ndarray, aligned: list[Phone], person: Person):
    level = prosody(speech, DEFAULT_RATE).level
    shape = face_shape(person.neutral, person.model)
    free, other = (spoken(drawing(True, shape, seed), aligned, speech, level) for seed in (1, 2))
    where = np.zeros(free.shape, bool)
    where[40:70, [INDEX[name] for name in SPOKEN]] = True
    values = spoken(drawing(True, shape, 1), aligned, speech, level, Kept(other, where))
    gap, wanted = (opening(part[40:70], person) for part in (values, other))
    assert np.abs(gap - wanted).mean() < 0.05 * wanted.std()
    jaw = INDEX["jawOpen"]
    usual = np.abs(np.diff(free[:, jaw])).max()
    assert max(abs(values[40, jaw] - values[39, jaw]), abs(values[70, jaw] - values[69, jaw])) <= usual


def test_speech_comes_in_pieces_and_may_be_stopped(speech: np.ndarray, aligned: list[Phone], person: Person):
    level = prosody(speech, DEFAULT_RATE).level
    before = torch.get_num_threads()
    pieces = speaker(Delivery(), person, 1, True)(aligned, speech, level, DEFAULT_RATE)
    first = next(pieces)
    assert 0 < len(first) < 75 and torch.get_num_threads() == before
    pieces.close()
    again = spoken(speaker(Delivery(), person, 1, True), aligned, speech, level)
    assert np.array_equal(again[: len(first)], first)


def test_a_livelier_delivery_moves_lips_more(speech: np.ndarray, aligned: list[Phone], person: Person):
    level = prosody(speech, DEFAULT_RATE).level
    shape = face_shape(person.neutral, person.model)
    sizes = [
        spoken(drawing(True, shape, 1, Delivery(expressiveness=amount)), aligned, speech, level).std()
        for amount in (-1.0, 0.0, 1.0)
    ]
    assert sizes[0] < sizes[1] < sizes[2]


def test_a_model_that_is_not_there_is_named(person: Person):
    with pytest.raises(InputError, match="'rhubarb' is not known: choose one of atom, phones"):
        speaker(Delivery("rhubarb"), person, 0, False)


def test_the_table_is_delivered_as_asked_too(speech: np.ndarray, aligned: list[Phone], person: Person):
    level = prosody(speech, DEFAULT_RATE).level
    plain, small, calm = (
        spoken(speaker(how, person, 0, True), aligned, speech, level)
        for how in (Delivery("phones"), Delivery("phones", intensity=0.5), Delivery("phones", smoothness=1.0))
    )
    assert np.allclose(small, plain / 2)
    assert np.abs(np.diff(calm, axis=0)).mean() < 0.7 * np.abs(np.diff(plain, axis=0)).mean()
