"""Whether speech stays readable under feeling: lips under strong prompts beside the same speech without one.

python -m engine.training.evaluate_expression --data ../shared/data [--rendered]

/p b m/ kept closed over the aligned English recordings of `data/speech` (phones as aligned there), and the correlation of
opening and width with the real speakers of `data/video` (phones recognised from sound), both through the head model; with
`--rendered` as tracked in what the warp renderer makes of a portrait, over the first seconds of each.
"""

import argparse
import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine.media.audio import read_mono
from engine.motion.features import RATE
from engine.motion.generate import perform
from engine.motion.phones import Phone, recognise
from engine.project.project import PromptClip
from engine.training.evaluate_lips import NEUTRAL, PORTRAIT, Clip, Performer, modelled, read_clips, rendered
from engine.training.lip_figures import FPS, Lips, closures, correlation, speech
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
FEW, SHORT = 10, 5  # recordings, clips and seconds of each that are rendered
Spoken = tuple[np.ndarray, list[Phone]]  # sound and phones


@dataclass(frozen=True)
class Stage:
    """What the lips are measured on: the face at rest [C], how values become lips, how many and how much of each to take."""

    rest: np.ndarray
    act: Performer
    count: int | None = None
    seconds: float = 1e6

    def spoken(self, mono: np.ndarray, phones: list[Phone], prompt: str | None) -> Lips:
        """The lips of this speech under a prompt."""
        heard = mono[: int(min(self.seconds, len(mono) / RATE) * RATE)]
        prompts = [PromptClip(prompt)] if prompt else []
        return self.act(perform(self.within(phones), heard, Fraction(FPS), self.rest, prompts))

    def within(self, phones: list[Phone]) -> list[Phone]:
        """The phones that are heard."""
        return [phone for phone in phones if phone.end <= self.seconds]


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


def kept(recordings: list[Spoken], prompt: str | None, stage: Stage) -> tuple[float, int]:
    """Share of /p b m/ that close the lips, and how many there are."""
    some = recordings[: stage.count]
    results = [closures(stage.spoken(mono, phones, prompt), stage.within(phones)) for mono, phones in some]
    found = [one for result in results for one in result.kept]
    return float(np.mean(found)), len(found)


def followed(clips: list[tuple[Clip, list[Phone]]], prompt: str | None, stage: Stage) -> tuple[float, float]:
    """Mean correlation of opening and of width with the real speakers."""
    rows = []
    for clip, phones in clips[: stage.count]:
        lips, talking = stage.spoken(clip.mono, phones, prompt), speech(clip.level)
        pairs = ((lips.opening, clip.lips.opening), (lips.width, clip.lips.width))
        rows.append([correlation(made, real, talking) for made, real in pairs])
    opening, width = np.mean(rows, axis=0)
    return float(opening), float(width)


def main() -> None:
    """Parse the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rendered", action="store_true", help="on rendered pictures, which takes long")
    parser.add_argument("--prompts", nargs="+", default=PROMPTS)
    arguments = parser.parse_args()
    stage = Stage(*rendered(PORTRAIT), FEW, SHORT) if arguments.rendered else Stage(NEUTRAL, modelled)
    recordings = aligned(arguments.data)
    clips = [(clip, recognise(clip.mono)) for clip in read_clips(arguments.data)]
    print(f"{'prompt':24} {'/p b m/ closed':>15} {'of':>5} {'opening r':>10} {'width r':>10}")
    for prompt in (None, *arguments.prompts):
        opening, width = followed(clips, prompt, stage)
        share, count = kept(recordings, prompt, stage)
        print(f"{prompt or '(none)':24} {share:15.1%} {count:5} {opening:10.3f} {width:10.3f}", flush=True)


if __name__ == "__main__":
    main()
