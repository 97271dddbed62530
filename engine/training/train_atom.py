"""Trains AToM on what build_atom_data made; stops and goes on where it was.

python -m engine.training.train_atom --cache ../cache/atom --run first --steps 20000 [--device cuda] [--batch 32]
python -m engine.training.train_atom --cache ../cache/atom --run first --write resources/atom.safetensors
"""

import argparse
import copy
import math
import pickle
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from torch.utils.data import DataLoader

from engine.face.head_model import load_head_model
from engine.motion.atom.conditions import face_shape
from engine.motion.atom.face_space import FaceSpace
from engine.motion.atom.network import Atom, Settings, save
from engine.training.atom_batches import Batch, Batches
from engine.training.atom_pack import read_pack

RATE, WARM, STEADY = 1.5e-3, 300, 0.999  # learning rate, steps until it is reached, memory of the averaged weights
SAVE, REPORT = 60.0, 50  # seconds between states; steps between reports
VELOCITY, OPENING, WIDTH, HEARD, MEAN = 0.4, 1.0, 0.5, 0.25, 1.0  # weights of the losses beside plain reconstruction
EAR_FIRST = 2000  # steps in which the ear learns alone, which costs a quarter
PEOPLE = 2000


@dataclass
class Run:
    """A training run: the network, its running average, the optimiser, and how far it is."""

    network: Atom
    average: Atom
    optimiser: torch.optim.Optimizer
    step: int = 0


