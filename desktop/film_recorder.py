"""Recording oneself with a camera: see, count in, keep all that is seen, with the sound if wanted. Knows no projects."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from desktop import recorder
from desktop.cameras import Camera
from desktop.recorder import COUNT, Stage
from desktop.sound_devices import RATE, Microphone

if TYPE_CHECKING:
    from engine.media.live_writer import LiveWriter


class FilmRecorder(QObject):
    """Sees from `watch` to `close`. What is recorded is in its file from the first moment on, whatever happens."""

    staged = Signal(object)  # Stage
    counted = Signal(int)  # seconds until the recording begins
    seen = Signal(object)  # [H, W, 3] uint8 RGB
    taken = Signal(object)  # Path of what was recorded
    lost = Signal()  # the camera has gone; what was recorded until then comes as `taken`
    failed = Signal(object)  # EngineError: the file cannot be written

    def __init__(
        self,
        folder: Path,
        camera: Camera | Any = None,
        microphone: Microphone | Any = None,
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        """Files go into `folder`; `clock` gives seconds."""
        super().__init__(parent)
        self.stage, self.count_in = Stage.CLOSED, True
        self._folder, self._clock = folder, clock
        self._camera = camera or Camera(self)
        self._microphone = microphone or Microphone(self)
        self._camera.seen.connect(self._see)
        self._camera.lost.connect(self._lose)
        self._microphone.heard.connect(self._hear)
        self._hears = False
        self._size: tuple[int, int] | None = None
        self._writer: LiveWriter | None = None
        self._began = 0.0
        self._heard = 0  # samples written
        self._left = 0
        self._second = QTimer(self, interval=recorder.SECOND_MS)
        self._second.timeout.connect(self._count)

    @property
    def seconds(self) -> float:
        """Length of what has been recorded so far."""
        return self._clock() - self._began if self._writer else 0.0

    def watch(self, camera: str, microphone: str | None) -> bool:
        """Open a camera, and a microphone if its sound is wanted; False if the camera cannot be opened."""
        self.close()
        if not self._camera.open(camera):
            return False
        self._hears = microphone is not None and self._microphone.open(microphone)
        self._set_stage(Stage.LISTENING)
        return True

    @property
    def hears(self) -> bool:
        """Whether there will be sound."""
        return self._hears

    def record(self) -> None:
        """Begin, after the count-in if there shall be one."""
        if self.stage is not Stage.LISTENING:
            return
        if self.count_in:
            self._left = COUNT
            self._set_stage(Stage.COUNTING)
            self.counted.emit(self._left)
            self._second.start()
        else:
            self._set_stage(Stage.RECORDING)

    def stop(self) -> None:
        """End the recording and hand it over; during the count-in, forget it."""
        self._second.stop()
        if self.stage in (Stage.COUNTING, Stage.RECORDING):
            self._set_stage(Stage.LISTENING)
        writer, self._writer = self._writer, None
        if writer:
            from engine.errors import EngineError

            try:
                writer.close()
            except EngineError as error:
                self.failed.emit(error)
            self.taken.emit(writer.path)

    def close(self) -> None:
        """Stop seeing; a recording that runs is handed over."""
        self.stop()
        if self.stage is not Stage.CLOSED:
            self._camera.close()
            self._microphone.close()
            self._set_stage(Stage.CLOSED)

    def _see(self, rgb: np.ndarray) -> None:
        if self.stage is Stage.RECORDING and (self._writer or self._begin(rgb)):
            assert self._writer
            self._writer.picture(rgb, self._clock() - self._began)
        self.seen.emit(rgb)

    def _begin(self, rgb: np.ndarray) -> bool:
        """Open the file with the first picture, whose size nobody knows before."""
        from engine.errors import EngineError
        from engine.media.files import free_name
        from engine.media.live_writer import LiveWriter

        path = free_name(self._folder / f"Recording {datetime.now():%Y-%m-%d %H.%M.%S}.mkv")
        try:
            self._writer = LiveWriter(path, (rgb.shape[1], rgb.shape[0]), self._hears)
        except EngineError as error:
            self._set_stage(Stage.LISTENING)
            self.failed.emit(error)
            return False
        self._began, self._heard = self._clock(), 0
        return True

    def _hear(self, samples: np.ndarray) -> None:
        """Sound that comes now was heard just before: what lies before the first picture is left out, a gap is silence."""
        if self._writer is None or not len(samples):
            return
        end = round((self._clock() - self._began) * RATE)
        if self._heard == 0:
            samples = samples[max(0, len(samples) - end) :]
            if silence := end - len(samples):
                self._writer.sound(np.zeros(silence, np.float32))
                self._heard += silence
        self._writer.sound(samples)
        self._heard += len(samples)

    def _count(self) -> None:
        self._left -= 1
        if self._left:
            self.counted.emit(self._left)
        else:
            self._second.stop()
            self._set_stage(Stage.RECORDING)

    def _lose(self) -> None:
        self.stop()
        self._microphone.close()
        self._set_stage(Stage.CLOSED)
        self.lost.emit()

    def _set_stage(self, stage: Stage) -> None:
        self.stage = stage
        self.staged.emit(stage)
