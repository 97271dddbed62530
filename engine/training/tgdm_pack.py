"""Packs of pairs for the denoiser: compressed numpy archives, each under 64 MiB, read whole into memory."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

LIMIT = 60 << 20  # bytes of a pack
MAPS = ("truth", "warp", "geometry", "trust", "previous")  # [N, P, P, .] uint8, a row a patch
SOURCES = ("source", "source_geometry")  # [N, P, P, .] uint8, the portrait of each
LABELS = ("region", "origin", "has_previous")  # [N] uint8
ORIGINS = ("clip", "picture", "synthetic")

Rows = dict[str, np.ndarray]


class PackWriter:
    """Collects rows and writes a pack whenever there are `rows` of them; the last, shorter one on leaving."""

    def __init__(self, folder: Path, stem: str, rows: int = 200) -> None:
        self._folder, self._stem, self._rows = folder, stem, rows
        self._waiting: list[dict[str, np.ndarray]] = []
        self._written = len(list(folder.glob(f"{stem}-*.npz")))
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "PackWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._write()

    def add(self, row: dict[str, np.ndarray]) -> None:
        """One row: an array without its first axis for each of MAPS, SOURCES and LABELS."""
        self._waiting.append(row)
        if len(self._waiting) >= self._rows:
            self._write()

    def _write(self) -> None:
        if not self._waiting:
            return
        rows = {name: np.stack([row[name] for row in self._waiting]) for name in self._waiting[0]}
        target = self._folder / f"{self._stem}-{self._written:03d}.npz"
        partial = target.with_suffix(".part")
        with partial.open("wb") as file:
            np.savez_compressed(file, **rows)
        partial.rename(target)
        self._written += 1
        self._waiting = []


def read_packs(paths: list[Path]) -> Iterator[Rows]:
    """The rows of each of these packs, as they come."""
    for path in paths:
        with np.load(path) as pack:
            yield {name: pack[name] for name in (*MAPS, *SOURCES, *LABELS)}
