"""The window opens first: nothing heavy is loaded before it shows."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = (
    "torch",
    "diffusers",
    "open_clip",
    "mediapipe",
    "librosa",
    "cv2",
    "numba",
    "scipy",
    "av",
    "imageio",
    "pyqtgraph",
)


def loaded_after(code: str, folder: Path) -> set[str]:
    """Which heavy libraries a fresh process has loaded after running this code."""
    probe = f"import sys\n{code}\nprint('LOADED', *[name for name in {HEAVY} if name in sys.modules])"
    environment = {"PATH": "", "HOME": str(folder), "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    run = subprocess.run([sys.executable, "-c", probe], cwd=folder, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split("LOADED")[1].split())


def test_importing_the_editor_loads_nothing_heavy_and_writes_nothing(tmp_path: Path):
    assert loaded_after("import desktop.app", tmp_path) == set()
    assert list(tmp_path.iterdir()) == []


def test_showing_the_window_and_a_new_project_loads_nothing_heavy(tmp_path: Path):
    code = """
from PySide6.QtWidgets import QApplication
from desktop.app import open_window
from desktop.settings import Folders, Settings
app = QApplication([])
window = open_window(app, Settings(Folders.of_user()))
app.processEvents()
assert window.isVisible()
window.commands["new"].trigger()
app.processEvents()
window.close()
"""
    assert loaded_after(code, tmp_path) == set()
