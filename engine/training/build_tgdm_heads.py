"""Makes packs of what pictures of faces rarely show: mouths wide open with teeth, tongue and throat, shut eyes, and one
face in one light under many angles.

python -m engine.training.build_tgdm_heads --data ../shared/data --cases ../cache/tgdm/cases --out ../cache/tgdm/packs_heads
python -m engine.training.build_tgdm_heads ... --kind rare --each 2

`learn-heads-*.npz`: portraits with a modelled mouth in them (`tgdm_heads`), of the mouth alone. `learn-rare-*.npz`: the
pictures with the widest mouths and the most closed eyes, oftener than the others, all regions. `learn-whole-*.npz`: whole
synthetic heads with the skin of the pictures (`whole_heads`), the whole face alone. Every twelfth picture
goes into `held-*.npz`, as in `build_tgdm_pack`. Goes on where it was stopped; `--first 1 --step 2` makes the other half.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.face.head_model import load_head_model
from engine.project.channels import INDEX
from engine.render.tgdm.pairs import Pair, picture_pair, rows_of
from engine.render.tgdm.regions import PIXELS
from engine.training.build_tgdm_pack import HELD
from engine.training.mouth_interior import load_insides
from engine.training.tgdm_cases import TONGUES_OUT, Case, read_cases
from engine.training.tgdm_heads import TURNED, head_pairs
from engine.training.tgdm_pack import ORIGINS, PackWriter
from engine.training.whole_heads import open_studio, whole_head_pairs

ROWS = 216  # of a pack, at most
WIDE = 0.15  # eye distances between the lips of a wide mouth
SHUT = 0.3  # mean eyeBlink of eyes that are rarely seen so


def heads(case: Case, data: Path, each: int, pixels: int) -> Iterator[Pair]:
    """Pairs of a picture with a modelled mouth in it."""
    fit = case.fits(load_head_model())[0]
    yield from head_pairs(case.frame(0), fit, load_insides(data), each, np.random.default_rng([case.number, 1]), pixels)


def rare(case: Case, data: Path, each: int, pixels: int) -> Iterator[Pair]:
    """Pairs of a picture with a wide mouth or shut eyes, as `build_tgdm_pack` makes them, but others."""
    fit = case.fits(load_head_model())[0]
    for variant in range(100, 100 + each):
        pair = picture_pair(case.frame(0), fit, np.random.default_rng([case.number, variant]), pixels)
        if pair is not None:
            yield pair


def whole(case: Case, data: Path, each: int, pixels: int) -> Iterator[Pair]:
    """Pairs of a whole synthetic head with the skin of a picture, of the whole face; none if it is seen from the side."""
    fit = case.fits(load_head_model())[0]
    if abs(fit.pose.yaw) < TURNED:
        studio = open_studio(data)
        yield from whole_head_pairs(case.frame(0), fit, studio, each, np.random.default_rng([case.number, 2]), pixels)


def is_rare(case: Case) -> bool:
    """True for a mouth wide open or eyes nearly shut, the tongue not put out."""
    lips = case.landmarks[0, [13, 14], :2]
    blink = case.expression[0, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]].mean()
    wide = np.linalg.norm(lips[0] - lips[1]) > WIDE * case.pose[0, 3]
    return bool(wide or blink > SHUT) and case.number not in TONGUES_OUT


KINDS = {  # how, their origin, regions of a pair
    "heads": (heads, "synthetic", 1),
    "rare": (rare, "picture", 3),
    "whole": (whole, "synthetic", 1),
}


def pictures_a_pack(kind: str, each: int) -> int:
    """How many pictures' rows fit into one."""
    return max(1, ROWS // (each * KINDS[kind][2]))


def build(kind: str, data: Path, cases: list[Case], out: Path, each: int, parts: range, pixels: int = PIXELS) -> None:
    """Write the packs that are not there yet; `parts`: which of them."""
    make, origin, _ = KINDS[kind]
    together = pictures_a_pack(kind, each)
    label = {"origin": np.array(ORIGINS.index(origin), np.uint8)}
    for part in parts:
        name = f"{kind}-{part:03d}"
        if list(out.glob(f"learn-{name}-*.npz")):
            continue
        count = 0
        with PackWriter(out, f"learn-{name}", ROWS) as learned, PackWriter(out, f"held-{name}", ROWS) as held:
            for case in cases[part * together : (part + 1) * together]:
                for pair in make(case, data, each, pixels):
                    for row in rows_of(pair):
                        (held if case.number % HELD == HELD - 1 else learned).add(row | label)
                        count += 1
        print(f"{name}: {count} rows", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cases", type=Path, required=True, help="of build_tgdm_cases, kind pictures")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kind", choices=list(KINDS), default="heads")
    parser.add_argument("--each", type=int, default=6, help="pairs of each picture")
    parser.add_argument("--pixels", type=int, default=PIXELS, help="a patch's side; more wants larger faces")
    parser.add_argument("--first", type=int, default=0, help="pack to begin with")
    parser.add_argument("--step", type=int, default=1, help="make every so manieth pack")
    options = parser.parse_args()
    found = [case for path in sorted(options.cases.glob("pictures-*.npz")) for case in read_cases(path)]
    if options.kind == "rare":
        found = [case for case in found if is_rare(case)]
    wanted = range(options.first, -(-len(found) // pictures_a_pack(options.kind, options.each)), options.step)
    build(options.kind, options.data, found, options.out, options.each, wanted, options.pixels)
