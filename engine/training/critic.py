"""An adversary that tells denoised patches from true ones, so that mouths which could be several are drawn as one of them
and not as the grey mean of all (as Denoising Diffusion GANs do, Xiao et al. 2022). torch only; nothing of it ships.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.device import half_precision
from engine.render.tgdm.batches import Batch
from engine.render.tgdm.loss import weights

BANDS = ((3, 8.0), (9, 4.0))  # what a mean over so many pixels leaves out, and how much that is magnified: as it comes,
# critics did not learn to see it
SEES = 3 * (1 + len(BANDS)) + 9 + 2 + 3  # picture and its bands, geometry, trust, warp
CHANNELS = (48, 96, 160)


class Critic(nn.Module):
    """For every eighth pixel a number: high where a patch looks true for its geometry."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inner, outer in zip((SEES, *CHANNELS), CHANNELS, strict=False):
            norm = [nn.GroupNorm(8, outer)] if layers else []
            layers += [nn.Conv2d(inner, outer, 4, 2, 1), *norm, nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(CHANNELS[-1], 1, 3, 1, 1))

    def forward(self, picture: Tensor, batch: Batch) -> Tensor:
        """[B, 1, P / 8, P / 8] for pictures [B, 3, P, P] in -1..1 and what their batch says of them."""
        told = torch.cat([picture, *_bands(picture), batch["geometry"], batch["trust"], batch["warp"]], 1)
        with half_precision(picture.device):
            return self.layers(told).float()

    def doubt(self, clean: Tensor, batch: Batch) -> Tensor:
        """How far denoised patches are from passing, a scalar to be made small; mouths and eyes count most."""
        return -(_where(batch) * self(clean, batch)).mean()

    def loss(self, clean: Tensor, batch: Batch) -> Tensor:
        """Its own loss: the hinge, over denoised patches and over the truth."""
        both = {name: torch.cat([batch[name]] * 2) for name in ("geometry", "trust", "warp", "whole")}
        found, true = self(torch.cat([clean, batch["truth"]]), both).chunk(2)
        return (_where(batch) * (functional.relu(1 + found) + functional.relu(1 - true))).mean()


def _where(batch: Batch) -> Tensor:
    return functional.avg_pool2d(weights(batch["geometry"], batch["trust"], batch["whole"]), 8)


def _bands(picture: Tensor) -> list[Tensor]:
    means = [functional.avg_pool2d(picture, side, 1, side // 2, count_include_pad=False) for side, _ in BANDS]
    return [(picture - mean) * gain for mean, (_, gain) in zip(means, BANDS, strict=True)]
