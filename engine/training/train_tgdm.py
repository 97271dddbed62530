"""Trains the denoiser on packs. Imports nothing beyond torch, numpy and safetensors; goes on where it was stopped.

python -m engine.training.train_tgdm --packs ../cache/tgdm/packs --out ../cache/tgdm/run1 --pixels 96 --minutes 60
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from engine.render.tgdm.network import Denoiser, Shape
from engine.render.tgdm.schedule import START, kept, share_of_start
from engine.render.tgdm.weights import load_weights
from engine.training.tgdm_loss import loss, weights
from engine.training.tgdm_pack import MAPS, SOURCES, read_packs

FIRST_LEVEL = 0.4  # share of patches at the level where sampling starts, which every sample passes
MOUTHS = 0.55  # share of patches that are mouths
CLIPS = 0.35  # share of patches from real clips
WIDE = 0.04  # share of a patch that a mouth must cover to be seen more than twice as often as a shut one
SHUT = 0.02  # share of a patch that an eye covers less of when it is nearly shut
KNOWN_BEFORE = 0.4  # share of patches that are told the previous frame
SMOOTH = 0.999  # decay of the averaged weights
WARM = 200  # steps
SAVE_EVERY = 180  # seconds


class Trainer:
    """A denoiser in training, and all that must be kept to go on another day."""

    def __init__(self, out: Path, shape: Shape, rate: float, device: torch.device, pixels: int = 96) -> None:
        """`pixels`: the side of the patches it is trained on, noted with the weights."""
        out.mkdir(parents=True, exist_ok=True)
        self.pixels = pixels
        self.file, self.device, self.rate = out / "state.safetensors", device, rate
        self.net = Denoiser(shape).to(device).to(memory_format=torch.channels_last)
        self.smooth = {name: value.detach().clone().float() for name, value in self.net.state_dict().items()}
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
        self.steps, self.seen, self.seconds = 0, 0, 0.0
        self._load()

    def step(self, batch: dict[str, Tensor], total: int) -> float:
        """One step on a batch; the rate falls with a cosine over `total` steps. The loss."""
        for group in self.optimiser.param_groups:
            done = min(self.steps / total, 1.0)
            group["lr"] = self.rate * min(1.0, (self.steps + 1) / WARM) * (0.05 + 0.475 * (1 + np.cos(np.pi * done)))
        value = patch_loss(self.net, batch).mean()
        self.optimiser.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.steps, self.seen = self.steps + 1, self.seen + len(batch["truth"])
        decay = min(SMOOTH, (1 + self.steps) / (10 + self.steps))
        for name, now in self.net.state_dict().items():
            self.smooth[name].lerp_(now.float(), 1 - decay)
        return float(value.detach())

    def save(self) -> None:
        """Write everything, and the averaged weights alone in half precision, each whole or not at all."""
        tensors = {f"net.{name}": value for name, value in self.net.state_dict().items()}
        tensors |= {f"smooth.{name}": value for name, value in self.smooth.items()}
        for index, state in self.optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser.{index}.{name}": torch.as_tensor(value) for name, value in state.items()}
        notes = {"shape": json.dumps(vars(self.net.shape)), "pixels": str(self.pixels), "steps": str(self.steps)}
        notes |= {"seen": str(self.seen), "seconds": f"{self.seconds:.0f}"}
        halves = {name: value.half().contiguous() for name, value in self.smooth.items()}
        for path, what in ((self.file, tensors), (self.file.with_name("tgdm.safetensors"), halves)):
            partial = path.with_suffix(".part")
            save_file({name: value.contiguous().cpu() for name, value in what.items()}, partial, metadata=notes)
            partial.rename(path)

    def begin(self, weights: Path) -> None:
        """Start from weights that were trained before."""
        known = load_weights(weights, self.device).net.state_dict()
        self.net.load_state_dict(known)
        self.smooth = {name: value.detach().clone().float() for name, value in known.items()}

    def _load(self) -> None:
        if not self.file.exists():
            return
        with safe_open(self.file, "pt", device=str(self.device)) as file:
            notes = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        self.steps, self.seen, self.seconds = int(notes["steps"]), int(notes["seen"]), float(notes["seconds"])
        self.net.load_state_dict(_part(tensors, "net."))
        self.smooth = _part(tensors, "smooth.")
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in _part(tensors, "optimiser.").items():
            index, key = name.split(".", 1)
            state.setdefault(int(index), {})[key] = value
        self.optimiser.load_state_dict(self.optimiser.state_dict() | {"state": state})


def patch_loss(net: Denoiser, batch: dict[str, Tensor]) -> Tensor:
    """[B] the loss on a prepared batch at its own noise levels."""
    device = batch["truth"].device
    with torch.autocast(device.type, torch.bfloat16):
        memory = net.remember(torch.cat([batch["source"], batch["source_geometry"]], 1))
        clean = net(batch["noisy"], batch["level"], conditions_of(batch), memory)
    return loss(clean.float(), batch["truth"], weights(batch["geometry"], batch["trust"]))


def conditions_of(batch: dict[str, Tensor]) -> Tensor:
    """[B, TARGET - 3, P, P] as the denoiser takes them."""
    flag = batch["has_previous"][:, None, None, None].expand(-1, 1, *batch["truth"].shape[2:])
    return torch.cat([batch[name] for name in ("warp", "geometry", "trust", "previous")] + [flag], 1)


class Batches:
    """Rows of the packs, held on the device as bytes, and batches of them prepared there."""

    def __init__(self, paths: list[Path], pixels: int, device: torch.device, seed: int) -> None:
        """`pixels`: the side of the patches to make of those in the packs."""
        packs = [{name: _resized(rows[name], pixels).to(device) for name in rows} for rows in read_packs(paths)]
        self.rows: dict[str, Tensor] = {}
        for name in list(packs[0]):
            self.rows[name] = torch.cat([pack.pop(name) for pack in packs])
        mouth, clip = (self.rows[name].cpu().numpy() == 0 for name in ("region", "origin"))
        opening = self.rows["geometry"][..., 6:8].float().mean((1, 2)).amax(1).cpu().numpy() / 255
        share = np.where(mouth, MOUTHS / max(mouth.mean(), 1e-6), (1 - MOUTHS) / max((~mouth).mean(), 1e-6))
        share = share * np.where(clip, CLIPS / max(clip.mean(), 1e-6), (1 - CLIPS) / max((~clip).mean(), 1e-6))
        share = share * np.where(mouth, 0.4 + np.minimum(opening / WIDE, 2), 1 + 2 * (opening < SHUT))
        self._weights = share / share.sum()
        self._random = np.random.default_rng(seed)
        self._device = device
        self._kept = torch.from_numpy(kept()).float().to(device)
        self._share = torch.from_numpy(share_of_start()).float().to(device)

    def draw(self, size: int) -> dict[str, Tensor]:
        """A random batch, with colours, sides and previous frames varied, at random levels of noise."""
        picked = torch.from_numpy(self._random.choice(len(self._weights), size, p=self._weights)).to(self._device)
        batch = self.prepared(picked)
        batch = _mirrored(batch, self.rows["region"][picked] == 0)
        batch = _emptied(_tinted(batch))
        batch = _with_previous(batch)
        level = torch.randint(0, START, (size,), device=self._device)
        first = torch.rand(size, device=self._device) < FIRST_LEVEL
        return self.noised(batch, torch.where(first, START - 1, level))

    def prepared(self, picked: Tensor) -> dict[str, Tensor]:
        """Rows as float maps [B, C, pixels, pixels] in -1..1."""
        batch = {}
        for name in (*MAPS, *SOURCES):
            image = self.rows[name][picked].permute(0, 3, 1, 2).float() / 127.5 - 1
            batch[name] = image.contiguous(memory_format=torch.channels_last)
        batch["has_previous"] = self.rows["has_previous"][picked].float()
        return batch

    def noised(self, batch: dict[str, Tensor], level: Tensor) -> dict[str, Tensor]:
        """With `noisy` and `level` as sampling would come by at these levels ([B] int)."""
        a, share = self._kept[level][:, None, None, None], self._share[level][:, None, None, None]
        between = batch["truth"] + share * (batch["warp"] - batch["truth"])
        noisy = a.sqrt() * between + (1 - a).sqrt() * torch.randn_like(between)
        return batch | {"noisy": noisy, "level": 1 - self._kept[level]}


def _mirrored(batch: dict[str, Tensor], allowed: Tensor) -> dict[str, Tensor]:
    """Half of the allowed rows seen in a mirror."""
    flip = (allowed & (torch.rand(len(allowed), device=allowed.device) < 0.5))[:, None, None, None]
    turned = {}
    for name in (*MAPS, *SOURCES):
        mirror = batch[name].flip(3)
        if name.endswith("geometry"):
            sign = torch.ones(9, device=mirror.device)
            sign[[0, 3]] = -1  # the coordinate and the normal that point across
            mirror = mirror * sign[:, None, None]
        turned[name] = torch.where(flip, mirror, batch[name])
    return batch | turned


def _tinted(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Brightness, contrast and colour of a row's pictures, changed alike in all of them."""
    size, device = len(batch["truth"]), batch["truth"].device
    power = torch.exp(0.25 * torch.randn(size, 1, 1, 1, device=device))
    gain = torch.exp(0.08 * torch.randn(size, 3, 1, 1, device=device) - 0.05)
    changed = {
        name: (((batch[name] + 1) / 2).clamp(0, 1) ** power * gain).clamp(0, 1) * 2 - 1
        for name in ("truth", "warp", "previous", "source")
    }
    return batch | changed


