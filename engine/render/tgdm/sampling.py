"""Denoising in a few steps, from the warp with noise on it to the clean patch."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from diffusers import DDIMScheduler
from torch import Tensor

from engine.render.tgdm.network import Denoiser, Memory
from engine.render.tgdm.schedule import START, betas


def denoise(net: Denoiser, memory: Memory, conditions: Tensor, noise: Tensor, steps: int) -> Iterator[Tensor]:
    """The clean estimate [B, 3, P, P] in -1..1 after each step; the last one is the result.

    DDIM (Song et al. 2021) on the part of the schedule below its start, where the warp takes the place of the image.

    Args:
        memory: of the portrait, for the same batch.
        conditions: [B, TARGET - 3, P, P], the warp first.
        noise: [B, 3, P, P], normal.
        steps: 1 to 8 make sense.
    """
    scheduler: Any = DDIMScheduler(
        START, trained_betas=betas(), prediction_type="sample", clip_sample=False, timestep_spacing="trailing"
    )
    scheduler.set_timesteps(steps)
    kept = scheduler.alphas_cumprod.to(noise)
    noisy = kept[-1].sqrt() * conditions[:, :3] + (1 - kept[-1]).sqrt() * noise
    for time in scheduler.timesteps:
        level = (1 - kept[int(time)]).expand(len(noise))
        clean = net(noisy, level, conditions, memory).to(noise.dtype).clamp(-1, 1)
        yield clean
        noisy = scheduler.step(clean, int(time), noisy).prev_sample


def as_tensor(maps: list[np.ndarray], device: torch.device) -> Tensor:
    """[B, C, P, P] float32 in -1..1 of B uint8 maps [P, P, C]."""
    stacked = torch.stack([torch.from_numpy(image) for image in maps]).to(device)
    return (stacked.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
