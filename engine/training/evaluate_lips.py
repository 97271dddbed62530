"""How well generated lips follow real ones: the figures of `docs/quality.md`.

python -m engine.training.evaluate_lips --data ../shared/data [--channels-only] [--cache ../cache/lips] [--json]

Every clip of `data/video` with speech: the real speaker's lips, tracked, against the lips that are generated from the same
sound alone. Once through the head model, and once *rendered*: the portrait is rendered with the warp renderer and tracked by
the same tracker. Beside them chance (the mean over what is generated from the other clips' sound) and loudness. Then /p b m/
over the aligned recordings of `data/speech`, with the phones as aligned there, and recognised from sound alone.

A cache keeps the lips that were seen in rendered frames, so that the evaluation can be stopped and run again, and only what
moves otherwise than before is rendered anew.
"""

import argparse
import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from engine.face.head_model import load_head_model
from engine.face.landmarks import LandmarkTracker
from engine.media.audio import read_mono
from engine.media.video import read_frames
from engine.motion.features import RATE, prosody
from engine.motion.generate import generate_motion, perform
from engine.motion.noise import quieted
from engine.motion.phones import Phone
from engine.project.channels import CHANNELS
from engine.resources import resource
from engine.training.lip_figures import FPS, Closures, Lips, closures, correlation, interval, pauses, speech
from engine.training.phone_labels import arpabet

ENGINE = Path(__file__).parents[1]
PORTRAIT = ENGINE.parent / "resources" / "samples" / "hopper.jpg"
# Frames by which a clip's sound is late, found once by where opening and width, by the phone table and by AToM, correlate
# best together (within 15 frames), and kept where that is better than 0 by .08 or more; column `av_sync` of
# data/video/MANIFEST.tsv says much the same, but for VidTIMIT's clips, whose fan it hears as speech.
SOUND_LATE = {
    "pd_obama_weekly_20s": 6,
    "videoretalking_face1": -2,
    "videoretalking_face2": 1,
    "voxceleb2_00098": 1,
    "voxceleb2_00473": 3,
    "voxceleb2_681100216": 1,
    "voxceleb2_796100172": 3,
}
LONGEST = 10  # seconds that are taken of an aligned recording
SIZE = 320  # pixels of the rendered pictures: a face as large as most of the real ones
NEUTRAL = np.array([channel.neutral for channel in CHANNELS], np.float32)
Performer = Callable[[np.ndarray], Lips]  # values [T, C] -> the lips that they make


@dataclass(frozen=True)
class Clip:
    """A real speaker: `lips` as tracked, shifted to the sound, whose steady noise is taken out; `text` where it is known."""

    name: str
    mono: np.ndarray
    text: str | None
    lips: Lips
    late: int  # frames by which its sound is

    @property
    def level(self) -> np.ndarray:
        """Loudness of every frame, [T]."""
        return prosody(self.mono, Fraction(FPS)).level


def read_clips(data: Path) -> Iterator[Clip]:
    """The clips with speech, tracked at 25 frames a second."""
    with (data / "video" / "MANIFEST.tsv").open(encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table, delimiter="\t") if not row["file"].startswith("motion_")]
    for row in rows:
        path = data / "video" / row["file"]
        text = re.match(r"text[^:]*: ([^;]*)", row["notes"])
        late = SOUND_LATE.get(path.stem, 0)
        lips = _track(read_frames(path, Fraction(FPS))).later(late)
        yield Clip(path.stem, quieted(read_mono(path, RATE)), text and text.group(1), lips, late)


def _track(frames: Iterator[np.ndarray]) -> Lips:
    unseen = np.full((478, 3), np.nan, np.float32)
    with LandmarkTracker() as tracker:
        faces = [tracker.track(rgb) for rgb in frames]
    return Lips.of(np.array([unseen if face is None else face for face in faces]))


def modelled(values: np.ndarray) -> Lips:
    """Lips of the average head, seen from in front, under channel values [T, C]."""
    model = load_head_model()
    person = model.person(np.zeros(len(model.identity)))
    return Lips.of(np.array([person.shape(row[:52])[:478] for row in values]))


