"""Lips for speech without a face: snippets of a real mouth, chosen by phone and neighbours, joined and stretched to fit.

Unit selection (Hunt and Black 1996, "Unit selection in a concatenative speech synthesis system"), with a mouth for the voice:
the chain of snippets whose contexts differ least from those wanted and whose ends differ least from each other.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.motion.phones import SILENCE, Phone
from engine.training.atom_batches import cubic

FPS = 25
_CHOICE = 24  # snippets that are considered for a phone
_OTHER, _OTHER_KIND, _LENGTH, _JOIN = 0.35, 0.65, 0.5, 1.0  # costs: of a neighbour that differs, of length, of a jump
_EASE = 0.08  # seconds over which a jump is taken up on either side
_BREATH = 0.9  # seconds; in a longer pause the mouth may come to rest
_SHUT = 0.4  # how often lips close in a pause; else they stay where they are, more or less
LIKE = {"SH": "CH", "ZH": "JH", "NG": "N", "UH": "UW", "ER": "R", "OY": "OW"}  # what GRID lacks, and its like
KINDS = ["P B M", "F V", "W UW UH OW AO OY", "R ER SH ZH CH JH", "T D N S Z TH DH L", "K G NG HH Y", "SIL"]
KINDS += ["AA AE AY AW", "EH EY AH", "IY IH"]
_KIND = {label: i for i, labels in enumerate(KINDS) for label in labels.split()}
_HOLDS = ("P", "B", "M", "F", "V")  # what keeps its shape where it meets another


@dataclass(frozen=True)
class _Snippet:
    """A phone of a tracked clip: times in it, neighbours' labels, coordinates where it begins and ends."""

    clip: int
    start: float
    end: float
    before: str
    after: str
    ends: np.ndarray


class Library:
    """Snippets by phone, from clips' coordinates [T, K] and aligned phones. `spread` [K] says what a unit of each is worth."""

    def __init__(self, clips: list[tuple[np.ndarray, list[Phone]]], spread: np.ndarray) -> None:
        self._motion = [motion for motion, _ in clips]
        self._worth = spread / spread[0]
        self._known: dict[str, list[_Snippet]] = {}
        for i, (motion, phones) in enumerate(clips):
            labels = [SILENCE, *(phone.label for phone in phones), SILENCE]
            for phone, before, after in zip(phones, labels, labels[2:], strict=False):
                ends = cubic(motion, np.array([phone.start, phone.end]) * FPS)
                snippet = _Snippet(i, phone.start, phone.end, before, after, ends)
                self._known.setdefault(phone.label, []).append(snippet)

    def perform(self, phones: list[Phone], frames: int, dice: np.random.Generator) -> np.ndarray:
        """Coordinates [frames, K] for these phones."""
        said = [phone for phone in phones if phone.end > phone.start]
        chain = self._chain(said, dice)
        motion = np.zeros((frames, self._motion[0].shape[1]), np.float32)
        times = np.arange(frames) / FPS
        jumps: list[tuple[float, np.ndarray, float]] = []
        for i, (phone, snippet) in enumerate(zip(said, chain, strict=True)):
            own = (times >= phone.start) & (times < phone.end)
            share = (times[own] - phone.start) / (phone.end - phone.start)
            motion[own] = cubic(
                self._motion[snippet.clip], (snippet.start + share * (snippet.end - snippet.start)) * FPS
            )
            if i:
                firm = [p.label in _HOLDS for p in (said[i - 1], phone)]
                jumps.append((phone.start, snippet.ends[0] - chain[i - 1].ends[1], 0.5 + 0.5 * (firm[0] - firm[1])))
        self._pauses(motion, said, chain, times, dice)
        for at, jump, later in jumps:
            before, after = np.clip(1 - (at - times) / _EASE, 0, 1), np.clip(1 - (times - at) / _EASE, 0, 1)
            motion += np.where(times < at, (1 - later) * before, -later * after)[:, None] * jump
        return motion

    def _chain(self, said: list[Phone], dice: np.random.Generator) -> list[_Snippet]:
        """The cheapest chain, by Viterbi's algorithm."""
        labels = [SILENCE, *(phone.label for phone in said), SILENCE]
        choices = [self._choices(p, labels[i], labels[i + 2], dice) for i, p in enumerate(said)]
        total, back = choices[0][1], []
        for (last, _), (now, cost) in pairwise(choices):
            jump = np.stack([s.ends[1] for s in last])[:, None] - np.stack([s.ends[0] for s in now])
            sums = total[:, None] + _JOIN * np.linalg.norm(jump * self._worth, axis=2)
            back.append(sums.argmin(axis=0))
            total = sums.min(axis=0) + cost
        best = [int(total.argmin())]
        for row in reversed(back):
            best.append(int(row[best[-1]]))
        return [choice[0][i] for choice, i in zip(choices, reversed(best), strict=True)]

    def _choices(
        self, phone: Phone, before: str, after: str, dice: np.random.Generator
    ) -> tuple[list[_Snippet], np.ndarray]:
        found = self._known[phone.label if phone.label in self._known else LIKE[phone.label]]
        picked = [found[i] for i in dice.permutation(len(found))[:200]]
        costs = np.array(
            [
                _apart(s.before, before)
                + _apart(s.after, after)
                + _LENGTH * abs(np.log((s.end - s.start) / (phone.end - phone.start)))
                for s in picked
            ]
        )
        order = np.argsort(costs)[:_CHOICE]
        return [picked[i] for i in order], costs[order]

    def _pauses(
        self,
        motion: np.ndarray,
        said: list[Phone],
        chain: list[_Snippet],
        times: np.ndarray,
        dice: np.random.Generator,
    ) -> None:
        """In pauses inside the speech lips often stay parted; GRID has no such pauses, and so they are made up."""
        for i, phone in enumerate(said[1:-1], 1):
            if phone.label != SILENCE or phone.end - phone.start > _BREATH or dice.random() < _SHUT:
                continue
            own = (times >= phone.start) & (times < phone.end)
            share = ((times[own] - phone.start) / (phone.end - phone.start))[:, None]
            bend = 1 - dice.uniform(0, 0.6) * 4 * share * (1 - share)
            ends = chain[i - 1].ends[1], chain[i + 1].ends[0]
            motion[own] = (ends[0] + share * (ends[1] - ends[0])) * bend


def _apart(one: str, other: str) -> float:
    """What it costs to take one neighbour for the other."""
    if one == other:
        return 0.0
    return _OTHER if _KIND[one] == _KIND[other] else _OTHER_KIND + _OTHER
