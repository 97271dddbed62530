"""What the text encoder that ships is trained on: labelled phrases and scenes, WordNet, plain sentences, nonsense,
slips.
"""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.text.anchors import anchors, read_anchors
from engine.text.plain import plain
from engine.text.words import split
from engine.training.wordnet import senses

PHRASES = Path(__file__).parent / "emotion_phrases.tsv"
SCENES = Path(__file__).parent / "emotion_scenes.tsv"
_PER_SCENE = 40
_THINGS = 12_000
_LETTERS = "etaoinshrdlucmfwypvbgkjqxz"
_FRAMES = (
    "{}|{}|{}|{}|{}|{} face|she is {}|he looks {}|feeling {}|i am {}|a {} man|{} expression|they feel {}|{} today|"
    "a {} look|{} and nothing else|he seems {} about it|as if {}|like {}|you look {}|her voice is {}|say it {}|"
    "play it {}|make her {}|{} mood|an air of {}|full of {}|with {}|the {} of it|completely {}"
)
_PLAIN = (
    "he|she|my brother|the clerk|a woman|the man in the coat|they|I|we|the engineer|our neighbour|Anna",
    "reads|puts down|describes|buys|carries|looks for|measures|writes about|moves|draws|explains|counts|sells|opens|"
    "uses|orders|washes|talks about|paints|returns|records|checks|builds|lists",
    "the newspaper|a box|the timetable|two tickets|the second chapter|a chair|the price of milk|a map|some bread|"
    "the results|the new software|a photograph of a bridge|the invoice|the garden|the history of the town|a bicycle|"
    "the contract|a blue shirt|the next slide|the letter|the numbers|a cup|the kitchen door|the report",
    "||in the morning|at the office|on Tuesday|at the station|after lunch|in the library|for the class|again",
)


@dataclass(frozen=True)
class Corpus:
    """Texts with the faces they ask for, float32 [N, F] summing to 1."""

    texts: list[str]
    faces: np.ndarray


def labelled() -> Corpus:
    """Anchors, training phrases, and scenes with their alternatives drawn at random."""
    generator = random.Random(2)
    tables = (anchors(), read_anchors(PHRASES))
    scenes = read_anchors(SCENES)
    drawn = [dict.fromkeys(_drawn(text, generator) for _ in range(_PER_SCENE)) for text in scenes.texts]
    texts = [plain(text) for table in tables for text in table.texts] + [text for some in drawn for text in some]
    rows = [table.faces for table in tables] + [np.repeat(scenes.faces, [len(some) for some in drawn], axis=0)]
    wanted = np.concatenate(rows)
    return Corpus(texts, wanted / wanted.sum(axis=1, keepdims=True))


def _drawn(template: str, generator: random.Random) -> str:
    """`[a|b] c` with one of the alternatives for each bracket."""
    return plain(re.sub(r"\[([^\]]*)\]", lambda found: generator.choice(found[1].split("|")), template))


def wordnet_texts(folder: Path, generator: random.Random) -> tuple[list[str], list[str]]:
    """Texts about people and what they feel, do and are; and texts about things, which ask for no face."""
    human: dict[str, None] = {}
    things: dict[str, None] = {}
    for sense in senses(folder):
        if sense.thing:
            things.update(dict.fromkeys([sense.words[0], " ".join(sense.gloss.split()[:12])]))
        if sense.felt or sense.human:
            texts = [*sense.words, *sense.examples, sense.gloss.split(";")[0]]
            human.update(dict.fromkeys(plain(" ".join(text.split()[:14])) for text in texts))
    plain_things = [plain(text) for text in things if text]
    return list(human), generator.sample(plain_things, _THINGS)


def nonsense(count: int, generator: random.Random) -> list[str]:
    """Strings of letters that mean nothing, one to three together."""
    words = ["".join(generator.choices(_LETTERS, k=generator.randint(3, 9))) for _ in range(3 * count)]
    return [" ".join(words[3 * i : 3 * i + generator.randint(1, 3)]) for i in range(count)]


def plain_sentences(count: int, generator: random.Random) -> list[str]:
    """People doing what moves no face."""
    parts = [part.split("|") for part in _PLAIN]
    return [plain(" ".join(generator.choice(part) for part in parts)) for _ in range(count)]


def framed(text: str, generator: random.Random) -> str:
    """The text as part of something longer that says no more."""
    return generator.choice(_FRAMES.split("|")).format(text)


def misspelt(word: str, generator: random.Random) -> str:
    """One slip of the fingers."""
    if len(word) < 4:
        return word
    i = generator.randrange(1, len(word) - 1)
    return generator.choice(
        [
            word[:i] + word[i + 1 :],
            word[:i] + word[i] + word[i:],
            word[:i] + word[i + 1] + word[i] + word[i + 2 :],
            word[:i] + generator.choice("etaoinsr") + word[i + 1 :],
        ]
    )


def vocabulary(common: Iterable[str], corpus: Corpus, texts: list[str], size: int) -> list[str]:
    """Known words, those of anchors and phrases first: a misspelt word is taken for the first that is near.

    Then those of `common`, commonest first, that `texts` use at all, then what else `texts` use often.
    """
    ours = dict.fromkeys(word for text in corpus.texts for word in split(text))
    seen: dict[str, int] = {}
    for text in texts:
        for word in split(text):
            seen[word] = seen.get(word, 0) + 1
    usual = [word for word in common if len(word) > 1 and seen.get(word, 0) > 0]
    often = [word for word in sorted(seen, key=lambda word: -seen[word]) if seen[word] > 2]
    named = [word for word in (*usual, *often) if word.isalpha() and word.isascii()]
    return list(dict.fromkeys([*ours, *named]))[:size]
