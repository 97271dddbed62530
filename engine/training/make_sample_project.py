"""Makes `resources/samples/sample.portrayal`: the sample portrait and speech, performed, with a few keys by hand.

python -m engine.training.make_sample_project [-o resources/samples]
"""

import argparse
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from engine.events import Finished
from engine.jobs import generate_motion, new_project
from engine.project.curve import Keyframe
from engine.project.edits import with_clip, with_marker, with_motion
from engine.project.key_edits import with_key
from engine.project.project import Marker, Project, PromptClip
from engine.project.storage import save_project
from engine.project.timing import TimeRange
from engine.resources import folder

PROMPTS = (
    PromptClip("serious", TimeRange(Fraction(0), Fraction(6)), 0.8, fade_out=Fraction(1)),
    PromptClip("proud and happy", TimeRange(Fraction(5), Fraction(11)), 0.9, fade_in=Fraction(1)),
)
NEVER = Fraction(44, 5)  # seconds: "has *never* been surpassed" begins
RAISED = {"browInnerUp": 0.4, "browOuterUpLeft": 0.3, "browOuterUpRight": 0.3, "headPitch": 4.0, "headRoll": -3.0}


def sample_project(samples: Path) -> Project:
    """The project, its media in the folder `samples`."""
    project = new_project(samples / "hopper.jpg", samples / "speech.flac")
    assert project.audio
    words = (samples / "speech.txt").read_text(encoding="utf-8").strip()
    project = replace(project, audio=replace(project.audio, words=words))
    for prompt in PROMPTS:
        project = with_clip(project, prompt)
    *_, last = generate_motion(project)
    assert isinstance(last, Finished)
    project = with_motion(project, last.result)
    for name, value in RAISED.items():
        project = with_key(project, name, Keyframe(NEVER + Fraction(1, 5), value))
    return with_marker(project, Marker(NEVER, "never"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=folder() / "samples")
    arguments = parser.parse_args()
    save_project(sample_project(arguments.output), arguments.output / "sample.portrayal")