class Loss:
    """What the network is told to do, for one face space."""

    def __init__(self, space: FaceSpace, device: str) -> None:
        spread = space.spread / space.spread.sum()
        self.share = torch.tensor(spread * len(spread), device=device)
        self.gaps = torch.tensor(gap_rows(space), device=device)

    def hearing(self, network: Atom, batch: Batch) -> tuple[dict[str, torch.Tensor], torch.Tensor, torch.Tensor]:
        """Losses of the ear alone, its tokens, and its guess at the lips."""
        tokens, mean, heard = network.ear(batch.sound, batch.told, batch.source)
        losses = {
            "mean": MEAN * self.lips(mean, batch.lips, torch.ones_like(batch.known)),
            "heard": HEARD * functional.cross_entropy(heard.flatten(0, 1), batch.labels.flatten(), ignore_index=-1),
        }
        return losses, tokens, mean

    def __call__(self, network: Atom, batch: Batch) -> dict[str, torch.Tensor]:
        """Losses by name."""
        count = len(batch.known)
        losses, tokens, mean = self.hearing(network, batch)
        level = torch.rand(count, device=batch.sound.device)
        hears = batch.hears[:, None, None]
        told = tokens * hears + network.deaf * (1 - hears)
        lips = network.lip_motion(
            noised(batch.lips, level, batch.known), level, batch.condition, batch.known, told, mean.detach() * hears
        )
        losses["lips"] = self.lips(lips, batch.lips, 1 - batch.known)
        losses["upper"] = self.upper_loss(network, batch, level)
        return losses

    def lips(self, made: torch.Tensor, real: torch.Tensor, where: torch.Tensor) -> torch.Tensor:
        """Reconstruction of coordinates, opening and width, and of their velocity."""
        away = made - real
        gaps = away @ self.gaps.T
        every = (away**2 * self.share).mean(-1) + OPENING * gaps[..., 0] ** 2 + WIDTH * gaps[..., 1] ** 2
        pace = torch.diff(away, dim=1)
        paces = torch.diff(gaps, dim=1)
        moving = (pace**2 * self.share).mean(-1) + OPENING * paces[..., 0] ** 2 + WIDTH * paces[..., 1] ** 2
        both = where[:, 1:] * where[:, :-1]
        return _over(every, where) + VELOCITY * _over(moving, both)

    @staticmethod
    def upper_loss(network: Atom, batch: Batch, level: torch.Tensor) -> torch.Tensor:
        """Reconstruction and velocity of the rest of the face; a quarter of the windows is enough to learn so little."""
        part = slice(0, len(level) // 4)
        real, known = batch.upper[part], batch.known[part]
        noisy = noised(real, level[part], known)
        away = network.upper_motion(noisy, level[part], batch.condition[part], known, batch.prosody[part]) - real
        where = (1 - known) * batch.faced[part, None]
        moving = torch.diff(away, dim=1)
        both = where[:, 1:] * where[:, :-1]
        return 0.5 * (_over((away**2).mean(-1), where) + VELOCITY * _over((moving**2).mean(-1), both))


def gap_rows(space: FaceSpace) -> np.ndarray:
    """How coordinates make the lips' opening and width, each of unit size on average: float32 [2, K]."""
    at = {landmark: i for i, landmark in enumerate(space.landmarks)}
    opening = space.directions[:, at[13], 1] - space.directions[:, at[14], 1]
    width = space.directions[:, at[291], 0] - space.directions[:, at[61], 0]
    rows = np.stack([opening, width]) * space.spread
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def noised(clean: torch.Tensor, level: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """`clean` [B, T, K] with noise of `level` [B] (cosine schedule, Nichol and Dhariwal 2021), but where it is `known`."""
    angle = (level * math.pi / 2)[:, None, None]
    noisy = angle.cos() * clean + angle.sin() * torch.randn_like(clean)
    return torch.where(known[..., None] > 0, clean, noisy)


def _over(values: torch.Tensor, where: torch.Tensor) -> torch.Tensor:
    return (values * where).sum() / where.sum().clamp(min=1)


def train(
    cache: Path, name: str, steps: int, count: int, device: str, workers: int, weights: dict[str, float], s: Settings
) -> None:
    """Trains up to `steps` steps in all, from where the run stopped; `workers` processes draw batches."""
    spaces = pickle.loads((cache / "spaces.pkl").read_bytes())
    run = resume(cache / name, s, device)
    drawn = Batches(read_pack(cache / "pack"), people(), weights, s, count, seed=run.step)
    batches = iter(DataLoader(drawn, batch_size=None, num_workers=workers))
    loss, saved = Loss(FaceSpace(**spaces["lips"]), device), time.monotonic()
    sums: dict[str, float] = {}
    torch.manual_seed(run.step)
    while run.step < steps:
        warm = min(1.0, (run.step + 1) / WARM)
        for group in run.optimiser.param_groups:
            group["lr"] = RATE * warm * (0.02 + 0.98 * math.cos(math.pi / 2 * run.step / steps) ** 2)
        batch = Batch(*(tensor.to(device) for tensor in vars(next(batches)).values()))
        with torch.autocast(device, torch.bfloat16):
            parts = loss(run.network, batch) if run.step >= EAR_FIRST else loss.hearing(run.network, batch)[0]
        run.optimiser.zero_grad()
        sum(parts.values()).backward()  # type: ignore[union-attr]
        torch.nn.utils.clip_grad_norm_(run.network.parameters(), 1.0)
        run.optimiser.step()
        run.step += 1
        follow(run.average, run.network, min(STEADY, run.step / (run.step + 10)))
        for part, value in parts.items():
            sums[part] = sums.get(part, 0) + value.item()
        if run.step % REPORT == 0:
            print(run.step, *(f"{part} {value / REPORT:.4f}" for part, value in sums.items()), flush=True)
            sums = {}
        if time.monotonic() - saved > SAVE or run.step == steps:
            keep(run, cache / name)
            saved = time.monotonic()


def people() -> np.ndarray:
    """Shapes [PEOPLE, 6] of random heads."""
    model, dice = load_head_model(), np.random.default_rng(0)
    return np.stack(
        [face_shape(model.person(dice.normal(0, 0.8, len(model.identity))).neutral, model) for _ in range(PEOPLE)]
    )


def follow(average: Atom, network: Atom, steady: float) -> None:
    """The running average takes a step towards the network."""
    with torch.no_grad():
        for mine, other in zip(average.parameters(), network.parameters(), strict=True):
            mine.lerp_(other, 1 - steady)


def resume(folder: Path, s: Settings, device: str) -> Run:
    """The run as it was kept, or a new one."""
    torch.manual_seed(0)
    network = Atom(s).to(device)
    run = Run(network, copy.deepcopy(network), torch.optim.AdamW(network.parameters(), RATE, (0.9, 0.98)))
    if (folder / "state.pt").exists():
        state = torch.load(folder / "state.pt", map_location=device, weights_only=True)
        for name in ("network", "average", "optimiser"):
            getattr(run, name).load_state_dict(state[name])
        run.step = state["step"]
    return run


def keep(run: Run, folder: Path) -> None:
    """Writes the state, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = {name: getattr(run, name).state_dict() for name in ("network", "average", "optimiser")}
    torch.save({**parts, "step": run.step}, folder / "state.part")
    (folder / "state.part").rename(folder / "state.pt")


def write(cache: Path, name: str, path: Path, s: Settings) -> None:
    """The averaged weights in half precision, with the face spaces, as the program reads them."""
    spaces = pickle.loads((cache / "spaces.pkl").read_bytes())
    extra = {"turn": torch.tensor(spaces["turn"], dtype=torch.float32)}
    for part in ("lips", "upper"):
        extra[f"{part}.landmarks"] = torch.tensor(spaces[part]["landmarks"])
        for field in ("directions", "spread"):
            extra[f"{part}.{field}"] = torch.tensor(spaces[part][field])
    save(resume(cache / name, s, "cpu").average.half(), extra, path)


def sources(text: str) -> dict[str, float]:
    """`grid=3,read=1` as a dictionary."""
    return {name: float(weight) for name, _, weight in (part.partition("=") for part in text.split(","))}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--run", default="first", help="name of the folder of this run in the cache")
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--workers", type=int, default=0, help="processes that prepare batches; 0: none beside this one"
    )
    parser.add_argument("--mix", type=sources, default={"grid": 1.0}, help="how often each source is drawn")
    parser.add_argument("--write", type=Path, help="write the weights of the run here, and do not train")
    arguments = parser.parse_args()
    if arguments.write:
        write(arguments.cache, arguments.run, arguments.write, Settings())
    else:
        torch.set_num_threads(1 if arguments.device == "cpu" else 4)
        parts = (arguments.cache, arguments.run, arguments.steps, arguments.batch, arguments.device, arguments.workers)
        train(*parts, arguments.mix, Settings())
