"""Text made plain before it is read: lower case, emoji in words, drawn-out letters shortened; how loudly it was written;
and how much of it is words at all.
"""

import re
import unicodedata

_EMOJI = {  # those whose Unicode name says something else than what people mean
    "😡": "furious face", "😤": "huffing with anger", "👿": "angry devil", "🤬": "swearing furious face",
    "🙃": "sarcastic smile", "😬": "nervous grimace", "😫": "distraught face", "😰": "anxious face",
    "😅": "nervous smile", "😓": "worried face", "😳": "embarrassed face", "😇": "innocent face",
    "😈": "mischievous face", "💀": "dying of laughter", "🥴": "drunk face", "🤪": "silly face",
    "🧐": "curious face", "🥳": "celebrating", "😖": "frustrated face", "😣": "pained face", "😶": "speechless",
    "🤗": "friendly face", "🥹": "deeply moved", "😔": "sad face", "❤": "love", "♥": "love",
    "🥺": "pleading face", "😪": "sleepy face", "😂": "laughing with tears", "🤣": "laughing out loud",
    "😩": "exhausted face", "😒": "annoyed face", "🥲": "smiling through tears", "😮": "surprised face",
    "😲": "astonished face", "😯": "surprised face", "😦": "dismayed face", "😧": "anguished face",
    "🙄": "rolling eyes", "🥱": "yawning", "😌": "relieved face", "🤡": "clown", "🔥": "excited",
    "🎉": "celebrating", "👍": "good",
}  # fmt: skip
_FELT = re.compile(
    r"face|heart|smil|grin|cry|tear|kiss|hand|thumb|fist|finger|person|man\b|sleep|anger"
)  # emoji that tell
_WORD = re.compile(r"(?:[aiouAIOU]|[^\W\d_]{2,})(?:[-'’/&+][^\W\d_]+)*|\d{1,3} ?%")
_CODE = re.compile(r"[{}\[\]<>=\\^|_*+]")  # signs that nobody describes a feeling with
_MARKS = ".,!?;:…'’`\"“”()-*~#@"


def plain(text: str) -> str:
    """Lower case, emoji in words, no accents, apostrophes dropped, letters drawn out ("soooo") shortened."""
    named = "".join(_character(c) for c in unicodedata.normalize("NFKD", text))
    squeezed = re.sub(r"([^\W\d_])\1{2,}", r"\1\1", named.lower())
    return " ".join(re.sub(r"['’`\"“”]", "", squeezed).split())


def legible(text: str) -> float:
    """Share of a text, 0..1, that is written in words, or in emoji of faces; the rest is numbers, code, addresses."""
    parts = "".join(_character(c) for c in text).split()
    total = sum(len(part) for part in parts) + 3 * len(_CODE.findall(text))
    words = (part for part in parts if _WORD.fullmatch(part.strip(_MARKS)))
    return sum(len(part) for part in words) / total if total else 0.0


def _character(c: str) -> str:
    if c in _EMOJI:
        return f" {_EMOJI[c]} "
    if unicodedata.category(c) in ("Cf", "Mn", "Sk", "Cc"):
        return " " if c in "\t\n\r" else ""
    if ord(c) < 0x2100 or unicodedata.category(c) != "So":
        return c
    name = unicodedata.name(c, "").lower()
    return f" {name} " if _FELT.search(name) else " "


def emphasis(text: str) -> float:
    """How much louder than its words a prompt is written: capitals, exclamation marks, letters drawn out."""
    letters = [c for c in text if c.isalpha()]
    capitals = len(letters) > 3 and all(c.isupper() for c in letters)
    return 1 + 0.3 * capitals + 0.12 * min(text.count("!"), 3) + 0.25 * bool(re.search(r"([a-zA-Z])\1{2,}", text))
