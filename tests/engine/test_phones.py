"""Phones of real read speech: with its text, with a wrong text, and without."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.events import in_one_go
from engine.motion import phones as listening
from engine.motion.phones import PLAIN, RATE, SILENCE, Phone, recognise, recognising, recognising_at
from engine.motion.spelling import pronunciations, spoken_words

LABIALS = {"P", "B", "M"}


def covers(phones: list[Phone], mono: np.ndarray) -> bool:
    meet = all(a.end == b.start for a, b in pairwise(phones))
    whole = phones[0].start == 0 and phones[-1].end == pytest.approx(len(mono) / RATE)
    return meet and whole and all(phone.end > phone.start for phone in phones)


def found(wanted: list[Phone], phones: list[Phone]) -> float:
    """The share of `wanted` labials near which there is one."""
    there = [
        any(min(w.end, p.end) > max(w.start, p.start) - 0.03 for p in phones if p.label in LABIALS) for w in wanted
    ]
    return float(np.mean(there))


def test_the_text_is_found_in_the_sound_word_by_word(speech: np.ndarray, aligned: list[Phone], samples: Path):
    assert covers(aligned, speech)
    spoken = " ".join(phone.label for phone in aligned if phone.label != SILENCE)
    assert "ER L IY AH S T B UH K P R IH N T" in spoken and "S ER P AE S T" in spoken
    pauses = [phone for phone in aligned if phone.label == SILENCE and phone.end - phone.start > 0.15]
    loud = np.sqrt(np.mean(speech**2))
    for pause in pauses:
        quiet = speech[int((pause.start + 0.05) * RATE) : int((pause.end - 0.05) * RATE)]
        assert np.sqrt(np.mean(quiet**2)) < 0.3 * loud


def test_without_the_text_most_closures_are_heard(speech: np.ndarray, aligned: list[Phone]):
    heard = recognise(speech)
    assert covers(heard, speech)
    assert found([phone for phone in aligned if phone.label in LABIALS], heard) > 0.6


def run_whole(decoder: Any, heard: Any) -> Any:
    """Decodes an utterance in one call, in which pocketsphinx finds its mean by itself."""
    decoder.start_utt()
    decoder.process_raw(heard.pcm, full_utt=True)
    decoder.end_utt()
    return decoder


@pytest.mark.parametrize("told", [True, False])
def test_blocks_are_heard_like_the_whole(
    speech: np.ndarray, samples: Path, monkeypatch: pytest.MonkeyPatch, told: bool
):
    text = (samples / "speech.txt").read_text(encoding="utf-8") if told else None
    in_blocks = recognise(speech, text)
    monkeypatch.setattr(listening, "_run", run_whole)
    whole = recognise(speech, text)
    times = np.arange(0, len(speech) / RATE, 0.01)
    one, other = ([p.label for p in heard for t in times if p.start <= t < p.end] for heard in (in_blocks, whole))
    assert np.mean([a == b for a, b in zip(one, other, strict=True)]) > 0.98


def test_a_long_recording_keeps_its_place_in_a_text_with_words_missing(speech: np.ndarray, samples: Path):
    text = (samples / "speech.txt").read_text(encoding="utf-8")
    once = recognise(speech, text)
    wanted = [p for p in once if p.label in LABIALS]
    words = (text.replace("printed", "") + text + text.replace("surpassed", "") + text).split()
    long = recognise(np.tile(speech, 4), " ".join(words))
    offset = 3 * len(speech) / RATE
    last = [Phone(p.start - offset, p.end - offset, p.label) for p in long if p.start >= offset]
    assert covers(long, np.tile(speech, 4))
    assert found(wanted, last) > 0.9


def test_at_another_speed_the_same_phones_are_where_they_were(speech: np.ndarray, aligned: list[Phone]):
    plain, slow = in_one_go(recognising_at)(speech, (PLAIN, (10, 9)))
    assert plain == recognise(speech) and plain != slow
    assert covers(plain, speech) and covers(slow, speech)
    assert found([phone for phone in aligned if phone.label in LABIALS], slow) > 0.6


def test_listening_can_be_stopped_between_pieces_and_then_goes_on_to_the_same(speech: np.ndarray):
    long = np.tile(speech, 1 + 20 * RATE // len(speech))
    pieces = recognising(long)
    first = next(pieces)
    assert 8 <= first.done <= 20 and first.total == len(long) // RATE
    whole = recognise(long)
    assert whole[-1].end == len(long) / RATE
    while True:
        try:
            last = next(pieces)
        except StopIteration as done:
            assert done.value == whole and last.done == last.total
            return


@pytest.mark.parametrize("text", ["", "...", "これは日本語です", "Zyzzyvabrx 12,345 & qwrtp!"])
def test_any_text_will_do(speech: np.ndarray, text: str):
    part = speech[: 2 * RATE]
    assert covers(recognise(part, text), part)


@pytest.mark.parametrize("mono", [np.zeros(0), np.zeros(7), np.zeros(30 * RATE), np.full(100, 0.5)])
def test_what_is_no_speech_is_one_pause(mono: np.ndarray):
    phones = recognise(mono.astype(np.float32), "nobody says this")
    assert {phone.label for phone in phones} == {SILENCE} and phones[-1].end == pytest.approx(len(mono) / RATE)


def test_numbers_signs_and_accents_are_read_as_they_are_said():
    assert spoken_words("In 1455, 42 cafés & 3%") == "in fourteen fifty five forty two cafes and three percent".split()
    assert (
        spoken_words("2024: €1,200 o’clock")
        == "two thousand twenty four euros one thousand two hundred o'clock".split()
    )


def test_words_in_no_dictionary_are_spelled_out():
    said = pronunciations(["gutenberg", "blorptish", "xkcdz", "been"])
    assert said["blorptish"] == ["B L AO R P T IH SH"]
    assert said["xkcdz"] == ["EH K S K EY S IY D IY Z IY"]
    assert len(said["been"]) > 1 and all(said.values())
