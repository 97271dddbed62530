"""What a job yields. A job is a generator: each yield reports progress, may carry a frame, and is a place to stop."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Progress:
    """`done` of `total` steps of the work named by `text`."""

    done: int
    total: int
    text: str


@dataclass(frozen=True)
class Heard(Progress):
    """The speech has been listened to: `phones` are engine.motion.phones.Phone, from the beginning of the clip's part."""

    phones: tuple[Any, ...]


@dataclass(frozen=True)
class Chosen(Progress):
    """The job has chosen the renderer `name` by itself, and `why`."""

    name: str
    why: str


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
