"""Channel names as people read them."""

from __future__ import annotations


def readable(name: str, group: str = "") -> str:
    """mouthSmileLeft -> Mouth smile left; within its own group, where that goes without saying, Smile left."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    first, _, rest = words.partition(" ")
    shown = rest if rest and group.startswith(first) else words
    return shown[:1].upper() + shown[1:]
