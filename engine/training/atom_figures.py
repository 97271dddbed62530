"""What is measured of AToM itself: voices that trained nothing, the seams of its windows, its controls, an hour of it."""

import gc
import time
from pathlib import Path

import numpy as np
import torch
from scipy.stats import ks_2samp

from engine.motion.atom.conditions import conditions
from engine.motion.atom.face_space import SPOKEN
from engine.motion.atom.listening import FPS, Speech
from engine.motion.atom.model import Model
from engine.motion.atom.network import TOKENS, UNTOLD
from engine.motion.atom.perform import from_channels, lip_motion, mouth, upper_channels, upper_motion
from engine.motion.atom.sampling import windows
from engine.motion.features import RATE, balanced, prosody
from engine.motion.idle import idle
from engine.motion.phones import Phone
from engine.project.channels import INDEX
from engine.project.project import Delivery
from engine.training.atom_batches import parts_of
from engine.training.atom_pack import read_pack, tens
from engine.training.train_atom import gap_rows

SEAM_TAKES = 4
_ASIDE = 27  # frames by which windows are shifted, half of what each keeps
_SHUT = 0.5  # of eyeBlink, above which an eye counts as shut
_AVERAGE = np.zeros(6, np.float32)  # the shape of an average face


def unheard(model: Model, cache: Path) -> dict[str, dict[str, float]]:
    """By voice that trained nothing: how the ear's guess, from sound alone, agrees with the snippets made for its phones. Not
    lips, but the one measure of other voices and languages that may choose between models."""
    pack, gaps = read_pack(cache / "pack"), gap_rows(model.lips)
    found: dict[str, list[list[float]]] = {}
    for clip in (clip for clip in pack.clips if clip.held and clip.source != "grid"):
        sound, phones, lips, _, _ = parts_of(pack, clip)
        heard = torch.from_numpy(balanced(10 ** tens(sound)))[None]
        labels = torch.full((1, TOKENS * clip.frames), -1)
        with torch.inference_mode():
            _, mean, logits = model.network.ear(heard, labels, torch.tensor([UNTOLD]))
        right = float((logits[0].argmax(1).numpy() == phones[::2, 0]).mean())
        one, other = mean[0].numpy() @ gaps.T, lips @ gaps.T
        found.setdefault(clip.voice, []).append([*(np.corrcoef(one[:, k], other[:, k])[0, 1] for k in (0, 1)), right])
    names = ("opening", "width", "phones right")
    return {
        voice: dict(zip(names, np.nanmean(rows, axis=0).round(3).tolist(), strict=True))
        for voice, rows in found.items()
    }


