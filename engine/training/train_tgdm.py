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

from engine.render.tgdm.batches import WHOLE, Batch, denoised, patch_loss, plain, prepared, varied
from engine.render.tgdm.network import Denoiser, Shape
from engine.render.tgdm.weights import load_weights
from engine.training.critic import Critic
from engine.training.tgdm_pack import ORIGINS, read_packs

MOUTHS = 0.55  # share of patches that are mouths
FROM = {"clip": 0.35, "picture": 0.4, "synthetic": 0.25}  # share of mouths, and of eyes, by origin, of those there are
FACES = 1.0  # for each patch of mouth or eye, where there are any
FACES_FROM = {"clip": 0.2, "picture": 0.0, "synthetic": 0.8}
WIDE = 0.04  # share of a patch that a mouth must cover to be seen more than twice as often as a shut one
SHUT = 0.02  # share of a patch that an eye covers less of when it is nearly shut
SMOOTH = 0.999  # decay of the averaged weights
WARM = 200  # steps
SAVE_EVERY = 180  # seconds
CRITIC_RATE = 4e-4
BLIND = 400  # steps until a critic has its full pull


class Trainer:
    """A denoiser in training, and all that must be kept to go on another day."""

    def __init__(
        self, out: Path, shape: Shape, rate: float, device: torch.device, pixels: int = 96, doubt: float = 0.0
    ) -> None:
        """`pixels`: the side of the patches it is trained on, noted with the weights; `doubt`: how hard a critic pulls
        at a denoised patch beside the loss, none at 0."""
        out.mkdir(parents=True, exist_ok=True)
        self.pixels, self.doubt = pixels, doubt
        self.file, self.device, self.rate = out / "state.safetensors", device, rate
        self.net = Denoiser(shape).to(device).to(memory_format=torch.channels_last)
        self.smooth = {name: value.detach().clone().float() for name, value in self.net.state_dict().items()}
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
        self.critic = Critic().to(device).to(memory_format=torch.channels_last)
        self.critics = torch.optim.Adam(self.critic.parameters(), lr=CRITIC_RATE, betas=(0.5, 0.99))
        self.steps, self.steps_doubted, self.seen, self.seconds = 0, 0, 0, 0.0
        self._load()

    def step(self, batch: Batch, total: int) -> float:
        """One step on a batch; the rate falls with a cosine over `total` steps. The loss, without the critic's part."""
        for group in self.optimiser.param_groups:
            done = min(self.steps / total, 1.0)
            group["lr"] = self.rate * min(1.0, (self.steps + 1) / WARM) * (0.05 + 0.475 * (1 + np.cos(np.pi * done)))
        clean = denoised(self.net, batch)
        value = patch_loss(clean, batch).mean()
        self.optimiser.zero_grad(set_to_none=True)
        if self.doubt:
            self._teach_critic(clean.detach(), batch)
            closer = torch.autograd.grad(value, clean, retain_graph=True)[0]
            truer = torch.autograd.grad(self.critic.doubt(clean, batch), clean, retain_graph=True)[0]
            clean.backward(closer + truer * self._share() * closer.norm() / (truer.norm() + 1e-9))
        else:
            value.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.steps, self.seen = self.steps + 1, self.seen + len(batch["truth"])
        decay = min(SMOOTH, (1 + self.steps) / (10 + self.steps))
        for name, now in self.net.state_dict().items():
            self.smooth[name].lerp_(now.float(), 1 - decay)
        return float(value.detach())

    def _share(self) -> float:
        """How long the critic's pull is beside that of the loss: none before it has learnt to see."""
        return self.doubt * min(self.steps_doubted / BLIND, 1.0)

    def _teach_critic(self, clean: Tensor, batch: Batch) -> None:
        self.critics.zero_grad(set_to_none=True)
        self.critic.loss(clean, batch).backward()
        self.critics.step()
        self.steps_doubted += 1

    def save(self) -> None:
        """Write everything, and the averaged weights alone in half precision, each whole or not at all."""
        tensors = {f"net.{name}": value for name, value in self.net.state_dict().items()}
        tensors |= {f"smooth.{name}": value for name, value in self.smooth.items()}
        tensors |= _kept("optimiser.", self.optimiser)
        if self.doubt:
            tensors |= {f"critic.{name}": value for name, value in self.critic.state_dict().items()}
            tensors |= _kept("critics.", self.critics)
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
        _restore(self.optimiser, _part(tensors, "optimiser."))
        if critic := _part(tensors, "critic."):
            self.critic.load_state_dict(critic)
            _restore(self.critics, _part(tensors, "critics."))


