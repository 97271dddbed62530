"""Written text -> how its words may be pronounced, in ARPABET without stress.

Words are looked up in the CMU dictionary that pocketsphinx's wheel carries; what is not there (names, other languages in
Latin letters) is spelled out by a small table of letter-to-sound rules of our own, good enough to find its place in the sound.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

_RULES: dict[str, str] = {
    "tion": "SH AH N", "sion": "ZH AH N", "ough": "AO", "eigh": "EY", "igh": "AY", "tch": "CH", "sch": "SH",
    "ch": "CH", "sh": "SH", "th": "TH", "ph": "F", "wh": "W", "ck": "K", "qu": "K W", "ng": "NG", "kn": "N", "wr": "R",
    "dg": "JH", "ee": "IY", "ea": "IY", "ie": "IY", "ei": "AY", "ey": "IY", "ai": "EY", "ay": "EY", "oa": "OW", "oo": "UW",
    "ou": "AW", "ow": "OW", "oi": "OY", "oy": "OY", "au": "AO", "aw": "AO", "eu": "Y UW", "ew": "Y UW", "ue": "UW",
    "er": "ER", "ir": "ER", "ur": "ER", "ar": "AA R", "or": "AO R", "ce": "S EH", "ci": "S IH", "cy": "S IY",
    "ge": "JH EH", "gi": "JH IH", "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH",
    "i": "IH", "j": "JH", "k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R", "s": "S",
    "t": "T", "u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IY", "z": "Z",
}  # fmt: skip
_LETTER_NAMES = {
    "a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY", "h": "EY CH", "i": "AY",
    "j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N", "o": "OW", "p": "P IY", "q": "K Y UW",
    "r": "AA R", "s": "EH S", "t": "T IY", "u": "Y UW", "v": "V IY", "w": "D AH B AH L Y UW", "x": "EH K S",
    "y": "W AY", "z": "Z IY",
}  # fmt: skip
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SIGNS = {"&": " and ", "%": " percent ", "$": " dollars ", "€": " euros ", "£": " pounds ", "+": " plus ", "@": " at "}


def spoken_words(text: str) -> list[str]:
    """The words of `text` as they are said: lower case, plain letters and apostrophes, numbers in words."""
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    text = text.replace("’", "'").replace("ß", "ss").replace("ø", "o").replace("æ", "ae").replace("œ", "oe")
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    text = re.sub(r"\d+", lambda digits: f" {_number(digits.group())} ", text)
    return [word.strip("'") for word in re.findall(r"[a-z']+", text) if word.strip("'")]


def pronunciations(words: list[str]) -> dict[str, list[str]]:
    """Word -> its pronunciations (at least one), each a string of phones with spaces between."""
    wanted = set(words)
    found: dict[str, list[str]] = {}
    with _dictionary().open(encoding="utf-8") as lines:
        for line in lines:
            entry, _, phones = line.rstrip().partition(" ")
            word = entry.partition("(")[0]
            if word in wanted:
                found.setdefault(word, []).append(phones)
    return found | {word: [_by_rule(word)] for word in wanted - found.keys()}


@cache
def _dictionary() -> Path:
    from pocketsphinx import get_model_path

    return Path(get_model_path("en-us/cmudict-en-us.dict"))


def _by_rule(word: str) -> str:
    letters = word.replace("'", "")
    if not re.search("[aeiouy]", letters):
        return " ".join(_LETTER_NAMES[letter] for letter in letters)
    letters = re.sub(r"([b-df-hj-np-tv-z])\1", r"\1", letters)
    letters = re.sub(r"(?<=[a-z]{2})e$", "", letters)
    phones = []
    while letters:
        size = next(n for n in range(min(4, len(letters)), 0, -1) if letters[:n] in _RULES)
        phones.append(_RULES[letters[:size]])
        letters = letters[size:]
    return " ".join(phones)


def _number(digits: str) -> str:
    """Digits in words, as a reader would say them: years in pairs, long strings digit by digit."""
    value = int(digits)
    if len(digits) > 9 or (digits[0] == "0" and len(digits) > 1):
        return " ".join(_ONES[int(d)] for d in digits)
    if len(digits) == 4 and 1100 <= value < 2000 and value % 100:
        return f"{_cardinal(value // 100)} {'o ' if value % 100 < 10 else ''}{_cardinal(value % 100)}"
    return _cardinal(value)


def _cardinal(value: int) -> str:
    if value < 20:
        return _ONES[value]
    if value < 100:
        return _TENS[value // 10 - 2] + (f" {_ONES[value % 10]}" if value % 10 else "")
    size, name = next((s, n) for s, n in ((10**6, "million"), (1000, "thousand"), (100, "hundred")) if value >= s)
    rest = f" {_cardinal(value % size)}" if value % size else ""
    return f"{_cardinal(value // size)} {name}{rest}"
