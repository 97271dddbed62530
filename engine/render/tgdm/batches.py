"""Batches of pairs as the denoiser learns from them: varied, noised, and what it is told. torch and numpy only.

A batch is a dict of float maps [B, C, P, P] in -1..1 by the names in IMAGES, `has_previous` [B] in 0..1, and `whole` [B]
bool: which are patches of the whole face.
"""

from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

from engine.device import half_precision
from engine.render.tgdm.loss import loss, weights
from engine.render.tgdm.network import Denoiser
from engine.render.tgdm.schedule import START, kept, share_of_start

IMAGES = ("truth", "warp", "geometry", "trust", "previous", "source", "source_geometry")
FIRST_LEVEL = 0.4  # share of patches at the level where sampling starts, which every sample passes
MISPLACED = 0.01  # of a patch's side: how far the truth is shifted here and there, in the mean
WHOLE = 3  # the number of a patch of the whole face, as in regions.KNOWN
TILTED = 0.035  # radians: how far off a head's pose is taken to be, in the mean, when its light is learnt
KNOWN_BEFORE = 0.4  # share of patches that are told the previous frame

Batch = dict[str, Tensor]


def prepared(rows: Batch, picked: Tensor) -> Batch:
    """Rows picked by their numbers from uint8 maps [N, P, P, C], as a batch."""
    batch = {}
    for name in IMAGES:
        image = rows[name][picked].permute(0, 3, 1, 2).float() / 127.5 - 1
        batch[name] = image.contiguous(memory_format=torch.channels_last)
    batch["has_previous"] = rows["has_previous"][picked].float()
    batch["whole"] = rows["region"][picked] == WHOLE
    return batch


def varied(batch: Batch, may_mirror: Tensor) -> Batch:
    """With colours, sides and previous frames varied, at random levels of noise; `may_mirror` [B] bool: not an eye."""
    size, device = len(batch["truth"]), batch["truth"].device
    batch = _with_previous(_misplaced(_emptied(_tinted(_tilted(_mirrored(batch, may_mirror))))))
    level = torch.randint(0, START, (size,), device=device)
    first = torch.rand(size, device=device) < FIRST_LEVEL
    return noised(batch, torch.where(first, START - 1, level))


def plain(batch: Batch) -> Batch:
    """As they are, without a previous frame, at the level where sampling starts."""
    none = torch.zeros_like(batch["previous"])
    batch = batch | {"previous": none, "has_previous": torch.zeros_like(batch["has_previous"])}
    return noised(batch, torch.full((len(none),), START - 1, device=none.device))


def noised(batch: Batch, level: Tensor) -> Batch:
    """With `noisy` and `level` as sampling would come by at these levels ([B] int)."""
    left, share = (table.to(level.device)[level] for table in _tables())
    a, s = left[:, None, None, None], share[:, None, None, None]
    between = batch["truth"] + s * (batch["warp"] - batch["truth"])
    noisy = a.sqrt() * between + (1 - a).sqrt() * torch.randn_like(between)
    return batch | {"noisy": noisy, "level": 1 - left}


def denoised(net: Denoiser, batch: Batch) -> Tensor:
    """[B, 3, P, P] what the denoiser takes a noised batch for, at its own noise levels."""
    device = batch["truth"].device
    with half_precision(device):
        memory = net.remember(torch.cat([batch["source"], batch["source_geometry"]], 1))
        clean = net(batch["noisy"], batch["level"], _conditions(batch), memory)
    return clean.float()


def patch_loss(clean: Tensor, batch: Batch) -> Tensor:
    """[B] how far denoised patches are from the truth."""
    return loss(clean, batch["truth"], weights(batch["geometry"], batch["trust"], batch["whole"]))


def _conditions(batch: Batch) -> Tensor:
    """[B, TARGET - 3, P, P] as the denoiser takes them."""
    flag = batch["has_previous"][:, None, None, None].expand(-1, 1, *batch["truth"].shape[2:])
    return torch.cat([batch[name] for name in ("warp", "geometry", "trust", "previous")] + [flag], 1)


@cache
def _tables() -> tuple[Tensor, Tensor]:
    return torch.from_numpy(kept()).float(), torch.from_numpy(share_of_start()).float()