class Batches:
    """Rows of the packs, held on the device as bytes, and batches of them made there."""

    def __init__(self, paths: list[Path], pixels: int, device: torch.device, seed: int) -> None:
        """`pixels`: the side of the patches to make of those in the packs."""
        packs = [{name: _resized(rows[name], pixels).to(device) for name in rows} for rows in read_packs(paths)]
        self.rows: dict[str, Tensor] = {}
        for name in list(packs[0]):
            self.rows[name] = torch.cat([pack.pop(name) for pack in packs])
        labels = [self.rows[name].cpu().numpy() for name in ("region", "origin")]
        opening = self.rows["geometry"][..., 6:8].float().mean((1, 2)).amax(1).cpu().numpy() / 255
        self._weights = shares(labels[0], labels[1], opening)
        self._random = np.random.default_rng(seed)
        self._device = device

    def draw(self, size: int) -> dict[str, Tensor]:
        """A random batch, with colours, sides and previous frames varied, at random levels of noise."""
        picked = torch.from_numpy(self._random.choice(len(self._weights), size, p=self._weights)).to(self._device)
        region = self.rows["region"][picked]
        return varied(prepared(self.rows, picked), (region == 0) | (region == WHOLE))


def shares(region: np.ndarray, origin: np.ndarray, opening: np.ndarray) -> np.ndarray:
    """[N] how often each patch is drawn (sum 1): its region, the index of its origin in ORIGINS, how much of it is mouth
    or eye (0..1)."""
    mouth, face = region == 0, region == WHOLE
    eye = ~mouth & ~face
    share = np.where(mouth, 0.4 + np.minimum(opening / WIDE, 2), np.where(eye, 1 + 2 * (opening < SHUT), 1.0))
    for group, of_all in ((mouth, MOUTHS), (eye, 1 - MOUTHS), (face, FACES)):
        for index, name in enumerate(ORIGINS):
            alike = group & (origin == index)
            share[alike] *= (FACES_FROM if group is face else FROM)[name] / max(share[alike].sum(), 1e-9)
        share[group] *= of_all / max(share[group].sum(), 1e-9)
    return share / share.sum()


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


def _kept(prefix: str, optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    states = optimiser.state_dict()["state"].items()
    return {
        f"{prefix}{index}.{name}": torch.as_tensor(value) for index, state in states for name, value in state.items()
    }


def _restore(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    optimiser.load_state_dict(optimiser.state_dict() | {"state": state})


def held_loss(trainer: Trainer, held: Batches, size: int = 32) -> tuple[float, float]:
    """Loss of the averaged weights in one step from the warp, and of the warp itself, on held-out patches."""
    net = Denoiser(trainer.net.shape).to(trainer.device).to(memory_format=torch.channels_last)
    net.load_state_dict(trainer.smooth)
    torch.manual_seed(0)
    total, unchanged, count = 0.0, 0.0, min(len(held.rows["truth"]), 192)
    for start in range(0, count, size):
        picked = torch.arange(start, min(start + size, count), device=trainer.device)
        batch = plain(prepared(held.rows, picked))
        with torch.no_grad():
            total += float(patch_loss(denoised(net, batch), batch).sum())
            unchanged += float(patch_loss(batch["warp"], batch).sum())
    return total / count, unchanged / count


def train(options: argparse.Namespace) -> None:
    """Run until the minutes or steps are over."""
    device = torch.device(options.device)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    parts = {part: part not in options.without for part in ("texture", "geometry")}
    shape = Shape(tuple(options.channels), options.blocks, **parts)
    trainer = Trainer(options.out, shape, options.rate, device, options.pixels, options.doubt)
    torch.manual_seed(options.seed + trainer.steps)
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
    parser.add_argument("--doubt", type=float, default=0.0, help="how hard a critic pulls beside the loss")
    parser.add_argument("--steps", type=int, default=8000, help="over which the rate falls; training ends there")
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--seed", type=int, default=0)
    train(parser.parse_args())
