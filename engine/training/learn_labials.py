"""Trains the second hearing for /p b m/ (engine/motion/labials.py) on speech whose text is known; a minute.

python -m engine.training.learn_labials --data ../shared/data -o resources/labials.npz

Read speech of some ten voices (data/train/speech) and one GRID speaker, aligned to their texts; every pass hears them through
other vocal tracts, microphones and noises.
"""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.media.audio import read_mono
from engine.motion.features import BANDS, RATE, balanced, band_energies
from engine.motion.labials import CONTEXT, Ear
from engine.motion.phones import recognise
from engine.training.track_grid import clips, words_of

HIDDEN = 32
PASSES, BATCH, STEP = 10, 512, 2e-3
READ, GRID = 8, 100  # times that the read speech is heard in each pass; GRID clips in each pass
WARP, NOISE = 0.2, (-4.0, -1.3)  # as in learn_visemes
COLOUR = 0.12  # how far a microphone lifts a band, in tens of dB


@dataclass(frozen=True)
class Utterance:
    """Sound, and which of its 10-ms frames belong to /p b m/."""

    mono: np.ndarray
    labial: np.ndarray


def utterances(spoken: Iterator[tuple[Path, str]]) -> list[Utterance]:
    """Recordings with their texts, aligned."""
    found = []
    for path, text in spoken:
        mono = read_mono(path, RATE)
        labial = np.zeros(len(mono) // 160, np.float32)
        for phone in recognise(mono, text):
            if phone.label in ("P", "B", "M"):
                labial[round(phone.start * 100) : round(phone.end * 100)] = 1
        found.append(Utterance(mono, labial))
    return found


def read_speech(data: Path) -> Iterator[tuple[Path, str]]:
    """The recordings of data/train/speech whose text is known."""
    folder = data / "train" / "speech"
    with (folder / "MANIFEST.tsv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            if row["text"]:
                yield folder / row["file"], row["text"]


def learn(read: list[Utterance], grid: list[Utterance]) -> Ear:
    """Adam (Kingma and Ba 2015) on the cross-entropy."""
    dice = np.random.default_rng(0)
    size = len(CONTEXT) * BANDS
    weights = [
        dice.normal(0, 1 / np.sqrt(size), (size, HIDDEN)),
        np.zeros(HIDDEN),
        dice.normal(0, 1 / np.sqrt(HIDDEN), HIDDEN),
        np.array(-3.0),
    ]
    means, squares = ([np.zeros_like(weight) for weight in weights] for _ in range(2))
    steps = 0
    for done in range(PASSES):
        picked = [grid[i] for i in dice.permutation(len(grid))[:GRID]]
        frames, centres, labial = _examples(read * READ + picked, dice)
        order = dice.permutation(len(centres))
        for batch in np.split(order[: len(order) // BATCH * BATCH], len(order) // BATCH):
            seen = frames[centres[batch][:, None] + CONTEXT].reshape(BATCH, size)
            steps += 1
            rate = STEP * (1 - done / PASSES) * np.sqrt(1 - 0.999**steps) / (1 - 0.9**steps)
            for i, slope in enumerate(_slopes(weights, seen, labial[batch])):
                means[i] = 0.9 * means[i] + 0.1 * slope
                squares[i] = 0.999 * squares[i] + 0.001 * slope**2
                weights[i] = weights[i] - rate * means[i] / (np.sqrt(squares[i]) + 1e-8)
        print(f"pass {done + 1} of {PASSES}", flush=True)
    first, first_offset, second, second_offset = (weight.astype(np.float32) for weight in weights)
    return Ear(first, first_offset, second, float(second_offset))


def _examples(heard: list[Utterance], dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All frames, each utterance through a throat, a noise and a microphone of its own; where they are; what they are."""
    frames, centres, labial, begin = [], [], [], -int(CONTEXT[0])
    for utterance in heard:
        bands = band_energies(utterance.mono, float(np.exp(dice.uniform(-WARP, WARP))))
        noise = np.percentile(bands, 95, axis=0) * dice.uniform(0.3, 1.7, BANDS)
        seen = balanced(bands + 10 ** dice.uniform(*NOISE) * noise) + dice.normal(0, COLOUR, BANDS).astype(np.float32)
        frames.append(np.pad(seen, ((-CONTEXT[0], CONTEXT[-1]), (0, 0)), mode="edge"))
        centres.append(begin + np.arange(len(seen)))
        labial.append(utterance.labial[: len(seen)])
        begin += len(frames[-1])
    return np.concatenate(frames), np.concatenate(centres), np.concatenate(labial)


def _slopes(weights: list[np.ndarray], seen: np.ndarray, labial: np.ndarray) -> list[np.ndarray]:
    """Gradient of the mean cross-entropy of one batch."""
    first, first_offset, second, second_offset = weights
    hidden = np.maximum(seen @ first + first_offset, 0)
    missed = (1 / (1 + np.exp(-(hidden @ second + second_offset))) - labial) / len(labial)
    back = missed[:, None] * second * (hidden > 0)
    return [seen.T @ back, back.sum(axis=0), hidden.T @ missed, missed.sum()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    videos = clips(arguments.data)
    ear = learn(
        utterances(read_speech(arguments.data)), utterances((video, words_of(video)) for video in videos[: 4 * GRID])
    )
    np.savez_compressed(arguments.output, **vars(ear))
