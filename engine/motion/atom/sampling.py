"""Drawing motion: a few denoising steps a window, windows one after the other, each beginning with what the last one made.

DDIM (Song et al. 2021, eq. 12 with sigma 0) on a cosine schedule, with classifier-free guidance (Ho and Salimans 2022). Frames
that are known keep their values in every step and are shown to the network as clean, for which it was trained: so windows,
and whatever is locked, are met without a seam. (RePaint, Lugmayr et al. 2022, replaces them without telling the network.)
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

WINDOW = 75  # frames that are drawn at once
OVERLAP = 15  # frames at the beginning that the window before has made
TAIL = 6  # frames at its end that fade into the next window's: they were drawn without what comes after them
STEPS = 8

Denoise = Callable[[Tensor, Tensor, Tensor], Tensor]  # noisy [B, T, K], level [B], known [B, T] -> clean [B, T, K]


@dataclass(frozen=True)
class Known:
    """Frames that are given: `values` float32 [T, K] where bool `where` [T]."""

    values: np.ndarray
    where: np.ndarray


def windows(frames: int) -> Iterator[tuple[int, int, range]]:
    """(first, end, frames to keep) of windows whose kept frames cover `frames`, each once."""
    new = 0
    while new < frames:
        first = max(min(new - OVERLAP, frames - WINDOW), 0)
        end = min(first + WINDOW, frames)
        keep = range(new, end if end == frames else end - TAIL)
        yield first, end, keep
        new = keep.stop


def draw(
    frames: int,
    size: int,
    window: Callable[[int, int], Denoise],
    seed: int,
    known: Known | None = None,
    warmth: float = 1.0,
) -> Iterator[np.ndarray]:
    """Motion float32 [frames, size], piece after piece as windows are drawn; a window that is known is not drawn.

    `window(first, end)` is the network for these frames; `warmth` times the noise that it begins with: below 1 takes differ
    less and are calmer.

    The noise comes from `seed` and is drawn on the CPU, so that a seed means the same on every device.
    """
    noise = np.float32(warmth) * np.random.default_rng(seed).standard_normal((frames, size), np.float32)
    motion = np.zeros((frames, size), np.float32)
    done = np.zeros(frames, bool)
    if known is not None:
        motion[known.where] = known.values[known.where]
        done |= known.where
    tail = np.zeros((0, size), np.float32)
    for first, end, keep in windows(frames):
        part, own = slice(first, end), slice(keep.start, keep.stop)
        if done[keep.start : end].all():
            tail = tail[:0]
            yield motion[own]
            continue
        made = denoised(window(first, end), noise[part], motion[part], done[part])[keep.start - first :]
        fading = np.arange(1, len(tail) + 1)[:, None] / (len(tail) + 1)
        made[: len(tail)] = tail + fading * (made[: len(tail)] - tail)
        motion[own] = np.where(done[own, None], motion[own], made[: len(keep)])
        tail = made[len(keep) :]
        done[own] = True
        yield motion[own]


@torch.inference_mode()
def denoised(
    denoise: Denoise, noise: np.ndarray, values: np.ndarray, known: np.ndarray, steps: int = STEPS
) -> np.ndarray:
    """One window [T, K] from its noise, keeping `values` where bool `known` [T]."""
    given, where = torch.from_numpy(values)[None], torch.from_numpy(known.astype(np.float32))[None]
    x = torch.from_numpy(noise)[None]
    levels = torch.linspace(1, 0, steps + 1)
    for level, following in pairwise(levels):
        x = torch.where(where[..., None] > 0, given, x)
        clean = denoise(x, level[None], where).cpu()
        angle, ahead = level * torch.pi / 2, following * torch.pi / 2
        rest = (x - angle.cos() * clean) / angle.sin()
        x = ahead.cos() * clean + ahead.sin() * rest
    return x[0].numpy()


def guided(denoise: Callable[[Tensor], Tensor], scale: float) -> Tensor:
    """`denoise(heard)` [2, T, K], heard [2, 1, 1] 1 with conditions, 0 without, taken `scale` times from without to with."""
    told, untold = denoise(torch.tensor([1.0, 0.0])[:, None, None])
    return (untold + scale * (told - untold))[None]
