"""How well AToM's lips follow real ones, beside the phone table, loudness and chance.

python -m engine.training.evaluate_atom --data ../shared/data --cache ../cache/atom --weights atom.safetensors [--dev]

Without --dev: the GRID clips that were kept out of training, for choosing between models. With it: the development clips of
data/video and the aligned recordings of data/speech, which train and choose nothing. Correlations are those of the mean of
several takes; closures and speed those of single takes.
"""

import argparse
import hashlib
import json
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import ks_2samp

from engine.face.head_model import load_head_model
from engine.media.audio import read_mono
from engine.motion.atom.hearing import heard_phones
from engine.motion.atom.listening import Speech
from engine.motion.atom.model import Model, load_model
from engine.motion.atom.network import HEARD, KNOWN, TOKENS, UNTOLD
from engine.motion.atom.perform import Delivery, lip_channels, lip_motion
from engine.motion.atom.sampling import windows
from engine.motion.features import RATE, balanced
from engine.motion.generate import perform
from engine.motion.phones import Phone
from engine.training.atom_batches import parts_of
from engine.training.atom_faces import Hearing
from engine.training.atom_pack import read_pack, tens
from engine.training.build_atom_data import HELD
from engine.training.evaluate_lips import LONGEST, NEUTRAL, Clip, compare, manner, read_clips
from engine.training.lip_figures import FPS, Closures, Lips, closures, interval, speech
from engine.training.phone_labels import arpabet
from engine.training.track_grid import CORPUS, clips, words_of
from engine.training.train_atom import gap_rows

TAKES = 4
_ASIDE = 27  # frames by which windows are shifted, half of what each keeps
_AVERAGE = np.zeros(6, np.float32)  # the shape of an average face
Method = Callable[[np.ndarray, list[Phone], int], list[Lips]]  # sound, phones, their source -> takes


@dataclass(frozen=True)
class Heard:
    """A real speaker's clip with its phones, from sound alone and from its text if that is known."""

    clip: Clip
    alone: list[Phone]
    told: list[Phone] | None


def atom(model: Model, guidance: float, delivery: Delivery) -> Method:
    """Takes by AToM, its closures made sure of from the phones as for every other mouth."""

    def act(mono: np.ndarray, phones: list[Phone], source: int) -> list[Lips]:
        phones = heard_phones(model.network, mono) if source == UNTOLD else phones
        said = Speech(mono, phones, source)
        condition = delivery.condition(_AVERAGE)

        def take(seed: int) -> Lips:
            def speak(_: list[Phone], __: np.ndarray, level: np.ndarray, rate: Fraction) -> np.ndarray:
                drawn = lip_motion(model, said, condition, seed, scale=guidance)
                return lip_channels(model, drawn, rate, len(level), delivery)

            return seen(perform(phones, mono, Fraction(FPS), NEUTRAL, speak=speak))

        return [take(seed) for seed in range(TAKES)]

    return act


def guess(model: Model) -> Method:
    """What the ear makes of the sound before anything is drawn: the likeliest lips, all too calm."""

    def act(mono: np.ndarray, phones: list[Phone], source: int) -> list[Lips]:
        phones = heard_phones(model.network, mono) if source == UNTOLD else phones
        said = Speech(mono, phones, source)
        mean = said.window(model.network, 0, said.frames)[1][0].numpy()

        def speak(_: list[Phone], __: np.ndarray, level: np.ndarray, rate: Fraction) -> np.ndarray:
            return lip_channels(model, mean, rate, len(level))

        return [seen(perform(phones, mono, Fraction(FPS), NEUTRAL, speak=speak))]

    return act


def table(mono: np.ndarray, phones: list[Phone], source: int) -> list[Lips]:
    """The one take of the first form, the phone table."""
    return [seen(perform(phones, mono, Fraction(FPS), NEUTRAL))]


