"""The learned table: what it says of phones, and how phones blend into each other."""

from fractions import Fraction

import numpy as np
import pytest

from engine.face.head_model import load_head_model
from engine.motion.phones import SILENCE, Phone
from engine.motion.visemes import (
    LIP_CONTACT,
    articulated,
    contact,
    dominance,
    load_visemes,
    mouth,
    neighbourhood,
    read_sound,
)
from engine.project.channels import INDEX, NAMES, in_group

TABLE = load_visemes()
RATES = [Fraction(12), Fraction(24000, 1001), Fraction(25), Fraction(30), Fraction(60)]


def spoken(*labels: str, each: float = 0.12) -> list[Phone]:
    """Phones of one length after half a second of silence and before as much."""
    phones = [Phone(0.0, 0.5, SILENCE)]
    for label in labels:
        phones.append(Phone(phones[-1].end, phones[-1].end + each, label))
    return [*phones, Phone(phones[-1].end, phones[-1].end + 0.5, SILENCE)]


def lips(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Opening and width of the average head's lips under the table's channels [..., M]."""
    expression = load_head_model().expression[[NAMES.index(name) for name in TABLE.channels]]
    rows = expression[:, 13, 1] - expression[:, 14, 1], expression[:, 291, 0] - expression[:, 61, 0]
    return shares @ rows[0], shares @ rows[1]


def test_open_and_closed_round_and_spread_phones_look_it():
    opening, width = lips(TABLE.target)
    at = {label: i for i, label in enumerate(TABLE.labels)}
    for wide in ("AA", "AE", "AY", "EH", "EY"):
        assert all(opening[at[wide]] > 2 * opening[at[narrow]] for narrow in ("P", "B", "M", "F", "V", "W", "UW"))
    for spread in ("IY", "EY", "EH"):
        assert all(width[at[spread]] > width[at[rounded]] + 0.02 for rounded in ("UW", "W", "OW", "AO", "R"))
    assert not TABLE.target[at[SILENCE]].any()


def test_every_label_of_recognition_has_a_row():
    from engine.motion.phones import LABELS

    assert set(LABELS) <= set(TABLE.labels)
    assert set(TABLE.channels) <= set(in_group("jaw", "mouth"))


def test_neighbours_shape_a_phone_and_pauses_bring_rest():
    times = np.arange(0, 1.36, 0.01)
    alone, rounded = (articulated(spoken("T", middle, "T"), times, TABLE) for middle in ("IY", "UW"))
    in_t = (times > 0.54) & (times < 0.58)
    assert lips(rounded[in_t])[1].mean() < lips(alone[in_t])[1].mean() - 0.002  # a /t/ before /u/ is rounder
    assert np.abs(alone[times < 0.1]).max() < 0.02 and np.abs(alone[-30:]).max() < 0.02


def test_a_long_silence_stays_silent_to_its_end():
    for last in TABLE.labels:
        phones = [*spoken("AE", last)[:-1], Phone(0.74, 30.0, SILENCE)]
        assert np.abs(articulated(phones, np.arange(2, 30, 0.5), TABLE)).max() < 1e-3


def test_dominance_shares_out_the_whole_mouth():
    near = neighbourhood(spoken(*"P AE T S IY M".split()), np.arange(0, 2, 0.04), TABLE.labels)
    share = dominance(near, TABLE.strength, TABLE.before, TABLE.after)
    assert np.allclose(share.sum(axis=1), 1) and (share >= 0).all()


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("length", [0.02, 0.05, 0.2])
def test_contact_lasts_a_frame_at_least_wherever_frames_fall(rate: Fraction, length: float):
    times = np.arange(60) / float(rate)
    even = np.ones(60)
    for start in np.linspace(0.5, 0.6, 23):
        held = contact([Phone(0.0, start, "AA"), Phone(start, start + length, "B")], times, LIP_CONTACT, even)
        assert held.max() == pytest.approx(1) and held.min() == 0
        assert abs(times[held.argmax()] - (start + 0.5 * length)) <= max(length, 1 / float(rate))
    assert not contact(spoken("AA", "T"), times, LIP_CONTACT, even).any()


def test_contact_lies_where_the_lips_are_closest():
    times = np.arange(60) / 25
    opening = 1 - np.exp(-(((times - 0.64) / 0.08) ** 2))
    held = contact([Phone(0.0, 0.5, "AA"), Phone(0.5, 0.7, "P")], times, LIP_CONTACT, opening)
    assert held[16] == 1 and held[13] == 0


def test_no_mouth_gapes_where_nothing_is_heard():
    phones = spoken("AE", each=0.6)
    silence = np.zeros(int(phones[-1].end * 16_000), np.float32)
    rate = Fraction(25)
    frames = round(phones[-1].end * rate)
    hushed = mouth(phones, silence, np.zeros(frames, np.float32), rate)
    heard = mouth(phones, silence, np.ones(frames, np.float32), rate)
    assert hushed[:, INDEX["jawOpen"]].max() < 0.5 * heard[:, INDEX["jawOpen"]].max()


def test_the_spectrum_is_read_at_its_own_time():
    bands = np.zeros((100, 2), np.float32)
    bands[50:54] = 1
    read = read_sound(bands, np.arange(0, 1, 0.04))
    assert read.shape == (25, 9 * 2 + 1) and (read[:, -1] == 1).all()
    assert read[:, 8].argmax() == 13  # 0.52 s, read in the middle of its nine taps
