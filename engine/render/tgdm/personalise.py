"""Learns the weights of one face: pairs of its own picture or clip, a change of low rank, the best on pairs held out."""

import json
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from engine.device import best_device
from engine.errors import InputError
from engine.events import Event, Finished, Progress
from engine.face.fit import Fit
from engine.render.tgdm.batches import Batch, denoised, patch_loss, plain, prepared, varied
from engine.render.tgdm.network import Denoiser
from engine.render.tgdm.pairs import Pair, Portrayer, picture_pair, rows_of, way_between
from engine.render.tgdm.personal import adapt, changes, write_personal
from engine.render.tgdm.weights import load_weights

PAIRS = 24  # of one picture
FRAMES = 64  # of a clip
PREPARING = 0.4  # share of the time in which pairs are made, at most
HELD = 5  # one pair of so many is held out
RATE, WARM, STEPS = 1e-3, 20, 4000  # of learning; steps in which it begins; steps at most
BATCH = {"cuda": 64, "mps": 32, "cpu": 12}
LEAST = 20  # steps, even if making pairs has taken all the time
LOOKS, LOOK_AFTER = 12, 200  # the held-out pairs are looked at so often, and after so many steps

Taken = tuple[np.ndarray, Fit]  # a picture [H, W, 3] uint8 and the face in it


@dataclass(frozen=True)
class Learnt:
    """What came of it: the loss on pairs held out, before and after; equal if nothing helped."""

    path: Path
    before: float
    after: float
    steps: int


def personalise(
    weights: Path,
    portrait: Taken,
    frames: Sequence[Taken],
    output: Path,
    minutes: float,
    seed: int = 0,
    device: torch.device | None = None,
    steps: int = STEPS,
) -> Iterator[Event]:
    """Fine-tune the denoiser of `weights` to one face and write what is new to `output`. Finished: Learnt.

    `frames` are of a clip of the same person (a portrait first, then others), or none. Closed on the way, it writes
    nothing. It takes `minutes`, of which up to PREPARING go into pairs, or as many `steps`.

    Raises:
        InputError: no time, or nothing to learn from. ResourceError: no such weights. ExportError: it cannot be written.
    """
    if not 0 < minutes < 1e4:
        raise InputError(f"{minutes:g} minutes to personalise: give more than 0")
    device, end = device or best_device(), time.monotonic() + 60 * minutes
    known = load_weights(weights, device)
    torch.manual_seed(seed)
    rows = yield from _rows(
        _pairs(portrait, frames, known.side(portrait[1].pose.scale), seed),
        len(frames),
        end - 60 * minutes * (1 - PREPARING),
    )
    net = known.net.train()
    learning = adapt(net)
    lesson = _Lesson(net, learning, {name: value.to(device) for name, value in rows.items()}, seed)
    before = best = lesson.held_loss()
    kept, looked, start = changes(net), time.monotonic(), time.monotonic()
    while ((now := time.monotonic()) < end and lesson.steps < steps) or lesson.steps < LEAST:
        lesson.step(BATCH[device.type], min(max((now - start) / max(end - start, 1e-6), lesson.steps / steps), 1.0))
        if time.monotonic() - looked > (end - start) / LOOKS or lesson.steps % LOOK_AFTER == 0:
            looked = time.monotonic()
            if (found := lesson.held_loss()) < best:
                best, kept = found, changes(net)
        yield Progress(round(now - start), max(round(end - start), 1), "Learning this face")
    if (found := lesson.held_loss()) < best:
        best, kept = found, changes(net)
    notes = {"steps": str(lesson.steps), "held": json.dumps([before, best])}
    write_personal(output, kept, weights, notes)
    yield Finished(Learnt(output, before, best, lesson.steps))


class _Lesson:
    """A network that learns from rows, some of which it never sees."""

    def __init__(self, net: Denoiser, learning: list[torch.nn.Parameter], rows: Batch, seed: int) -> None:
        self._net, self._learning, self._rows = net, learning, rows
        numbers = torch.arange(len(rows["truth"]), device=rows["truth"].device)
        held = rows["pair"] % HELD == HELD - 1
        self._learned, self._held = numbers[~held], numbers[held]
        self._optimiser = torch.optim.AdamW(learning, lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
        self.steps = 0

    def step(self, size: int, done: float) -> None:
        """One batch; the rate falls to nothing as `done` goes to 1."""
        for group in self._optimiser.param_groups:
            group["lr"] = RATE * min(1.0, (self.steps + 1) / WARM) * 0.5 * (1 + float(np.cos(np.pi * done)))
        picked = self._learned[torch.randint(len(self._learned), (size,), device=self._learned.device)]
        batch = varied(prepared(self._rows, picked), self._rows["region"][picked] == 0)
        value = patch_loss(denoised(self._net, batch), batch).mean()
        self._optimiser.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(self._learning, 1.0)
        self._optimiser.step()
        self.steps += 1

    def held_loss(self) -> float:
        """Mean loss of one step from the warp, on the pairs held out; always with the same noise."""
        before = torch.random.get_rng_state()
        torch.manual_seed(0)
        with torch.no_grad():
            batches = (plain(prepared(self._rows, part)) for part in self._held.split(32))
            total = sum(float(patch_loss(denoised(self._net, batch), batch).sum()) for batch in batches)
        torch.random.set_rng_state(before)
        return total / max(len(self._held), 1)


def _pairs(portrait: Taken, frames: Sequence[Taken], trained: int, seed: int) -> Iterator[Pair | None]:
    """Pairs of the clip, if there is one, or else of the portrait alone; None where one could not be made."""
    if frames:
        first = Portrayer(*frames[0], trained)
        for picture, fit in frames[1:]:
            yield first.pair(way_between(frames[0][1], fit), picture)
        return
    rgb, fit = portrait
    for number in range(PAIRS):
        yield picture_pair(rgb, fit, np.random.default_rng([seed, number]), trained)


def _rows(pairs: Iterable[Pair | None], frames: int, end: float) -> Generator[Event, None, Batch]:
    """Rows of as many pairs as can be made before `end`; returned when it stops."""
    rows: list[dict[str, np.ndarray]] = []
    total = max(frames - 1, 0) or PAIRS
    yield Progress(0, total, "Making pairs to learn from")
    made = 0
    for done, pair in enumerate(pairs, start=1):
        if pair is not None:
            rows += [row | {"pair": np.array(made, np.int64)} for row in rows_of(pair)]
            made += 1
        yield Progress(done, total, "Making pairs to learn from")
        if time.monotonic() > end and made >= HELD:
            break
    if made < HELD:
        raise InputError(f"{made} pairs to learn this face from, of {HELD} needed: give a clearer picture, or a clip")
    return {name: torch.from_numpy(np.stack([row[name] for row in rows])) for name in rows[0]}