def seen(values: np.ndarray) -> Lips:
    """As `evaluate_lips.modelled`, for many frames at once: lips of the average head under channel values [T, C]."""
    model = load_head_model()
    marks = [13, 14, 61, 291, 33, 263]
    points = model.neutral[marks] + np.tensordot(values[:, : len(model.expression)], model.expression[:, marks], 1)
    upper, lower, right, left, one, other = points.transpose(1, 0, 2)
    eyes = np.linalg.norm(one - other, axis=1)
    opening = np.where(upper[:, 1] < lower[:, 1], 0, np.linalg.norm(upper - lower, axis=1))
    return Lips(opening / eyes, np.linalg.norm(right - left, axis=1) / eyes)


def middle(takes: list[Lips]) -> Lips:
    """The mean of several takes."""
    return Lips(np.mean([t.opening for t in takes], axis=0), np.mean([t.width for t in takes], axis=0))


def grid_clips(data: Path, cache: Path, hearing: Hearing) -> list[Heard]:
    """The clips of GRID speaker 1 that trained nothing."""
    kept = json.loads((cache / "pack" / "clips.json").read_text(encoding="utf-8"))
    names = {row["name"].rpartition("/")[2] for row in kept if row["held"] and row["source"] == "grid"}
    found = []
    for path in clips(data):
        if path.stem in names:
            mono, words = read_mono(data / CORPUS / "video" / path.name, RATE), words_of(path)
            lips = Lips.of(np.load(cache / "grid_lm" / f"{path.stem}.npy"))
            clip = Clip(path.stem, mono, words, lips, 0)
            found.append(Heard(clip, hearing.phones(mono), hearing.phones(mono, words)))
    assert found, f"no clip in {HELD} was kept"
    return found


def dev_clips(data: Path, cache: Path, hearing: Hearing) -> list[Heard]:
    """The development clips, tracked once."""
    kept = cache / "dev_clips.pkl"
    if not kept.exists():
        kept.write_bytes(pickle.dumps([vars(clip) for clip in read_clips(data)]))
    found = [Clip(**values) for values in pickle.loads(kept.read_bytes())]
    return [Heard(c, hearing.phones(c.mono), hearing.phones(c.mono, c.text) if c.text else None) for c in found]


def follow(heard: list[Heard], methods: dict[str, Method]) -> dict[str, Any]:
    """By method: correlations of opening and width, clip by clip, of sound alone, sound and text, and chance; speeds."""
    result: dict[str, Any] = {}
    levels = [one.clip.level for one in heard]
    result["loudness"] = {"sound": [_agree([Lips(v, v)], one, v) for one, v in zip(heard, levels, strict=True)]}
    for name, act in methods.items():
        rows: dict[str, list[dict[str, float]]] = {"sound": [], "text": [], "chance": []}
        singles: list[Lips] = []
        for i, (one, level) in enumerate(zip(heard, levels, strict=True)):
            source = UNTOLD if name.endswith("own ear") else HEARD
            takes = act(one.clip.mono, one.alone, source)
            singles.append(takes[0])
            rows["sound"].append(_agree(takes, one, level))
            if one.told:
                rows["text"].append(_agree(act(one.clip.mono, one.told, KNOWN), one, level))
            other = heard[(i + 1) % len(heard)]
            wrong = np.resize(other.clip.mono, len(one.clip.mono))
            rows["chance"].append(_agree(act(wrong, other.alone, source), one, level))
        result[name] = {**rows, "manner": manner(singles, levels)}
    result["real"] = {"manner": manner([one.clip.lips for one in heard], levels)}
    return result


def _agree(takes: list[Lips], one: Heard, level: np.ndarray) -> dict[str, float]:
    return compare(middle(takes), one.clip.lips, speech(level))


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


