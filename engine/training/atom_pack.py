"""What AToM is trained on, as a few memory-mapped arrays: a folder that is written once and read by every run."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from engine.motion.atom.network import BANDS, PER_FRAME
from engine.motion.features import band_energies, prosody
from engine.motion.phones import LABELS, Phone
from engine.project.timing import DEFAULT_RATE

SILENT, STEP = -10.0, 0.06  # log10 of the energy of nothing, and of one step above it


@dataclass(frozen=True)
class Clip:
    """Where one clip lies in the arrays: `frames` frames of motion from `start`, four times as many of sound. `faced`: its
    upper face and head are real; `held`: kept for measuring."""

    name: str
    source: str
    start: int
    frames: int
    faced: bool
    held: bool

    @property
    def voice(self) -> str:
        """Who speaks: the name without its last part, the same person's in all clips."""
        return "/".join(self.name.split("/")[:2]) if self.source != "grid" else self.source


@dataclass(frozen=True)
class Pack:
    """All clips. `sound` uint8 [4N, BANDS] energies, see `tens`; `phones` int8 [4N, 2] indices into LABELS as told by the text
    and as recognised, -1 unknown; `lips` and `upper` float16 [N, K] coordinates; `voice` float16 [N, 2] level and pitch."""

    clips: list[Clip]
    sound: np.ndarray
    phones: np.ndarray
    lips: np.ndarray
    upper: np.ndarray
    voice: np.ndarray


def read_pack(folder: Path) -> Pack:
    """The pack in `folder`, mapped and not read."""
    clips = [Clip(**row) for row in json.loads((folder / "clips.json").read_text(encoding="utf-8"))]
    names = ("sound", "phones", "lips", "upper", "voice")
    return Pack(clips, *(np.load(folder / f"{name}.npy", mmap_mode="r") for name in names))


def tens(sound: np.ndarray) -> np.ndarray:
    """log10 energies, float32, of the bytes that stand for them."""
    return SILENT + np.float32(STEP) * sound


class Packer:
    """Collects clips, then writes them."""

    def __init__(self) -> None:
        self._clips: list[Clip] = []
        self._parts: list[tuple[np.ndarray, ...]] = []
        self._frames = 0

    def add(
        self,
        name: str,
        mono: np.ndarray,
        phones: tuple[list[Phone], list[Phone]],
        lips: np.ndarray,
        upper: np.ndarray,
        faced: bool,
        held: bool,
    ) -> None:
        """One clip: `lips` [T, K] and `upper` [T, U] at 25 frames a second; `name` begins with its source and a slash."""
        frames = len(lips)
        length = PER_FRAME * frames
        sound = np.zeros((length, BANDS), np.uint8)
        energies = np.log10(band_energies(mono, count=BANDS) + 10**SILENT)[:length]
        sound[: len(energies)] = np.clip(np.rint((energies - SILENT) / STEP), 0, 255)
        labels = np.stack([label_track(part, length) for part in phones], axis=1)
        voice = prosody(mono, DEFAULT_RATE)
        spoken = np.zeros((frames, 2))
        spoken[: len(voice.level)] = np.column_stack([voice.level, voice.pitch / 6])[:frames]
        self._clips.append(Clip(name, name.partition("/")[0], self._frames, frames, faced, held))
        self._parts.append((sound, labels, lips, upper, spoken))
        self._frames += frames

    def write(self, folder: Path) -> None:
        """All clips into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        kinds = {"sound": "u1", "phones": "i1", "lips": "f2", "upper": "f2", "voice": "f2"}
        for (name, kind), parts in zip(kinds.items(), zip(*self._parts, strict=True), strict=True):
            partial = folder / f"{name}.part.npy"  # renamed: a run may still read the file that was here
            np.save(partial, np.concatenate(parts).astype(kind))
            partial.rename(folder / f"{name}.npy")
        rows = [asdict(clip) for clip in self._clips]
        (folder / "clips.json").write_text(json.dumps(rows, indent=0), encoding="utf-8")


def label_track(phones: list[Phone], length: int) -> np.ndarray:
    """Index into LABELS of the phone at every 10 ms, int [length]; -1 where none is known."""
    track = np.full(length, -1)
    for phone in phones:
        track[round(phone.start * 100) : round(phone.end * 100)] = LABELS.index(phone.label)
    return track
