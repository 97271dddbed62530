"""Measures what it brings to tell the denoiser the frame before, as it drew that itself, on clips that trained nothing.

python -m engine.training.evaluate_previous --data ../shared/data --weights resources/tgdm.safetensors --cache ../cache/tgdm
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from engine.device import best_device, half_precision
from engine.render.outline import Box
from engine.render.tgdm.conditions import noise_on
from engine.render.tgdm.pairs import values_against
from engine.render.tgdm.paste import with_parts
from engine.render.tgdm.portrait import PatchedPortrait
from engine.render.tgdm.regions import KNOWN, REGIONS
from engine.render.tgdm.sampling import denoise
from engine.render.tgdm.stage import Stage, conditions_of
from engine.render.tgdm.weights import load_weights
from engine.render.warp import WarpRenderer
from engine.training.evaluate_tgdm import Shot, figures, flicker, plainest, tracked

RUN = 12  # frames of each clip, one after the other
TOLD = ("mouth error", "mouth inside", "mouth ssim", "eye ssim", "flicker")


def run(path: Path, cache: Path, weights: Path, told: bool) -> Iterator[Shot]:
    """Neighbouring frames of a clip, drawn with (`told`) or without knowing the one before."""
    device = best_device()
    frames, track = tracked(path, cache)
    portrait = plainest(track)
    fit, warp, known = track.fit(portrait), WarpRenderer(), load_weights(weights, device)
    warp.set_portrait(frames[portrait], None, fit)
    rest, pixels = warp.geometry(fit.values()), known.side(fit.pose.scale)
    stage = Stage.of(known.net, frames[portrait], fit, rest, REGIONS, pixels, 0, device)
    measured = PatchedPortrait(frames[portrait], fit, rest, regions=KNOWN)
    before: torch.Tensor | None = None
    for number in range(len(frames) // 3, min(len(frames) // 3 + RUN, len(frames))):
        values = values_against(track, portrait, number)
        picture, geometry = warp.render(values), warp.geometry(values)
        views = stage.patches.views(picture, geometry)
        noise = np.stack([noise_on(view.maps.source, own) for view, own in zip(views, stage.noise, strict=True)])
        with torch.inference_mode(), half_precision(device):
            conditions = conditions_of(views, device)
            if told and before is not None:
                conditions[:, -4:] = torch.cat([before, torch.ones_like(before[:, :1])], 1)
            start = torch.from_numpy(noise).permute(0, 3, 1, 2).to(device)
            before = list(denoise(stage.net, stage.memory, conditions, start, 1))[-1]
        change = ((before - conditions[:, :3]) * 127.5).permute(0, 2, 3, 1).float().cpu().numpy()
        pictures = {"warp": picture, "tgdm": with_parts([picture], views, change)[0]}
        face = Box.around(track.landmarks[number, :, :2], 0.6 * fit.pose.scale, picture.shape)
        yield Shot(frames[number], pictures, measured.views(frames[number], geometry), measured.source, face)


def measure(shots: list[Shot]) -> dict[str, float]:
    """Means over all but the first frame, which has none before it."""
    rows = [figures(shot) for shot in shots[1:]]
    found = {name: [row[f"tgdm {name}"] for row in rows if f"tgdm {name}" in row] for name in TOLD}
    return {name: float(np.mean(values)) for name, values in found.items() if values} | {
        "flicker": flicker(shots).get("tgdm flicker", float("nan"))
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    arguments = parser.parse_args()
    table: dict[bool, list[dict[str, float]]] = {False: [], True: []}
    for clip in sorted((arguments.data / "video").glob("*.m*")):
        if clip.suffix in (".mp4", ".mpg", ".mov"):
            for told, rows in table.items():
                rows.append(measure(list(run(clip, arguments.cache / "tracks", arguments.weights, told))))
    for name in TOLD:
        means = [float(np.nanmean([row[name] for row in rows if name in row])) for rows in table.values()]
        print(f"{name:14} not told {means[0]:.3f}  told {means[1]:.3f}")
