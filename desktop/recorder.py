"""Recording a voice: listen, count in, keep what is heard. It knows a microphone and nothing of projects."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.sound_devices import RATE, Microphone, bytes_of, samples_of

COUNT = 3  # seconds counted before a recording
SECOND_MS = 1000


class Stage(Enum):
    """What the recorder is at."""

    CLOSED = "closed"
    LISTENING = "listening"
    COUNTING = "counting"
    RECORDING = "recording"


class Recorder(QObject):
    """Listens from `listen` to `close`; `record` begins after a count-in, `stop` gives what was heard."""

    staged = Signal(object)  # Stage
    counted = Signal(int)  # seconds until the recording begins
    level = Signal(float, float)  # peak and mean power's root of what was just heard, 0..1
    taken = Signal(object)  # float32 [n] at RATE, -1..1
    lost = Signal()  # the microphone has gone; what was heard until then comes as `taken`

    def __init__(self, microphone: Microphone | Any = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stage = Stage.CLOSED
        self.count_in = True
        self._microphone = microphone or Microphone(self)
        self._microphone.heard.connect(self._hear)
        self._microphone.lost.connect(self._lose)
        self._kept = bytearray()  # 16-bit
        self._left = 0
        self._second = QTimer(self, interval=SECOND_MS)
        self._second.timeout.connect(self._count)

    @property
    def seconds(self) -> float:
        """Length of what has been recorded so far."""
        return len(self._kept) / (2 * RATE)

    def listen(self, id: str) -> bool:
        """Open a microphone, so that its level shows; False if it cannot be opened."""
        self.close()
        if not self._microphone.open(id):
            return False
        self._set_stage(Stage.LISTENING)
        return True

    def set_monitored(self, on: bool) -> None:
        """Play what is heard on the loudspeakers."""
        self._microphone.set_monitored(on)

    def record(self) -> None:
        """Begin, after the count-in if there shall be one."""
        if self.stage is not Stage.LISTENING:
            return
        self._kept.clear()
        if self.count_in:
            self._left = COUNT
            self._set_stage(Stage.COUNTING)
            self.counted.emit(self._left)
            self._second.start()
        else:
            self._set_stage(Stage.RECORDING)

    def stop(self) -> None:
        """End the recording and hand it over; during the count-in, forget it."""
        recorded = self.stage is Stage.RECORDING
        self._second.stop()
        if self.stage in (Stage.COUNTING, Stage.RECORDING):
            self._set_stage(Stage.LISTENING)
        if recorded and self._kept:
            self.taken.emit(samples_of(bytes(self._kept)))

    def close(self) -> None:
        """Stop listening; a recording that runs is handed over."""
        self.stop()
        if self.stage is not Stage.CLOSED:
            self._microphone.close()
            self._set_stage(Stage.CLOSED)

    def _hear(self, samples: np.ndarray) -> None:
        if not len(samples):
            return
        if self.stage is Stage.RECORDING:
            self._kept += bytes_of(samples)
        self.level.emit(float(np.abs(samples).max()), float(np.sqrt(np.mean(np.square(samples)))))

    def _count(self) -> None:
        self._left -= 1
        if self._left:
            self.counted.emit(self._left)
        else:
            self._second.stop()
            self._set_stage(Stage.RECORDING)

    def _lose(self) -> None:
        self.stop()
        self._set_stage(Stage.CLOSED)
        self.lost.emit()

    def _set_stage(self, stage: Stage) -> None:
        self.stage = stage
        self.staged.emit(stage)
