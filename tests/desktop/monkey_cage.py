"""What the monkey lives in: every question, file dialog and menu is answered by chance, and every fault is noted."""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from PySide6.QtCore import QTimer
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox, QWidget

from desktop.dialogs.crash import CrashDialog

if TYPE_CHECKING:
    from tests.desktop.monkey import Monkey

ROOT = Path(__file__).resolve().parent.parent.parent
NEVER = {"quit"}  # what nobody chooses


@contextmanager
def watched(monkey: Monkey) -> Iterator[None]:
    """While this lasts, questions are answered by chance, file dialogs give files, and faults are noted."""
    dice, window = monkey.dice, monkey.window

    def box(self: QMessageBox) -> int:
        button = dice.choice(self.buttons())
        button.click()
        return int(self.standardButton(button).value)

    def crash(self: CrashDialog) -> int:
        monkey.note(self.details.toPlainText())
        return 0

    def chosen(_parent: object, title: str, _folder: str = "", names: str = "", *_: object) -> tuple[str, str]:
        fit = [path for path in monkey.files if f"*{path.suffix}" in names and path.exists()]
        return (str(dice.choice(fit)) if fit and dice.random() < 0.8 else "", names)

    def saved(_parent: object, title: str, _folder: str = "", names: str = "", *_: object) -> tuple[str, str]:
        ending = "mp4" if "mp4" in names else "portrayal"
        name = monkey.folder / f"kept {dice.randrange(3)}.{ending}"
        return (str(name) if dice.random() < 0.8 else "", names)

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
            monkey.note(f"{record.getMessage()}\n{trace}")

    def answer_menu() -> None:
        """A menu waits for its answer in a loop of its own."""
        popup = QApplication.activePopupWidget()
        if isinstance(popup, QMenu):
            actions = [a for a in popup.actions() if a.isEnabled() and not a.isSeparator() and a.menu() is None]
            choice = dice.choice(actions) if actions and dice.random() < 0.8 else None
            popup.close()
            if choice and choice.objectName() not in NEVER:
                choice.trigger()

    menus = QTimer(interval=5)
    menus.timeout.connect(answer_menu)
    menus.start()
    handler = Handler(logging.ERROR)
    logging.getLogger("desktop").addHandler(handler)
    with ExitStack() as stack:
        for owner, name, value in (
            (QMessageBox, "exec", box),
            (CrashDialog, "exec", crash),
            (QFileDialog, "getOpenFileName", staticmethod(chosen)),
            (QFileDialog, "getSaveFileName", staticmethod(saved)),
            (QDesktopServices, "openUrl", staticmethod(lambda _url: True)),
        ):
            stack.enter_context(patch.object(owner, name, value))
        yield
    menus.stop()
    logging.getLogger("desktop").removeHandler(handler)
    window.document.undo_stack.setClean()


def resident() -> float:
    """MiB of this process in memory; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def media(folder: Path) -> list[Path]:
    """Pictures, sound, a video, projects to be, and a picture that is none."""
    from engine.media.image import read_image, resized
    from engine.media.video_writer import VideoWriter

    samples = ROOT / "resources" / "samples"
    video, broken = folder / "moving.mp4", folder / "broken.png"
    rgb = resized(read_image(samples / "hopper.jpg"), 192).rgb
    with VideoWriter(video, (192, 192), Fraction(25)) as writer:
        for shift in range(25):
            writer.write(rgb.copy() if shift % 2 else rgb[:, ::-1].copy())
    broken.write_bytes(b"nothing")
    found = [samples / name for name in ("hopper.jpg", "astronaut.jpg", "speech.flac")]
    return [*found, video, broken, *(folder / f"kept {i}.portrayal" for i in range(3))]


def alive(widget: QWidget) -> bool:
    import shiboken6

    return shiboken6.isValid(widget)
