"""One network over some parts of one portrait's face: what it is told of a frame, and the change it makes of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from engine.device import half_precision
from engine.face.fit import Fit
from engine.render.geometry import Geometry
from engine.render.tgdm.conditions import noise_on
from engine.render.tgdm.network import Denoiser, Memory
from engine.render.tgdm.portrait import PatchedPortrait, View
from engine.render.tgdm.regions import Region
from engine.render.tgdm.sampling import as_tensor, denoise


@dataclass(frozen=True)
class Stage:
    """A portrait's patches, encoded, and the noise [R, P, P, 3] that lies on them."""

    patches: PatchedPortrait
    net: Denoiser
    memory: Memory
    noise: np.ndarray
    device: torch.device

    @classmethod
    def of(
        cls,
        net: Denoiser,
        rgb: np.ndarray,
        fit: Fit,
        pictured: Geometry,
        regions: Sequence[Region],
        pixels: int,
        seed: int,
        device: torch.device,
    ) -> "Stage":
        """`rgb` [H, W, 3] uint8; `pictured`: the geometry at the fit's own values; patches of `pixels` a side."""
        patches = PatchedPortrait(rgb, fit, pictured, pixels, regions)
        noise = np.random.default_rng(seed).standard_normal((len(regions), pixels, pixels, 3), np.float32)
        source = as_tensor([np.dstack([view.rgb, view.maps.geometry]) for view in patches.source], device)
        with torch.inference_mode(), half_precision(device):
            memory = net.remember(source)
        return cls(patches, net, memory, noise, device)

    def changes(
        self, pictures: Sequence[np.ndarray], geometries: Sequence[Geometry], steps: int
    ) -> Iterator[tuple[list[View], np.ndarray]]:
        """Every region of every picture [H, W, 3] uint8, and after each step how it is to be changed, [B, P, P, 3] grey
        levels."""
        views = [
            view
            for picture, geometry in zip(pictures, geometries, strict=True)
            for view in self.patches.views(picture, geometry)
        ]
        lain = [noise_on(view.maps.source, self.noise[i % len(self.noise)]) for i, view in enumerate(views)]
        with torch.inference_mode(), half_precision(self.device):
            start = torch.from_numpy(np.stack(lain)).permute(0, 3, 1, 2).to(self.device)
            conditions = conditions_of(views, self.device)
            for clean in denoise(self.net, self.memory.repeated(len(pictures)), conditions, start, steps):
                yield views, ((clean - conditions[:, :3]) * 127.5).permute(0, 2, 3, 1).float().cpu().numpy()


def conditions_of(views: Sequence[View], device: torch.device) -> torch.Tensor:
    """[B, TARGET - 3, P, P] as the denoiser takes them; no previous frame is told, so that any frame stands alone
    (and told, it does no good: decision 9)."""
    known = as_tensor([np.dstack([view.rgb, view.maps.geometry, view.maps.trust]) for view in views], device)
    return torch.cat([known, known.new_zeros(len(known), 4, *known.shape[2:])], 1)
