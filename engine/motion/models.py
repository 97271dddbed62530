"""What can move the mouth (`MOTION_MODELS`): AToM, which draws it anew for every seed, or the phone table, its first form."""

from collections.abc import Generator, Iterator
from fractions import Fraction
from typing import Protocol

import numpy as np

from engine.errors import InputError
from engine.events import Progress
from engine.face.head_model import Person
from engine.motion.kept import Kept
from engine.motion.phones import Phone, recognising
from engine.motion.visemes import mouth
from engine.project.project import MOTION_MODELS, Delivery


class Speak(Protocol):
    """Moves the mouth while phones are spoken."""

    def __call__(
        self, phones: list[Phone], mono: np.ndarray, level: np.ndarray, rate: Fraction, kept: Kept | None = None
    ) -> Iterator[np.ndarray]:
        """What `visemes.mouth` gives, piece after piece; each may be the last. What is `kept`, as changes from lips that
        touch, is met by a model that can."""


def listening(name: str, mono: np.ndarray, text: str | None) -> Generator[Progress, None, list[Phone]]:
    """Phones of `mono` (float32 [N], 16 kHz) as the model `name` wants them; `text` is what is said, if known. Progress and
    a place to stop every few seconds of it.

    Raises:
        ResourceError: the model's weights are missing or altered.
    """
    if name == "phones" or text:
        return (yield from recognising(mono, text))
    from engine.motion.atom import speaking

    return (yield from speaking.listening(mono))


def speaker(how: Delivery, person: Person, seed: int, told: bool) -> Speak:
    """What moves this person's mouth; `told`: the phones come from the text. AToM's take is `seed`'s.

    Raises:
        InputError: there is no such model. ResourceError: its weights are missing or altered.
    """
    if how.model not in MOTION_MODELS:
        raise InputError(f"motion model {how.model!r} is not known: choose one of {', '.join(MOTION_MODELS)}")
    if how.model == "phones":
        return by_table(how)
    from engine.motion.atom.conditions import face_shape
    from engine.motion.atom.speaking import speaker as drawing

    return drawing(told, face_shape(person.neutral, person.model), seed, how)


def by_table(how: Delivery) -> Speak:
    """The phone table, delivered as asked."""
    from engine.motion.atom.conditions import calmed

    def speak(
        phones: list[Phone], mono: np.ndarray, level: np.ndarray, rate: Fraction, kept: Kept | None = None
    ) -> Iterator[np.ndarray]:
        yield np.float32(how.intensity) * calmed(mouth(phones, mono, level, rate), how.smoothness, rate)

    return speak
