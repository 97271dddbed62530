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
STEPS = 8

Denoise = Callable[[Tensor, Tensor, Tensor], Tensor]  # noisy [B, T, K], level [B], known [B, T] -> clean [B, T, K]


@dataclass(frozen=True)
class Known:
    """Frames that are given: `values` float32 [T, K] where bool `where` [T]."""

    values: np.ndarray
    where: np.ndarray


def windows(frames: int) -> Iterator[tuple[int, int, int]]:
    """(first, end, first new) of windows that cover `frames`; the last reaches back so that it is a whole one."""
    new = 0
    while new < frames:
        first = max(min(new - OVERLAP, frames - WINDOW), 0)
        end = min(first + WINDOW, frames)
        yield first, end, new
        new = end


def draw(
    frames: int, size: int, window: Callable[[int, int], Denoise], seed: int, known: Known | None = None
) -> np.ndarray:
    """Motion float32 [frames, size]. `window(first, end)` is the network for these frames.

    The noise comes from `seed` and is drawn on the CPU, so that a seed means the same on every device.
    """
    noise = np.random.default_rng(seed).standard_normal((frames, size), np.float32)
    motion = np.zeros((frames, size), np.float32)
    done = np.zeros(frames, bool)
    if known is not None:
        motion[known.where] = known.values[known.where]
        done |= known.where
    for first, end, _ in windows(frames):
        part = slice(first, end)
        made = denoised(window(first, end), noise[part], motion[part], done[part])
        motion[part] = np.where(done[part, None], motion[part], made)
        done[part] = True
    return motion


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
