"""Imports run one way, and each heavy library has one room. Read from the source, so nothing needs to be run."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([ROOT / "main.py", *(ROOT / "engine").rglob("*.py"), *(ROOT / "desktop").rglob("*.py")])

# Each room may import the rooms to its right (and itself): desktop -> jobs -> render ... -> errors.
ORDER = [
    {"main"},
    {"desktop", "engine.cli", "engine.emotion_command", "engine.renderer_command", "engine.training"},
    {"engine.jobs", "engine.swap_jobs", "engine.personal_jobs"},
    {"engine.render", "engine.motion", "engine.export", "engine.media"},
    {"engine.face", "engine.text"},
    {"engine.project"},
    {"engine.errors", "engine.events", "engine.resources", "engine.device"},
]
ROOMS = {
    "PySide6": ["desktop"],
    "pyqtgraph": ["desktop/widgets"],
    "torch": ["engine/render", "engine/motion", "engine/text", "engine/training", "engine/device.py"],
    "diffusers": ["engine/render", "engine/motion", "engine/text", "engine/training"],
    "open_clip": ["engine/text/encoder.py"],
    "mediapipe": ["engine/face/landmarks.py"],
    "librosa": ["engine/motion/features.py", "engine/media/audio.py"],
    "imageio": ["engine/media"],
    "av": ["engine/media"],
    "platformdirs": ["desktop/settings.py", "engine/cli.py"],
}


def imported(path: Path) -> list[str]:
    """Dotted names that a file imports, anywhere in it."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the direction"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def layer(dotted: str) -> int | None:
    """Index into ORDER of a module of ours, None for others."""
    for index, rooms in enumerate(ORDER):
        if any(dotted == room or dotted.startswith(room + ".") for room in rooms):
            return index
    return None


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way_and_libraries_stay_in_their_rooms(path: Path):
    relative = path.relative_to(ROOT)
    here = layer(".".join(relative.with_suffix("").parts))
    for name in imported(path):
        there = layer(name)
        if here is not None and there is not None:
            assert there >= here, f"{relative} imports {name}, which stands above it"
        rooms = ROOMS.get(name.split(".")[0])
        if rooms is not None:
            assert any(str(relative.as_posix()).startswith(room) for room in rooms), f"{relative} imports {name}"


def test_packaging_and_resources_are_not_packages():
    """An `__init__.py` there would shadow the `packaging` library beside main.py."""
    assert not list((ROOT / "packaging").rglob("__init__.py"))
    assert not list((ROOT / "resources").rglob("__init__.py"))
