"""The tables prompts are understood by: faces with their source in the literature, and phrases that ask for them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from engine.errors import ResourceError
from engine.project.channels import NAMES
from engine.resources import resource
from engine.text.action_units import units_to_values

MANNERS = ("speech", "head", "blinks", "wander", "onset", "release")


@dataclass(frozen=True)
class Faces:
    """What a face asks of the channels and of the person's manner, one row a face.

    `values` float32 [F, C]: offsets from neutral in channel order; `manners` float32 [F, 6] in the order of MANNERS;
    row 0 is the neutral face.
    """

    names: tuple[str, ...]
    values: np.ndarray
    manners: np.ndarray
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Anchors:
    """Phrases and the faces they ask for: `faces` float32 [N, F], shares of full strength."""

    texts: tuple[str, ...]
    faces: np.ndarray


def _rows(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


@cache
def faces() -> Faces:
    """The table `emotion/faces.tsv`."""
    rows = _rows(resource("emotion/faces.tsv"))[1:]
    return Faces(
        tuple(row[0] for row in rows),
        np.stack([units_to_values(row[1]) for row in rows]),
        np.array([[float(cell) for cell in row[2:8]] for row in rows], np.float32),
        tuple(row[8] for row in rows),
    )


def read_anchors(path: Path) -> Anchors:
    """Phrases of a table like `emotion/anchors.tsv`: `face:percent[+face:percent]`, a tab, phrases parted by `; `.

    Raises:
        ResourceError: a face that `faces.tsv` does not have.
    """
    index = {name: i for i, name in enumerate(faces().names)}
    texts: list[str] = []
    shares: list[np.ndarray] = []
    for spec, phrases in _rows(path):
        row = np.zeros(len(index), np.float32)
        for part in spec.split("+"):
            name, percent = part.split(":")
            if name not in index:
                raise ResourceError(f"{path.name} asks for the face {name!r}, which faces.tsv does not have")
            row[index[name]] = float(percent) / 100
        texts += phrases.split("; ")
        shares += [row] * len(phrases.split("; "))
    return Anchors(tuple(texts), np.stack(shares))


@cache
def anchors() -> Anchors:
    """The table `emotion/anchors.tsv`."""
    return read_anchors(resource("emotion/anchors.tsv"))


def values_by_name(values: np.ndarray) -> dict[str, float]:
    """float [C] -> {channel: value}, those above rounding only."""
    return {name: round(float(value), 3) for name, value in zip(NAMES, values, strict=True) if abs(value) > 0.005}
