"""What a job yields. A job is a generator: each yield reports progress, may carry a frame, and is a place to stop."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import numpy as np

_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True)
class Progress:
    """`done` of `total` steps of the work named by `text`."""

    done: int
    total: int
    text: str


@dataclass(frozen=True)
class Heard(Progress):
    """The speech has been listened to: `phones` are engine.motion.phones.Phone, from the beginning of the clip's part;
    `voiceless`: there is nobody to be heard in it."""

    phones: tuple[Any, ...]
    voiceless: bool = False


@dataclass(frozen=True)
class Chosen(Progress):
    """The job has chosen the renderer `name` by itself, and `why`."""

    name: str
    why: str


@dataclass(frozen=True)
class Noted(Progress):
    """The work goes on, but the user should know of something: `note`, one line. The same one may come again."""

    note: str


@dataclass(frozen=True)
class FrameReady:
    """One rendered frame; `image` is HxWx3 uint8 RGB."""

    index: int
    image: np.ndarray


@dataclass(frozen=True)
class Estimate(FrameReady):
    """A frame as far as it is denoised; only jobs that promise estimates give any."""


@dataclass(frozen=True)
class Finished:
    """The last event of a job; `result` is what that job's docstring promises."""

    result: Any


Event = Progress | FrameReady | Finished


def in_one_go(job: Callable[_P, Generator[Progress, None, _R]]) -> Callable[_P, _R]:
    """The same work as `job`, without progress or places to stop: a function of what it takes that returns its result."""

    def whole(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        steps = job(*args, **kwargs)
        while True:
            try:
                next(steps)
            except StopIteration as done:
                result: _R = done.value
                return result

    return whole
