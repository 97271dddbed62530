"""Makes the packs that the denoiser learns from. Kept outside the repository.

python -m engine.training.build_tgdm_pack --data ../shared/data --out ../cache/tgdm/packs --kind pictures
python -m engine.training.build_tgdm_pack --data ../shared/data --out ../cache/tgdm/packs --kind clips

Every twelfth clip or picture goes into a pack of its own, `held-*.npz`, which nothing is learned from.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.face.fit import fit_face
from engine.face.head_model import load_head_model
from engine.face.landmarks import FaceFinder
from engine.media.image import read_image
from engine.media.video import probe, read_frames
from engine.training.tgdm_pack import ORIGINS, PackWriter
from engine.training.tgdm_pairs import Pair, clip_pairs, picture_pair, track_clip
from engine.training.track_grid import clips

HELD = 12
PICTURES = ("sfhq", "congress")
SMALLEST = 55  # pixels between the eyes: a smaller face has no teeth to learn from


def pairs_of_pictures(data: Path, each: int, start: int, step: int) -> Iterator[tuple[int, Pair]]:
    """(number of the picture, pair), pictures in a fixed random order."""
    paths = [path for folder in PICTURES for path in sorted((data / "train" / folder).glob("*.jpg"))]
    order = np.random.default_rng(0).permutation(len(paths))
    model = load_head_model()
    with FaceFinder() as finder:
        for number in range(start, len(order), step):
            rgb = read_image(paths[order[number]]).rgb
            faces = finder.find(rgb)
            fit = fit_face(faces[0], model) if faces else None
            if fit is None or fit.pose.scale < SMALLEST:
                continue
            for variant in range(each):
                pair = picture_pair(rgb, fit, np.random.default_rng([number, variant]))
                if pair is not None:
                    yield number, pair


def pairs_of_clips(data: Path, each: int, start: int, step: int) -> Iterator[tuple[int, Pair]]:
    """(number of the clip, pair), clips of GRID speaker 1 in a fixed random order."""
    paths = clips(data)
    for number in range(start, len(paths), step):
        frames = list(read_frames(paths[number]))
        track = track_clip(frames, probe(paths[number]).rate)
        for pair in clip_pairs(frames, track, each, np.random.default_rng(number)):
            yield number, pair


def rows_of(pair: Pair, origin: str) -> Iterator[dict[str, np.ndarray]]:
    """A pack's rows of a pair: one for each region."""
    for region, (source, warped, truth) in enumerate(zip(pair.source, pair.warped, pair.truth, strict=True)):
        previous = pair.previous[region] if pair.previous else np.zeros_like(truth)
        yield {
            "truth": truth,
            "warp": warped.rgb,
            "geometry": warped.maps.geometry,
            "trust": warped.maps.trust,
            "previous": previous,
            "source": source.rgb,
            "source_geometry": source.maps.geometry,
            "region": np.array(region, np.uint8),
            "origin": np.array(ORIGINS.index(origin), np.uint8),
            "has_previous": np.array(pair.previous is not None, np.uint8),
        }


MAKERS = {"pictures": (pairs_of_pictures, "picture"), "clips": (pairs_of_clips, "clip")}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kind", choices=list(MAKERS), required=True)
    parser.add_argument("--each", type=int, default=2, help="pairs of each clip or picture")
    parser.add_argument("--start", type=int, default=0, help="number of the first clip or picture")
    parser.add_argument("--step", type=int, default=1, help="take every so manieth")
    parser.add_argument("--count", type=int, default=10**9, help="stop after so many pairs")
    arguments = parser.parse_args()
    maker, origin = MAKERS[arguments.kind]
    stem = f"{arguments.kind}-{arguments.start}-{arguments.step}"
    with PackWriter(arguments.out, f"learn-{stem}") as learned, PackWriter(arguments.out, f"held-{stem}") as held:
        for done, (number, pair) in enumerate(
            maker(arguments.data, arguments.each, arguments.start, arguments.step), 1
        ):
            for row in rows_of(pair, origin):
                (held if number % HELD == HELD - 1 else learned).add(row)
            if done % 50 == 0:
                print(done, number, flush=True)
            if done >= arguments.count:
                break
