"""The computer's loudspeakers and microphones: the only place that knows QtMultimedia, loaded when first asked for.

Sound is 16-bit at RATE everywhere. A machine may have no sound at all, or lack what QtMultimedia needs to load; both
look the same from outside: no devices, and `problem()` says why.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QCoreApplication,
    QIODevice,
    QMicrophonePermission,
    QObject,
    Qt,
    Signal,
)

RATE = 48_000  # Hz
BUFFER = 0.2  # seconds of sound given to the device ahead of time: as long as the GUI thread may be away


@cache
def media_library() -> tuple[ModuleType | None, str]:
    """QtMultimedia, or None and why there is none."""
    try:
        from PySide6 import QtMultimedia
    except ImportError as error:  # a Linux without PulseAudio's library, for one
        return None, str(error)
    return QtMultimedia, ""


def problem(kind: str) -> str:
    """Why there is no "microphone" or "loudspeaker", and what to do; "" if there is one."""
    multimedia, reason = media_library()
    if multimedia is None:
        return f"Sound is not available on this computer ({reason}). Install its sound libraries, then start again."
    found = inputs() if kind == "microphone" else _default_output()
    return "" if found else f"No {kind} was found. Connect one, or allow Portrayal to use it in the system settings."


def inputs() -> list[tuple[str, str]]:
    """Microphones as (id, name), the system's own choice first."""
    multimedia, _ = media_library()
    if multimedia is None:
        return []
    default = multimedia.QMediaDevices.defaultAudioInput()
    devices = sorted(multimedia.QMediaDevices.audioInputs(), key=lambda device: device != default)
    return [(bytes(device.id().data()).decode(errors="replace"), device.description()) for device in devices]


def ask_for_microphone(context: QObject, answered: Callable[[bool], object]) -> None:
    """Ask the system, where it asks its user, whether microphones may be heard; answered at once where it does not."""
    app = QCoreApplication.instance()
    assert app
    granted = Qt.PermissionStatus.Granted
    app.requestPermission(QMicrophonePermission(), context, lambda reply: answered(reply.status() == granted))


class Watcher(QObject):
    """Tells when a device comes or goes."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        multimedia, _ = media_library()
        if multimedia:
            self._devices = multimedia.QMediaDevices(self)
            self._devices.audioInputsChanged.connect(self.changed)
            self._devices.audioOutputsChanged.connect(self.changed)


class Speaker:
    """Plays 16-bit sound from memory. Qt itself reads the memory, so that a busy program is no gap in the sound."""

    def __init__(self) -> None:
        self._sink: Any = None
        self._buffer: QBuffer | None = None
        self._total = 0.0
        self._volume = 1.0

    def play(self, sound: QByteArray, channels: int, start: float) -> bool:
        """Play interleaved samples from `start` seconds on; False without a device or when nothing is left to play."""
        self.stop()
        offset = round(start * RATE) * channels * 2
        device = _default_output()
        if device is None or offset >= sound.size():
            return False
        made = _format(channels)
        if not device.isFormatSupported(made):
            return False
        self._buffer = QBuffer()
        self._buffer.setData(sound)
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._buffer.seek(offset)
        self._total = (sound.size() - offset) / (RATE * channels * 2)
        self._sink = media_library()[0].QAudioSink(device, made)  # type: ignore[union-attr]
        self._sink.setBufferSize(round(BUFFER * RATE) * channels * 2)
        self._sink.setVolume(self._volume)
        self._sink.start(self._buffer)
        return True

    def stop(self) -> None:
        """Be silent."""
        if self._sink:
            self._sink.stop()
        self._sink = self._buffer = None

    def heard(self) -> float | None:
        """Seconds played since the start; None once all is played, or if the device has failed."""
        if self._sink is None:
            return None
        state, heard = self._sink.state().name, self._sink.processedUSecs() / 1e6
        if state == "StoppedState" or (state == "IdleState" and heard >= self._total - 0.05):
            return None
        return float(heard)

    def set_volume(self, volume: float) -> None:
        """0..1, linear."""
        self._volume = volume
        if self._sink:
            self._sink.setVolume(volume)


class Microphone(QObject):
    """Hears one channel from one device and hands it on as it comes; on request the loudspeakers repeat it."""

    heard = Signal(object)  # float32 [n], -1..1, at RATE
    lost = Signal()  # the device has gone

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source: Any = None
        self._stream: QIODevice | None = None
        self._monitor: Any = None
        self._monitored: QIODevice | None = None

    def open(self, id: str) -> bool:
        """Begin to listen; False if the device is gone or cannot give what is wanted."""
        self.close()
        multimedia, _ = media_library()
        device = _input(id)
        if multimedia is None or device is None or not device.isFormatSupported(_format(1)):
            return False
        self._source = multimedia.QAudioSource(device, _format(1))
        self._stream = self._source.start()
        if self._stream is None:
            self._source = None
            return False
        self._stream.readyRead.connect(self._read)
        self._source.stateChanged.connect(self._state_changed)
        return True

    def close(self) -> None:
        """Stop listening."""
        source, self._source = self._source, None
        if source:
            source.stop()
        self._stream = None
        self.set_monitored(False)

    def set_monitored(self, on: bool) -> None:
        """Play what is heard on the loudspeakers (better: headphones)."""
        if self._monitor:
            self._monitor.stop()
        self._monitor = self._monitored = None
        device = _default_output() if on else None
        if device:
            self._monitor = media_library()[0].QAudioSink(device, _format(1))  # type: ignore[union-attr]
            self._monitor.setBufferSize(round(0.05 * RATE) * 2)
            self._monitored = self._monitor.start()

    def _read(self) -> None:
        if self._stream is None:
            return
        block = bytes(self._stream.readAll().data())
        if self._monitored:
            self._monitored.write(block)
        self.heard.emit(samples_of(block))

    def _state_changed(self, state: Any) -> None:
        if self._source and state.name == "StoppedState":
            self.close()
            self.lost.emit()


def samples_of(block: bytes) -> np.ndarray:
    """16-bit samples as float32 in -1..1."""
    return np.frombuffer(block[: len(block) // 2 * 2], "<i2").astype(np.float32) / 32768


def bytes_of(samples: np.ndarray) -> bytes:
    """Float samples as 16-bit; beyond -1..1 they are clipped."""
    return np.rint(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def _format(channels: int) -> Any:
    multimedia, _ = media_library()
    assert multimedia
    made = multimedia.QAudioFormat()
    made.setSampleRate(RATE)
    made.setChannelCount(channels)
    made.setSampleFormat(multimedia.QAudioFormat.SampleFormat.Int16)
    return made


def _default_output() -> Any:
    multimedia, _ = media_library()
    device = multimedia.QMediaDevices.defaultAudioOutput() if multimedia else None
    return None if device is None or device.isNull() else device


def _input(id: str) -> Any:
    multimedia, _ = media_library()
    devices = multimedia.QMediaDevices.audioInputs() if multimedia else []
    match: Callable[[Any], bool] = lambda device: bytes(device.id().data()).decode(errors="replace") == id  # noqa: E731
    return next(filter(match, devices), None)
