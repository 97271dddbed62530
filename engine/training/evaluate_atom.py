"""How well AToM's lips follow real ones, beside the phone table, loudness, chance and Rhubarb Lip Sync if there is one.

python -m engine.training.evaluate_atom --data ../shared/data --cache ../cache/atom [--dev] [--rhubarb PROGRAM]

Without --dev: the GRID clips that were kept out of training, for choosing between models. With it: the development clips of
data/video and the aligned recordings of data/speech, which train and choose nothing. Correlations are those of the mean of
several takes; closures and speed those of single takes.
"""

import argparse
import json
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from engine.face.head_model import load_head_model
from engine.media.audio import read_mono
from engine.motion.atom.hearing import heard_phones
from engine.motion.atom.listening import Speech
from engine.motion.atom.model import Model, load_model
from engine.motion.atom.network import HEARD, KNOWN
from engine.motion.atom.perform import SIZE, lip_channels
from engine.motion.atom.speaking import speaker
from engine.motion.atom.speaking import table as table_of
from engine.motion.features import RATE, prosody
from engine.motion.generate import perform
from engine.motion.kept import Kept
from engine.motion.noise import quieted
from engine.motion.phones import Phone
from engine.training.atom_faces import Hearing
from engine.training.atom_figures import an_hour, controls, faces, seams, unheard
from engine.training.build_atom_data import HELD
from engine.training.evaluate_lips import LONGEST, NEUTRAL, Clip, compare, manner, read_clips
from engine.training.fan_figures import beside_a_fan
from engine.training.lip_figures import FPS, SLACK, Closures, Lips, closures, correlation, interval, pauses, speech
from engine.training.phone_labels import arpabet
from engine.training.rhubarb import BLEND, Drawings, shapes
from engine.training.track_grid import CORPUS, clips, words_of

TAKES = 4
BITE = 0.33  # of a clip's p95 opening: at most so far are the lips apart when the lower one touches the teeth
_AVERAGE = np.zeros(6, np.float32)  # the shape of an average face
Phonings = list[list[Phone]]  # the phones from the text, alone, or as recognised at some speeds, the first as it is
Method = Callable[[np.ndarray, Phonings, bool], list[Lips]]  # sound, its phones, whether from the text -> takes


@dataclass(frozen=True)
class Heard:
    """A real speaker's clip with its phones, from sound alone and from its text if that is known."""

    clip: Clip
    alone: Phonings
    told: Phonings | None


def atom(model: Model, takes: int = TAKES) -> Method:
    """Takes by AToM as it ships."""

    def act(mono: np.ndarray, phones: Phonings, told: bool) -> list[Lips]:
        heard = phones[0] if told else heard_phones(model.network, mono, phones)
        speaks = (speaker(told, _AVERAGE, seed, model=model) for seed in range(takes))
        return [seen(perform(heard, mono, Fraction(FPS), NEUTRAL, speak=speak)) for speak in speaks]

    return act


def guess(model: Model, opinion: bool) -> Method:
    """What the ear makes of the sound before anything is drawn: the likeliest lips, with or without the table's opinion."""

    def act(mono: np.ndarray, phones: Phonings, told: bool) -> list[Lips]:
        heard = phones[0] if told else heard_phones(model.network, mono, phones)

        def speak(
            phones: list[Phone], mono: np.ndarray, level: np.ndarray, rate: Fraction, kept: Kept | None = None
        ) -> Iterator[np.ndarray]:
            mean = SIZE * Speech(mono, heard, KNOWN if told else HEARD).mean(model.network)
            if opinion and not told:
                mean = (mean + table_of(model, heard, mono, level, rate)) / 2
            yield lip_channels(model, mean, rate, range(len(level)))

        return [seen(perform(heard, mono, Fraction(FPS), NEUTRAL, speak=speak))]

    return act


def table(mono: np.ndarray, phones: Phonings, _: bool) -> list[Lips]:
    """The one take of the first form, the phone table."""
    return [seen(perform(phones[0], mono, Fraction(FPS), NEUTRAL))]


def drawn(program: Path, heard: list[Heard], blend: int = BLEND) -> Method:
    """Rhubarb Lip Sync by its phonetic recogniser, what its shapes stand for learned from these clips."""
    drawings = Drawings.learned([(shapes(program, one.clip.mono), one.clip.lips) for one in heard])

    def act(mono: np.ndarray, _: Phonings, __: bool) -> list[Lips]:
        return [drawings.lips(shapes(program, mono), blend)]

    return act


