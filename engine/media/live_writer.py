"""Writing what a camera and a microphone give as it comes, into a file that can be read even if the writing is cut off."""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine.errors import ExportError

TICK = Fraction(1, 1000)  # seconds: Matroska's own
SOUND_RATE = 48_000
OPTIONS = {"cluster_time_limit": "500", "flush_packets": "1"}  # no more than half a second is ever unwritten
RATE = 30  # a second, nominally: pictures keep the times at which they came


class LiveWriter:
    """A Matroska file with H.264 and, if wanted, uncompressed sound. A thread of its own encodes; nothing is dropped."""

    def __init__(self, path: Path, size: tuple[int, int], sound: bool) -> None:
        """`size` is (width, height) of the pictures.

        Raises:
            ExportError: the place cannot take the file.
        """
        import av

        self.path, self._size = path, (size[0] // 2 * 2, size[1] // 2 * 2)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = av.open(str(path), "w", format="matroska", options=OPTIONS)
        except (av.FFmpegError, OSError) as error:
            raise ExportError(f"{path}: the recording cannot be written there ({error.strerror})") from error
        self._film = self._file.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "18"})
        self._film.width, self._film.height = self._size
        self._film.pix_fmt = "yuv420p"
        self._film.codec_context.time_base = TICK
        self._film.time_base = TICK
        self._sound = self._file.add_stream("pcm_s16le", rate=SOUND_RATE, layout="mono") if sound else None
        self._last, self._position = -1, 0
        self._error: Exception | None = None
        self._waiting: queue.SimpleQueue[tuple[np.ndarray, float | None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="recording", daemon=True)
        self._thread.start()

    def picture(self, rgb: np.ndarray, seconds: float) -> None:
        """A picture [H, W, 3] uint8 that came so many seconds after the beginning."""
        self._waiting.put((rgb, seconds))

    def sound(self, samples: np.ndarray) -> None:
        """The next samples, float32 [n] -1..1 at SOUND_RATE, from the beginning on without a gap."""
        if self._sound is not None and len(samples):
            self._waiting.put((samples, None))

    def close(self) -> Path:
        """Write what is left and end the file; its path.

        Raises:
            ExportError: not all of it could be written; what could is in the file.
        """
        self._waiting.put(None)
        self._thread.join()
        if self._error:
            raise ExportError(f"{self.path}: the recording broke off ({self._error})") from self._error
        return self.path

    def _write(self) -> None:
        import av

        try:
            while (item := self._waiting.get()) is not None:
                if item[1] is None:
                    self._add_sound(item[0])
                else:
                    self._add_picture(item[0], item[1])
            self._file.mux(self._film.encode(None))
        except (av.FFmpegError, OSError) as error:
            self._error = error
        finally:
            with suppress(av.FFmpegError, OSError):
                self._file.close()

    def _add_picture(self, rgb: np.ndarray, seconds: float) -> None:
        import av

        width, height = self._size
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb[:height, :width]), "rgb24").reformat(
            format="yuv420p"
        )
        self._last = frame.pts = max(round(seconds / TICK), self._last + 1)
        frame.time_base = TICK
        self._file.mux(self._film.encode(frame))

    def _add_sound(self, samples: np.ndarray) -> None:
        import av

        assert self._sound is not None
        block = np.rint(np.clip(samples, -1, 1) * 32767).astype("<i2")[None]
        frame = av.AudioFrame.from_ndarray(block, "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, self._position, Fraction(1, SOUND_RATE)
        self._position += len(samples)
        self._file.mux(self._sound.encode(frame))
