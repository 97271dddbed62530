"""Prompts as words the shipped encoder knows: split, spelled right where one slip is enough, else as hashed letter
runs.
"""

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence

BUCKETS = 12_000  # of hashed letter runs
_SPELT = 20  # letters of a word that may be a slip of another
LONGEST = 24  # words of a prompt that are read
RUNS = 14  # letter runs of a word that are read
FOREIGN = frozenset(  # small words of other languages that are none in English: what stands beside them is no slip of English
    "le les des du une et est der das und ein eine ist im el los las una del es il della di che uma os het een van och ar".split()
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def split(text: str) -> list[str]:
    """Words, numbers and marks of a text that `grammar.plain` has made plain."""
    return re.findall(r"[^\W\d_]+|\d+|[!?]", text)[:LONGEST]


def runs(word: str) -> list[int]:
    """Buckets of the runs of three to five letters of `<word>` (Bojanowski et al. 2017), at most RUNS."""
    marked = f"<{word}>"
    found = [marked[i : i + n] for n in (3, 4, 5) for i in range(len(marked) - n + 1)]
    step = max(1, -(-len(found) // RUNS))
    return [zlib.crc32(run.encode()) % BUCKETS for run in found[::step]]


def skeleton(word: str) -> str:
    """What survives careless spelling: the first letter and the consonants, doubles once."""
    once = re.sub(r"(.)\1+", r"\1", word)
    return once[:1] + re.sub(r"[aeiouy]", "", once[1:])


def skeletons(words: Sequence[str]) -> dict[str, list[str]]:
    """Skeleton -> words of four letters or more, in their order."""
    found: dict[str, list[str]] = {}
    for word in words:
        if len(word) > 3:
            found.setdefault(skeleton(word), []).append(word)
    return found


def corrected(word: str, known: Mapping[str, int], alike: Mapping[str, Sequence[str]]) -> str:
    """The word itself if known; else the known word one slip away (or with the same skeleton) that stands first in
    `known`.
    """
    if word in known or not 4 <= len(word) <= _SPELT or not (word.isascii() and word.isalpha()):
        return word
    near = [other for other in _one_slip(word) if other in known]
    near += [other for other in alike.get(skeleton(word), ()) if abs(len(other) - len(word)) < 3]
    near = [other for other in near if other[0] == word[0]] or near
    return min(near, key=lambda other: known[other], default=word)


def beginnings(words: Iterable[str]) -> dict[str, str]:
    """What words begin with, four letters and more -> the first of them that begins so."""
    found: dict[str, str] = {}
    for word in words:
        for n in range(4, len(word) + 1):
            found.setdefault(word[:n], word)
    return found


def related(word: str, begun: Mapping[str, str]) -> str | None:
    """The known word that begins as this one does, as far as endings go: insane of insanely, baffle of bafflement."""
    for n in range(len(word), max(3, -(-len(word) * 3 // 5) - 1), -1):
        other = begun.get(word[:n])
        if other and abs(len(other) - len(word)) < 5:
            return other
    return None


def _one_slip(word: str) -> set[str]:
    parts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    found = {a + b[1:] for a, b in parts if b} | {a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1}
    found |= {a + c + b[1:] for a, b in parts if b for c in _LETTERS}
    return {other for other in found | {a + c + b for a, b in parts for c in _LETTERS} if len(other) > 2}
