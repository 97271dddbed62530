"""Learns the viseme table from a real speaker: tracked GRID clips (track_grid.py) and what is said in them.

python -m engine.training.learn_visemes --data ../shared/data --cache ../cache -o resources/visemes.npz

Each clip counts twice: with the phones of its text, and with the phones recognised from its sound alone, so that the table
also suits what recognition mistakes. The sound is heard through vocal tracts of other lengths and through noise, so that the
reading of the spectrum suits other voices than this man's.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from engine.face.head_model import load_head_model
from engine.media.audio import read_mono
from engine.motion.features import BANDS, RATE, balanced, band_energies
from engine.motion.phones import LABELS as PHONES
from engine.motion.phones import SILENCE, Phone, recognise
from engine.motion.visemes import BREATH, TAPS, Neighbourhood, Visemes, dominance, neighbourhood, read_sound
from engine.project.channels import BY_NAME, INDEX, NAMES, in_group
from engine.training.track_grid import CORPUS, words_of

FPS = 25
LABELS = (*PHONES, BREATH)
# Phones that GRID lacks, and their like.
UNSEEN = {BREATH: SILENCE, "SH": "CH", "ZH": "JH", "NG": "K", "UH": "UW", "ER": "R", "OY": "OW"}
# What speech moves, by how the channels' names begin.
SHAPING = ("mouthSmile", "mouthStretch", "mouthFunnel", "mouthPucker")  # those that show in the lips' width
OPENING = ("jawOpen", "mouthClose", "mouthRoll", "mouthShrug", "mouthPress", "mouthLowerDown", "mouthUpperUp")
# How much larger than learned, opening and shaping: a mean of many mouths moves less than any of them, the fit takes away
# half of the width's changes, and this man's mouth opens less than most.
LIVELY = (1.6, 2.0)
PARTED = 0.5  # of the mean mouth while speaking: how far lips stay open in a short pause, which GRID has none of
VOICES = 3  # vocal tracts that each clip is heard through
WARP = 0.2  # log of their length, at most
NOISE = (-4.0, -1.5)  # power of a noise like speech, in tens of dB against the loud parts
REACH = 0.06  # seconds, where the search for the reach of a phone begins
LIPS_AND_CHIN = """
0 2 13 14 17 18 37 39 40 61 78 80 81 82 83 84 87 88 91 95 106 146 148 152 164 176 178 181 182 185 191 199 200
205 267 269 270 291 308 310 311 312 313 314 317 318 321 324 335 375 377 400 402 405 406 409 415 425
"""  # landmarks
MOUTH = [int(landmark) for landmark in LIPS_AND_CHIN.split()]
SEEN = np.array([20.0, 10.0])  # what the lips' opening and width count beside one landmark
EASE = 0.02  # pull of every channel towards 0, so that none works against another
CALM = 0.3  # weight of frames outside speech


@dataclass(frozen=True)
class Clip:
    """One sentence: `values` [T, M] change from the lips at rest, its phones heard in two ways, its sound."""

    values: np.ndarray
    takes: tuple[list[Phone], list[Phone]]
    mono: np.ndarray

    @property
    def times(self) -> np.ndarray:
        """Seconds of its frames."""
        return np.arange(len(self.values)) / FPS

    @property
    def weights(self) -> np.ndarray:
        """[T]: 1 in speech, less outside."""
        return np.where(_inside(self.takes[0], self.times, pause=False), 1.0, CALM)


def mouth_channels() -> tuple[str, ...]:
    """What the table speaks of."""
    return tuple(name for name in in_group("jaw", "mouth") if name.startswith(OPENING + SHAPING))


def read_clips(data: Path, tracked: Path) -> Iterator[Clip]:
    """Every clip that is tracked, in the order of their names."""
    columns = [INDEX[name] for name in mouth_channels()]
    partners = [INDEX[BY_NAME[name].partner or name] for name in mouth_channels()]
    for path in sorted(tracked.glob("??????.npy")):
        values = np.load(path)
        video = data / CORPUS / "video" / f"{path.stem}.mp4"
        mono = read_mono(video, RATE)
        aligned = recognise(mono, words_of(video))
        values = (values[:, columns] + values[:, partners]) / 2  # a table that knows no left and right
        rest = values[_inside(aligned, np.arange(len(values)) / FPS, pause=True)].mean(axis=0)
        yield Clip(from_rest(values - rest), (aligned, recognise(mono)), mono)


def from_rest(changes: np.ndarray) -> np.ndarray:
    """Channel values [T, M] in 0..1 that move a neutral mouth as `changes` [T, M], some negative, move another.

    This man's rest is not neutral, and a channel that is 0 at rest cannot go lower; others then do what it would have done.
    By accelerated projected gradient (Beck and Teboulle 2009).
    """
    rows = [NAMES.index(name) for name in mouth_channels()]
    shapes = load_head_model().expression[rows][:, MOUTH].reshape(changes.shape[1], -1)
    seen = np.sqrt(SEEN)[:, None] * lip_rows()
    normal = shapes @ shapes.T + seen.T @ seen
    step = 1 / (np.linalg.eigvalsh(normal)[-1] + EASE)
    found = ahead = np.clip(changes, 0, 1)
    for i in range(300):
        before = found
        found = np.clip(ahead - step * ((ahead - changes) @ normal + EASE * ahead), 0, 1)
        ahead = found + i / (i + 3) * (found - before)
    return found


def _inside(phones: list[Phone], times: np.ndarray, pause: bool) -> np.ndarray:
    """Which moments lie well inside a pause; or, not `pause`, in speech or within 0.1 s of it."""
    quiet = [p for p in phones if p.label == SILENCE]
    margin = 0.2 if pause else 0.1
    deep = np.any([(times > p.start + margin) & (times < p.end - margin) for p in quiet], axis=0)
    return deep if pause else ~deep


def learn(clips: list[Clip]) -> Visemes:
    """The table. Dominance is learned on what is seen of a mouth, the lips' opening and width; then targets for all channels."""
    nears = [neighbourhood(take, clip.times, LABELS) for clip in clips for take in clip.takes]
    near = Neighbourhood(
        *(np.concatenate([getattr(n, name) for n in nears]) for name in ("rows", "ahead", "away", "there"))
    )
    values = np.concatenate([clip.values for clip in clips for _ in clip.takes])
    weights = np.concatenate([clip.weights for clip in clips for _ in clip.takes])
    lips = values @ lip_rows().T
    strength, before, after = _dominance(near, lips / lips[weights == 1].std(axis=0), weights)
    target = _targets(near.rows, dominance(near, strength, before, after), values, weights)
    for label, like in UNSEEN.items():
        for array in (target, strength, before, after):
            array[LABELS.index(label)] = array[LABELS.index(like)]
    target[LABELS.index(BREATH)] = PARTED * values[weights == 1].mean(axis=0)
    lively = np.array([LIVELY[name.startswith(SHAPING)] for name in mouth_channels()])
    parts = (target * lively, strength, before, after, _sound(clips) * lively)
    arrays = (array.astype(np.float32) for array in parts)
    return Visemes(LABELS, mouth_channels(), *arrays)


