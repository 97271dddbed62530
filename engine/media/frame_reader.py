"""Any picture of a video, in any order: the same pictures that `read_frames` gives one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import MediaError
from engine.media.container import open_media, packets, start_seconds, tick
from engine.media.video import _rgb, _square, _video, probe

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

NEAR = 2  # seconds ahead to which decoding on is no slower than looking for a key frame
EARLIER = (Fraction(0), Fraction(1), Fraction(4), Fraction(16))  # seconds before the wanted one to look from


class FrameReader:
    """An open video; close it. Reading forwards is as fast as `read_frames`."""

    def __init__(self, path: Path | str) -> None:
        """
        Raises:
            MediaError: as `probe`.
        """
        from av.video.reformatter import VideoReformatter

        self.path, self.info = path, probe(path)
        self._scaler = VideoReformatter()
        self._files = ExitStack()
        self._flow: Iterator[tuple[Fraction, VideoFrame]] | None = None
        self._held: tuple[Fraction, VideoFrame] | None = None
        self._next: tuple[Fraction, VideoFrame] | None = None
        self._last: tuple[int, np.ndarray] | None = None

    def close(self) -> None:
        """Let go of the file."""
        self._files.close()
        self._flow = self._held = self._next = self._last = None

    def frame(self, index: int) -> np.ndarray:
        """Picture `index` at the video's rate, [H, W, 3] uint8 RGB, read-only; past the end the last one.

        Raises:
            MediaError: nothing there can be decoded.
        """
        if self._last is None or self._last[0] != index:
            self._last = (index, self._read(max(index, 0) / self.info.rate))
        return self._last[1]

    def _read(self, seconds: Fraction) -> np.ndarray:
        held = self._held
        if held is None or held[0] > seconds + self._slack or seconds - held[0] > NEAR:
            self._look(seconds)
        while self._next is not None and self._next[0] - self._slack <= seconds:
            self._held, self._next = self._next, self._step()
        if self._held is None:
            raise MediaError(f"{self.path}: the picture at {float(seconds):.2f} s cannot be decoded")
        frame = self._held[1]
        return _rgb(self._scaler, frame, _square(self._stream, frame))

    def _look(self, seconds: Fraction) -> None:
        """Stand at or before a time: at a key frame, else at the beginning."""
        for before in EARLIER:
            if seconds <= before:
                break
            self._open(seconds - before)
            if self._held is not None and self._held[0] - self._slack <= seconds:
                return
        self._open(None)

    def _open(self, seconds: Fraction | None) -> None:
        self._files.close()
        container: InputContainer = self._files.enter_context(open_media(self.path))
        self._stream: VideoStream = _video(container, self.path)
        self._stream.thread_type = "AUTO"
        step = tick(self._stream)
        self._slack = step if step < 1 / (4 * self.info.rate) else Fraction(0)
        origin = start_seconds(self._stream)
        if seconds is not None and origin is not None:
            container.seek(int((origin + seconds) / step), stream=self._stream)
        self._flow = self._timed(container, origin, seconds is None)
        self._held, self._next = self._step(), None
        self._next = self._step() if self._held else None

    def _step(self) -> tuple[Fraction, VideoFrame] | None:
        return next(self._flow, None) if self._flow else None

    def _timed(
        self, container: InputContainer, origin: Fraction | None, first: bool
    ) -> Iterator[tuple[Fraction, VideoFrame]]:
        """Frames with their seconds since the video began; none, if those cannot be told where it was looked for."""
        import av

        time = -1 / self.info.rate
        for packet in packets(container, self._stream):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            for frame in frames:
                stamp = None if frame.pts is None else frame.pts * tick(frame)
                if not first and (stamp is None or origin is None):
                    return
                origin = stamp if origin is None else origin
                time = time + 1 / self.info.rate if stamp is None or origin is None else stamp - origin
                yield time, frame
