"""Recording a driving clip: choose a camera, see oneself, record after a count-in, use it or do it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop import cameras, sound_devices
from desktop.film_recorder import FilmRecorder
from desktop.recorder import Stage
from desktop.theme import SPACE, Palette, icon
from desktop.widgets.image_view import ImageView

REFUSED = "Portrayal may not use the camera. Allow it in the system's privacy settings, then look again."
GONE = "The camera was unplugged. What was recorded until then is kept."
BUSY = "This camera cannot be opened. Another program may be using it: close that, or choose another one."
SHORTEST = 0.3  # seconds that are worth using


class RecordMotionDialog(QDialog):
    """`use` is given the file, and whether its sound shall be the speech. Every recording stays in its folder."""

    left = Signal(object)  # Path of a recording that was not used: it is kept

    def __init__(
        self,
        palette: Palette,
        recorder: FilmRecorder,
        use: Callable[[Path, bool], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Record motion")
        self.recorder, self._use, self._palette = recorder, use, palette
        self._take: Path | None = None
        self._seconds, self._saw = 0.0, False  # whether the camera has given a picture
        self.view = ImageView(palette)
        self.view.setMinimumSize(480, 300)
        self.view.setAccessibleName("What the camera sees, mirrored")
        self.problem, self.status = QLabel(wordWrap=True), QLabel(wordWrap=True)
        self.problem.setProperty("role", "warning")
        self.status.setAccessibleName("Recording time")
        self.devices, self.microphones = QComboBox(), QComboBox()
        self.count_in, self.speech = QCheckBox("Count in"), QCheckBox("Use its sound as the speech")
        self.record, self.stop = QPushButton("Record"), QPushButton("Stop")
        self.keep, self.again, self.look = QPushButton("Use it"), QPushButton("Retake"), QPushButton("Look again")
        self.close_button = QPushButton("Close")
        self._lay_out()
        self._wire()
        self._show()

    def sizeHint(self) -> QSize:
        return QSize(640, 560)

    def open(self) -> None:
        """Show it, and what the first camera sees."""
        super().open()
        cameras.ask_for_camera(self, self._open_devices)

    def done(self, result: int) -> None:
        """Let go of the camera; a recording that runs is kept in its file."""
        self.recorder.close()
        super().done(result)
        if self._take:
            self.left.emit(self._take)

    def _lay_out(self) -> None:
        self.count_in.setChecked(True)
        self.count_in.setToolTip("Count three seconds before the recording begins")
        self.devices.setAccessibleName("Camera")
        self.microphones.setAccessibleName("Microphone")
        self.speech.setToolTip("Lips from the voice, the rest from the face, if you choose so in the clip's options")
        for main in (self.record, self.stop, self.keep):
            main.setProperty("main", True)
        for button in (self.record, self.stop, self.keep, self.again, self.look, self.close_button):
            button.setAutoDefault(False)
        self.record.setIcon(icon("record", self._palette, self._palette.on_accent))
        self.stop.setIcon(icon("stop", self._palette, self._palette.on_accent))
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        for row, (name, box) in enumerate((("Camera", self.devices), ("Microphone", self.microphones))):
            grid.addWidget(QLabel(name), row, 0)
            grid.addWidget(box, row, 1)
        buttons = QHBoxLayout()
        for widget in (self.record, self.stop, self.keep, self.again, self.look, self.count_in, self.speech):
            buttons.addWidget(widget)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 2, SPACE * 2, SPACE * 2, SPACE * 2)
        column.setSpacing(SPACE)
        column.addWidget(self.view, 1)
        column.addWidget(self.problem)
        column.addLayout(grid)
        column.addWidget(self.status)
        column.addLayout(buttons)

    def _wire(self) -> None:
        recorder = self.recorder
        recorder.staged.connect(lambda _: self._show())
        recorder.counted.connect(lambda left: self.view.set_badge(f"Begins in {left}…"))
        recorder.seen.connect(self._see)
        recorder.taken.connect(self._review)
        recorder.lost.connect(lambda: self._refuse(GONE if self._saw else BUSY))
        recorder.failed.connect(lambda error: self._refuse(str(error)))
        self.devices.activated.connect(lambda _: self._watch())
        self.microphones.activated.connect(lambda _: self._watch())
        self.count_in.toggled.connect(lambda on: setattr(recorder, "count_in", on))
        self.record.clicked.connect(self._record)
        self.stop.clicked.connect(recorder.stop)
        self.keep.clicked.connect(self._keep)
        self.again.clicked.connect(self._retake)
        self.look.clicked.connect(lambda: cameras.ask_for_camera(self, self._open_devices))
        self.close_button.clicked.connect(self.reject)

    def _open_devices(self, granted: bool) -> None:
        self.devices.clear()
        self.microphones.clear()
        self.microphones.addItem("No sound", None)
        for id, name in cameras.cameras() if granted else []:
            self.devices.addItem(name, id)
        for id, name in sound_devices.inputs():
            self.microphones.addItem(name, id)
        if not granted:
            self._refuse(REFUSED)
        elif not self.devices.count():
            self._refuse(cameras.problem())
        else:
            self._watch()

    def _watch(self) -> None:
        self._saw = False
        if self.recorder.watch(self.devices.currentData(), self.microphones.currentData()):
            self._refuse("")
        else:
            self._refuse(BUSY)

    def _refuse(self, problem: str) -> None:
        self.problem.setText(problem)
        self._show()

    def _record(self) -> None:
        self._take = None
        self.recorder.record()
        self._show()

    def _retake(self) -> None:
        self._take = None
        if self.recorder.stage is Stage.CLOSED:  # the camera went away meanwhile
            self._watch()
        self._record()

    def _see(self, rgb: np.ndarray) -> None:
        self._saw = True
        self.view.set_image(np.ascontiguousarray(rgb[:, ::-1]))
        if self.recorder.stage is Stage.RECORDING:
            self._seconds = self.recorder.seconds
            self.status.setText(f"Recording  {self._seconds:.1f} s")

    def _review(self, path: Path) -> None:
        self._take = path
        self._show()
        self.status.setText(f"{self._seconds:.1f} s recorded, kept as {path.name} in {path.parent}")

    def _keep(self) -> None:
        take, sound = self._take, self.speech.isChecked() and self.recorder.hears
        if take:
            self._take = None
            self.accept()
            self._use(take, sound)

    def _show(self) -> None:
        """Show what can be done at this stage."""
        stage, reviewing = self.recorder.stage, self._take is not None
        busy = stage in (Stage.COUNTING, Stage.RECORDING)
        ready = stage is Stage.LISTENING and not reviewing
        if stage is not Stage.COUNTING:
            idle = "" if self.devices.count() else "No camera"
            self.view.set_badge("Recording" if stage is Stage.RECORDING else idle)
        if ready:
            self.status.setText("Look into the camera with a calm face for a moment, then act.")
        self.problem.setVisible(bool(self.problem.text()))
        self.status.setVisible(busy or ready or reviewing)
        self.record.setVisible(ready)
        self.stop.setVisible(busy)
        for button in (self.keep, self.again):
            button.setVisible(reviewing and not busy)
        self.speech.setVisible(not busy and self.recorder.hears)
        self.count_in.setVisible(ready)
        self.look.setVisible(stage is Stage.CLOSED and not reviewing)
        for box in (self.devices, self.microphones):
            box.setEnabled(not busy and self.devices.count() > 0)
        self.close_button.setText("Close" if not reviewing else "Close, keep the file")