def seen(values: np.ndarray) -> Lips:
    """As `evaluate_lips.modelled`, for many frames at once: lips of the average head under channel values [T, C]."""
    model = load_head_model()
    marks = [13, 14, 61, 291, 33, 263]
    points = model.neutral[marks] + np.tensordot(values[:, : len(model.expression)], model.expression[:, marks], 1)
    upper, lower, right, left, one, other = points.transpose(1, 0, 2)
    eyes = np.linalg.norm(one - other, axis=1)
    opening = np.where(upper[:, 1] < lower[:, 1], 0, np.linalg.norm(upper - lower, axis=1))
    return Lips(opening / eyes, np.linalg.norm(right - left, axis=1) / eyes)


def readings(data: Path, hearing: Hearing, act: Method) -> float:
    """The share of pause frames with closed lips in the recordings of data/train/speech, by people with no face."""
    closed = []
    for path in sorted((data / "train" / "speech").rglob("*.ogg")):
        mono = quieted(read_mono(path, RATE)[: 2 * LONGEST * RATE])
        lips = act(mono, hearing.views(mono), False)[0]
        closed.append(lips.closed()[pauses(prosody(mono, Fraction(FPS)).level)])
    return float(np.concatenate(closed).mean())


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
            mono, words = quieted(read_mono(data / CORPUS / "video" / path.name, RATE)), words_of(path)
            lips = Lips.of(np.load(cache / "grid_lm" / f"{path.stem}.npy"))
            clip = Clip(path.stem, mono, words, lips, 0)
            found.append(Heard(clip, hearing.views(mono), [hearing.phones(mono, words)]))
    assert found, f"no clip in {HELD} was kept"
    return found


def dev_clips(data: Path, cache: Path, hearing: Hearing) -> list[Heard]:
    """The development clips, tracked once."""
    kept = cache / "dev_clips.pkl"
    if not kept.exists():
        kept.write_bytes(pickle.dumps([vars(clip) for clip in read_clips(data)]))
    found = [Clip(**values) for values in pickle.loads(kept.read_bytes())]
    return [Heard(c, hearing.views(c.mono), [hearing.phones(c.mono, c.text)] if c.text else None) for c in found]


def follow(heard: list[Heard], methods: dict[str, Method]) -> dict[str, Any]:
    """By method: correlations of opening and width, clip by clip, of sound alone, sound and text, and chance; speeds; lag."""
    result: dict[str, Any] = {}
    levels = [one.clip.level for one in heard]
    result["loudness"] = {"sound": [_agree([Lips(v, v)], one, v) for one, v in zip(heard, levels, strict=True)]}
    for name, act in methods.items():
        rows: dict[str, list[dict[str, float]]] = {"sound": [], "text": [], "chance": []}
        singles: list[Lips] = []
        for i, (one, level) in enumerate(zip(heard, levels, strict=True)):
            takes = act(one.clip.mono, one.alone, False)
            singles.append(takes[0])
            rows["sound"].append(_agree(takes, one, level) | {"lag": _lag(middle(takes), one, level)})
            if one.told:
                rows["text"].append(_agree(act(one.clip.mono, one.told, True), one, level))
            other = heard[(i + 1) % len(heard)]
            wrong = np.resize(other.clip.mono, len(one.clip.mono))
            rows["chance"].append(_agree(act(wrong, other.alone, False), one, level))
        result[name] = {**rows, "manner": manner(singles, levels)}
    result["real"] = {"manner": manner([one.clip.lips for one in heard], levels)}
    return result


def _lag(lips: Lips, one: Heard, level: np.ndarray) -> float:
    """Frames by which the made lips are late, where their opening agrees best within 8 frames; NaN if it hardly does."""
    talking = speech(level)
    found = [correlation(lips.later(-frames).opening, one.clip.lips.opening, talking) for frames in range(-8, 9)]
    return float(np.argmax(found) - 8) if max(found) > 0.4 else float("nan")


def _agree(takes: list[Lips], one: Heard, level: np.ndarray) -> dict[str, float]:
    return compare(middle(takes), one.clip.lips, speech(level))