def rendered(portrait: Path) -> tuple[np.ndarray, Performer]:
    """The portrait's own channel values [C], and lips tracked in what the warp renderer makes of it."""
    from engine.jobs import Stage, new_project

    project = new_project(portrait)
    settings = replace(project.settings, size=SIZE, renderer="warp")
    setting_up = Stage().set_up(replace(project, settings=settings))
    while True:
        try:
            next(setting_up)
        except StopIteration as done:
            fitted, renderer = done.value
            break
    return fitted.fit.values(), lambda values: _track(renderer.render(row) for row in values)


def remembered(act: Performer, folder: Path) -> Performer:
    """As `act`, but looks into `folder` first, where the results for this renderer and this ruler are kept."""
    code = b"".join(path.read_bytes() for room in ("render", "face") for path in sorted((ENGINE / room).glob("*.py")))
    code += PORTRAIT.read_bytes() + resource("head_model.npz").read_bytes() + bytes([SIZE % 256, SIZE // 256])
    stamp = hashlib.sha256(code).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)

    def look(values: np.ndarray) -> Lips:
        path = folder / f"{stamp}-{hashlib.sha256(values.tobytes()).hexdigest()[:20]}.npy"
        if not path.exists():
            lips = act(values)
            np.save(path, np.stack([lips.opening, lips.width]))
        return Lips(*np.load(path))

    return look


def follow(clips: list[Clip], rest: np.ndarray, act: Performer) -> dict[str, Any]:
    """How generated lips follow the real ones: correlations a clip and on average; speed, and stillness in pauses."""
    rate = Fraction(FPS)
    made = [act(generate_motion(clip.mono, rate, rest)) for clip in clips]
    rows: list[dict[str, Any]] = []
    for clip, lips in zip(clips, made, strict=True):
        talking = speech(clip.level)
        wrong = [compare(other.lasting(len(talking)), clip.lips, talking) for other in made if other is not lips]
        rows.append(
            {
                "clip": clip.name,
                "sound": compare(lips, clip.lips, talking),
                "chance": {part: float(np.mean([one[part] for one in wrong])) for part in ("opening", "width")},
                "loudness": compare(Lips(clip.level, clip.level), clip.lips, talking),
                "as filmed": compare(lips, clip.lips.later(-clip.late), talking),
                "late": clip.late,
            }
        )
        if clip.text:
            told = act(generate_motion(clip.mono, rate, rest, clip.text))
            rows[-1]["sound and text"] = compare(told, clip.lips, talking)
    real = [clip.lips for clip in clips]
    levels = [clip.level for clip in clips]
    return {"clips": rows, "generated": manner(made, levels), "real": manner(real, levels)}


def compare(lips: Lips, real: Lips, where: np.ndarray) -> dict[str, float]:
    """Correlations of opening and width."""
    return {
        "opening": correlation(lips.opening, real.opening, where),
        "width": correlation(lips.width, real.width, where),
    }


def manner(mouths: list[Lips], levels: list[np.ndarray]) -> dict[str, float]:
    """Over all clips: speed in speech, in large openings a second; in pauses over 0.3 s, speed and share of closed frames."""
    talking, resting, closed = [], [], []
    for lips, level in zip(mouths, levels, strict=True):
        length = min(len(level), len(lips.opening))
        seen = np.isfinite(lips.speed()[:length])
        said, quiet = speech(level)[:length] & seen, pauses(level)[:length] & seen
        talking.append(lips.speed()[:length][said])
        resting.append(lips.speed()[:length][quiet])
        closed.append(lips.closed()[:length][quiet])
    speeds, still = np.concatenate(talking), np.concatenate(resting)
    return {
        "speed p50": float(np.percentile(speeds, 50)),
        "speed p99": float(np.percentile(speeds, 99)),
        "pause speed mean": float(still.mean()),
        "pause speed p50": float(np.percentile(still, 50)),
        "pause speed p90": float(np.percentile(still, 90)),
        "pause frames closed": float(np.concatenate(closed).mean()),
    }


def contacts(data: Path, rest: np.ndarray, act: Performer) -> dict[str, dict[str, float]]:
    """/p b m/ over the aligned recordings of data/speech, by what the generator was told, for English and for the rest."""
    found: dict[str, list[Closures]] = {}
    for line in (data / "speech" / "ALIGN.jsonl").read_text(encoding="utf-8").splitlines():
        recording = json.loads(line)
        if not recording["phones"]:
            continue
        mono = quieted(read_mono(data / "speech" / recording["file"], RATE)[: LONGEST * RATE])
        names = recording["phone_set"]
        within = [part for part in recording["phones"] if part[0] < part[1] <= LONGEST]
        phones = [Phone(start, end, arpabet(label, names)) for start, end, label in within]
        heard = {
            "known phones": perform(phones, mono, Fraction(FPS), rest),
            "sound alone": generate_motion(mono, Fraction(FPS), rest),
        }
        language = "English" if recording["lang"] == "en" else "other languages"
        for told, values in heard.items():
            lips = act(values)
            found.setdefault(f"{language}, {told}", []).append(closures(lips, phones))
    return {name: _pooled(results) for name, results in sorted(found.items())}


def _pooled(results: list[Closures]) -> dict[str, float]:
    kept = [one for result in results for one in result.kept]
    false = [one for result in results for one in result.false]
    return {
        "kept": float(np.mean(kept)),
        "of": len(kept),
        "others closed": float(np.mean(false)),
        "auc": float(np.mean([result.auc for result in results])),
    }


def report(data: Path, channels_only: bool, cache: Path | None) -> dict[str, Any]:
    """Every figure, by what the lips were measured on."""
    clips = list(read_clips(data))
    stages: dict[str, tuple[np.ndarray, Performer]] = {"channels": (NEUTRAL, modelled)}
    if not channels_only:
        rest, act = rendered(PORTRAIT)
        stages["rendered"] = rest, remembered(act, cache) if cache else act
    return {stage: {"lips": follow(clips, *act), "contacts": contacts(data, *act)} for stage, act in stages.items()}


def show(stage: str, figures: dict[str, Any]) -> None:
    """The figures as a table."""
    told = ("sound", "sound and text", "chance", "loudness", "as filmed")
    print(
        f"\n{stage}: correlation with the real speaker, opening / width\n{'':28}"
        + "".join(f"{name:>16}" for name in told)
    )
    rows = figures["lips"]["clips"]
    for row in rows:
        cells = (f"{row[name]['opening']:.2f} / {row[name]['width']:.2f}" if name in row else "" for name in told)
        print(f"{_name(row):28}" + "".join(f"{cell:>16}" for cell in cells))
    for part in ("opening", "width"):
        means = (interval([row[name][part] for row in rows if name in row]) for name in told)
        print(f"mean {part:23}" + "".join(f"{mean:>9.3f} ±{half:.3f}" for mean, half in means))
    for who in ("generated", "real"):
        print(f"{who}: " + ", ".join(f"{name} {value:.2f}" for name, value in figures["lips"][who].items()))
    for name, closed in figures["contacts"].items():
        print(
            f"/p b m/ closed: {name}: {closed['kept']:.1%} of {closed['of']:.0f}; other phones closed throughout "
            f"{closed['others closed']:.1%}; AUC {closed['auc']:.2f}"
        )


def _name(row: dict[str, Any]) -> str:
    return f"{row['clip']} ({row['late']:+})" if row["late"] else str(row["clip"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--channels-only", action="store_true", help="leave out the rendered video, which takes minutes"
    )
    parser.add_argument("--cache", type=Path, help="a folder for what was seen in rendered frames")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    figures = report(arguments.data, arguments.channels_only, arguments.cache)
    if arguments.json:
        print(json.dumps(figures))
    else:
        for stage, found in figures.items():
            show(stage, found)
