"""Our phone labels; and other people's (ARPABET with stress, SAMPA, IPA, pinyin) as ours, or what looks most like them."""

import re

from engine.motion.phones import LABELS, SILENCE

_LIKE = {
    "": "SIL", "#": "SIL", "sil": "SIL", "sp": "SIL", "spn": "SIL", "[sil]": "SIL", "fp": "AH", "laugh": "SIL", "noise": "SIL",
    "@": "AH", "ə": "AH", "a": "AA", "A": "AA", "A/": "AA", "a~": "AA", "{": "AE", "V": "AH", "E": "EH", "e": "EY", "œ": "ER",
    "9": "ER", "2": "ER", "U~/": "ER", "3:r": "ER", "I": "IH", "i": "IY", "i:": "IY", "y": "UW", "u": "UW", "U": "UH", "o": "OW",
    "O": "AO", "O:": "AO", "O/": "AO", "O~": "AO", "@U": "OW", "aI": "AY", "aU": "AW", "eI": "EY", "4": "D", "D": "DH", "T": "TH",
    "θ": "TH", "N": "NG", "S": "SH", "Z": "ZH", "tS": "CH", "j": "Y", "H": "W", "h": "HH", "R": "R", "G": "G", "L": "L",
    "zh": "JH", "x": "SH",
}  # fmt: skip


def arpabet(label: str, phone_set: str) -> str:
    """Our label for theirs; `phone_set` is the alignment's own name for its labels. What has no like is a silence."""
    plain = re.sub(r"[0-9]", "", label)
    if phone_set.startswith("ARPABET") and plain.upper() in LABELS:
        return plain.upper()
    return _LIKE.get(label) or _LIKE.get(plain.lower()) or (plain.upper() if plain.upper() in LABELS else SILENCE)
