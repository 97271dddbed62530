"""What is said, and when: speech -> phones with times, by pocketsphinx and the US-English model in its wheel.

With the text of the recording its phones are *aligned* (median error 5-11 ms on read speech); without it they are
*recognised* by a phone loop (about a third of them wrong, most of those within their viseme). Labels are ARPABET without
stress; `SIL` is a pause.

Long audio is cut at its quietest places into pieces of at most 20 s, because pocketsphinx's memory for phone alignment grows
with the square of the length. Each piece takes as many words of the text as fit it, and may begin a few words off: so a
misread or missing word costs a word or two, not the rest of the text. A piece is fed to the decoder in short blocks, because
pocketsphinx keeps other threads from running meanwhile.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.events import Progress, in_one_go
from engine.motion.features import spectrum
from engine.motion.labials import load_ear
from engine.motion.spelling import pronunciations, spoken_words

RATE = 16_000
SILENCE = "SIL"
LABELS = (
    "SIL AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
).split()
Speed = tuple[int, int]  # samples after, for so many before
PLAIN: Speed = (1, 1)
_PIECE = (8.0, 20.0)  # seconds: a piece is cut at the quietest place between these
_PADDING = 0.1  # seconds of faint noise before and after, without which the first and last phones are lost
_NOISE = 1e-4  # its amplitude; also laid over the piece, because pocketsphinx cannot stand digital silence
_QUIET = 1e-3  # a piece whose loudest 10 ms stay below this RMS (-60 dBFS) is a pause
_REACH = 8  # words that a piece may begin too early or too late in the text
_ELSEWHERE = 0.1  # and the probability of it
_BEAM = 1e-60  # wide: what a narrow one would save is little in a chain of known words
_WORDS_A_SECOND = 6
_BLOCK = 0.1  # seconds that are decoded at a time: a few ms in which no other thread can run
_LIKELY = 0.2  # mean probability over a phone from which it is taken for a labial
_SHORT = 0.2  # seconds; a silence up to this long may be the closure of a stop
_LABIAL = {
    **dict.fromkeys(("T", "K", "F", "TH", "HH", SILENCE), "P"),
    **dict.fromkeys(("D", "G", "V", "DH", "L", "W"), "B"),
    **dict.fromkeys(("N", "NG"), "M"),
}


@dataclass(frozen=True)
class Phone:
    """One phone: `start` and `end` in seconds, `label` in ARPABET without stress, or `SIL`."""

    start: float
    end: float
    label: str


def recognising(mono: np.ndarray, text: str | None = None) -> Generator[Progress, None, list[Phone]]:
    """Phones of `mono` (float32 [N], 16 kHz, [-1, 1]), contiguous from 0 to its end; progress after each piece.

    `text` is what is said, in any spelling; words that are not in the dictionary are spelled out by rule. Where it does not
    fit, and where there is none, phones are recognised from the sound alone.
    """
    (phones,) = yield from recognising_at(mono, (PLAIN,), text)
    return phones


def recognising_at(
    mono: np.ndarray, speeds: Sequence[Speed], text: str | None = None
) -> Generator[Progress, None, list[list[Phone]]]:
    """As `recognising`, once for each of these speeds; what fits the text is the same at all of them."""
    words = spoken_words(text) if text else []
    aligner = _Aligner(words)
    heard: list[list[Phone]] = [[] for _ in speeds]
    for first, last in _pieces(mono):
        sound, start = mono[first:last], first / RATE
        aligned = _hear(sound, aligner) if words else []
        for phones, speed in zip(heard, speeds, strict=True):
            found = aligned or _recognised(sound, speed)
            phones += [Phone(p.start + start, p.end + start, p.label) for p in found]
        yield Progress(last // RATE, len(mono) // RATE, "Listening to the speech")
    return [_contiguous(phones, len(mono) / RATE) for phones in heard]


def _recognised(sound: np.ndarray, speed: Speed) -> list[Phone]:
    """Phones of one piece from the sound alone, made slower and lower, or quicker and higher, beforehand."""
    changed = sound
    if speed != PLAIN:
        from scipy.signal import resample_poly

        changed = np.asarray(resample_poly(sound, *speed), np.float32)
    share = len(sound) / max(len(changed), 1)
    found = with_labials(_hear(changed, _Listener()), changed)
    return [replace(phone, start=phone.start * share, end=phone.end * share) for phone in found]


recognise = in_one_go(recognising)
"""The same arguments and phones as `recognising`, without progress or places to stop."""


def _pieces(mono: np.ndarray) -> Iterator[tuple[int, int]]:
    """Half-open sample ranges that cover `mono`, each cut at the middle of the quietest 0.2 s it could be cut at."""
    hop = RATE // 100
    shortest, longest = (int(seconds * 100) for seconds in _PIECE)
    energy = _energy(mono, hop)
    start = 0
    while len(energy) - start > longest:
        around = np.convolve(energy[start + shortest : start + longest], np.ones(20) / 20, mode="same")
        cut = start + shortest + int(np.argmin(around))
        yield start * hop, cut * hop
        start = cut
    yield start * hop, len(mono)


def _energy(mono: np.ndarray, hop: int) -> np.ndarray:
    """Mean square of every whole `hop` samples."""
    frames = mono[: len(mono) // hop * hop].reshape(-1, hop)
    return np.einsum("ij,ij->i", frames, frames) / hop


def _hear(sound: np.ndarray, listener: "_Listener") -> list[Phone]:
    """Phones of one piece, or nothing where the listener fails. A quiet piece is one pause."""
    energy = _energy(sound, RATE // 100)
    if not len(energy) or energy.max() < _QUIET**2:
        return [Phone(0.0, len(sound) / RATE, SILENCE)]
    noise = np.random.default_rng(0)
    padding = np.zeros(int(_PADDING * RATE), np.float32)
    level = 0.5 / max(float(np.abs(sound).max()), 1e-6)
    padded = np.concatenate([padding, sound * level, padding])
    padded += noise.normal(0, _NOISE, len(padded)).astype(np.float32)
    found = listener.listen((padded * 32767).clip(-32768, 32767).astype("<i2").tobytes())
    return [replace(p, start=p.start - _PADDING, end=p.end - _PADDING) for p in found]


def with_labials(phones: list[Phone], mono: np.ndarray) -> list[Phone]:
    """Recognised `phones`, in which those that a second hearing takes for a /p b m/ become the labial of their own kind."""
    heard = np.concatenate([[0.0], np.cumsum(load_ear().likely(spectrum(mono)))])
    found = []
    for phone in phones:
        first, last = (min(max(round(time * 100), 0), len(heard) - 1) for time in (phone.start, phone.end))
        labial = _LABIAL.get(phone.label)
        if (phone.label == SILENCE and phone.end - phone.start > _SHORT) or last <= first:
            labial = None
        likely = labial and (heard[last] - heard[first]) / (last - first) > _LIKELY
        found.append(replace(phone, label=labial) if labial and likely else phone)
    return found


def _contiguous(phones: list[Phone], seconds: float) -> list[Phone]:
    """Phones that meet end to start from 0 to `seconds`, neighbouring pauses joined."""
    joined: list[Phone] = []
    for phone in phones:
        start = joined[-1].end if joined else 0.0
        end = min(phone.end, seconds)
        if end <= start:
            continue
        if joined and joined[-1].label == phone.label == SILENCE:
            joined[-1] = replace(joined[-1], end=end)
        else:
            joined.append(replace(phone, start=start, end=end))
    if not joined:
        return [Phone(0.0, seconds, SILENCE)]
    joined[-1] = replace(joined[-1], end=seconds)
    return joined


class _Listener:
    """Recognises phones from sound alone."""

    def listen(self, pcm: bytes) -> list[Phone]:
        """Phones of 16-bit little-endian `pcm`; empty where recognition fails."""
        try:
            return self._decode(_Utterance(pcm, _mean(pcm)))
        except RuntimeError:
            return []

    def _decode(self, heard: "_Utterance") -> list[Phone]:
        decoder = _run(_phone_loop(), heard)
        return [_phone(s.word, s.start_frame, s.end_frame + 1) for s in decoder.seg() or ()]


class _Aligner(_Listener):
    """Fits the words of a text to the pieces of its recording, one piece after the other."""

    def __init__(self, words: list[str]) -> None:
        known = pronunciations(words)
        self._spoken = [known[word] for word in words]
        self._next = 0  # the word that the coming piece should begin with

    def _decode(self, heard: "_Utterance") -> list[Phone]:
        first = max(self._next - _REACH, 0)
        last = min(self._next + int(len(heard.pcm) / 2 / RATE * _WORDS_A_SECOND) + _REACH, len(self._spoken))
        decoder = _decoder(lm=None, beam=_BEAM, pbeam=_BEAM, wbeam=_BEAM)
        for i in range(first, last):
            for variant, phones in enumerate(self._spoken[i], 1):
                decoder.add_word(f"w{i}" if variant == 1 else f"w{i}({variant})", phones, False)
        decoder.add_fsg("text", decoder.create_fsg("text", 0, last - first, self._grammar(first, last)))
        decoder.activate_search("text")
        said = [s.word.partition("(")[0] for s in _run(decoder, heard).seg() or () if s.word.startswith("w")]
        if not said:
            return []
        self._next = int(said[-1][1:]) + 1
        decoder.set_align_text(" ".join(said))
        _run(decoder, heard).set_alignment()
        words = _run(decoder, heard).get_alignment()
        return [_phone(p.name, p.start, p.start + p.duration) for word in words for p in word]

    def _grammar(self, first: int, last: int) -> list[tuple[int, int, float] | tuple[int, int, float, str]]:
        """Words in their order; to begin elsewhere than at the next one, or to end before the last, costs a little."""
        words = [(i - first, i - first + 1, 1.0, f"w{i}") for i in range(first, last)]
        reach = range(first + 1, min(self._next + _REACH, last - 1) + 1)
        starts = [(0, i - first, 1.0 if i == self._next else _ELSEWHERE) for i in reach]
        return [*words, *starts, *((i, last - first, _ELSEWHERE) for i in range(1, last - first))]


def _decoder(**settings: Any) -> Any:
    """A fresh decoder: it loads in 10 ms, and one that has failed once fails ever after."""
    from pocketsphinx import Decoder

    return Decoder(dict=None, bestpath=False, loglevel="FATAL", **settings)


def _phone_loop() -> Any:
    """A decoder that takes any phone after any other."""
    from pocketsphinx import get_model_path

    return _decoder(allphone=get_model_path("en-us/en-us-phone.lm.bin"), lw=2.0, beam=1e-20, pbeam=1e-20)


@dataclass(frozen=True)
class _Utterance:
    """16-bit little-endian samples, and their mean cepstrum as pocketsphinx writes it."""

    pcm: bytes
    mean: str


def _mean(pcm: bytes) -> str:
    """The mean cepstrum over all of `pcm`, without which a decoder fed in blocks would have to guess the microphone."""
    decoder = _phone_loop()
    decoder.start_utt()
    decoder.process_raw(pcm, no_search=True, full_utt=True)
    return str(decoder.get_cmn(False))


def _run(decoder: Any, heard: _Utterance) -> Any:
    size = 2 * int(_BLOCK * RATE)
    decoder.start_utt()
    for start in range(0, len(heard.pcm), size):
        decoder.set_cmn(heard.mean)  # it drifts otherwise
        decoder.process_raw(heard.pcm[start : start + size])
    decoder.end_utt()
    return decoder


def _phone(name: str, first: int, last: int) -> Phone:
    return Phone(first / 100, last / 100, name if name.isalpha() else SILENCE)
