"""Speech for AToM that has no face: Debian's synthesisers, which say when each phone sounds, and read speech with its text.

Wants on the machine: flite, espeak-ng (libespeak-ng), and the unpacked Debian package `wordnet-base` for sentences.
"""

import csv
import ctypes
import json
import random
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.media.audio import read_mono
from engine.motion.features import RATE
from engine.motion.phones import LABELS, SILENCE, Phone
from engine.training.phone_labels import arpabet
from engine.training.wordnet import senses

VOICES = {"slt": 900.0, "rms": 160.0, "awb": 900.0, "kal16": 900.0}  # seconds of each of flite's
ABROAD = 40.0  # seconds of each language of espeak-ng
LANGUAGES = ("en-us de fr es it pt-br nl sv pl cs ru uk el tr fi hu ro ar fa hi bn ta te id vi cmn ja ko sw").split()
THROATS = ("", "+f2", "+f4", "+m2", "+m4", "+m7", "+f5", "+croak")
_IPA = {
    "AA": "a ɑ ä", "AE": "æ", "AH": "ə ʌ ɐ ɤ ɘ ɜ", "AO": "ɒ ɔ", "AW": "aʊ aw", "AY": "aɪ aj", "B": "b β ɓ", "CH": "tʃ tɕ tʂ",
    "D": "d ɖ ɾ ɗ", "DH": "ð", "EH": "ɛ", "ER": "ɚ ɝ", "EY": "e eɪ", "F": "f ɸ pf", "G": "g ɡ ɣ ɟ", "HH": "h ɦ ħ x χ ʕ",
    "IH": "ɪ ɨ ɯ", "IY": "i", "JH": "dʒ dʑ dʐ", "K": "k q c", "L": "l ɭ ʎ ɫ ɬ", "M": "m ɱ", "N": "n ɲ ɳ", "NG": "ŋ ɴ",
    "OW": "o oʊ əʊ", "OY": "ɔɪ", "P": "p", "R": "r ɹ ɻ ɽ ʀ ʁ", "S": "s ts", "SH": "ʃ ɕ ʂ ç", "T": "t ʈ", "TH": "θ",
    "UH": "ʊ ø œ ɵ", "UW": "u y ʉ ʏ", "V": "v ʋ", "W": "w ɥ ʍ", "Y": "j", "Z": "z dz", "ZH": "ʒ ʑ ʐ",
}  # fmt: skip
_BY_SYMBOL = {symbol: label for label, symbols in _IPA.items() for symbol in symbols.split()}
_GAP = 0.09  # seconds; a shorter silence belongs to the phone before it
_PHONEME, _SYNCHRONOUS, _PHONEMES_IN_IPA, _UTF8 = 7, 2, 3, 1  # espeak-ng's constants


@dataclass(frozen=True)
class Utterance:
    """Sound (float32 [N], 16 kHz) and its phones; `name` begins with the kind of source and the voice."""

    name: str
    mono: np.ndarray
    phones: list[Phone]


def sentences(folder: Path, seed: int) -> list[str]:
    """WordNet's examples that could be said, in an order of their own."""
    found = [example for sense in senses(folder) for example in sense.examples]
    plain = [text for text in found if re.fullmatch(r"[A-Za-z' ,]{25,110}", text)]
    random.Random(seed).shuffle(plain)
    return plain


