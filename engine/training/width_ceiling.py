"""What more faces to learn from would bring the width of lips: a look ahead, of which nothing ships.

python -m engine.training.width_ceiling --data ../shared/data --cache ../cache/atom

For each person of the development clips, a ridge regression from what AToM and the phone table say of the lips (three frames
around) to the real width is learned from all the other people, and measured on them. AToM itself may not: those clips only
measure. What it gains is what another way of weighing the same evidence could gain at best.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.motion.atom.model import load_model
from engine.training.evaluate_atom import Heard, Hearing, atom, dev_clips, middle, table
from engine.training.lip_figures import Lips, correlation, interval, speech

AROUND = range(-3, 4)  # frames
PENALTIES = (0.01, 0.1, 1.0, 5.0)  # of the ridge, for features and widths of unit variance


@dataclass(frozen=True)
class Evidence:
    """One clip's frames of speech: `told` [N, F] what is said of the lips, `width` [N] the real one, both standardised; `own`
    [N] AToM's width."""

    person: str
    told: np.ndarray
    width: np.ndarray
    own: np.ndarray


def person_of(name: str) -> str:
    """Who is seen in a clip of this name: VidTIMIT's show one person, each of the others another."""
    return "fadg0" if "fadg0" in name else name


def evidence(one: Heard, drawn: Lips, tabled: Lips) -> Evidence:
    """What is known of a clip."""
    level = one.clip.level
    frames = min(len(level), len(one.clip.lips.width), len(drawn.width))
    talking = speech(level)[:frames]
    talking &= np.isfinite(one.clip.lips.width[:frames])
    rows = [drawn.opening, drawn.width, tabled.opening, tabled.width, level]
    told = np.stack([np.roll(row[:frames], shift) for row in rows for shift in AROUND], axis=1)[talking]
    width = one.clip.lips.width[:frames][talking]
    return Evidence(person_of(one.clip.name), _standard(told), _standard(width), drawn.width[:frames][talking])


def from_others(one: Evidence, everybody: list[Evidence], penalty: float) -> np.ndarray:
    """Its width [N] as the others' clips would have it, each person counting alike."""
    others = [other for other in everybody if other.person != one.person]
    count = {person: sum(other.person == person for other in others) for person in {other.person for other in others}}
    square = sum(o.told.T @ o.told / len(o.told) / count[o.person] for o in others) / len(count)
    product = sum(o.told.T @ o.width / len(o.told) / count[o.person] for o in others) / len(count)
    return np.asarray(one.told @ np.linalg.solve(square + penalty * np.eye(one.told.shape[1]), product))


def _standard(rows: np.ndarray) -> np.ndarray:
    return np.asarray((rows - rows.mean(axis=0)) / rows.std(axis=0))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    options = parser.parse_args()
    hearing = Hearing(options.cache / "phones_dev.pkl")
    draw = atom(load_model(None))
    heard = dev_clips(options.data, options.cache, hearing)
    takes = [(middle(draw(o.clip.mono, o.alone, False)), table(o.clip.mono, o.alone, False)[0]) for o in heard]
    found = [evidence(one, *lips) for one, lips in zip(heard, takes, strict=True)]
    alike = [correlation(one.own, one.width, np.ones(len(one.width), bool)) for one in found]
    print("AToM's own width: {:.3f} +-{:.3f}".format(*interval(alike)))
    for penalty in PENALTIES:
        guesses = [(from_others(one, found, penalty), one.width) for one in found]
        alike = [correlation(guess, width, np.ones(len(width), bool)) for guess, width in guesses]
        print("weighed as others' clips would have it, penalty {}: {:.3f} +-{:.3f}".format(penalty, *interval(alike)))
