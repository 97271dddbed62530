"""From speech to motion by AToM: lips and face are drawn in windows, apart from each other, and become channels."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from engine.face.head_model import load_head_model
from engine.motion.atom.conditions import calmed, conditions
from engine.motion.atom.face_space import HEAD, LIFTED, SPOKEN, FaceSpace, to_channels
from engine.motion.atom.listening import FPS, Speech
from engine.motion.atom.model import Model
from engine.motion.atom.sampling import Known, draw, guided
from engine.project.channels import INDEX, NAMES
from engine.project.project import Delivery
from engine.project.timing import frame_times

GUIDANCE = 1.0
WARMTH = 0.6  # times the noise that lips begin with: at 1 they move more than real ones in plain frames, and follow less well
SIZE = 1.6  # the man who taught it opens his lips less than most: so they move as far as the phone table's
_SHARE = 0.5  # of another's opinion in the mean


def lip_motion(
    model: Model,
    speech: Speech,
    condition: np.ndarray,
    seed: int,
    known: Known | None = None,
    opinion: np.ndarray | None = None,
    scale: float = GUIDANCE,
) -> np.ndarray:
    """Coordinates [T, K] of lips and jaw at 25 frames a second. `seed` is the take; `known` frames are kept and met.

    `opinion` [T, K] is another's guess at the mean lips: what is drawn comes halfway from the ear's own mean to it.
    """
    network = model.network
    told = torch.from_numpy(condition)[None]
    shift = 0.0 if opinion is None else _SHARE * (opinion - SIZE * speech.mean(network))

    def window(first: int, end: int) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
        tokens, mean = speech.window(network, first, end)

        def denoise(noisy: Tensor, level: Tensor, where: Tensor) -> Tensor:
            if scale == 1:
                return network.lip_motion(noisy, level, told, where, tokens, mean)

            def both(heard: Tensor) -> Tensor:
                listened = tokens * heard + network.deaf * (1 - heard)
                x, at, conditions, given = (part.expand(2, *part.shape[1:]) for part in (noisy, level, told, where))
                return network.lip_motion(x, at, conditions, given, listened, mean * heard)

            return guided(both, scale)

        return denoise

    asked = Known((known.values - shift) / np.float32(SIZE), known.where) if known else None
    moved = SIZE * draw(speech.frames, network.settings.lips, window, seed, asked, WARMTH) + shift
    if known:
        moved[known.where] = known.values[known.where]
    return moved.astype(np.float32)


def upper_motion(
    model: Model, voice: np.ndarray | None, frames: int, condition: np.ndarray, seed: int, known: Known | None = None
) -> np.ndarray:
    """Coordinates [frames, U] of brows, lids and head; `voice` [frames, 2] level and pitch, or None: nothing of the sound."""
    told = torch.from_numpy(condition)[None]
    prosody = torch.zeros(1, frames, 3)
    if voice is not None:
        prosody = torch.from_numpy(np.column_stack([np.ones(frames), voice]).astype(np.float32))[None]

    def window(first: int, end: int) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
        beside = prosody[:, first:end]
        return lambda noisy, level, where: model.network.upper_motion(noisy, level, told, where, beside)

    return draw(frames, model.network.settings.upper, window, seed, known)


def lip_channels(
    model: Model, coordinates: np.ndarray, rate: Fraction, frames: int, delivery: Delivery | None = None
) -> np.ndarray:
    """Values [frames, C] at `rate`, as changes from lips that touch; channels that speech does not move are 0."""
    how = delivery or Delivery()
    moved = np.float32(how.intensity) * calmed(coordinates, how.smoothness, FPS)
    return _channels(SPOKEN, to_channels(model.lips, moved, load_head_model(), SPOKEN), rate, frames)


def upper_channels(model: Model, coordinates: np.ndarray, rate: Fraction, frames: int) -> np.ndarray:
    """Values [frames, C] at `rate` of brows, lids and head, as changes from a face at rest; other channels 0."""
    count = len(model.upper.spread)
    values = _channels(
        LIFTED, to_channels(model.upper, coordinates[:, :count], load_head_model(), LIFTED), rate, frames
    )
    turned = (coordinates[:, count:] * model.turn).astype(np.float32)
    return values + _channels(HEAD, turned, rate, frames)


def from_channels(space: FaceSpace, values: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Coordinates [T, K] of what these channels of `values` [T, C] make of a neutral head."""
    rows = [INDEX[name] for name in names]
    return values[:, rows] @ space.coordinates(load_head_model().expression[rows])


def _channels(names: tuple[str, ...], found: np.ndarray, rate: Fraction, frames: int) -> np.ndarray:
    """[T, len(names)] at 25 frames a second as values [frames, C] at `rate`; a cubic that does not overshoot (Fritsch and
    Carlson 1980)."""
    values = np.zeros((frames, len(NAMES)), np.float32)
    if rate != FPS and len(found) > 1:
        from scipy.interpolate import PchipInterpolator

        times = np.clip(frame_times(range(frames), rate) * float(FPS), 0, len(found) - 1)
        found = PchipInterpolator(np.arange(len(found)), found, axis=0)(times)
    values[:, [INDEX[name] for name in names]] = found[np.minimum(np.arange(frames), len(found) - 1)]
    return values


@dataclass(frozen=True)
class Kept:
    """What is locked of a performance at some frame rate: `values` [N, C] as changes from the face at rest, where bool
    `where` [N, C]."""

    values: np.ndarray
    where: np.ndarray

    def known(self, space: FaceSpace, names: tuple[str, ...], rate: Fraction, frames: int) -> Known:
        """The frames at 25 a second in which all of `names` are locked, in the coordinates of `space`."""
        at = np.rint(frame_times(range(frames), FPS) * float(rate)).astype(int).clip(0, len(self.values) - 1)
        where = self.where[at][:, [INDEX[name] for name in names]].all(axis=1)
        return Known(from_channels(space, self.values[at], names), where)


def mouth(
    model: Model,
    speech: Speech,
    rate: Fraction,
    frames: int,
    shape: np.ndarray,
    seed: int,
    delivery: Delivery | None = None,
    kept: Kept | None = None,
    opinion: np.ndarray | None = None,
) -> np.ndarray:
    """Lips and jaw while `speech` is heard, float32 [frames, C] at `rate`, as changes from lips that touch; others are 0.

    `shape` [6] is the face's (`conditions.face_shape`). What is `kept` comes out bit for bit, and the rest is drawn to meet
    it. `opinion`: as `lip_motion`.
    """
    how = delivery or Delivery()
    known = kept.known(model.lips, SPOKEN, rate, speech.frames) if kept else None
    moved = lip_motion(model, speech, conditions(how, shape), seed, known, opinion)
    values = lip_channels(model, moved, rate, frames, how)
    if kept:
        values[: len(kept.where)][kept.where[:frames]] = kept.values[kept.where[:frames]]
    return values
