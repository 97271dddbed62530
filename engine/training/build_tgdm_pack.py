"""Makes the packs that the denoiser learns from out of cases, on all cores asked for. Kept outside the repository.

python -m engine.training.build_tgdm_pack --cases ../cache/tgdm/cases --out ../cache/tgdm/packs --cores 2

Every twelfth clip or picture goes into a pack of its own, `held-*.npz`, which nothing is learned from.
"""

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from engine.face.head_model import load_head_model
from engine.render.tgdm.pairs import Pair, clip_pairs, picture_pair, rows_of
from engine.render.tgdm.regions import FACE, PIXELS, REGIONS, Region
from engine.training.tgdm_cases import TONGUES_OUT, Case, read_cases
from engine.training.tgdm_pack import ORIGINS, PackWriter

HELD = 12


def pairs_of(case: Case, each: int, pixels: int = PIXELS, regions: Sequence[Region] = REGIONS) -> Iterator[Pair]:
    """The pairs of a case: `each` of a picture, one for every further frame of a clip."""
    fits = case.fits(load_head_model())
    if len(fits) > 1:
        yield from clip_pairs([case.frame(i) for i in range(len(fits))], fits, pixels, regions)
        return
    if case.number in TONGUES_OUT or FACE in regions:  # a picture of itself tells nothing of light and folds
        return
    rgb = case.frame(0)
    for variant in range(each):
        pair = picture_pair(rgb, fits[0], np.random.default_rng([case.number, variant]), pixels)
        if pair is not None:
            yield pair


def build(part: int, parts: int, cases: Path, out: Path, each: int, pixels: int = PIXELS, face: bool = False) -> int:
    """Make every `parts`-th case's rows, from the `part`-th on; how many."""
    rows = 0
    with PackWriter(out, f"learn-{part}") as learned, PackWriter(out, f"held-{part}") as held:
        for path in sorted(cases.glob("*.npz")):
            for case in list(read_cases(path))[part::parts]:
                for pair in pairs_of(case, each, pixels, (FACE,) if face else REGIONS):
                    origin = np.array(ORIGINS.index("clip" if len(case.jpegs) > 1 else "picture"), np.uint8)
                    for row in rows_of(pair):
                        (held if case.number % HELD == HELD - 1 else learned).add(row | {"origin": origin})
                        rows += 1
            print(f"{path.name} {part}: {rows} rows", flush=True)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=int, default=2, help="pairs of each picture")
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--pixels", type=int, default=PIXELS, help="a patch's side; more wants larger faces")
    parser.add_argument("--face", action="store_true", help="patches of the whole face, of clips alone")
    arguments = parser.parse_args()
    known = {name: getattr(arguments, name) for name in ("cases", "out", "each", "pixels", "face")}
    work = partial(build, parts=arguments.cores, **known)
    with ProcessPoolExecutor(arguments.cores) as pool:
        print(sum(pool.map(work, range(arguments.cores))), "rows")
