"""The trained model as it ships: networks, and the face spaces that they move in."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from engine.motion.atom.face_space import FaceSpace
from engine.motion.atom.network import Atom, load
from engine.resources import resource


@dataclass(frozen=True)
class Model:
    """`turn` [5] is what one unit of the head's motion is, in the units of its channels."""

    network: Atom
    lips: FaceSpace
    upper: FaceSpace
    turn: np.ndarray


@cache
def load_model(path: Path | None = None) -> Model:
    """The model that ships, or the one in `path`.

    Raises:
        ResourceError: the shipped file is missing or altered.
    """
    network, arrays = load(path or resource("atom.safetensors"))
    spaces = {}
    for part in ("lips", "upper"):
        landmarks = tuple(int(i) for i in arrays[f"{part}.landmarks"])
        spaces[part] = FaceSpace(landmarks, arrays[f"{part}.directions"].numpy(), arrays[f"{part}.spread"].numpy())
    return Model(network, spaces["lips"], spaces["upper"], arrays["turn"].numpy())
