"""Making training data for AToM: snippets of a mouth, phones from espeak-ng's symbols, windows at another tempo."""

import numpy as np
import pytest

from engine.motion.phones import LABELS, Phone
from engine.training.atom_batches import cubic, heard_anew, spliced
from engine.training.atom_pack import label_track
from engine.training.atom_snippets import Library
from engine.training.atom_voices import from_ipa


def spoken(labels: str, length: float = 0.16) -> list[Phone]:
    return [Phone(i * length, (i + 1) * length, label) for i, label in enumerate(labels.split())]


def mouth(phones: list[Phone]) -> np.ndarray:
    """One coordinate: open in vowels, shut in /p/, half open in silence."""
    at = {"AA": 1.0, "IY": 0.6, "P": -1.0, "T": 0.2, "SIL": 0.0}
    times = np.arange(round(phones[-1].end * 25)) / 25
    values = [at[next(p.label for p in phones if p.end > time + 1e-9)] for time in times]
    return np.array(values, np.float32)[:, None]


def test_snippets_open_and_shut_where_the_phones_say():
    said = [spoken("SIL P AA T IY P IY SIL"), spoken("SIL T AA P AA T IY SIL"), spoken("SIL IY P T AA P SIL")]
    library = Library([(mouth(phones), phones) for phones in said], np.ones(1))
    wanted = spoken("SIL P IY T AA P AA SIL", 0.2)
    motion = library.perform(wanted, 40, np.random.default_rng(0))[:, 0]
    middle = {phone: motion[round((phone.start + phone.end) / 2 * 25)] for phone in wanted}
    shut = [value for phone, value in middle.items() if phone.label == "P"]
    vowels = [value for phone, value in middle.items() if phone.label in ("AA", "IY")]
    assert max(shut) < -0.5
    assert min(vowels) > 0.3


def test_snippets_join_without_a_jump():
    dice = np.random.default_rng(0)
    phones = spoken("SIL T AA P IY SIL")
    clips = [(mouth(phones) + dice.normal(0, 0.3), phones) for _ in range(8)]
    library = Library(clips, np.ones(1))
    motion = library.perform(spoken("SIL T AA T AA SIL"), 24, dice)
    assert np.abs(np.diff(motion[:, 0])).max() < 1.3 * np.abs(np.diff(mouth(phones)[:, 0])).max()


@pytest.mark.parametrize(
    ("symbol", "label"), [("tʃ", "CH"), ("aɪ", "AY"), ("iː", "IY"), ("bʲ", "B"), ("ɲ", "N"), ("", "SIL"), ("ʔ", None)]
)
def test_ipa_is_read(symbol: str, label: str | None):
    assert from_ipa(symbol) == label


def test_the_network_and_the_aligner_number_phones_alike():
    track = label_track([Phone(0, 0.1, "P"), Phone(0.1, 0.2, "AA")], 25)
    assert [LABELS[i] for i in (track[5], track[15])] == ["P", "AA"]
    assert (track[20:] == -1).all()


def test_frames_between_frames_lie_on_a_smooth_curve():
    values = np.sin(np.arange(50) / 4)[:, None].astype(np.float32)
    assert np.allclose(cubic(values, np.arange(50.0)), values)
    between = np.arange(5, 45) + 0.5
    assert np.abs(cubic(values, between)[:, 0] - np.sin(between / 4)).max() < 0.01


def test_what_is_heard_anew_is_still_the_same_speech():
    """Level by level it is another recording; when it is loud and when it is quiet stays."""
    dice = np.random.default_rng(3)
    loud = np.repeat(dice.random((1, 20, 1)) > 0.5, 15, axis=1)
    sound = np.where(loud, 0.0, -5.0) + dice.normal(0, 0.2, (1, 300, 40))
    agree = [
        np.corrcoef(heard_anew(sound, np.random.default_rng(seed)).mean(2)[0], loud[0, :, 0])[0, 1]
        for seed in range(10)
    ]
    assert np.mean(agree) > 0.7


def test_clips_follow_each_other_without_a_jump():
    """Of two clips that begin and end in silence, what is said stands close together, and lips do not leap."""
    dice = np.random.default_rng(0)
    frames, labels = 75, np.zeros((300, 2), int)
    labels[100:200] = 5
    wave = np.sin(np.arange(frames) / 9)[:, None].astype(np.float32)
    parts = [(np.full((300, 40), i, np.uint8), labels, wave + i, wave, wave) for i in (0, 1)]
    sound, phones, lips, _, _ = spliced(parts[0], parts[1], dice)
    assert len(sound) == len(phones) == 4 * len(lips)
    gap = np.flatnonzero(np.diff(phones[:, 0] > 0))[1:3]
    assert np.diff(gap)[0] <= 60, "at most 0.6 s of silence between"
    assert np.abs(np.diff(lips[:, 0])).max() < 0.5