def seams(model: Model, heard: list[Heard]) -> dict[str, float]:
    """Whether windows show, in a minute of speech: speed where they meet against the speed at the same moments when windows
    meet elsewhere, the chance that both are of one kind (Kolmogorov and Smirnov), and processor seconds for 6 s of lips."""
    mono = np.resize(np.concatenate([one.clip.mono for one in heard]), 60 * RATE)
    begun, speeds = time.process_time(), []
    for late in (0, _ASIDE):
        padded = np.concatenate([np.zeros(late * RATE // FPS, np.float32), mono])
        said = Speech(padded, [Phone(0.0, len(padded) / RATE, "SIL")], UNTOLD)
        drawn = [lip_motion(model, said, Delivery().condition(_AVERAGE), seed)[late:] for seed in range(TAKES)]
        speeds.append(np.linalg.norm(np.diff(np.stack(drawn), axis=1) * model.lips.spread, axis=2))
    seconds = (time.process_time() - begun) / TAKES / 20
    meet = [keep.start - 1 for _, _, keep in windows(60 * FPS) if keep.start]
    there, elsewhere = (speed[:, meet].ravel() for speed in speeds)
    return {
        "seam speed": float(there.mean() / elsewhere.mean()),
        "same kind": float(ks_2samp(there, elsewhere).pvalue),
        "seconds for 6 s": seconds,
    }


def contacts(data: Path, hearing: Hearing, methods: dict[str, Method]) -> dict[str, dict[str, float]]:
    """/p b m/ in the aligned recordings of data/speech: shares kept, by method, language and what it was told."""
    found: dict[str, list[Closures]] = {}
    for line in (data / "speech" / "ALIGN.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if not row["phones"]:
            continue
        mono = read_mono(data / "speech" / row["file"], RATE)[: LONGEST * RATE]
        within = [part for part in row["phones"] if part[0] < part[1] <= LONGEST]
        phones = [Phone(start, end, arpabet(label, row["phone_set"])) for start, end, label in within]
        language = "English" if row["lang"] == "en" else "other languages"
        for name, act in methods.items():
            alone = UNTOLD if name.endswith("own ear") else HEARD
            for told, source, given in (("known", KNOWN, phones), ("sound", alone, hearing.phones(mono))):
                took = closures(act(mono, given, source)[0], phones)
                found.setdefault(f"{name}, {language}, {told}", []).append(took)
    return {
        name: {
            "kept": float(np.mean([k for one in results for k in one.kept])),
            "others closed": float(np.mean([k for one in results for k in one.false])),
            "auc": float(np.mean([one.auc for one in results])),
        }
        for name, results in found.items()
    }


def show(figures: dict[str, Any]) -> None:
    """The figures in lines."""
    for name, parts in figures["follow"].items():
        for told in ("sound", "text", "chance"):
            rows = parts.get(told) or []
            for part in ("opening", "width") if rows else ():
                mean, half = interval([row[part] for row in rows])
                print(f"{name:16} {told:7} {part:8} {mean:.3f} ±{half:.3f}  ({len(rows)} clips)")
        if "manner" in parts:
            print(f"{name:16} " + ", ".join(f"{key} {value:.2f}" for key, value in parts["manner"].items()))
    for name, values in figures.get("contacts", {}).items():
        print(f"/p b m/ {name}: " + ", ".join(f"{key} {value:.3f}" for key, value in values.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--dev", action="store_true", help="the final figure; never for choosing")
    parser.add_argument("--only", type=int, default=1000, help="so many clips at most")
    parser.add_argument("--guess", action="store_true", help="only what the ear guesses, which is quick")
    parser.add_argument("--guidance", type=float, default=1.0)
    parser.add_argument("-o", "--output", type=Path, help="write all figures here, as JSON")
    arguments = parser.parse_args()
    hearing = Hearing(arguments.cache / ("phones_dev.pkl" if arguments.dev else "phones_grid.pkl"))
    model = load_model(arguments.weights)
    own = atom(model, arguments.guidance, Delivery())
    methods: dict[str, Method] = {"phone table": table, "guess": guess(model), "guess, own ear": guess(model)}
    if not arguments.guess:
        methods |= {"atom": own, "atom, own ear": own}
    read = dev_clips if arguments.dev else grid_clips
    figures: dict[str, Any] = {
        "follow": follow(read(arguments.data, arguments.cache, hearing)[: arguments.only], methods)
    }
    print(unheard(model, arguments.cache))
    if not arguments.guess:
        print(seams(model, grid_clips(arguments.data, arguments.cache, hearing)))
    if arguments.dev:
        figures["contacts"] = contacts(arguments.data, hearing, methods)
    hearing.save()
    show(figures)
    if arguments.output:
        arguments.output.write_text(json.dumps(figures), encoding="utf-8")
    print(hashlib.sha256(arguments.weights.read_bytes()).hexdigest() if arguments.weights else "the weights that ship")
