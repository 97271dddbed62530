"""Eyes and mouths that shut exactly: rims brought together by amounts made for this one portrait."""

from dataclasses import dataclass

import numpy as np

from engine.render.topology import Slit

SHUT = 0.02  # IOD; lips pictured closer than this are closed
OPEN = 0.2  # openness at rest below which the eye counts as pictured closed
ASLEEP = 0.015  # IOD; or with a mean opening below this
NEARLY = 0.03  # IOD; below this opening, lips also slide onto each other sideways


@dataclass(frozen=True)
class Share:
    """Who moves when the gap changes: the upper rim's part, and how much of a rim's motion the rings behind it share."""

    upper: float
    above: tuple[float, ...]
    below: tuple[float, ...]


LIPS = Share(0.3, (0.85, 0.6), (0.85, 0.7))
LIDS = Share(0.85, (0.45, 0.08), (0.6, 0.2))


def gaps(points: np.ndarray, slit: Slit, down: np.ndarray) -> np.ndarray:
    """How far the lower rim lies below the upper, pair by pair: [..., N, 3] points -> [..., P]; `down` a unit vector [3]."""
    return (points[..., slit.lower[1:-1], :] - points[..., slit.upper[1:-1], :]) @ down


def shut_rims(points: np.ndarray, slit: Slit, down: np.ndarray, unit: float) -> np.ndarray:
    """Landmarks of a picture, cleaned: no pair of rims crossed, and lips that are all but closed exactly closed."""
    gap = gaps(points, slit, down)
    together = (gap <= 0) | (gap.mean() < SHUT * unit)
    cleaned = points.copy()
    upper, lower = np.array(slit.upper[1:-1])[together], np.array(slit.lower[1:-1])[together]
    cleaned[upper] = cleaned[lower] = (points[upper] + points[lower]) / 2
    return cleaned


def open_to(points: np.ndarray, slit: Slit, down: np.ndarray, gap: np.ndarray, side: np.ndarray, share: Share) -> None:
    """Move the rims in `points` [N, 3] (in place) until they lie `gap` [P] apart; the rings behind them follow.

    Args:
        side: [P] in 0..1, how much of the rims' offset across `down` to keep: 0 puts one exactly onto the other.
    """
    upper, lower = list(slit.upper[1:-1]), list(slit.lower[1:-1])
    apart = points[lower] - points[upper]
    along = apart @ down
    wanted = gap[:, None] * down + side[:, None] * (apart - along[:, None] * down)
    change = (wanted - apart).astype(np.float32)
    for rim, rings, weights, part in (
        (upper, slit.above, share.above, -share.upper),
        (lower, slit.below, share.below, 1 - share.upper),
    ):
        points[rim] += part * change
        for ring, weight in zip(rings, weights, strict=True):
            points[list(ring)] += part * weight * change
    if not gap.any():
        points[lower] = points[upper]


@dataclass(frozen=True)
class LipGaps:
    """Lip opening of one portrait: `modelled` is what the head model says, `pictured` what the picture shows (IOD)."""

    pictured: np.ndarray  # [P]
    at_rest: np.ndarray  # [P] the model's opening with the portrait's own expression

    def wanted(self, modelled: np.ndarray) -> np.ndarray:
        """[P] opening for the model's opening [P]: 0 where the model's is 0, the pictured one where it is `at_rest`."""
        if not self.pictured.any():
            return np.maximum(modelled - np.maximum(self.at_rest, 0), 0)
        rest = max(float(self.at_rest.mean()), 0.2 * float(self.pictured.mean()))
        near = np.clip(modelled.mean() / rest, 0, 1)
        return np.maximum(modelled + (self.pictured - self.at_rest) * near, 0)


@dataclass(frozen=True)
class LidGaps:
    """Lid opening of one eye of one portrait. The model's `openness` is 1 for a neutral face; a full blink makes it 0."""

    pictured: np.ndarray  # [P] IOD
    blink: int  # the channel that shuts this eye, whatever else the face does
    widening: np.ndarray  # [E] change of openness by each expression channel at 1
    at_rest: float  # openness of the portrait's own expression

    @classmethod
    def of(cls, pictured: np.ndarray, blink: int, neutral: float, at_one: np.ndarray, rest: np.ndarray) -> "LidGaps":
        """From the model's mean openings: `neutral`, and [E] `at_one` with one channel at 1; `rest` [E] the expression."""
        widening = np.clip(at_one / max(neutral, 1e-6) - 1, -0.7, 0.7)
        widening[blink] = 0
        return cls(pictured, blink, widening, _openness(rest, blink, widening))

    def wanted(self, expression: np.ndarray) -> np.ndarray:
        """[P] opening for an expression [E]: the pictured one at rest. An eye pictured closed never opens further."""
        openness = _openness(expression, self.blink, self.widening)
        if self.at_rest < OPEN or self.pictured.mean() < ASLEEP:
            return self.pictured * min(1.0, openness / max(self.at_rest, 1e-3))
        return self.pictured * (openness / self.at_rest)


def _openness(expression: np.ndarray, blink: int, widening: np.ndarray) -> float:
    return float((1 - expression[blink]) * max(0.1, 1 + expression @ widening))
