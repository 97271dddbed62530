"""Whether speech stays readable under feeling: lips under strong prompts beside the same speech without one.

python -m engine.training.evaluate_expression --data ../shared/data

/p b m/ kept closed over the aligned English recordings of `data/speech` (phones as aligned there), and the correlation of
opening and width with the real speakers of `data/video` (phones recognised from sound), both through the head model.
"""

import argparse
import json
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine.media.audio import read_mono
from engine.motion.features import RATE
from engine.motion.generate import perform
from engine.motion.phones import Phone, recognise
from engine.project.channels import CHANNELS
from engine.project.project import PromptClip
from engine.training.evaluate_lips import Clip, modelled, read_clips
from engine.training.lip_figures import FPS, closures, correlation, speech
from engine.training.phone_labels import arpabet

PROMPTS = (
    "overjoyed",
    "laughing out loud",
    "absolutely furious",
    "shouting",
    "terrified",
    "shocked",
    "revolted",
    "crying",
    "in agony",
    "contempt",
    "drunk",
    "a big toothy grin",
)
NEUTRAL = np.array([channel.neutral for channel in CHANNELS], np.float32)
Spoken = tuple[np.ndarray, list[Phone]]  # sound and phones


def aligned(data: Path) -> list[Spoken]:
    """The English recordings with their phones as aligned."""
    found = []
    for line in (data / "speech" / "ALIGN.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["phones"] and row["lang"] == "en":
            labels = ((start, end, arpabet(label, row["phone_set"])) for start, end, label in row["phones"])
            phones = [Phone(start, end, label) for start, end, label in labels if end > start]
            found.append((read_mono(data / "speech" / row["file"], RATE), phones))
    return found


def spoken(mono: np.ndarray, phones: list[Phone], prompt: str | None) -> np.ndarray:
    """Channel values [T, C] of this speech under a prompt."""
    return perform(phones, mono, Fraction(FPS), NEUTRAL, [PromptClip(prompt)] if prompt else [])


def kept(recordings: list[Spoken], prompt: str | None) -> float:
    """Share of /p b m/ that close the lips."""
    results = [closures(modelled(spoken(mono, phones, prompt)), phones) for mono, phones in recordings]
    return float(np.mean([one for result in results for one in result.kept]))


def followed(clips: list[tuple[Clip, list[Phone]]], prompt: str | None) -> tuple[float, float]:
    """Mean correlation of opening and of width with the real speakers."""
    rows = []
    for clip, phones in clips:
        lips, talking = modelled(spoken(clip.mono, phones, prompt)), speech(clip.level)
        pairs = ((lips.opening, clip.lips.opening), (lips.width, clip.lips.width))
        rows.append([correlation(made, real, talking) for made, real in pairs])
    opening, width = np.mean(rows, axis=0)
    return float(opening), float(width)


def main() -> None:
    """Parse the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    arguments = parser.parse_args()
    recordings = aligned(arguments.data)
    clips = [(clip, recognise(clip.mono)) for clip in read_clips(arguments.data)]
    print(f"{'prompt':24} {'/p b m/ closed':>15} {'opening r':>10} {'width r':>10}")
    for prompt in (None, *PROMPTS):
        opening, width = followed(clips, prompt)
        print(f"{prompt or '(none)':24} {kept(recordings, prompt):15.1%} {opening:10.3f} {width:10.3f}", flush=True)


if __name__ == "__main__":
    main()
