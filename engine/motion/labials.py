"""A second hearing for /p b m/: recognition from sound alone misses half of them, and missed closures are what people see.

A network with one small hidden layer, trained by `engine.training.learn_labials`, says how likely each 10 ms is part of one.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from engine.resources import resource

CONTEXT = np.arange(-10, 11)  # the 10-ms frames that are looked at for one


@dataclass(frozen=True)
class Ear:
    """Weights of the network: `first` [len(CONTEXT) * BANDS, H], `second` [H], their offsets [H] and scalar."""

    first: np.ndarray
    first_offset: np.ndarray
    second: np.ndarray
    second_offset: float

    def likely(self, bands: np.ndarray) -> np.ndarray:
        """Probability [N] of /p b m/ in each 10 ms of a spectrum [N, BANDS]."""
        heard = np.empty(len(bands))
        for begin in range(0, len(bands), 1000):
            around = np.arange(begin, min(begin + 1000, len(bands)))[:, None] + CONTEXT
            seen = bands[np.clip(around, 0, len(bands) - 1)].reshape(len(around), -1)
            hidden = np.maximum(seen @ self.first + self.first_offset, 0)
            heard[begin : begin + 1000] = 1 / (1 + np.exp(-(hidden @ self.second + self.second_offset)))
        return heard


@cache
def load_ear() -> Ear:
    """The network that ships.

    Raises:
        ResourceError: it is missing or altered.
    """
    with np.load(resource("labials.npz")) as data:
        return Ear(data["first"], data["first_offset"], data["second"], float(data["second_offset"]))
