"""From speech to motion by AToM: lips and face are drawn in windows, apart from each other, and become channels."""

import math
from collections.abc import Callable, Iterator
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
from engine.motion.kept import Kept
from engine.project.channels import INDEX, NAMES
from engine.project.project import Delivery
from engine.project.timing import frame_times

GUIDANCE = 1.0
WARMTH = 0.45  # times the noise that lips begin with: at 1 they move more than real ones in plain frames, and follow less well
SIZE = 1.6  # the man who taught it opens his lips less than most: so they move as far as the phone table's
_SHARE = 0.5  # of another's opinion in the mean
_CALM = 1 / 3  # of the way to the mean in pauses: he who taught it shuts his mouth in them more than most
_SOFT = 0.4  # frames: standard deviation of what is always smoothed, so that lips jerk less and close as often
_AROUND = 10  # frames to either side that smoothing and another frame rate look at


def lip_motion(
    model: Model,
    speech: Speech,
    condition: np.ndarray,
    seed: int,
    known: Known | None = None,
    opinion: np.ndarray | None = None,
    scale: float = GUIDANCE,
) -> Iterator[np.ndarray]:
    """Coordinates [T, K] of lips and jaw at 25 frames a second, piece after piece. `seed` is the take; `known` frames are
    kept and met.

    `opinion` [T, K] is another's guess at the mean lips: what is drawn comes halfway from the ear's own mean to it.
    """
    network = model.network
    told = torch.from_numpy(condition)[None]
    aim, shift = _aim(model, speech, opinion)
    calm = _CALM * speech.pausing[:, None]

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

    asked = None
    if known:
        drawn = (known.values - calm * aim) / (1 - calm)  # what would have become the known values
        asked = Known(((drawn - shift) / SIZE).astype(np.float32), known.where)
    done = 0
    for piece in draw(speech.frames, network.settings.lips, window, seed, asked, WARMTH):
        own = slice(done, done + len(piece))
        moved = SIZE * piece + shift[own]
        moved += calm[own] * (aim[own] - moved)
        if known:
            moved[known.where[own]] = known.values[own][known.where[own]]
        yield moved.astype(np.float32)
        done = own.stop


def _aim(model: Model, speech: Speech, opinion: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """The mean lips [T, K] that are drawn around, and what of them is another's opinion."""
    mean = SIZE * speech.mean(model.network)
    shift = np.zeros_like(mean) if opinion is None else _SHARE * (opinion - mean)
    return mean + shift, shift


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

    return np.concatenate(list(draw(frames, model.network.settings.upper, window, seed, known)))


def lip_channels(
    model: Model,
    coordinates: np.ndarray,
    rate: Fraction,
    frames: range,
    delivery: Delivery | None = None,
) -> np.ndarray:
    """Values [len(frames), C] of these frames at `rate`, as changes from lips that touch; channels that speech does not
    move are 0. `coordinates` [T, K] are those from the beginning on."""
    from scipy.ndimage import gaussian_filter1d

    how = delivery or Delivery()
    first, last = (int(at * FPS / rate) for at in (frames.start, frames.stop - 1))
    part = slice(max(first - _AROUND, 0), last + 1 + _AROUND)
    soft = gaussian_filter1d(coordinates[part], _SOFT, axis=0)
    moved = np.float32(how.intensity) * calmed(soft, how.smoothness, FPS)
    return _channels(SPOKEN, to_channels(model.lips, moved, load_head_model(), SPOKEN), rate, frames, part.start)


def upper_channels(model: Model, coordinates: np.ndarray, rate: Fraction, frames: range) -> np.ndarray:
    """Values [len(frames), C] at `rate` of brows, lids and head, as changes from a face at rest; other channels 0."""
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


def _channels(names: tuple[str, ...], found: np.ndarray, rate: Fraction, frames: range, first: int = 0) -> np.ndarray:
    """[T, len(names)] at 25 frames a second, from frame `first` on, as values [len(frames), C] of `frames` at `rate`; a cubic
    that does not overshoot (Fritsch and Carlson 1980)."""
    values = np.zeros((len(frames), len(NAMES)), np.float32)
    at = np.clip(frame_times(frames, rate) * float(FPS) - first, 0, len(found) - 1)
    if rate != FPS and len(found) > 1:
        from scipy.interpolate import PchipInterpolator

        found = PchipInterpolator(np.arange(len(found)), found, axis=0)(at)
    else:
        found = found[np.rint(at).astype(int)]
    values[:, [INDEX[name] for name in names]] = found
    return values


def _known(kept: Kept, model: Model, rate: Fraction, aim: np.ndarray) -> Known:
    """The frames at 25 a second in which lips stay, in their coordinates; `aim` [T, K] are the mean lips.

    Channels cannot do all that coordinates say. What they lose of the mean lips was lost of these, too, and is added again.
    """
    at = np.rint(frame_times(range(len(aim)), FPS) * float(rate)).astype(int).clip(0, len(kept.values) - 1)
    done = to_channels(model.lips, aim, load_head_model(), SPOKEN)
    lost = aim - done @ model.lips.coordinates(load_head_model().expression[[INDEX[name] for name in SPOKEN]])
    seen = from_channels(model.lips, kept.values[at], SPOKEN)
    return Known((seen + lost).astype(np.float32), kept.holds(SPOKEN)[at])


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
) -> Iterator[np.ndarray]:
    """Lips and jaw while `speech` is heard, float32 [frames, C] at `rate`, piece after piece, as changes from lips that
    touch; others are 0.

    `shape` [6] is the face's (`conditions.face_shape`). Lips that are `kept` (as such changes) come out nearly as they are,
    and the rest is drawn to meet them. `opinion`: as `lip_motion`.
    """
    how = delivery or Delivery()
    known = _known(kept, model, rate, _aim(model, speech, opinion)[0]) if kept else None
    if known and how.intensity:
        known = Known(known.values / np.float32(how.intensity), known.where)
    moved = np.zeros((speech.frames, model.network.settings.lips), np.float32)
    drawn = made = 0
    for piece in lip_motion(model, speech, conditions(how, shape), seed, known, opinion):
        moved[drawn : drawn + len(piece)] = piece
        drawn += len(piece)
        end = frames if drawn == speech.frames else min(math.floor((drawn - _AROUND) * rate / FPS), frames)
        if end > made:
            values = lip_channels(model, moved[:drawn], rate, range(made, end), how)
            yield values
            made = end
