"""Text made plain before it is read: lower case, emoji in words, drawn-out letters shortened; and how loudly it was
written.
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


def plain(text: str) -> str:
    """Lower case, emoji in words, no accents, apostrophes dropped, letters drawn out ("soooo") shortened."""
    named = "".join(_character(c) for c in unicodedata.normalize("NFKD", text))
    squeezed = re.sub(r"([^\W\d_])\1{2,}", r"\1\1", named.lower())
    return " ".join(re.sub(r"['’`\"“”]", "", squeezed).split())


def _character(c: str) -> str:
    if c in _EMOJI:
        return f" {_EMOJI[c]} "
    if unicodedata.category(c) in ("Cf", "Mn", "Sk"):
        return ""
    return f" {unicodedata.name(c, '').lower()} " if ord(c) > 0x2100 and unicodedata.category(c) == "So" else c


def emphasis(text: str) -> float:
    """How much louder than its words a prompt is written: capitals, exclamation marks, letters drawn out."""
    letters = [c for c in text if c.isalpha()]
    capitals = len(letters) > 3 and all(c.isupper() for c in letters)
    return 1 + 0.3 * capitals + 0.12 * min(text.count("!"), 3) + 0.25 * bool(re.search(r"([a-zA-Z])\1{2,}", text))
