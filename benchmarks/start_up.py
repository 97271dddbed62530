"""How soon the editor's window is there: `python -m benchmarks.start_up [--runs 5]`.

Each run is a fresh process, timed from before Python starts until the first page is painted; without a screen, so what
a graphics driver adds is not in it.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAINTED = """
import os, sys, time
from pathlib import Path
from PySide6.QtWidgets import QApplication
from desktop.app import open_window
from desktop.settings import Folders, Settings
app = QApplication([])
window = open_window(app, Settings(Folders.below(Path(sys.argv[1]))))
app.processEvents()
print(time.time())
{more}
os._exit(0)
"""
WORKSPACE = """
start = time.perf_counter()
window.commands["new"].trigger()
app.processEvents()
print(time.perf_counter() - start)
"""


def run(folder: Path) -> tuple[float, float]:
    """Seconds until the first page is painted, and from choosing "New project" until its panels are."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PAINTED.format(more=WORKSPACE), str(folder)]
    began = time.time()
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()
    return float(printed[0]) - began, float(printed[1])


def main() -> None:
    """Print the median and the slowest run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        found = [run(Path(folder)) for _ in range(runs)]
    for name, seconds in zip(("window", "workspace"), zip(*found, strict=True), strict=True):
        print(f"{name}: median {statistics.median(seconds):.2f} s, slowest {max(seconds):.2f} s of {runs} runs")


if __name__ == "__main__":
    main()
