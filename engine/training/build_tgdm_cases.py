"""Collects what the denoiser learns from: faces in pictures, and some frames of each clip. Kept outside the repository.

python -m engine.training.build_tgdm_cases --data ../shared/data --out ../cache/tgdm/cases --kind pictures
python -m engine.training.build_tgdm_cases --data ../shared/data --out ../cache/tgdm/cases --kind clips --step 4
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.face.fit import fit_face
from engine.face.head_model import load_head_model
from engine.face.landmarks import FaceFinder
from engine.face.tracking import Track
from engine.media.image import read_image
from engine.media.video import probe, read_frames
from engine.project.channels import INDEX
from engine.render.tgdm.pairs import track_clip
from engine.training.tgdm_cases import Case, CaseWriter, jpeg_of
from engine.training.track_grid import clips

PICTURES = ("sfhq", "congress")
SMALLEST = 55  # pixels between the eyes: a smaller face has no teeth to learn from
PAIRS = 4  # of neighbouring frames of each clip


def cases_of_pictures(data: Path, step: int) -> Iterator[Case]:
    """A case a picture, in a fixed random order."""
    paths = [path for folder in PICTURES for path in sorted((data / "train" / folder).glob("*.jpg"))]
    order = np.random.default_rng(0).permutation(len(paths))
    model = load_head_model()
    with FaceFinder() as finder:
        for number in range(0, len(order), step):
            path = paths[order[number]]
            faces = finder.find(read_image(path).rgb)
            fit = fit_face(faces[0], model) if faces else None
            if fit is not None and fit.pose.scale > SMALLEST:
                yield Case.of(number, [path.read_bytes()], [fit])


def cases_of_clips(data: Path, step: int) -> Iterator[Case]:
    """A case a clip of GRID speaker 1, in a fixed random order."""
    paths = clips(data)
    for number in range(0, len(paths), step):
        frames = list(read_frames(paths[number]))
        track = track_clip(frames, probe(paths[number]).rate)
        picked = telling_frames(track, np.random.default_rng(number))
        yield Case.of(number, [jpeg_of(frames[i]) for i in picked], [track.fit(i) for i in picked])


def telling_frames(track: Track, rng: np.random.Generator) -> list[int]:
    """A portrait, mostly with a shut mouth, then pairs of neighbours, mostly with an open one or with shut eyes."""
    gape = np.linalg.norm((track.landmarks[:, 13] - track.landmarks[:, 14])[:, :2], axis=1) / track.poses[:, 3]
    blink = track.values[:, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]].mean(1)
    usable = np.flatnonzero(track.visible[1:] & track.visible[:-1]) + 1
    some = rng.choice(usable, 3)
    weight = (0.03 + gape + 0.3 * blink)[usable]
    later = rng.choice(usable, min(PAIRS, len(usable)), replace=False, p=weight / weight.sum())
    return [int(some[np.argmin((gape + blink)[some])]), *(int(i) for late in later for i in (late - 1, late))]


MAKERS = {"pictures": cases_of_pictures, "clips": cases_of_clips}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kind", choices=list(MAKERS), required=True)
    parser.add_argument("--step", type=int, default=1, help="take every so manieth")
    arguments = parser.parse_args()
    with CaseWriter(arguments.out, arguments.kind) as writer:
        for done, case in enumerate(MAKERS[arguments.kind](arguments.data, arguments.step), 1):
            writer.add(case)
            if done % 50 == 0:
                print(done, flush=True)
