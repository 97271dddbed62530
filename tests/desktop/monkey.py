"""Whatever can be done in the window, by chance: `python -m tests.desktop.monkey --actions 10000 --seed 1`.

Real window, real media, real jobs. After every `EVERY` deeds the project is saved and read back, and undo and redo are
walked; every `REST` deeds all is put away, and what memory is left over is noted. Ends with 1 if anything was amiss.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import os
import random
import sys
import tempfile
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.*=false")

from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QSpinBox,
    QTabBar,
    QWidget,
)

from desktop.actions import ROWS
from desktop.app import open_window
from desktop.dialogs.export import ExportDialog
from desktop.main_window import MainWindow
from desktop.settings import Folders, Settings
from desktop.widgets.image_view import ImageView
from desktop.widgets.portrait_view import PortraitView
from desktop.widgets.trim_view import TrimView
from engine.project.channels import NAMES
from engine.project.edits import with_settings
from engine.project.storage import load_project, save_project
from tests.desktop.monkey_cage import NEVER, alive, media, resident, watched
from tests.desktop.mouse import NONE, click, double_click, drag, hover, wheel

EVERY, REST = 250, 1000  # deeds between two checks, and between two looks at the memory
LEAST_FREE = 50  # MiB that may be left over
SIZE = 160  # px: of rendered pictures
MODIFIERS = Qt.KeyboardModifier
HELD = (*[NONE] * 4, MODIFIERS.ShiftModifier, MODIFIERS.ControlModifier, MODIFIERS.AltModifier)
KEYS = "Left Right Up Down Return Escape Tab Space Home End Delete J K L I O M S".split()
WORDS = ("happy", "sad, then relieved", "a faint smile", "", "as if told a secret", "42", "zornig", "not angry at all")
RARE = {"new": 0.1, "close": 0.1, "open": 0.3, "sample": 0.3, "full_screen": 0.3, "theme": 0.2}  # of the usual chance
CONTROLS = (QAbstractButton, QComboBox, QAbstractSpinBox, QSlider, QLineEdit, QPlainTextEdit, QTabBar)


class Monkey:
    """One seed, one sequence of deeds; only how far jobs have come meanwhile is up to the machine."""

    def __init__(self, window: MainWindow, folder: Path, seed: int) -> None:
        self.window, self.folder, self.dice = window, folder, random.Random(seed)
        self.files = media(folder)
        self.faults: list[str] = []
        self.done: deque[str] = deque(maxlen=30)
        self.counts: Counter[str] = Counter()
        self.saves = 0
        self._kinds: dict[Callable[[], str | None], int] = {
            self.drag: 22,
            self.click: 14,
            self.right_click: 4,
            self.wheel: 4,
            self.hover: 2,
            self.drag_face: 4,
            self.command: 24,
            self.control: 14,
            self.key: 4,
            self.travel: 7,
            self.pick: 5,
            self.drop: 1,
            self.swap: 1,
            self.wait: 4,
            self.cancel: 1,
        }

    def act(self) -> None:
        """One deed, and whatever it opened is answered."""
        workspace = self.window.workspace
        if workspace is None or not workspace.isVisible():
            self._begin()
        kind = self.dice.choices(list(self._kinds), list(self._kinds.values()))[0]
        name = getattr(kind, "__name__", "")
        self.done.append(name)
        what = kind()
        self.done[-1] = f"{name} {what or ''}"
        self.counts[name] += 1
        QApplication.processEvents()
        self._answer()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    # --- deeds

    def drag(self) -> str:
        place = self._place()
        drag(place, *(self._point(place) for _ in range(3)), modifiers=self.dice.choice(HELD))
        return type(place).__name__

    def click(self) -> str:
        place = self._place()
        if self.dice.random() < 0.3:
            double_click(place, self._point(place))
        else:
            click(place, self._point(place), self.dice.choice(HELD))
        return type(place).__name__

    def right_click(self) -> str:
        place = self._place()
        click(place, self._point(place), button=Qt.MouseButton.RightButton)
        return type(place).__name__

    def wheel(self) -> str:
        place = self._place()
        wheel(place, self._point(place), self.dice.choice([-2, -1, 1, 2]), self.dice.choice(HELD))
        return type(place).__name__

    def hover(self) -> None:
        place = self._place()
        hover(place, self._point(place))

    def drag_face(self) -> str | None:
        """Take hold of a landmark."""
        assert self.window.workspace
        preview, layer = self.window.workspace.preview, self.window.workspace.face.layer
        if not layer.visible or not layer.handles or not preview.view.isVisible():
            return "no handle"
        handle = self.dice.choice(layer.handles)
        at = preview.view.to_screen().map(handle.at)
        drag(preview.view, at, at + QPointF(self.dice.uniform(-40, 40), self.dice.uniform(-40, 40)))
        self._let_live(0.1)
        return handle.id

    def command(self) -> str:
        row = self.dice.choices(ROWS, [0 if row.id in NEVER else RARE.get(row.id, 1.0) for row in ROWS])[0]
        self.window.commands[row.id].trigger()
        return row.id

    def control(self) -> str | None:
        """Anything with a value or a click, wherever it is in the window."""
        return self._use(self.window)

    def key(self) -> str:
        name = self.dice.choice(KEYS)
        code = QKeySequence(name)[0].key()
        QTest.keyClick(QApplication.focusWidget() or self.window, code, self.dice.choice(HELD))
        return name

    def travel(self) -> str:
        stack = self.window.document.undo_stack
        way, times = self.dice.choice(["undo", "redo"]), self.dice.choice([1, 1, 1, 5])
        for _ in range(times):
            (stack.undo if way == "undo" else stack.redo)()
        return f"{way} {times}"

    def pick(self) -> None:
        selection, last = self.window.selection, float(self.window.document.project.duration)
        selection.set_channels(tuple(self.dice.sample(NAMES, self.dice.randint(0, 4))))
        selection.set_playhead(Fraction(round(self.dice.uniform(0, last) * 25), 25))

    def drop(self) -> str:
        """Files dragged in from another program."""
        path = self.dice.choice(self.files)
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        self.window.dropEvent(QDropEvent(QPointF(400, 300), copy, data, left, NONE))
        self._let_live(0.2)
        return path.name

    def swap(self) -> str:
        """A face swap, and what opens for a clip of it."""
        project = self.window.document.project
        clips = [("swaps", i) for i in range(len(project.swaps))] + [("drives", i) for i in range(len(project.drives))]
        if clips and self.dice.random() < 0.7:
            self.window.selection.set_clip(self.dice.choice(clips))
            self.window.commands["clip_options"].trigger()
        else:
            self.window.imports.swap(self.dice.choice(self.files[:4]))
        self._let_live(0.5)
        return ""

    def wait(self) -> None:
        """Let jobs, playback and timers go on."""
        self._let_live(self.dice.choice([0.02, 0.1, 0.3]))

    def cancel(self) -> str | None:
        jobs = self.window.render_thread.jobs
        if not jobs:
            return "nothing"
        job = self.dice.choice(jobs)
        job.cancel()
        return job.name

    # --- checks

    def check(self) -> None:
        """The project can be kept and read back, and undo and redo lead to and fro."""
        document, path = self.window.document, self.folder / "check.portrayal"
        save_project(document.project, path)
        self._expect(load_project(path, self.folder / "read back") == document.project, "what was saved reads back")
        here, stack = document.project, document.undo_stack
        steps = min(stack.index(), 20)
        for _ in range(steps):
            stack.undo()
        for _ in range(steps):
            stack.redo()
        self._expect(document.project == here, "undo and redo lead back")
        self.saves += 1

    def rest(self) -> float:
        """Put everything away; MiB that are in use then."""
        window = self.window
        for job in window.render_thread.jobs:
            job.cancel()
        self._until(lambda: not window.render_thread.jobs)
        if window.workspace:
            window.workspace.playback.stop()
        window.document.undo_stack.setClean()
        window.document.new()
        self._let_live(1.0)
        self._until(lambda: not window.background._running)
        gc.collect()
        if sys.platform == "linux":
            ctypes.CDLL(None).malloc_trim(0)
        return resident()

    def note(self, fault: str) -> None:
        """Keep what went wrong, and say after which deeds."""
        self.faults.append(fault)
        print(f"--- {fault}\nafter: {', '.join(self.done)}", flush=True)

    # --- how

    def _begin(self) -> None:
        """From the welcome page to a project."""
        kept = [path for path in self.files if path.suffix == ".portrayal" and path.exists()]
        if kept and self.dice.random() < 0.5:
            self.window.projects.open(self.dice.choice(kept))
        else:
            self.window.commands[self.dice.choice(["sample", "sample", "new"])].trigger()
        if self.window.document.project.portrait:
            self.window.document.edit("Change size", lambda p: with_settings(p, size=SIZE))
        self.window.show_workspace()
        QApplication.processEvents()

    def _place(self) -> QWidget:
        """Something painted that the mouse can act on."""
        space = self.window.workspace
        assert space
        view = space.timeline.view
        found: list[QWidget] = [view.canvas, view.ruler, view.headers, view.bar, space.curves.ruler]
        found += [space.curves.layers.canvas, space.curves.tree, *([space.curves.plot] if space.curves.plot else [])]
        found += [widget for kind in (ImageView, PortraitView, TrimView) for widget in space.findChildren(kind)]
        return self.dice.choice([widget for widget in found if widget.isVisible()] or [self.window.welcome])

    def _point(self, widget: QWidget) -> QPointF:
        return QPointF(self.dice.uniform(0, widget.width()), self.dice.uniform(0, widget.height()))

    def _use(self, within: QWidget) -> str | None:
        found = [w for w in within.findChildren(QWidget) if isinstance(w, CONTROLS) and w.isVisible() and w.isEnabled()]
        if not found:
            return None
        widget = self.dice.choice(found)
        name = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        self.done[-1] = f"{self.done[-1]} {type(widget).__name__} “{name}”"
        if isinstance(widget, QAbstractButton):
            widget.click()
        elif isinstance(widget, QComboBox):
            if widget.count():
                index = self.dice.randrange(widget.count())
                widget.setCurrentIndex(index)
                widget.activated.emit(index)
        elif isinstance(widget, QSlider | QSpinBox):
            widget.setValue(self.dice.randint(widget.minimum(), widget.maximum()))
        elif isinstance(widget, QDoubleSpinBox):
            widget.setValue(self.dice.uniform(widget.minimum(), min(widget.maximum(), 60.0)))
        elif isinstance(widget, QTabBar):
            widget.setCurrentIndex(self.dice.randrange(max(widget.count(), 1)))
        elif isinstance(widget, QLineEdit):
            widget.setFocus()
            widget.setText(self.dice.choice(WORDS))
            widget.returnPressed.emit()
            widget.editingFinished.emit()
        elif isinstance(widget, QPlainTextEdit):
            widget.setFocus()
            widget.setPlainText(self.dice.choice(WORDS))
            widget.clearFocus()
        return f"{type(widget).__name__} “{name}”"

    def _answer(self) -> None:
        """Do something in each dialog or popup that is open, then close it."""
        for widget in QApplication.topLevelWidgets():
            popup = widget.windowType() == Qt.WindowType.Popup
            if not widget.isVisible() or not (isinstance(widget, QDialog) or popup):
                continue
            if isinstance(widget, ExportDialog):
                widget.path.setText(str(self.folder / f"video {self.dice.randrange(3)}.mp4"))
                if self.dice.random() < 0.5 and widget.go.isEnabled():
                    widget.accept()
            else:
                for _ in range(self.dice.randint(0, 3)):
                    self._use(widget)
                    if not alive(widget):
                        break
            if alive(widget) and widget.isVisible():
                if isinstance(widget, QDialog) and self.dice.random() < 0.5:
                    widget.reject()
                else:
                    widget.close()
        QApplication.processEvents()

    def _let_live(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            QApplication.processEvents()
            time.sleep(min(0.005, left))

    def _until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + 120
        while not condition() and time.monotonic() < end:
            self._let_live(0.02)
        self._expect(condition(), "jobs come to an end when cancelled")

    def _expect(self, holds: object, what: str) -> None:
        if not holds:
            self.note(f"not so: {what}")


def main() -> int:
    """Run, print a table, and say whether all was well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--actions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        window = open_window(app, Settings(Folders.below(folder / "settings")))
        window.resize(1440, 900)
        window.presenter.install()
        window.start()
        monkey = Monkey(window, folder, options.seed)
        memory: list[float] = []
        begun = time.process_time()
        with watched(monkey):
            for deed in range(1, options.actions + 1):
                try:
                    monkey.act()
                    if deed % EVERY == 0:
                        monkey.check()
                except Exception:
                    monkey.note(traceback.format_exc())
                if deed % REST == 0 or deed == options.actions:
                    memory.append(monkey.rest())
                    print(f"{deed} deeds, {memory[-1]:.0f} MiB, {len(monkey.faults)} faults", flush=True)
            print(", ".join(f"{name} {count}" for name, count in monkey.counts.most_common()))
            left_over = memory[-1] - memory[0]
            print(
                f"{options.actions} deeds (seed {options.seed}), {monkey.saves} saves read back, "
                f"{len(monkey.faults)} faults, {left_over:+.0f} MiB since the first {REST}, "
                f"{time.process_time() - begun:.0f} s of processor"
            )
            while not window.close():
                monkey.rest()
    return 1 if monkey.faults or left_over > LEAST_FREE else 0


if __name__ == "__main__":
    sys.exit(main())
