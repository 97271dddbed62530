"""From an embedding to shares of faces: kernel regression over the anchors, for whichever encoder made them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from engine.text.anchors import anchors

_WIDTHS = (
    0.015,
    0.025,
    0.04,
    0.06,
    0.09,
    0.13,
    0.2,
)  # of the kernel, in cosine; which one suits the encoder is measured
_CENTRE = 0.8  # how much of the anchors' mean is taken out: it is what all texts share, and in CLIP nearly everything
_SHARPER = 1.6  # power on the shares: a face between many faces is none
_LEAST = 0.12  # of the largest share; below it a face is noise


class TextEncoder(Protocol):
    """Anything that turns texts into unit rows."""

    @property
    def name(self) -> str:
        """Which encoder and which weights, for caches and messages."""

    def __hash__(self) -> int:
        """By identity: the anchors are embedded once for each encoder."""

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Unit rows, float32 [N, D]."""

    def familiar(self, text: str) -> float:
        """How much of a text it has ever seen the words of, 0..1."""


@dataclass(frozen=True)
class Reading:
    """What one text means: `faces` float32 [F] shares that sum to 1 (0 when nothing is felt), `strength` 0..1 how
    strongly, `confidence` 0..1, and the nearest anchors with their similarity, best first.
    """

    faces: np.ndarray
    strength: float
    confidence: float
    nearest: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Mapping:
    """Anchors as one encoder sees them: `rows` float32 [N, D] unit, less `centre` [D]; kernel `width`; `low`, `high`:
    the best similarity of a text that is nowhere near, and of one that is at home.
    """

    rows: np.ndarray
    centre: np.ndarray
    width: float
    low: float
    high: float

    def read(self, embeddings: np.ndarray, nearest: int = 5) -> list[Reading]:
        """One reading a row of `embeddings`, float32 [N, D]."""
        likeness = _unit(embeddings - self.centre) @ self.rows.T
        return [self._read(row, nearest) for row in likeness]

    def _read(self, likeness: np.ndarray, nearest: int) -> Reading:
        table = anchors()
        weight = np.exp((likeness - likeness.max()) / self.width)
        mean = (weight / weight.sum()) @ table.faces
        felt = mean.copy()
        felt[:2] = 0  # "none", the rows that speak of no face, and "neutral"
        known = float(np.clip((likeness.max() - self.low) / (self.high - self.low), 0, 1))
        shares = np.where(felt >= _LEAST * max(float(felt.max()), 1e-9), felt, 0) ** _SHARPER
        facing = 1 - float(mean[0] / max(float(mean.sum()), 1e-9))
        order = np.argsort(-likeness)[:nearest]
        return Reading(
            shares / max(float(shares.sum()), 1e-9),
            float(felt.sum()) * known,
            facing * known,
            tuple((table.texts[i], round(float(likeness[i]), 3)) for i in order),
        )


@lru_cache(maxsize=4)
def mapping(encoder: TextEncoder) -> Mapping:
    """The anchors embedded by `encoder`, with the kernel width under which each anchor is best told from the others.

    Leave-one-out likelihood of the anchors' faces over a few widths: Nadaraya-Watson regression's usual choice.
    """
    table = anchors()
    raw = encoder.embed(table.texts)
    centre = raw.mean(axis=0) * _CENTRE
    rows = _unit(raw - centre)
    likeness = rows @ rows.T
    np.fill_diagonal(likeness, -1)
    target = table.faces / table.faces.sum(axis=1, keepdims=True)
    scores = [_likelihood(likeness, target, width) for width in _WIDTHS]
    best = likeness.max(axis=1)
    low, high = np.percentile(best, [2, 35])
    return Mapping(rows, centre, _WIDTHS[int(np.argmax(scores))], float(low) * 0.7, float(high))


def _likelihood(likeness: np.ndarray, target: np.ndarray, width: float) -> float:
    weight = np.exp((likeness - likeness.max(axis=1, keepdims=True)) / width)
    found = (weight / weight.sum(axis=1, keepdims=True)) @ target
    return float(np.log((found * target).sum(axis=1) + 1e-3).mean())


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
