"""How fluid curve editor and timeline are with every channel over ten minutes: `python -m benchmarks.curve_editor`.

Frames are drawn off screen into the widget's own buffer, as Qt does it; the time is the GUI thread's, so that other
work on the machine does not count. `--seconds`, `--width`, `--height` change the scene.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from desktop import theme
from desktop.actions import Actions
from desktop.document import Document
from desktop.panels.curve_panel import CurvePanel
from desktop.panels.timeline_panel import TimelinePanel
from desktop.selection import Selection
from desktop.settings import Folders, Settings
from desktop.widgets.curve_plot import CurvePlot
from engine.project.channels import CHANNELS, GROUPS, NAMES
from engine.project.motion import Motion
from engine.project.project import Project

RATE = Fraction(30)
FRAMES = 60  # of each gesture


def performance(seconds: int, seed: int = 0) -> Motion:
    """Lively curves on every channel, unlike each other and never at rest: harder to draw than speech."""
    rng = np.random.default_rng(seed)
    t = np.arange(seconds * int(RATE)) / float(RATE)
    values = np.zeros((len(t), len(CHANNELS)), np.float32)
    for i, channel in enumerate(CHANNELS):
        waves = [np.sin(2 * np.pi * f * t + rng.uniform(0, 7)) for f in rng.uniform(0.1, 4, 8)]
        wave = np.sum(waves, axis=0) / 4
        way = (channel.high - channel.neutral) * 0.4
        values[:, i] = np.clip(channel.neutral + wave * way, channel.low, channel.high)
    return Motion.from_dense(values, RATE)


def measure(app: QApplication, seen: QWidget, step: Callable[[int], object]) -> list[float]:
    """Milliseconds of GUI-thread time for each of FRAMES steps, from the change to the finished picture."""
    found = []
    for i in range(FRAMES):
        begun = time.thread_time()
        step(i)
        app.sendPostedEvents()
        seen.repaint()
        found.append((time.thread_time() - begun) * 1000)
    return found


def slices(plot: CurvePlot) -> list[float]:
    """Milliseconds of each slice in which the curves are drawn finely, all of it several times."""
    found = []
    for _ in range(5):
        plot.refresh()
        plot.refine()
        while plot.drawing_finely:
            begun = time.thread_time()
            plot.draw_on()
            found.append((time.thread_time() - begun) * 1000)
    return found


def report(name: str, found: list[float]) -> None:
    """One row of the table."""
    median, worst = np.median(found), np.percentile(found, 95)
    print(f"| {name} | {median:.1f} | {worst:.1f} | {1000 / median:.0f} |", flush=True)


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--width", type=int, default=1440)
    parser.add_argument("--height", type=int, default=460)
    chosen = parser.parse_args()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    palette = theme.dark()
    theme.apply(app, "dark", palette)
    window = QMainWindow()
    with TemporaryDirectory() as folder:
        shared = (
            Document(Path(folder)),
            Selection(),
            palette,
            Actions(Settings(Folders.below(Path(folder))), palette, window),
        )
        print("| gesture | median ms | 95 % ms | frames a second |\n|---|---|---|---|")
        run(app, shared, chosen)
    return 0


def run(
    app: QApplication, shared: tuple[Document, Selection, theme.Palette, Actions], chosen: argparse.Namespace
) -> None:
    """Show both panels with the same project and try every gesture."""
    document, selection, _, _ = shared
    timeline, curves = TimelinePanel(*shared), CurvePanel(*shared)
    document.new(Project(motion=performance(chosen.seconds)))
    for panel in (timeline, curves):
        panel.resize(chosen.width, chosen.height)
        panel.show()
    plot = curves.build()
    app.processEvents()
    curves.set_shown("All channels")
    plots: dict[str, tuple[str, ...]] = {"none picked": (), "one picked": NAMES[5:6], "all picked": NAMES}
    for label, picked in plots.items():
        selection.set_channels(picked)
        gestures(app, f"curves, {label}", curves, plot.viewport())
        report(f"curves, {label}: a slice of drawing finely", slices(plot))
    selection.set_channels(NAMES[5:7])
    curves.set_shown("Picked")
    curves.time_view.show(0, 60)
    curves.keys.put(dict.fromkeys(NAMES[5:7], 0.5), Fraction(10))
    keys = selection.keys
    step = curves.plot_drags.drag_keys
    report("curves: drag two keyframes", measure(app, plot.viewport(), lambda i: step(keys, Fraction(i, 30), i / 100)))
    timeline.opened = set(GROUPS)
    timeline.refresh()
    gestures(app, "timeline, all groups open", timeline, timeline.view.canvas)
    timeline.opened = set()
    timeline.refresh()
    gestures(app, "timeline, groups closed", timeline, timeline.view.canvas)


def gestures(app: QApplication, label: str, panel: TimelinePanel | CurvePanel, seen: QWidget) -> None:
    """Pan and zoom over everything and close up, and move the playhead."""
    view, document = panel.time_view, panel.document
    view.fit()
    seen.repaint()
    middle = float(document.project.duration) / 2
    report(f"{label}: pan, everything in sight", measure(app, seen, lambda i: view.pan(2.0 if i % 2 else -2.0)))
    report(
        f"{label}: zoom in and out", measure(app, seen, lambda i: view.zoom(1.2 if i < FRAMES / 2 else 1 / 1.2, middle))
    )
    view.show(middle, middle + 30)
    report(f"{label}: pan, 30 s in sight", measure(app, seen, lambda i: view.pan(0.5)))
    view.fit()
    selection = panel.selection
    report(f"{label}: move the playhead", measure(app, seen, lambda i: selection.set_playhead(Fraction(i))))


if __name__ == "__main__":
    sys.exit(main())