def contacts(data: Path, hearing: Hearing, methods: dict[str, Method]) -> dict[str, dict[str, float]]:
    """/p b m/ and /f v/ in the aligned recordings of data/speech, by method, language and what it was told."""
    found: dict[str, list[tuple[Closures, list[bool]]]] = {}
    for line in (data / "speech" / "ALIGN.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if not row["phones"]:
            continue
        mono = quieted(read_mono(data / "speech" / row["file"], RATE)[: LONGEST * RATE])
        within = [part for part in row["phones"] if part[0] < part[1] <= LONGEST]
        phones = [Phone(start, end, arpabet(label, row["phone_set"])) for start, end, label in within]
        language = "English" if row["lang"] == "en" else "other languages"
        for name, act in methods.items():
            for told, given in ((True, [phones]), (False, hearing.views(mono))):
                lips = act(mono, given, told)[0]
                key = f"{name}, {language}, {'known' if told else 'sound'}"
                found.setdefault(key, []).append((closures(lips, phones), bitten(lips, phones)))
    return {
        name: {
            "kept": float(np.mean([k for one, _ in results for k in one.kept])),
            "others closed": float(np.mean([k for one, _ in results for k in one.false])),
            "auc": float(np.mean([one.auc for one, _ in results])),
            "f v": float(np.mean([k for _, bites in results for k in bites])),
        }
        for name, results in found.items()
    }


def bitten(lips: Lips, phones: list[Phone]) -> list[bool]:
    """Which /f v/ bring the lower lip as near to the upper as it is on the teeth: a third of a large opening, or less."""
    times = np.arange(len(lips.opening)) / FPS
    near = lips.opening <= BITE * lips.large
    bites = [(times >= p.start - SLACK) & (times <= p.end + SLACK) for p in phones if p.label in ("F", "V")]
    return [bool(near[where].any()) for where in bites if where.any()]


def show(figures: dict[str, Any]) -> None:
    """The figures in lines."""
    for name, parts in figures["follow"].items():
        for told in ("sound", "text", "chance"):
            rows = parts.get(told) or []
            for part in ("opening", "width") if rows else ():
                mean, half = interval([row[part] for row in rows])
                print(f"{name:16} {told:7} {part:8} {mean:.3f} ±{half:.3f}  ({len(rows)} clips)")
        lags = [row["lag"] for row in parts.get("sound", ()) if np.isfinite(row.get("lag", np.nan))]
        if lags:
            print(
                f"{name:16} frames late: mean {np.mean(lags):+.2f}, {np.mean(np.abs(lags) <= 1):.0%} of {len(lags)} within one"
            )
        if "manner" in parts:
            print(f"{name:16} " + ", ".join(f"{key} {value:.2f}" for key, value in parts["manner"].items()))
    for name, values in figures.get("contacts", {}).items():
        print(f"/p b m/ {name}: " + ", ".join(f"{key} {value:.3f}" for key, value in values.items()))
    for name in ("unheard", "seams", "controls", "faces", "readings", "fan", "hour"):
        print(name, figures.get(name, ""))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--weights", type=Path, help="not those that ship")
    parser.add_argument("--dev", action="store_true", help="the final figure; never for choosing")
    parser.add_argument("--only", type=int, default=1000, help="so many clips at most")
    parser.add_argument("--guess", action="store_true", help="only what the ear guesses, which is quick")
    parser.add_argument("--rhubarb", type=Path, help="the program of Rhubarb Lip Sync, to compare with")
    parser.add_argument("--hour", action="store_true", help="measure an hour of lips, too")
    parser.add_argument("-o", "--output", type=Path, help="write all figures here, as JSON")
    arguments = parser.parse_args()
    hearing = Hearing(arguments.cache / ("phones_dev.pkl" if arguments.dev else "phones_grid.pkl"))
    model = load_model(arguments.weights)
    methods: dict[str, Method] = {
        "phone table": table,
        "guess": guess(model, False),
        "guess + table": guess(model, True),
    }
    held = grid_clips(arguments.data, arguments.cache, hearing)[: arguments.only]
    if not arguments.guess:
        methods["atom"] = atom(model)
    if arguments.rhubarb:
        methods["rhubarb"] = drawn(arguments.rhubarb, held)
    clips_heard = dev_clips(arguments.data, arguments.cache, hearing)[: arguments.only] if arguments.dev else held
    figures: dict[str, Any] = {"follow": follow(clips_heard, methods), "unheard": unheard(model, arguments.cache)}
    minute = np.resize(np.concatenate([one.clip.mono for one in held]), 60 * RATE)
    if not arguments.guess:
        figures |= {"seams": seams(model, minute), "controls": controls(model, minute[: 10 * RATE])}
        figures["faces"] = faces(model, minute, arguments.cache)
        figures["readings"] = readings(arguments.data, hearing, atom(model, 1))
    if not (arguments.guess or arguments.dev):
        two = atom(model, 2)
        figures["fan"] = beside_a_fan([one.clip for one in held], hearing, lambda mono, views: two(mono, views, False))
    if arguments.hour:
        figures["hour"] = an_hour(model, minute)
    if arguments.dev:
        single = {"phone table": table, "atom": atom(model, 1)}
        if arguments.rhubarb:
            single["rhubarb"] = drawn(arguments.rhubarb, held, 1)
        figures["contacts"] = contacts(arguments.data, hearing, single)
    hearing.save()
    show(figures)
    if arguments.output:
        arguments.output.write_text(json.dumps(figures), encoding="utf-8")
