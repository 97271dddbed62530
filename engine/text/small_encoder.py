"""The text encoder that ships: subword vectors and two attention layers, distilled; numpy alone, a few MB, under a
millisecond.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from engine.errors import ResourceError
from engine.resources import resource
from engine.text.plain import plain
from engine.text.words import FOREIGN, beginnings, corrected, related, runs, skeletons, split

HEADS = 4


class SmallEncoder:
    """`embed(texts)` gives unit rows, float32 [N, 128]. Made by `engine.training.train_text_encoder`."""

    name = "shipped"

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as file:
            if int(file["format"]) != 1:
                raise ResourceError(
                    f"{path.name} is of format {int(file['format'])}, this version reads 1: update Portrayal"
                )
            words = bytes(file["words"]).decode().split("\n")
            self._arrays = {name: _dequantised(file, name) for name in file.files if name.startswith("w.")}
        self._layers = sum(name.endswith("query.weight") for name in self._arrays)
        self._known = {word: i for i, word in enumerate(words)}
        self._begun, alike = beginnings(words), skeletons(words)
        self._spelt = lru_cache(4096)(lambda word: corrected(word, self._known, alike))

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Unit rows, float32 [N, D]. Texts of one length are read together, so that none is padded."""
        words = [split(plain(text)) or ["?"] for text in texts]
        lengths = np.array([len(row) for row in words], int)
        rows = np.zeros((len(texts), len(self._arrays["w.leave.weight"])), np.float32)
        for length in set(lengths.tolist()):
            some = np.flatnonzero(lengths == length)
            rows[some] = self._contextual(np.array([[self._word(word) for word in words[i]] for i in some]))
        return rows

    def familiar(self, text: str) -> float:
        """Share of its words, by letters, that were in what it learned from, are related or one slip away; 0..1."""
        words = [word for word in split(plain(text)) if len(word) > 1 or word in ("a", "i")]
        foreign = not FOREIGN.isdisjoint(words)
        known = [
            word for word in words if (word in self._known and word not in FOREIGN if foreign else self._knows(word))
        ]
        return sum(map(len, known)) / max(sum(map(len, words)), 1)

    def _knows(self, word: str) -> bool:
        once = re.sub(r"(.)\1+", r"\1", word)
        bare = re.sub(r"^(?:un|in|im|dis|non|re|over)", "", word)
        return any(self._meant(form) in self._known for form in (word, once, bare))

    def _meant(self, word: str) -> str:
        """The known word that this one is a slip of, or is made of; else itself."""
        spelt = self._spelt(word)
        return spelt if spelt in self._known else related(word, self._begun) or word

    def _word(self, word: str) -> np.ndarray:
        word = self._meant(word)
        subword = self._arrays["w.runs"][runs(word)].mean(axis=0)
        return subword + self._arrays["w.words"][self._known[word]] if word in self._known else subword

    def _contextual(self, x: np.ndarray) -> np.ndarray:
        """Word vectors [N, L, word] to unit rows [N, D]."""
        x = self._linear(x, "w.enter") + self._arrays["w.places"][: x.shape[1]]
        for layer in range(self._layers):
            x = x + self._attention(self._norm(x, f"w.{layer}.norm1"), f"w.{layer}.")
            hidden = np.maximum(self._linear(self._norm(x, f"w.{layer}.norm2"), f"w.{layer}.up"), 0)
            x = x + self._linear(hidden, f"w.{layer}.down")
        x = self._norm(x, "w.norm")
        pooled = np.einsum("nl,nld->nd", _softmax(self._linear(x, "w.share")[..., 0]), x)
        rows = self._linear(pooled, "w.leave")
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)

    def _attention(self, x: np.ndarray, name: str) -> np.ndarray:
        n, length, width = x.shape
        parts = [self._linear(x, name + part) for part in ("query", "key", "value")]
        query, key, value = (part.reshape(n, length, HEADS, -1).transpose(0, 2, 1, 3) for part in parts)
        seen = _softmax(query @ key.transpose(0, 1, 3, 2) / np.sqrt(width / HEADS)) @ value
        return self._linear(seen.transpose(0, 2, 1, 3).reshape(n, length, width), name + "join")

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self._arrays[name + ".weight"].T + self._arrays[name + ".bias"]

    def _norm(self, x: np.ndarray, name: str) -> np.ndarray:
        x = x - x.mean(axis=-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5)
        return x * self._arrays[name + ".weight"] + self._arrays[name + ".bias"]


def _softmax(x: np.ndarray) -> np.ndarray:
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    return x / x.sum(axis=-1, keepdims=True)


def _dequantised(file: np.lib.npyio.NpzFile, name: str) -> np.ndarray:
    """int8 rows times their scale, as float32; small arrays are kept as they are."""
    array = file[name]
    return (
        array * file[f"s.{name[2:]}"].astype(np.float32)[:, None]
        if array.dtype == np.int8
        else array.astype(np.float32)
    )


@cache
def shipped_encoder() -> SmallEncoder:
    """The encoder in `resources/emotion/encoder.npz`, loaded on first use."""
    return SmallEncoder(resource("emotion/encoder.npz"))