def lip_rows() -> np.ndarray:
    """How each channel changes the opening and the width of the average head's lips, [2, M], in eye distances."""
    expression = load_head_model().expression[[NAMES.index(name) for name in mouth_channels()]]
    return np.stack([expression[:, 13, 1] - expression[:, 14, 1], expression[:, 291, 0] - expression[:, 61, 0]])


def _dominance(near: Neighbourhood, lips: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Strength and reach, [P] each, with which the phones explain `lips` [T, 2] best, by L-BFGS."""
    phones, total = len(LABELS), weights.sum()
    rows = near.rows.ravel()

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        target, (strength, before, after) = x[: 2 * phones].reshape(phones, 2), x[2 * phones :].reshape(3, phones)
        share = dominance(near, strength, REACH * np.exp(before), REACH * np.exp(after))
        said = np.einsum("tk,tkm->tm", share, target[near.rows])
        missing = (said - lips) * weights[:, None] / total
        slope = share * np.einsum("tm,tkm->tk", missing, target[near.rows] - said[:, None])
        reach = REACH * np.exp(np.where(near.ahead, before[near.rows], after[near.rows]))
        wider = 2 * slope * (near.away / reach) ** 2
        parts = [slope, wider * near.ahead, wider * ~near.ahead]
        shapes = np.stack([np.bincount(rows, part.ravel(), phones) for part in parts])
        shapes += np.array([[0.02], [0.05], [0.05]]) / phones * (x[2 * phones :].reshape(3, phones))
        targets = [np.bincount(rows, (share * missing[:, m, None]).ravel(), phones) for m in range(2)]
        held = 0.5 * (missing * (said - lips)).sum() + 0.5 / phones * (
            0.02 * strength @ strength + 0.05 * (before @ before + after @ after)
        )
        return held, np.concatenate([np.stack(targets, axis=1).ravel(), shapes.ravel()])

    found = minimize(loss, np.zeros(5 * phones), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    strength, before, after = found[2 * phones :].reshape(3, phones)
    return strength, REACH * np.exp(before), REACH * np.exp(after)


def _targets(rows: np.ndarray, share: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Targets [P, M] by least squares; lips at rest are where all is counted from, so silence has none."""
    design = np.zeros((len(rows), len(LABELS)))
    for k in range(rows.shape[1]):
        design[np.arange(len(rows)), rows[:, k]] += share[:, k]
    design[:, LABELS.index(SILENCE)] = 0
    normal = (design * weights[:, None]).T @ design + np.eye(len(LABELS)) * 3
    return np.linalg.solve(normal, (design * weights[:, None]).T @ values)


def _sound(clips: list[Clip]) -> np.ndarray:
    """The linear reading of the spectrum, [F, M], by ridge regression."""
    dice = np.random.default_rng(0)
    size = len(TAPS) * BANDS + 1
    normal, answer = 15.0 * len(clips) * np.eye(size), np.zeros((size, clips[0].values.shape[1]))
    for clip in clips:
        weights = np.where(clip.weights == 1, 1, 0.1)[:, None]
        for _ in range(VOICES):
            bands = band_energies(clip.mono, float(np.exp(dice.uniform(-WARP, WARP))))
            noise = np.percentile(bands, 95, axis=0) * dice.uniform(0.3, 1.7, BANDS)
            read = read_sound(balanced(bands + 10 ** dice.uniform(*NOISE) * noise), clip.times)
            normal += read.T @ (read * weights)
            answer += read.T @ (clip.values * weights)
    return np.linalg.solve(normal, answer)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    table = learn(list(read_clips(arguments.data, arguments.cache / "grid_s1")))
    np.savez_compressed(arguments.output, **vars(table))