def _mirrored(batch: Batch, allowed: Tensor) -> Batch:
    """Half of the allowed rows seen in a mirror."""
    flip = (allowed & (torch.rand(len(allowed), device=allowed.device) < 0.5))[:, None, None, None]
    turned: Batch = {}
    for name in IMAGES:
        mirror = batch[name].flip(3)
        if name.endswith("geometry"):
            sign = torch.ones(9, device=mirror.device)
            sign[[0, 3]] = -1  # the coordinate and the normal that point across
            mirror = mirror * sign[:, None, None]
        turned[name] = torch.where(flip, mirror, batch[name])
    return batch | turned


def _tilted(batch: Batch) -> Batch:
    """Normals of whole faces turned a little: nobody's pose is known exactly, and the less a head moves the less of a
    change of its light is to be believed."""
    size, device = len(batch["truth"]), batch["truth"].device
    tilted: Batch = {}
    for name in ("geometry", "source_geometry"):
        x, y, z = (TILTED * torch.randn(3, size, device=device) * batch["whole"]).unbind()
        none = torch.zeros_like(x)
        skew = torch.stack([none, -z, y, z, none, -x, -y, x, none], 1).view(size, 3, 3)
        normals = torch.einsum("bij,bjhw->bihw", torch.matrix_exp(skew), batch[name][:, 3:6])
        told = torch.cat([batch[name][:, :3], normals, batch[name][:, 6:]], 1)
        tilted[name] = told.contiguous(memory_format=torch.channels_last)
    return batch | tilted


def _tinted(batch: Batch) -> Batch:
    """Brightness, contrast and colour of a row's pictures, changed alike in all of them."""
    size, device = len(batch["truth"]), batch["truth"].device
    power = torch.exp(0.25 * torch.randn(size, 1, 1, 1, device=device))
    gain = torch.exp(0.08 * torch.randn(size, 3, 1, 1, device=device) - 0.05)
    changed = {
        name: (((batch[name] + 1) / 2).clamp(0, 1) ** power * gain).clamp(0, 1) * 2 - 1
        for name in ("truth", "warp", "previous", "source")
    }
    return batch | changed


def _emptied(batch: Batch) -> Batch:
    """Some rows' warps lose more or less of the mouth they draw, so that it is not relied on."""
    warp, mouth = batch["warp"], (batch["geometry"][:, 6:7] + 1) / 2
    size, device = len(warp), warp.device
    share = (torch.rand(size, 1, 1, 1, device=device) * 1.6 - 0.6).clamp(min=0) * mouth
    colour = -1 + 1.2 * torch.rand(size, 1, 1, 1, device=device) * torch.rand(size, 3, 1, 1, device=device)
    return batch | {"warp": warp + share * (colour - warp)}


def _misplaced(batch: Batch) -> Batch:
    """The truth shifted a little, here one way, there another: no fit of a real face is exact, but a picture's pair,
    which the fit itself has made, would be. Not that of a whole face, whose light and folds are wanted, no softer edges."""
    truth = batch["truth"]
    size, device, side = len(truth), truth.device, truth.shape[-1]
    reach = 4 * MISPLACED * torch.rand(size, 1, 1, 1, device=device)  # of the -1..1 that a side spans
    reach = reach * ~batch["whole"][:, None, None, None]
    shift = functional.interpolate(torch.randn(size, 2, 5, 5, device=device), size=side, mode="bicubic")
    axis = torch.linspace(-1, 1, side, device=device)
    here = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1)
    there = here + (reach * shift).permute(0, 2, 3, 1)
    moved = functional.grid_sample(truth, there, "bicubic", "border", align_corners=True).clamp(-1, 1)
    return batch | {"truth": moved.contiguous(memory_format=torch.channels_last)}


def _with_previous(batch: Batch) -> Batch:
    """Some rows keep a previous frame, spoilt a little, so that it is followed but not believed; the rest lose it."""
    truth = batch["truth"]
    size, device = len(truth), truth.device
    across, down = torch.randint(-2, 3, (2,)).tolist()
    made_up = truth.roll((down, across), (2, 3))
    previous = torch.where(batch["has_previous"][:, None, None, None] > 0, batch["previous"], made_up)
    as_warp = (torch.rand(size, device=device) < 0.25)[:, None, None, None]
    previous = torch.where(as_warp, batch["warp"], previous)
    previous = previous + 0.06 * torch.randn(size, 3, 1, 1, device=device) + 0.05 * torch.randn_like(previous)
    flag = (torch.rand(size, device=device) < KNOWN_BEFORE).float()
    return batch | {"previous": previous * flag[:, None, None, None], "has_previous": flag}
