"""AToM as what moves the mouth of a performance, in the place of the phone table (`engine.motion.visemes`)."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from fractions import Fraction
from threading import Lock

import numpy as np
import torch

from engine.events import Progress
from engine.motion import visemes
from engine.motion.atom.face_space import SPOKEN
from engine.motion.atom.hearing import SPEEDS, heard_phones
from engine.motion.atom.listening import FPS, Speech
from engine.motion.atom.model import Model, load_model
from engine.motion.atom.network import HEARD, KNOWN
from engine.motion.atom.perform import from_channels, mouth
from engine.motion.features import RATE
from engine.motion.kept import Kept
from engine.motion.models import Speak
from engine.motion.phones import Phone, recognising_at
from engine.motion.visemes import audibility
from engine.project.project import Delivery
from engine.project.timing import frame_count, frame_times

_DRAWING = Lock()  # the number of threads is everybody's: one changes it at a time
_NEAR, _FALL = (
    Fraction("0.6"),
    Fraction("0.15"),
)  # seconds from speech in which lips are drawn; half of their fall to rest


def listening(mono: np.ndarray) -> Generator[Progress, None, list[Phone]]:
    """Phones of `mono` (float32 [N], 16 kHz): what is recognised, and what AToM's own ear hears, correct each other."""
    recognised = yield from recognising_at(mono, SPEEDS)
    with _one_thread():
        return heard_phones(load_model().network, mono, recognised)


def speaker(
    told: bool,
    shape: np.ndarray,
    seed: int,
    delivery: Delivery | None = None,
    model: Model | None = None,
) -> Speak:
    """What `generate.perform` takes as `speak`. `told`: the phones come from the text; `shape` [6] is the face's
    (`conditions.face_shape`); `seed` is the take."""
    used = model or load_model()

    def speak(
        phones: list[Phone], mono: np.ndarray, level: np.ndarray, rate: Fraction, kept: Kept | None = None
    ) -> Iterator[np.ndarray]:
        if kept and kept.holds(SPOKEN).all():
            yield np.where(kept.where, kept.values, 0)
            return
        opinion = None if told else table(used, phones, mono, level, rate)
        speech = Speech(mono, phones, KNOWN if told else HEARD)
        awake, done = _awake(level, rate)[:, None], 0
        pieces = mouth(used, speech, rate, len(level), shape, seed, delivery, kept, opinion)
        while (values := _next(pieces)) is not None:
            free = ~kept.holds(SPOKEN)[done : done + len(values), None] if kept else True
            yield np.multiply(values, awake[done : done + len(values)], out=values, where=free)
            done += len(values)

    return speak


def _next(pieces: Iterator[np.ndarray]) -> np.ndarray | None:
    with _one_thread():
        return next(pieces, None)


def table(model: Model, phones: list[Phone], mono: np.ndarray, level: np.ndarray, rate: Fraction) -> np.ndarray:
    """Lips by the phone table, as coordinates [T, K] at 25 frames a second: AToM's second opinion. `level` [N] at `rate`."""
    times = frame_times(range(frame_count(Fraction(len(mono), RATE), FPS)), FPS)
    heard = np.interp(times, frame_times(range(len(level)), rate), level)
    pieces = [from_channels(model.lips, piece, SPOKEN) for piece in visemes.mouths(phones, mono, heard, FPS)]
    return np.concatenate([np.zeros((0, len(model.lips.spread))), *pieces])


def _awake(level: np.ndarray, rate: Fraction) -> np.ndarray:
    """From loudness [T]: 1 near speech, 0 in long silence, where lips rest rather than be drawn, [T] float32."""
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    near = maximum_filter1d(audibility(level, rate)[0], 2 * round(_NEAR * rate) + 1)
    return uniform_filter1d(near, 2 * round(_FALL * rate) + 1).astype(np.float32)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Threads gain nothing for networks so small, and on a busy machine wait for each other."""
    with _DRAWING:
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)