def _emptied(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Some rows' warps lose more or less of the mouth they draw, so that it is not relied on."""
    warp, mouth = batch["warp"], (batch["geometry"][:, 6:7] + 1) / 2
    size, device = len(warp), warp.device
    share = (torch.rand(size, 1, 1, 1, device=device) * 1.6 - 0.6).clamp(min=0) * mouth
    colour = -1 + 1.2 * torch.rand(size, 1, 1, 1, device=device) * torch.rand(size, 3, 1, 1, device=device)
    return batch | {"warp": warp + share * (colour - warp)}


def _with_previous(batch: dict[str, Tensor]) -> dict[str, Tensor]:
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


def _resized(rows: np.ndarray, pixels: int) -> Tensor:
    """Pictures [N, P, P, C] uint8 at another size; labels as they are."""
    found = torch.from_numpy(rows)
    if found.ndim < 4 or found.shape[1] == pixels:
        return found
    parts = []
    for part in found.split(32):
        image = part.permute(0, 3, 1, 2).float()
        image = functional.interpolate(image, size=(pixels, pixels), mode="bilinear", antialias=True)
        parts.append(image.round().clamp(0, 255).byte().permute(0, 2, 3, 1).contiguous())
    return torch.cat(parts)


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def held_loss(trainer: Trainer, held: Batches, size: int = 32) -> tuple[float, float]:
    """Loss of the averaged weights in one step from the warp, and of the warp itself, on held-out patches."""
    net = Denoiser(trainer.net.shape).to(trainer.device).to(memory_format=torch.channels_last)
    net.load_state_dict(trainer.smooth)
    torch.manual_seed(0)
    total, plain, count = 0.0, 0.0, min(len(held.rows["truth"]), 192)
    for start in range(0, count, size):
        picked = torch.arange(start, min(start + size, count), device=trainer.device)
        batch = held.prepared(picked)
        batch |= {
            "previous": torch.zeros_like(batch["previous"]),
            "has_previous": torch.zeros(len(picked)).to(trainer.device),
        }
        batch = held.noised(batch, torch.full((len(picked),), START - 1, device=trainer.device))
        with torch.no_grad():
            total += float(patch_loss(net, batch).sum())
            plain += float(loss(batch["warp"], batch["truth"], weights(batch["geometry"], batch["trust"])).sum())
    return total / count, plain / count


def train(options: argparse.Namespace) -> None:
    """Run until the minutes or steps are over."""
    device = torch.device(options.device)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed + int(time.time()))
    parts = {part: part not in options.without for part in ("texture", "geometry")}
    trainer = Trainer(
        options.out, Shape(tuple(options.channels), options.blocks, **parts), options.rate, device, options.pixels
    )
    if options.start and not trainer.steps:
        trainer.begin(options.start)
    learned = Batches(sorted(options.packs.glob("learn-*.npz")), options.pixels, device, options.seed + trainer.steps)
    held = Batches(sorted(options.packs.glob("held-*.npz"))[:4], options.pixels, device, 0)
    print(f"{len(learned.rows['truth'])} patches to learn from, {len(held.rows['truth'])} held out", flush=True)
    start = saved = told = time.monotonic()
    recent: list[float] = []
    while trainer.steps < options.steps and time.monotonic() - start < 60 * options.minutes:
        before = time.monotonic()
        recent.append(trainer.step(learned.draw(options.batch), options.steps))
        now = time.monotonic()
        trainer.seconds += now - before
        if now - told > 30:
            print(f"step {trainer.steps}  loss {np.mean(recent):.4f}  {trainer.seconds:.0f} s", flush=True)
            recent, told = [], now
        if now - saved > SAVE_EVERY:
            trainer.save()
            print("held out: {:.4f} (the warp: {:.4f})".format(*held_loss(trainer, held)), flush=True)
            saved = time.monotonic()
    trainer.save()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="weights to begin from, where there is nothing to go on with")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--channels", type=int, nargs=3, default=(48, 96, 160))
    parser.add_argument("--blocks", type=int, default=1)
    parser.add_argument("--without", choices=["texture", "geometry"], nargs="*", default=[], help="for comparison")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--pixels", type=int, default=96)
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--steps", type=int, default=8000, help="over which the rate falls; training ends there")
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--seed", type=int, default=0)
    train(parser.parse_args())
