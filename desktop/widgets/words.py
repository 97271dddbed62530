"""Channel names as people read them."""

from __future__ import annotations

SWAP_WORDS = {"strength": "Strength", "on": "On or off", "grow": "Mask wider", "feather": "Mask softer"}


def readable(name: str, group: str = "") -> str:
    """mouthSmileLeft -> Mouth smile left; within its own group, where that goes without saying, Smile left.

    A swap clip's curves are named as in its dialog.
    """
    if ":" in name:
        return SWAP_WORDS[name.rpartition(":")[2]]
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    first, _, rest = words.partition(" ")
    shown = rest if rest and group.startswith(first) else words
    return shown[:1].upper() + shown[1:]