def flite(text: str, voice: str, name: str) -> Utterance | None:
    """Synthetic speech by flite."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        command = ["flite", "-voice", voice, "-psdur", "-t", text, "-o", str(path)]
        told = subprocess.run(command, capture_output=True, text=True, check=True, errors="replace").stdout.split()
        mono = read_mono(path, RATE)
    phones, start = [], 0.0
    for part in told:
        label, _, end = part.rpartition(":")
        found = SILENCE if label == "pau" else {"ax": "AH"}.get(label, label.upper())
        if found not in LABELS:
            return None
        phones.append(Phone(start, float(end), found))
        start = float(end)
    return Utterance(f"flite/{voice}/{name}", mono, phones)


class Espeak:
    """espeak-ng's library, which reports the time of each phone."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libespeak-ng.so.1")
        self._rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, None, _PHONEMES_IN_IPA)
        self._sound: list[np.ndarray] = []
        self._events: list[tuple[float, str]] = []
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
        self._receiver = kind(self._receive)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._receiver)

    def speak(self, text: str, language: str, throat: str, pace: int, name: str) -> Utterance | None:
        """Synthetic speech; `pace` in words a minute."""
        if self._library.espeak_SetVoiceByName(f"{language}{throat}".encode()) != 0:
            return None
        self._library.espeak_SetParameter(1, pace, 0)
        self._sound, self._events = [], []
        said = text.encode()
        self._library.espeak_Synth(said, len(said) + 1, 0, 1, 0, _UTF8, None, None)
        from scipy.signal import resample_poly

        if not self._sound:
            return None
        sound = np.concatenate(self._sound).astype(np.float32) / 32768
        mono = resample_poly(sound, RATE, self._rate).astype(np.float32)
        return Utterance(f"espeak/{language}{throat}/{name}", mono, _phones_of(self._events, len(mono) / RATE))

    def _receive(self, sound: "ctypes._Pointer[ctypes.c_short]", count: int, events: "ctypes._Pointer[_Event]") -> int:
        if count > 0 and sound:
            self._sound.append(np.ctypeslib.as_array(sound, (count,)).copy())
        i = 0
        while events[i].type:
            if events[i].type == _PHONEME:
                symbol = bytes(events[i].name).split(b"\0")[0].decode("utf-8", "ignore")
                self._events.append((events[i].milliseconds / 1000, symbol))
            i += 1
        return 0


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("milliseconds", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("name", ctypes.c_char * 8),
    )


def _phones_of(events: list[tuple[float, str]], seconds: float) -> list[Phone]:
    """Phones from the starts of IPA symbols; what has no like of ours prolongs the phone before it."""
    phones: list[Phone] = [Phone(0.0, seconds, SILENCE)]
    ends = [start for start, _ in events[1:]] + [seconds]
    for (start, symbol), end in zip(events, ends, strict=True):
        label = from_ipa(symbol)
        if label is None or start >= seconds or label == phones[-1].label == SILENCE:
            continue
        if label == SILENCE and end - start < _GAP:
            continue
        last = phones.pop()
        if start > last.start:
            phones.append(Phone(last.start, start, last.label))
        phones.append(Phone(start, seconds, label))
    return phones


def from_ipa(symbol: str) -> str | None:
    """Our label for an IPA symbol; silence for a pause; None for what moves no lips."""
    plain = re.sub(r"[ˈˌːˑ̪̃ʰʲʷˠ̩̯͡ˤ0-9̥̬‿\-'\"]", "", symbol)
    if symbol.strip() in ("", "_", "_:", "(", ")"):
        return SILENCE
    return _BY_SYMBOL.get(plain) or _BY_SYMBOL.get(plain[:2]) or _BY_SYMBOL.get(plain[:1])


def numbers(dice: random.Random) -> str:
    """Digits: a text that every language of espeak-ng can read, in words of its own."""
    return ", ".join(str(dice.randrange(10 ** dice.randrange(1, 7))) for _ in range(4)) + "."


def synthetic(folder: Path) -> Iterator[Utterance]:
    """flite's voices, then espeak-ng's languages; sentences from WordNet."""
    texts, dice = sentences(folder, 0), random.Random(0)
    for number, (voice, seconds) in enumerate(VOICES.items()):
        spoken = 0.0
        for i, text in enumerate(texts[number * 2000 :]):
            said = flite(text, voice, str(i)) if spoken < seconds else None
            if spoken >= seconds:
                break
            if said:
                spoken += len(said.mono) / RATE
                yield said
    espeak = Espeak()
    for language in LANGUAGES:
        spoken, i = 0.0, 0
        while spoken < ABROAD and i < 100:
            text = numbers(dice) if not language.startswith("en") or i % 2 else dice.choice(texts)
            said = espeak.speak(text, language, dice.choice(THROATS), dice.randrange(130, 200), str(i))
            i += 1
            if said and len(said.mono) < 20 * RATE:
                spoken += len(said.mono) / RATE
                yield said


def recordings(data: Path) -> Iterator[tuple[str, Path, str, list[Phone] | None]]:
    """Name, sound, text and published phones, if any, of data/train/speech."""
    folder = data / "train" / "speech"
    rows = [json.loads(line) for line in (folder / "ALIGN.jsonl").read_text(encoding="utf-8").splitlines()]
    aligned = {row["file"]: row for row in rows if row["phones"]}
    with (folder / "MANIFEST.tsv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            known = aligned.get(row["file"])
            phones = [Phone(s, e, arpabet(p, known["phone_set"])) for s, e, p in known["phones"]] if known else None
            if phones or (row["text"] and row["lang"] == "en"):
                yield f"read/{row['speaker'].split()[0]}/{row['file']}", folder / row["file"], row["text"], phones
