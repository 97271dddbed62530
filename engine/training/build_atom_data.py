"""Builds what AToM is trained on, outside the repository; what is there already is not made again.

python -m engine.training.build_atom_data --data ../shared/data --cache ../cache/atom

Real sound with its real face (GRID speaker 1), and speech without a face, read and synthetic, whose lips are put together from
snippets of that face's motion (atom_snippets.py). One GRID clip in twelve is kept for measuring, and one voice in ten.
"""

import argparse
import pickle
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine.media.audio import read_mono
from engine.motion.atom.face_space import HEAD, MOUTH, UPPER, FaceSpace
from engine.motion.features import RATE
from engine.project.timing import DEFAULT_RATE, frame_count
from engine.training.atom_faces import Hearing, Speaking, learn_space, speaking
from engine.training.atom_pack import Packer
from engine.training.atom_snippets import Library
from engine.training.atom_voices import Utterance, recordings, synthetic

LIPS, FACE = 12, 8  # directions of the mouth and of the upper face
INNER = dict.fromkeys((13, 14, 82, 87, 312, 317, 81, 178, 311, 402, 61, 291, 78, 308), 4.0)  # count more
TURN = np.array([2.0, 2.0, 1.0, 0.03, 0.03])  # degrees and eye distances that are one unit of the head's motion
HELD = 12  # of so many clips one is kept for measuring
UNHEARD = ("flite/rms", "espeak/pl", "espeak/hi", "read/spk2")  # beginnings of names that are, too


def build(data: Path, cache: Path) -> None:
    """Writes `cache`/pack and `cache`/spaces.pkl."""
    cache.mkdir(parents=True, exist_ok=True)
    hearing = Hearing(cache / "phones.pkl")
    faces = list(speaking(data, cache, hearing))
    hearing.save()
    residual = np.concatenate([clip.residual for clip in faces])
    lips, upper = learn_space(residual, MOUTH, LIPS, INNER), learn_space(residual, UPPER, FACE, {})
    (cache / "spaces.pkl").write_bytes(pickle.dumps({"lips": vars(lips), "upper": vars(upper), "turn": TURN}))
    packer = Packer()
    for number, clip in enumerate(faces):
        above = upper_motion(clip, upper)
        mouth = lips.coordinates(clip.residual)
        sounds = (clip.aligned, clip.heard)
        packer.add(f"grid/{clip.name}", clip.mono, sounds, mouth, above, True, number % HELD == 0)
    seen = [(lips.coordinates(c.residual), c.aligned) for i, c in enumerate(faces) if i % HELD]
    add_voices(packer, Library(seen, lips.spread), data, cache, hearing)
    packer.write(cache / "pack")


def add_voices(packer: Packer, library: Library, data: Path, cache: Path, hearing: Hearing) -> None:
    """Speech without a face, its lips from the library; what was heard is kept, so that it may be stopped and run again."""
    dice = np.random.default_rng(0)
    for number, said in enumerate(voices(data, cache / "deb", hearing)):
        frames = frame_count(Fraction(len(said.mono), RATE), DEFAULT_RATE)
        mouth = library.perform(said.phones, frames, dice)
        sounds = (said.phones, hearing.phones(said.mono))
        held = said.name.startswith(UNHEARD)
        packer.add(said.name, said.mono, sounds, mouth, np.zeros((frames, FACE + len(HEAD))), False, held)
        if number % 50 == 0:
            hearing.save()
            print(number, said.name, flush=True)
    hearing.save()


def voices(data: Path, folder: Path, hearing: Hearing) -> Iterator[Utterance]:
    """Read speech, then synthetic; `folder` holds the unpacked Debian packages."""
    for name, path, text, phones in recordings(data):
        mono = read_mono(path, RATE)
        found = phones or hearing.phones(mono, text)
        if len(found) > 3:
            yield Utterance(name, mono, found)
    yield from synthetic(next(folder.rglob("data.verb")).parent)


def upper_motion(clip: Speaking, space: FaceSpace) -> np.ndarray:
    """Coordinates of brows and lids, then the head's pose, [T, FACE + 5]."""
    assert clip.head.shape[1] == len(HEAD)
    return np.concatenate([space.coordinates(clip.residual), clip.head / TURN], axis=1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    arguments = parser.parse_args()
    build(arguments.data, arguments.cache)
