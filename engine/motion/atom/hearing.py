"""The ear as a recogniser: phones from sound alone, in any language, with an ear for lips that close.

It knows few voices, and recognition by an English phone loop knows many but one language: each corrects the other. Together
they find more of the /p b m/ of voices that trained nothing than either does, and err less often than recognition. What is
recognised is recognised three times, at other speeds, which are other throats, too: a mistake is seldom made thrice.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from engine.motion.atom.listening import FPS, Speech, labels_at
from engine.motion.atom.network import LABELS, TOKENS, UNTOLD, Atom
from engine.motion.features import RATE
from engine.motion.phones import PLAIN, Phone

_CHANGE = 2.0  # nats that it costs to go on to another phone: none lasts a single token without good reason
_CLOSED = 1.0  # nats in favour of phones that bring lips together: a missed one shows more than a false one
_RECOGNISED = 2.0  # nats in favour of what was recognised, half of it a token to either side
_CLOSING = np.isin(LABELS, ["P", "B", "M"])
SPEEDS = (PLAIN, (10, 9), (9, 10))  # at which the sound is recognised


def heard_phones(network: Atom, mono: np.ndarray, recognised: Sequence[list[Phone]]) -> list[Phone]:
    """Phones of `mono` (float32 [N], 16 kHz), contiguous from 0 to its end. `recognised`: what recognition takes them
    for, at each of some speeds."""
    seconds = len(mono) / RATE
    speech = Speech(mono, recognised[0], UNTOLD)
    step = float(1 / (TOKENS * FPS))
    scores = speech.logits(network).log_softmax(1).numpy() + _CLOSED * _CLOSING
    beliefs = sum(_beliefs(phones, len(scores), step) for phones in recognised) / len(recognised)
    runs = likeliest(scores + _RECOGNISED * beliefs)
    phones = [Phone(first * step, min(end * step, seconds), LABELS[label]) for first, end, label in runs]
    kept = [phone for phone in phones if phone.end > phone.start]
    return [*kept[:-1], Phone(kept[-1].start, seconds, kept[-1].label)]


def _beliefs(phones: list[Phone], count: int, step: float) -> np.ndarray:
    """[count, P]: 1 for the phone at each moment, half of it for those a `step` in seconds before and after."""
    labels = np.pad(labels_at(phones, (np.arange(count) + 0.5) * step), 1, mode="edge")
    believed = np.zeros((count, len(LABELS)))
    for shift, weight in enumerate((0.5, 1.0, 0.5)):
        believed[np.arange(count), labels[shift : shift + count]] += weight
    return np.minimum(believed, 1)


def likeliest(scores: np.ndarray) -> list[tuple[int, int, int]]:
    """The best path through log probabilities [N, P] when every change costs the same: (first, end, label) of its runs.

    Viterbi's algorithm; with one cost for all changes, the best way to come from elsewhere is the best of all.
    """
    total = scores[0].astype(float)
    came = np.empty(scores.shape, np.int16)
    for i in range(1, len(scores)):
        best = int(total.argmax())
        moved = total[best] - _CHANGE
        came[i] = np.where(total >= moved, np.arange(len(total)), best)
        total = np.maximum(total, moved) + scores[i]
    path = [int(total.argmax())]
    for i in range(len(scores) - 1, 0, -1):
        path.append(int(came[i, path[-1]]))
    labels = np.array(path[::-1])
    edges = [0, *(np.flatnonzero(np.diff(labels)) + 1).tolist(), len(labels)]
    return [(first, end, int(labels[first])) for first, end in pairwise(edges)]
