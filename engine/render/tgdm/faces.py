"""Refining by a diffusion model of whole faces that the user brings: diffusers' unconditional U-Net and its scheduler.

After Meng et al. 2022 (SDEdit): the warped face is noised part of the way and denoised again. Such a model knows neither
the portrait nor the geometry, so only mouth and eyes, which the warp guesses, are taken from it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from engine.device import best_device, half_precision
from engine.errors import InputError, ResourceError
from engine.face.fit import Fit
from engine.render.tgdm.conditions import maps
from engine.render.tgdm.regions import Place, Region
from engine.render.tgdm.sampling import as_tensor
from engine.render.warp import WarpRenderer

FACE = Region("face", (33, 133, 263, 362), 0.25, 4.0)  # about as the faces of CelebA-HQ and FFHQ are cut out
STRENGTH = 0.35  # of the schedule: how far the warp is noised
NEAR = 0.06  # of the side: how far the change reaches beyond mouth and eyes


class FacesRenderer:
    """`set_portrait` once, then `render` for any channel values, as the other renderers."""

    together = 1  # frames that it likes to be asked for at once

    def __init__(self, folder: Path, steps: int, seed: int = 0, device: torch.device | None = None) -> None:
        """`folder`: a pipeline in diffusers' format. The seed's noise is the same for every frame.

        Raises:
            ResourceError: the folder holds no U-Net of RGB pictures with a scheduler.
        """
        self.warp = WarpRenderer()
        self._device, self._steps = device or best_device(), steps
        self._net, self._scheduler = _load(folder)
        self._net.to(self._device).eval()
        self._pixels = int(self._net.config.sample_size)
        noise = np.random.default_rng(seed).standard_normal((1, 3, self._pixels, self._pixels), np.float32)
        self._noise = torch.from_numpy(noise).to(self._device)
        self._place: Place | None = None

    def set_portrait(self, rgb: np.ndarray, alpha: np.ndarray | None, fit: Fit) -> None:
        """As WarpRenderer's."""
        self.warp.set_portrait(rgb, alpha, fit)
        self._place, self._rest = Place.of(FACE, fit), self.warp.geometry(fit.values())

    def render(self, values: np.ndarray) -> np.ndarray:
        """The portrait for channel values [C]: [H, W, 3] uint8 RGB.

        Raises:
            InputError: no portrait is set, or the values are not one for each channel.
        """
        return list(self.refine([values]))[-1][0]

    def refine(self, rows: Sequence[np.ndarray]) -> Iterator[list[np.ndarray]]:
        """The frames as they look after each step of denoising, one frame after the other."""
        done: list[np.ndarray] = []
        for values in rows:
            for picture in self._steps_of(values):
                yield [*done, picture, *[picture] * (len(rows) - len(done) - 1)]
            done.append(picture)

    def _steps_of(self, values: np.ndarray) -> Iterator[np.ndarray]:
        if self._place is None:
            raise InputError("no portrait to render: call set_portrait first")
        geometry, picture = self.warp.geometry(values), self.warp.render(values)
        patch = self._place.patch(geometry.turn, self._pixels)
        seen = maps(FACE, geometry, patch, self._rest, self._place.patch(self._rest.turn, self._pixels))
        share = _reach(seen.geometry[..., 6:8].max(2))[..., None]
        start = as_tensor([patch.of(picture)], self._device)
        for clean in self._denoised(start):
            change = ((clean - start) * 127.5)[0].permute(1, 2, 0).float().cpu().numpy()
            laid, where = patch.back(np.ascontiguousarray(change * share), picture.shape)
            result = picture.copy()
            result[where] = np.clip(np.round(picture[where] + laid), 0, 255).astype(np.uint8)
            yield result

    @torch.inference_mode()
    def _denoised(self, start: torch.Tensor) -> Iterator[torch.Tensor]:
        """The clean estimate [1, 3, P, P] after each step."""
        scheduler = self._scheduler
        scheduler.set_timesteps(max(round(self._steps / STRENGTH), self._steps))
        times = scheduler.timesteps[-self._steps :]
        noisy = scheduler.add_noise(start, self._noise, times[:1])
        kept = scheduler.alphas_cumprod.to(start)
        for time in times:
            with half_precision(self._device):
                found = self._net(noisy, time).sample.to(start.dtype)
            spread = (1 - kept[int(time)]).sqrt()
            yield ((noisy - spread * found) / kept[int(time)].sqrt()).clamp(-1, 1)
            noisy = scheduler.step(found, time, noisy).prev_sample


def _load(folder: Path) -> tuple[Any, Any]:
    """The network and a DDIM scheduler with the pipeline's own noise levels."""
    from diffusers import DDIMScheduler, UNet2DModel

    models: Any = UNet2DModel
    schedulers: Any = DDIMScheduler
    try:
        net = models.from_pretrained(folder, subfolder="unet", local_files_only=True)
        scheduler = schedulers.from_pretrained(folder, subfolder="scheduler", local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:160]
        raise ResourceError(f"denoiser {folder} cannot be loaded ({reason}): choose another folder") from error
    if net.config.in_channels != 3 or net.config.out_channels != 3 or scheduler.config.prediction_type != "epsilon":
        raise ResourceError(f"denoiser {folder} does not tell noise from RGB pictures: choose another folder")
    if not isinstance(net.config.sample_size, int):
        raise ResourceError(f"denoiser {folder} is for pictures that are not square: choose another folder")
    return net, scheduler


def _reach(holes: np.ndarray) -> np.ndarray:
    """[P, P] float32 in 0..1: mouth and eyes (uint8 mask) and a soft border around them."""
    side = len(holes)
    size = max(round(NEAR * side), 1)
    wide = cv2.dilate(holes, np.ones((size, size), np.uint8)).astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(wide, (0, 0), size / 2))