def seams(model: Model, mono: np.ndarray) -> dict[str, float]:
    """Whether windows show in this speech: speed where they meet against the speed at the same moments when windows meet
    elsewhere, the chance that both are of one kind (Kolmogorov and Smirnov), and processor seconds for 6 s of lips."""
    begun, speeds = time.process_time(), []
    condition = conditions(Delivery(), _AVERAGE)
    for late in (0, _ASIDE):
        padded = np.concatenate([np.zeros(late * RATE // 25, np.float32), mono])
        said = Speech(padded, [Phone(0.0, len(padded) / RATE, "SIL")], UNTOLD)
        drawn = [np.concatenate([*lip_motion(model, said, condition, seed)])[late:] for seed in range(SEAM_TAKES)]
        speeds.append(np.linalg.norm(np.diff(np.stack(drawn), axis=1) * model.lips.spread, axis=2))
    seconds = (time.process_time() - begun) / SEAM_TAKES / (2 * len(mono) / RATE / 6)
    frames = len(speeds[0][0]) + 1
    meet = [keep.start - 1 for _, _, keep in windows(frames) if keep.start]
    there, elsewhere = (speed[:, meet].ravel() for speed in speeds)
    return {
        "seam speed": float(there.mean() / elsewhere.mean()),
        "same kind": float(ks_2samp(there, elsewhere).pvalue),
        "seconds for 6 s": seconds,
    }


def faces(model: Model, mono: np.ndarray, cache: Path) -> dict[str, dict[str, float]]:
    """How lively brows, lids and head are: drawn by the network, made by `engine.motion.idle`, and the real speaker's."""
    voice = prosody(mono, FPS)
    condition = conditions(Delivery(), _AVERAGE)
    heard = np.column_stack([voice.level, voice.pitch / 6])
    drawn = [upper_motion(model, heard, len(heard), condition, seed) for seed in range(SEAM_TAKES)]
    still = np.zeros(len(heard), bool)
    made = [idle(voice, still, FPS, np.random.default_rng(seed)) for seed in range(SEAM_TAKES)]
    pack = read_pack(cache / "pack")
    real = [parts_of(pack, clip)[3] for clip in pack.clips if clip.held and clip.faced]
    values = {
        "drawn": [upper_channels(model, one, FPS, range(len(one))) for one in drawn],
        "procedural": made,
        "real": [upper_channels(model, one, FPS, range(len(one))) for one in real],
    }
    return {name: _liveliness(parts) for name, parts in values.items()}


def _liveliness(parts: list[np.ndarray]) -> dict[str, float]:
    head = [part[:, [INDEX[name] for name in ("headYaw", "headPitch", "headRoll")]] for part in parts]
    lids = [part[:, INDEX["eyeBlinkLeft"]] for part in parts]
    minutes = sum(len(part) for part in parts) / 25 / 60
    shut = [(lid > _SHUT).astype(int) for lid in lids]
    return {
        "head sd, degrees": round(float(np.mean([one.std(0).mean() for one in head])), 2),
        "head degrees a second": round(float(np.mean([np.abs(np.diff(one, axis=0)).mean() for one in head])) * 25, 2),
        "blinks a minute": round(float(sum((np.diff(one) > 0).sum() for one in shut) / minutes), 1),
        "brow sd": round(float(np.mean([part[:, INDEX["browInnerUp"]].std() for part in parts])), 3),
    }


def an_hour(model: Model, mono: np.ndarray) -> dict[str, float]:
    """Lips of an hour of this speech, begun anew again and again: most memory beside what a minute needs, and seconds.
    On Linux alone. The sound itself is there before, and not counted."""
    minute, hour = np.resize(mono, 60 * RATE), np.resize(mono, 3600 * RATE)
    found: dict[str, float] = {}
    for name, sound in (("a minute", minute), ("an hour", hour)):
        begun = time.process_time()
        _forget_peak()
        before = _peak()
        phones = [Phone(0.0, len(sound) / RATE, "SIL")]
        said = Speech(sound, phones, UNTOLD)
        for _ in mouth(model, said, FPS, said.frames, _AVERAGE, 0):
            pass
        found[f"{name}: MiB"] = round(_peak() - before)
        found[f"{name}: s"] = round(time.process_time() - begun, 1)
    return found


def _forget_peak() -> None:
    """Count the most memory of this process anew (proc(5))."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> float:
    """The most memory that was used, in MiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def controls(model: Model, mono: np.ndarray) -> dict[str, list[float]]:
    """What the controls do to the size of the lips' motion (first figure) and to its speed (second), against none turned."""
    said = Speech(mono, [Phone(0.0, len(mono) / RATE, "SIL")], UNTOLD)

    def measured(how: Delivery) -> np.ndarray:
        takes = []
        for seed in range(SEAM_TAKES):
            values = np.concatenate([*mouth(model, said, FPS, said.frames, _AVERAGE, seed, how)])
            jaw = from_channels(model.lips, values, SPOKEN) @ gap_rows(model.lips)[0]
            takes.append([jaw.std(), np.abs(np.diff(jaw)).mean()])
        return np.mean(takes, axis=0)

    plain = measured(Delivery())
    turned = {
        "intensity 0.5": Delivery(intensity=0.5),
        "intensity 1.5": Delivery(intensity=1.5),
        "smoothness 1": Delivery(smoothness=1.0),
        "expressiveness -1": Delivery(expressiveness=-1.0),
        "expressiveness 1": Delivery(expressiveness=1.0),
    }
    return {name: (measured(how) / plain).round(2).tolist() for name, how in turned.items()}
