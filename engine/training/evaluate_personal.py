"""Whether weights of one face help: learnt on the first half of a clip, measured on the second, with and without.

python -m engine.training.evaluate_personal --data ../shared/data --weights W --cache ../cache/tgdm --learn 250 --clips obama
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from engine.events import Finished
from engine.render.outline import Box
from engine.render.tgdm.pairs import values_against
from engine.render.tgdm.personalise import Learnt, personalise
from engine.render.tgdm.portrait import PatchedPortrait
from engine.render.tgdm.regions import KNOWN
from engine.render.tgdm.renderer import TgdmRenderer
from engine.training.evaluate_tgdm import Shot, figures, plainest, tracked

LEARN_EVERY, MEASURE_EVERY = 1, 3
FIGURES = ("mouth error", "mouth inside", "mouth ssim", "mouth sharpness", "eye error", "eye ssim")


def evaluate(path: Path, options: argparse.Namespace, personal: Path) -> tuple[Learnt, dict[str, float]]:
    """What was learnt from a clip's first half, and the mean figures of its second half."""
    frames, track = tracked(path, options.cache / "tracks")
    half = len(frames) // 2
    portrait = min(plainest(track), half - 1) if plainest(track) < half else int(np.argmax(track.visible[:half]))
    fit = track.fit(portrait)
    first = [portrait, *(i for i in range(0, half, LEARN_EVERY) if i != portrait and track.visible[i])]
    taken = [(frames[i], track.fit(i)) for i in first]
    clip = [] if options.picture else taken
    for event in personalise(options.weights, taken[0], clip, personal, options.minutes, steps=options.learn):
        if isinstance(event, Finished):
            learnt: Learnt = event.result
    renderers = {"tgdm": TgdmRenderer(options.weights, options.steps)}
    renderers["personal"] = TgdmRenderer(options.weights, options.steps, personal=personal)
    for renderer in renderers.values():
        renderer.set_portrait(frames[portrait], None, fit)
    warp = renderers["tgdm"].warp
    patches = PatchedPortrait(frames[portrait], fit, warp.geometry(fit.values()), regions=KNOWN)
    rows = []
    for number in range(half, len(frames), MEASURE_EVERY):
        values = values_against(track, portrait, number)
        pictures = {"warp": warp.render(values)} | {name: one.render(values) for name, one in renderers.items()}
        face = Box.around(track.landmarks[number, :, :2], 0.6 * fit.pose.scale, frames[number].shape)
        views = patches.views(frames[number], warp.geometry(values))
        rows.append(figures(Shot(frames[number], pictures, views, patches.source, face)))
    return learnt, {key: float(np.mean([row[key] for row in rows if key in row])) for key in rows[0]}


def summary(table: dict[str, dict[str, float]]) -> Iterator[str]:
    """The mean of each figure for the warp, the shipped weights and the personal ones, and how many clips they help."""
    for figure in FIGURES:
        rows = [
            [row.get(f"{name} {figure}", np.nan) for name in ("warp", "tgdm", "personal")] for row in table.values()
        ]
        told = np.array(rows)[np.isfinite(rows).all(1)]
        if not len(told):
            continue
        off = np.abs(np.log(told)) if figure.endswith("sharpness") else -told if figure.endswith("ssim") else told
        means = "  ".join(
            f"{name} {value:7.3f}" for name, value in zip(("warp", "tgdm", "personal"), told.mean(0), strict=True)
        )
        yield f"{figure:16} {means}  personal is better than tgdm in {(off[:, 2] < off[:, 1]).sum()} of {len(told)}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--learn", type=int, default=250, help="steps of learning, if the minutes allow")
    parser.add_argument("--picture", action="store_true", help="learn from the portrait alone")
    parser.add_argument("--clips", nargs="*", default=[], help="only clips whose name contains one of these")
    arguments = parser.parse_args()
    table: dict[str, dict[str, float]] = {}
    with TemporaryDirectory() as folder:
        for clip in sorted((arguments.data / "video").glob("*.m*")):
            if clip.suffix not in (".mp4", ".mpg", ".mov"):
                continue
            if arguments.clips and not any(part in clip.name for part in arguments.clips):
                continue
            learnt, table[clip.stem] = evaluate(clip, arguments, Path(folder) / "me.safetensors")
            told = [f"{learnt.steps} steps, held {learnt.before:.4f} -> {learnt.after:.4f}"]
            told += [f"{key}={value:.3f}" for key, value in table[clip.stem].items() if key.split(" ", 1)[1] in FIGURES]
            print(clip.stem, *told, sep="\t", flush=True)
    print(*summary(table), sep="\n")
