"""The computer's cameras: devices, permission, pictures as they come. QtMultimedia is loaded when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QCameraPermission, QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QImage

from desktop.sound_devices import media_library

MOST = 1280  # pixels: the longer side that is asked of a camera, if it offers smaller pictures at all


def cameras() -> list[tuple[str, str]]:
    """Cameras as (id, name), the system's own choice first."""
    library, _ = media_library()
    if library is None:
        return []
    default = library.QMediaDevices.defaultVideoInput()
    devices = sorted(library.QMediaDevices.videoInputs(), key=lambda device: device != default)
    return [(_id(device), device.description()) for device in devices]


def problem() -> str:
    """Why there is no camera, and what to do; "" if there is one."""
    library, reason = media_library()
    if library is None:
        return f"Cameras cannot be used on this computer ({reason}). Install its media libraries, then start again."
    return "" if cameras() else "No camera was found. Connect one, or allow Portrayal to use it in the system settings."


def ask_for_camera(context: QObject, answered: Callable[[bool], object]) -> None:
    """Ask the system, where it asks its user, whether cameras may be seen; answered at once where it does not."""
    app = QCoreApplication.instance()
    assert app
    granted = Qt.PermissionStatus.Granted
    app.requestPermission(QCameraPermission(), context, lambda reply: answered(reply.status() == granted))


class Camera(QObject):
    """Sees with one device and hands on each picture as it comes."""

    seen = Signal(object)  # [H, W, 3] uint8 RGB
    lost = Signal()  # the device has gone, or does not work

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._camera: Any = None
        self._session: Any = None
        self._sink: Any = None

    def open(self, id: str) -> bool:
        """Begin to see; False if the device is gone."""
        self.close()
        library, _ = media_library()
        devices = library.QMediaDevices.videoInputs() if library else []
        device = next((one for one in devices if _id(one) == id), None)
        if library is None or device is None:
            return False
        self._camera = library.QCamera(device)
        if format := _format(device):
            self._camera.setCameraFormat(format)
        self._session, self._sink = library.QMediaCaptureSession(), library.QVideoSink()
        self._session.setCamera(self._camera)
        self._session.setVideoSink(self._sink)
        self._sink.videoFrameChanged.connect(self._take)
        self._camera.errorOccurred.connect(lambda *_: self._lose())
        self._camera.activeChanged.connect(lambda on: None if on else self._lose())
        self._camera.start()
        return True

    def close(self) -> None:
        """Stop seeing."""
        camera, self._camera = self._camera, None
        if camera:
            self._sink.videoFrameChanged.disconnect(self._take)
            camera.stop()
        self._session = self._sink = None

    def _take(self, frame: Any) -> None:
        image = frame.toImage()
        if self._camera and not image.isNull():
            self.seen.emit(rgb_of(image))

    def _lose(self) -> None:
        if self._camera:
            self.close()
            self.lost.emit()


def rgb_of(image: QImage) -> np.ndarray:
    """A QImage as [H, W, 3] uint8."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def _format(device: Any) -> Any:
    """The largest pictures up to MOST at 24 a second or more; None: whatever the camera likes."""
    fit = [f for f in device.videoFormats() if f.resolution().width() <= MOST and f.maxFrameRate() >= 24]
    return max(fit, key=lambda f: (f.resolution().width() * f.resolution().height(), f.maxFrameRate()), default=None)


def _id(device: Any) -> str:
    return bytes(device.id().data()).decode(errors="replace")
