"""One table of speed and memory on this machine: `python -m benchmarks [--quick]`.

Figures in ms are medians of processor time, all cores added up, so that other work on the machine shows little in them;
the others are what the clock says. Machines differ: compare rows of one run.
"""

import argparse
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from engine import jobs
from engine.events import Event, Finished
from engine.project.channels import CHANNELS, INDEX
from engine.project.edits import with_settings
from engine.project.project import Project
from engine.project.timing import DEFAULT_RATE
from engine.resources import resource

ROOT = Path(__file__).resolve().parent.parent
Row = tuple[str, str]


def result(job: Iterator[Event]) -> Any:
    """Run a job to its end and return its result."""
    return next(event.result for event in job if isinstance(event, Finished))


def set_up(project: Project) -> jobs.Job:
    """Fit and set up the project's portrait. Finished: (FittedPortrait, renderer)."""
    yield Finished((yield from jobs.Stage().set_up(project)))


def median_ms(calls: Sequence[Callable[[], object]]) -> float:
    """Median milliseconds of processor time of the calls, of which the first two only warm up."""
    spent = []
    for call in calls:
        start = time.process_time()
        call()
        spent.append(1000 * (time.process_time() - start))
    return statistics.median(spent[2:])


def still_rows() -> Iterator[Row]:
    """Fitting a portrait, and drawing one frame of it at two sizes, on one core."""
    import cv2

    from engine.face.fit import fit_face
    from engine.face.head_model import load_head_model

    cv2.setNumThreads(1)
    project = jobs.new_project(resource("samples/hopper.jpg"))
    fitted, renderer = result(set_up(with_settings(project, size=512)))
    fit = partial(fit_face, fitted.fit.landmarks, load_head_model())
    yield "fit a face to 478 landmarks", f"{median_ms([fit] * 7):.0f} ms"
    for size in (512, 1024):
        fitted, renderer = result(set_up(with_settings(project, size=size)))
        frames = [partial(renderer.render, values) for values in moving(fitted.fit.values(), 40)]
        yield f"warp a frame at {size}x{size}, one core", f"{median_ms(frames):.1f} ms"


def moving(rest: np.ndarray, frames: int) -> np.ndarray:
    """[frames, C]: the mouth opening and shutting while the head turns."""
    wave = np.sin(np.linspace(0, 2 * np.pi, frames))
    values = np.repeat(rest[None], frames, axis=0)
    values[:, INDEX["jawOpen"]] += np.maximum(wave, 0) * 0.4
    values[:, INDEX["headYaw"]] += 8 * wave
    return values


def motion_rows() -> Iterator[Row]:
    """Performing the sample sentence, with and without its text."""
    from engine.media.audio import read_mono
    from engine.motion.generate import generate_motion

    mono = read_mono(resource("samples/speech.flac"), jobs.SPEECH_RATE)
    rest = np.array([channel.neutral for channel in CHANNELS], np.float32)
    text = resource("samples/speech.txt").read_text(encoding="utf-8")
    for name, words in (("with its text", text), ("from sound alone", None)):
        spent = median_ms([partial(generate_motion, mono, DEFAULT_RATE, rest, words)] * 5)
        yield f"motion for a second of speech, {name}", f"{spent / (len(mono) / jobs.SPEECH_RATE):.0f} ms"


def clip_rows(folder: Path) -> Iterator[Row]:
    """The whole demo as a newcomer runs it, and tracking its result."""
    video = folder / "demo.mp4"
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "main.py", "demo", "-o", str(video)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    yield "demo, whole (11 s clip at 512x512)", f"{time.perf_counter() - start:.1f} s"
    start = time.perf_counter()
    track = result(jobs.track_media(video))
    yield "track a video", f"{len(track.values) / (time.perf_counter() - start):.0f} frames/s"


def memory_rows(folder: Path) -> Iterator[Row]:
    """Peak memory of the whole command for 1 and for 10 minutes of speech."""
    sound = _speech(folder, 1)
    _peak_mebibytes(_rendering(sound, "--fps", "1"))  # compiling, which is done once, takes memory of its own
    for minutes in (1, 10):
        sound = _speech(folder, minutes)
        start = time.perf_counter()
        peak = _peak_mebibytes(_rendering(sound))
        yield (
            f"peak memory, {minutes} min of speech (at 128x128)",
            f"{peak:.0f} MiB in {time.perf_counter() - start:.0f} s",
        )


def _speech(folder: Path, minutes: int) -> Path:
    """The sample sentence, again and again for so many minutes."""
    from engine.media.audio import Audio, read_audio, write_audio

    speech = read_audio(resource("samples/speech.flac"))
    samples = itertools.islice(itertools.cycle([speech.samples]), 1 + int(60 * minutes / speech.seconds))
    sound = folder / f"{minutes}.wav"
    write_audio(sound, Audio(np.concatenate(list(samples))[: 60 * minutes * speech.rate], speech.rate))
    return sound


def _rendering(sound: Path, *options: str) -> list[str]:
    portrait, video = str(resource("samples/hopper.jpg")), str(sound.with_suffix(".mp4"))
    render = ["main.py", "render", "--portrait", portrait, "--audio", str(sound), "--size", "128", "-o", video]
    return [sys.executable, *render, *options]


def _peak_mebibytes(command: list[str]) -> float:
    """Of this command's own memory; what `wait4` tells is at least that of the process it was started from (Linux)."""
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    status, peak = Path(f"/proc/{child.pid}/status"), 0
    while child.poll() is None:
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                peak = int(line.split()[1])
        time.sleep(0.05)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {child.returncode}")
    return peak / 1024


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the ten-minute clip")
    quick = parser.parse_args().quick
    print("| what | measured |\n|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sets = [still_rows(), motion_rows(), clip_rows(folder)] + ([] if quick else [memory_rows(folder)])
        for label, figure in itertools.chain.from_iterable(sets):
            print(f"| {label} | {figure} |", flush=True)


if __name__ == "__main__":
    main()
