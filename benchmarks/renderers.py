"""The renderers beside each other on this machine: `python -m benchmarks.renderers [--weights FILE] [--sizes 512 1024]`.

One run draws the same frames with each; the last column, against the warp, is what can be compared between machines.
"""

import argparse
import resource as process
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import torch

from benchmarks.__main__ import moving, result
from engine import jobs
from engine.device import best_device
from engine.jobs import FittedPortrait, fit_portrait
from engine.project.media_ref import refer_to
from engine.project.project import Portrait
from engine.render.renderers import Renderer, make_renderer, shipped_face, shipped_weights
from engine.render.tgdm.renderer import TgdmRenderer
from engine.resources import resource

FRAMES = 16
STEPS = (1, 2, 4, 8)


def fitted(size: int) -> FittedPortrait:
    """The sample portrait at a size."""
    found: FittedPortrait = result(fit_portrait(Portrait(refer_to(resource("samples/hopper.jpg"))), size))
    return found


def milliseconds(renderer: Renderer, portrait: FittedPortrait) -> float:
    """Of a frame by the clock, the median of FRAMES, as many together as the renderer likes."""
    renderer.set_portrait(portrait.rgb, portrait.alpha, portrait.fit)
    rows = list(moving(portrait.fit.values(), FRAMES))
    spent = []
    for first in range(0, len(rows), renderer.together):
        part = rows[first : first + renderer.together]
        start = time.perf_counter()
        list(renderer.refine(part))
        spent.append(1000 * (time.perf_counter() - start) / len(part))
    return sorted(spent[1:])[len(spent[1:]) // 2]


def rows(weights: Path, sizes: list[int]) -> Iterator[tuple[str, ...]]:
    """Size, renderer, ms a frame, against the warp, and the most memory so far."""
    for size in sizes:
        portrait = fitted(size)
        warp = milliseconds(make_renderer("warp"), portrait)
        yield f"{size}", "warp", f"{warp:.0f}", "1.0", memory()
        for steps in STEPS:
            took = milliseconds(TgdmRenderer(weights, steps, face=shipped_face()), portrait)
            yield f"{size}", f"tgdm, {steps} steps", f"{took:.0f}", f"{took / warp:.1f}", memory()


def memory() -> str:
    """The most that this process, and the graphics card, has held."""
    whole = f"{process.getrusage(process.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"
    if best_device().type == "cuda":
        whole += f" + {torch.cuda.max_memory_allocated() / 2**20:.0f} MiB on the card"
    return whole


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, help="of train_tgdm, if not those that ship")
    parser.add_argument("--sizes", type=int, nargs="*", default=[512, 1024])
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(arguments.threads)
    print(f"{best_device()}, {arguments.threads} threads, version {jobs.program_version()}\n")
    print("| pixels | renderer | ms a frame | against the warp | memory at most |\n|---|---|---|---|---|")
    for row in rows(arguments.weights or shipped_weights(), arguments.sizes):
        print(f"| {' | '.join(row)} |", flush=True)
