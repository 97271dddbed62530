"""Rhubarb Lip Sync (Daniel Wolf, MIT licence) as a mouth to compare with; its program is built apart and only run.

Its nine shapes are drawings. What opening and width each stands for is learned from clips of a real speaker: the kindest
reading of it, for a hand-made one would say less. Only A is by definition: closed lips.
"""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from scipy.ndimage import uniform_filter1d

from engine.motion.features import RATE
from engine.training.lip_figures import FPS, Lips

SHAPES = "ABCDEFGHX"
BLEND = 3  # frames over which one shape goes over into the next, as it follows real lips best


def shapes(program: Path, mono: np.ndarray, text: str | None = None) -> np.ndarray:
    """Index into SHAPES at every frame of `mono` (float32 [N], 16 kHz), by its phonetic recogniser or, with text, its other."""
    with tempfile.TemporaryDirectory() as folder:
        sound, dialog = Path(folder) / "speech.wav", Path(folder) / "dialog.txt"
        soundfile.write(sound, mono, RATE)
        command = [str(program), "-q", "-f", "tsv", "--threads", "1", "-r", "pocketSphinx" if text else "phonetic"]
        if text:
            dialog.write_text(text, encoding="utf-8")
            command += ["-d", str(dialog)]
        told = subprocess.run([*command, str(sound)], capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in told.splitlines()]
    starts = np.array([float(row[0]) for row in rows])
    which = np.array([SHAPES.index(row[1]) for row in rows])
    times = np.arange(round(len(mono) / RATE * FPS)) / FPS
    return which[np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)]


@dataclass(frozen=True)
class Drawings:
    """Opening and width [9] of each shape."""

    opening: np.ndarray
    width: np.ndarray

    @staticmethod
    def learned(seen: list[tuple[np.ndarray, Lips]]) -> "Drawings":
        """The means over clips of (shapes [T], real lips); A is closed."""
        length = [min(len(which), len(lips.opening)) for which, lips in seen]
        drawn = np.concatenate([which[:n] for (which, _), n in zip(seen, length, strict=True)])
        parts = [
            np.concatenate([getattr(lips, part)[:n] for (_, lips), n in zip(seen, length, strict=True)])
            for part in ("opening", "width")
        ]
        present = [drawn == i for i in range(len(SHAPES))]
        opening, width = (
            np.array([np.nanmean(part[p if p.any() else slice(None)]) for p in present]) for part in parts
        )
        opening[SHAPES.index("A")] = 0
        return Drawings(opening, width)

    def lips(self, which: np.ndarray, blend: int = BLEND) -> Lips:
        """Lips that go from shape to shape in `blend` frames; 1: they are cut, as drawings are, and closures show."""
        return Lips(*(uniform_filter1d(part[which], blend) for part in (self.opening, self.width)))
