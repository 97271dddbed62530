"""The preview with final frames and all that they need, for the tests of both; a tiny network changes all it is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PySide6.QtWidgets import QApplication, QMainWindow

from desktop import theme
from desktop.actions import Actions
from desktop.clock import Clock
from desktop.document import Document
from desktop.final_frames import FinalFrames
from desktop.playback import Playback
from desktop.preview_frames import PreviewFrames
from desktop.render_thread import RenderThread
from desktop.selection import Selection
from desktop.settings import Folders, Settings
from engine import jobs
from engine.project.channels import CHANNELS, INDEX
from engine.project.edits import with_settings
from engine.project.motion import Motion
from engine.project.timing import TimeRange
from engine.render.checkpoints import describe
from tests.tiny_denoiser import write_weights

RATE = Fraction(25)


def span(first: int, end: int) -> TimeRange:
    """A range from one frame up to another."""
    return TimeRange(first / RATE, end / RATE)


def opening(frames: int) -> Motion:
    """A mouth that opens over so many frames."""
    values = np.tile(np.array([channel.neutral for channel in CHANNELS], np.float32), (frames, 1))
    values[:, INDEX["jawOpen"]] = np.linspace(0, 0.4, frames)
    return Motion.from_dense(values, RATE)


@contextmanager
def finals_bench(qapp: QApplication, folder: Path) -> Iterator[SimpleNamespace]:
    """Its parts by name; `portrait` is a project without motion that the tiny network draws."""
    palette = theme.dark()
    theme.apply(qapp, "dark", palette)
    settings, window = Settings(Folders.below(folder / "settings")), QMainWindow()
    actions, document, selection = Actions(settings, palette, window), Document(folder), Selection()
    thread = RenderThread()
    thread.start()
    playback = Playback(document, selection, actions, Clock())
    frames = PreviewFrames(document, selection, thread, playback)
    finals = FinalFrames(document, selection, actions, thread, settings)
    frames.show_finals(finals)
    ranges: list[list[TimeRange]] = [[]]
    finals.ranges_changed.connect(ranges.append)
    samples = Path(__file__).resolve().parents[2] / "resources" / "samples"
    weights = describe(str(write_weights(folder / "tiny.safetensors", loud=True)))
    portrait = with_settings(jobs.new_project(samples / "hopper.jpg"), renderer="tgdm", denoiser=weights)
    yield SimpleNamespace(**locals())
    playback.stop()
    thread.stop()
