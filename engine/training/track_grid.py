"""Tracks the 1,000 clips of GRID speaker 1: what a real mouth does, beside what it says. Kept outside the repository.

python -m engine.training.track_grid --data ../shared/data --cache ../cache

One `.npy` a clip: channel values of every frame, float32 [T, 52]. Clips that are there already are skipped, so it can be
stopped and run again. The clip that is also a development clip is left out, and any in which the face is lost.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.face.fit import fit_face, fit_frame
from engine.face.head_model import Person, load_head_model
from engine.face.landmarks import LandmarkTracker
from engine.media.video import read_frames

CORPUS = Path("train") / "grid_s1"
MEASURED = "bbaf2n"  # also in data/video, and so never learned from
FRAMES = 75  # in each clip: 3 s at 25 a second
FACES = 25  # clips whose first frame says what the speaker looks like


def clips(data: Path) -> list[Path]:
    """The videos to learn from, in an order that does not depend on the sentences (neighbouring names are alike)."""
    paths = sorted(path for path in (data / CORPUS / "video").glob("*.mp4") if path.stem != MEASURED)
    order = np.random.default_rng(0).permutation(len(paths))
    return [paths[i] for i in order]


def words_of(video: Path) -> str:
    """What is said in a clip."""
    lines = (video.parents[1] / "align" / f"{video.stem}.align").read_text(encoding="utf-8").splitlines()
    words = [line.split()[2] for line in lines if line]
    return " ".join(word for word in words if word not in ("sil", "sp"))


def track_grid(data: Path, cache: Path) -> Iterator[str]:
    """Writes what is missing in `cache`; yields the name of every clip as it is done."""
    cache.mkdir(parents=True, exist_ok=True)
    paths = clips(data)
    with LandmarkTracker() as tracker:
        speaker = _speaker([face for path in paths[:FACES] for face in _landmarks(path, tracker)[:1]])
        for path in paths:
            target = cache / f"{path.stem}.npy"
            faces = [] if target.exists() else _landmarks(path, tracker)
            if faces:
                partial = target.with_suffix(".part.npy")
                np.save(partial, _expressions(faces, speaker))
                partial.rename(target)
            yield path.stem


def _speaker(faces: list[np.ndarray]) -> Person:
    model = load_head_model()
    return model.person(np.mean([fit_face(face, model).identity for face in faces], axis=0))


def _landmarks(path: Path, tracker: LandmarkTracker) -> list[np.ndarray]:
    """The face in every frame, or nothing if it is lost in any."""
    faces = [face for rgb in read_frames(path) if (face := tracker.track(rgb)) is not None]
    return faces if len(faces) == FRAMES else []


def _expressions(faces: list[np.ndarray], speaker: Person) -> np.ndarray:
    fit = fit_frame(faces[0], speaker)
    values = []
    for face in faces:
        fit = fit_frame(face, speaker, fit, rounds=2)
        values.append(fit.expression)
    return np.array(values, np.float32)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    arguments = parser.parse_args()
    for number, name in enumerate(track_grid(arguments.data, arguments.cache / "grid_s1"), 1):
        print(f"{number} {name}", flush=True)
