"""Words, glosses and examples of WordNet 3.0 (Princeton; Debian's `wordnet-base`), as text to learn language from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PARTS = ("adj", "adv", "verb", "noun")
_FELT = {12, 37}  # lexicographer files noun.feeling, verb.emotion
_HUMAN = {
    0,
    2,
    7,
    10,
    12,
    18,
    26,
    29,
    32,
    37,
    39,
    41,
    44,
}  # adjectives, adverbs; nouns and verbs of body, mind, talk, people
_THINGS = {3, 5, 6, 8, 13, 15, 17, 20, 21, 23, 27}  # artefacts, animals, body parts, food, places, plants, amounts ...


@dataclass(frozen=True)
class Sense:
    """One meaning: its words (first the commonest), what it means, examples; `felt`, `human`, `thing` by lexicographer
    file.
    """

    words: tuple[str, ...]
    gloss: str
    examples: tuple[str, ...]
    felt: bool
    human: bool
    thing: bool


def senses(folder: Path) -> Iterator[Sense]:
    """Every synset of the `data.*` files in `folder`."""
    for part in _PARTS:
        for line in (folder / f"data.{part}").read_text(encoding="latin-1").splitlines():
            if line.startswith(" "):
                continue
            head, _, explanation = line.partition(" | ")
            fields = head.split()
            count = int(fields[3], 16)
            words = tuple(re.sub(r"\(\w+\)$", "", w).replace("_", " ").lower() for w in fields[4 : 4 + 2 * count : 2])
            examples = tuple(re.findall(r'"([^"]+)"', explanation))
            gloss = re.sub(r"\(.*?\)", "", explanation.split('"')[0]).strip(" ;")
            kind = int(fields[1])
            yield Sense(words, gloss, examples, kind in _FELT, kind in _HUMAN or part == "adj", kind in _THINGS)
