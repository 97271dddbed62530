"""Recording speech: choose a microphone, see its level, record after a count-in, listen to it, keep or retake it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QByteArray, QEvent, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from desktop import sound_devices
from desktop.recorder import Recorder, Stage
from desktop.sound_devices import RATE, Speaker, bytes_of
from desktop.theme import SPACE, Palette, icon
from desktop.widgets.level_meter import LevelMeter

QUIET = 0.05  # peak below which a voice is hard to hear
REFUSED = "Portrayal may not use the microphone. Allow it in the system's privacy settings, then look again."
GONE = "The microphone was unplugged. What was recorded until then is kept."
BUSY = "This microphone cannot be opened. Another program may be using it: close that, or choose another one."


class RecordBox(QWidget):
    """Open while it shows. `kept` gives the take that shall become the project's speech."""

    kept = Signal(object)  # float32 [n] at sound_devices.RATE
    closed = Signal()

    def __init__(self, palette: Palette, recorder: Recorder | None = None, speaker: Speaker | None = None) -> None:
        super().__init__()
        self._palette = palette
        self.recorder = recorder or Recorder(parent=self)
        self._speaker = speaker or Speaker()
        self._watcher: sound_devices.Watcher | None = None  # from when it is first opened: it loads QtMultimedia
        self._take: np.ndarray | None = None
        self._wanted = False
        self.devices, self.meter = QComboBox(), LevelMeter(palette)
        self.problem, self.status = QLabel(), QLabel()
        self.count_in, self.monitor = QCheckBox("Count in"), QCheckBox("Hear myself")
        self.record, self.stop = QPushButton("Record"), QPushButton("Stop")
        self.keep, self.again, self.listen = QPushButton("Use it"), QPushButton("Retake"), QToolButton()
        self.look, self.close_button = QPushButton("Look again"), QPushButton("Close")
        self._lay_out()
        self._wire()
        self._redraw()
        self._show()

    def open(self) -> None:
        """Look for microphones and listen to the first."""
        self._take, self._wanted = None, True
        if self._watcher is None:
            self._watcher = sound_devices.Watcher(self)
            self._watcher.changed.connect(self._devices_changed)
        sound_devices.ask_for_microphone(self, self._open_devices)

    def shut(self) -> None:
        """Let go of microphone and take."""
        self._speaker.stop()
        self._take, self._wanted = None, False
        self.recorder.close()
        self.closed.emit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._redraw()
        super().changeEvent(event)

    def _lay_out(self) -> None:
        self.problem.setWordWrap(True)
        self.problem.setProperty("role", "warning")
        self.status.setAccessibleName("Recording time")
        self.count_in.setChecked(True)
        self.count_in.setToolTip("Count three seconds before the recording begins")
        self.monitor.setToolTip("Play the microphone while recording. Use headphones, or it will howl")
        self.devices.setAccessibleName("Microphone")
        self.devices.setToolTip("Which microphone to record with")
        self.devices.setMinimumContentsLength(12)
        self.devices.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for main in (self.record, self.stop, self.keep):
            main.setProperty("main", True)
        self.close_button.setProperty("flat", True)
        choices, buttons = QHBoxLayout(), QHBoxLayout()
        choices.addWidget(self.count_in)
        choices.addWidget(self.monitor)
        choices.addStretch(1)
        self.listen.setToolTip("Listen to the recording")
        self.listen.setAccessibleName("Listen to the recording")
        for button in (self.record, self.stop, self.keep, self.again, self.listen, self.look):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        for widget in (self.problem, self.devices, self.meter, self.status):
            column.addWidget(widget)
        column.addLayout(choices)
        column.addLayout(buttons)

    def _wire(self) -> None:
        recorder = self.recorder
        recorder.staged.connect(lambda _: self._show())
        recorder.counted.connect(lambda left: self.status.setText(f"Begins in {left}…"))
        recorder.level.connect(self.meter.hear)
        recorder.level.connect(lambda peak, power: self._tell_length())
        recorder.taken.connect(self._review)
        recorder.lost.connect(lambda: self._refuse(GONE))
        self.devices.activated.connect(lambda _: self._listen())
        self.count_in.toggled.connect(lambda on: setattr(recorder, "count_in", on))
        self.monitor.toggled.connect(recorder.set_monitored)
        self.record.clicked.connect(self._record)
        self.stop.clicked.connect(recorder.stop)
        self.keep.clicked.connect(self._keep)
        self.listen.clicked.connect(self._play)
        self.again.clicked.connect(self._retake)
        self.look.clicked.connect(self.open)
        self.close_button.clicked.connect(self.shut)

    # --- what happens

    def _open_devices(self, granted: bool) -> None:
        if not self._wanted:  # closed before the user had answered
            return
        self.devices.clear()
        for id, name in sound_devices.inputs() if granted else []:
            self.devices.addItem(name, id)
        if not granted:
            self._refuse(REFUSED)
        elif not self.devices.count():
            self._refuse(sound_devices.problem("microphone"))
        else:
            self._listen()

    def _listen(self) -> None:
        self.meter.reset()
        if self.recorder.listen(self.devices.currentData()):
            self.recorder.set_monitored(self.monitor.isChecked())
            self.problem.setText("")
            self._show()
        else:
            self._refuse(BUSY)

    def _devices_changed(self) -> None:
        """Look again, but not in the midst of a recording."""
        if self.isVisible() and self.recorder.stage not in (Stage.COUNTING, Stage.RECORDING) and self._take is None:
            self.open()

    def _refuse(self, problem: str) -> None:
        self.problem.setText(problem)
        self._show()

    def _record(self) -> None:
        self.meter.reset()
        self.recorder.record()

    def _review(self, samples: np.ndarray) -> None:
        self._take = samples
        peak = float(np.abs(samples).max())
        advice = " Peaks are cut off: speak softer or move away." if self.meter.clipped else ""
        advice = advice or (" Very quiet: come closer to the microphone." if peak < QUIET else "")
        self._show()
        self.status.setText(f"{len(samples) / RATE:.1f} s recorded.{advice}")

    def _play(self) -> None:
        if self._take is not None and not self._speaker.play(QByteArray(bytes_of(self._take)), 1, 0.0):
            self.status.setText(sound_devices.problem("loudspeaker") or "The loudspeakers cannot be opened.")

    def _retake(self) -> None:
        self._speaker.stop()
        self._take = None
        if self.recorder.stage is Stage.CLOSED:  # the microphone went away meanwhile
            self.open()
        self._show()
        self._record()

    def _keep(self) -> None:
        take, self._take = self._take, None
        self.shut()
        self.kept.emit(take)

    def _tell_length(self) -> None:
        if self.recorder.stage is Stage.RECORDING:
            self.status.setText(f"Recording  {self.recorder.seconds:.1f} s")

    def _show(self) -> None:
        """Show what can be done at this stage."""
        stage, reviewing = self.recorder.stage, self._take is not None
        busy = stage in (Stage.COUNTING, Stage.RECORDING)
        ready = stage is Stage.LISTENING and not reviewing
        if ready:
            self.status.setText("Speak to see the level, then record.")
        self.problem.setVisible(bool(self.problem.text()))
        self.status.setVisible(busy or ready or reviewing)
        self.record.setVisible(ready)
        self.stop.setVisible(busy)
        for button in (self.keep, self.again, self.listen):
            button.setVisible(reviewing and not busy)
        self.close_button.setText("Discard" if reviewing else "Close")
        self.look.setVisible(stage is Stage.CLOSED and not reviewing)
        for widget in (self.devices, self.meter, self.count_in, self.monitor):
            widget.setVisible(stage is not Stage.CLOSED)
        self.devices.setEnabled(not busy)

    def _redraw(self) -> None:
        self.record.setIcon(icon("record", self._palette, self._palette.on_accent))
        self.stop.setIcon(icon("stop", self._palette, self._palette.on_accent))
        self.listen.setIcon(icon("play", self._palette))
