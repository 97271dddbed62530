"""What the denoiser is trained by: closeness, edges at several sizes, and as much fine structure as there really is."""

import torch
from torch import Tensor
from torch.nn import functional

EDGES, FINENESS = 1.0, 0.15  # weights of the terms beside closeness
SCALES = 3
HOLES = 4.0  # further weight of mouth and eyes
MIDDLE = 2.0  # further weight of the patch's middle
BEYOND = 0.15  # weight of what is not the face
LEFT_TO_OTHERS = 0.8  # of the weight of mouth and eyes in a patch of the whole face


def weights(geometry: Tensor, trust: Tensor, whole: Tensor) -> Tensor:
    """Weight [B, 1, P, P] of each pixel, its mean 1; geometry [B, 9, P, P] and trust [B, 2, P, P] in -1..1.

    `whole` [B] bool: patches of the whole face, whose mouth and eyes have patches of their own: skin counts in them.
    """
    holes = (geometry[:, 6:8].amax(1, keepdim=True) + 1) / 2
    side = geometry.shape[-1]
    wide = functional.max_pool2d(holes, side // 12 * 2 + 1, 1, side // 12)
    near = functional.avg_pool2d(wide, 5, 1, 2)
    face = torch.maximum(holes, (trust[:, :1] > -0.99).to(holes.dtype))
    axis = torch.linspace(-1, 1, side, device=geometry.device)
    middle = torch.exp(-(axis[:, None] ** 2 + axis[None] ** 2) / 0.3)
    part = torch.where(whole[:, None, None, None], 1 - LEFT_TO_OTHERS * holes, 1 + HOLES * near + MIDDLE * middle)
    weight = part * (BEYOND + (1 - BEYOND) * face)
    return weight / weight.mean((1, 2, 3), keepdim=True)


def loss(clean: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """[B]: how far a denoised patch [B, 3, P, P] is from the truth."""
    total = (weight * (clean - truth).abs()).mean((1, 2, 3))
    for scale in range(SCALES):
        if scale:
            clean, truth, weight = (functional.avg_pool2d(image, 2) for image in (clean, truth, weight))
        found, wanted = slopes(clean), slopes(truth)
        inner = weight[..., :-1, :-1]
        total = total + EDGES / SCALES * (inner * (found - wanted).abs()).mean((1, 2, 3)) * 2
        if scale < 2:
            energy = [
                functional.avg_pool2d(s.square(), 9, 4, 4).sum(1, keepdim=True).add(1e-4).sqrt()
                for s in (found, wanted)
            ]
            coarse = functional.avg_pool2d(inner, 9, 4, 4)
            total = total + FINENESS / 2 * (coarse * (energy[0] - energy[1]).abs()).mean((1, 2, 3))
    return total


def slopes(image: Tensor) -> Tensor:
    """[B, 3, H, W] -> [B, 6, H - 1, W - 1]: differences to the right and down."""
    here = image[..., :-1, :-1]
    return torch.cat([image[..., :-1, 1:] - here, image[..., 1:, :-1] - here], 1)
