"""MP4 out: H.264 and AAC, frame by frame, the sound encoded in step with the picture."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import ExportError, InputError
from engine.media.container import EXACT
from engine.project.atomic import replacing
from engine.project.timing import frame_to_sample

if TYPE_CHECKING:
    from av.container import OutputContainer

CRF = "18"  # x264's quality: the picture cannot be told from its source
LEAST_BITS = 0.01  # a pixel at that quality, for a still; talking portraits take ten times as much
SOUND_RATE = 48_000
SOUND_BITS = 160_000  # a second, stereo
CONTAINER = {"movflags": "+faststart", "movie_timescale": str(SOUND_RATE)}  # else lengths are rounded to 1 ms
BT709 = 1  # the number of these colours in every tag of H.264
DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # EFBIG: past the largest file of FAT32, or of a quota


class VideoWriter:
    """`with VideoWriter(...) as video:`, then `video.write(rgb)` for each frame.

    The file appears, or replaces an older one, when the block ends well; when it ends otherwise (an error, a closed
    generator) nothing of it is left. The sound is cut, or filled with silence, to the exact length of the picture.
    """

    def __init__(
        self,
        path: Path | str,
        size: tuple[int, int],
        rate: Fraction,
        *,
        sound: Iterator[np.ndarray] | None = None,
        metadata: dict[str, str] | None = None,
        frames: int | None = None,
    ) -> None:
        """`size` is (width, height); an odd one gets one more column or row, a copy of the last, as H.264 needs.

        `sound` is what `stream_audio(file, SOUND_RATE, 2, part)` gives. `metadata` holds MP4 tags (title, comment ...).
        `frames` is how many will come, to tell beforehand whether the disk can hold them.
        """
        self._path = Path(path)
        self._size, self._rate, self._frames = size, rate, frames
        self._blocks, self._metadata = sound, metadata or {}
        self._written = 0

    def __enter__(self) -> VideoWriter:
        """Raises MediaError when the sound cannot be had, ExportError when the place cannot take the file."""
        self._session = self._open()
        self._session.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._session.__exit__(kind, error, trace)

    def write(self, rgb: np.ndarray) -> None:
        """Append one frame, HxWx3 uint8 RGB.

        Raises:
            InputError: not of the size given at the start.
            ExportError: the disk is full, or the encoder fails.
        """
        width, height = self._size
        if rgb.shape != (height, width, 3) or rgb.dtype != np.uint8:
            raise InputError(f"frame {self._written} is {rgb.dtype} {rgb.shape}, not uint8 {height, width, 3}")
        with self._explained():
            self._picture.add(rgb, self._written)
            self._written += 1
            if self._sound:
                self._sound.fill(frame_to_sample(self._written, self._rate, SOUND_RATE))

    @contextmanager
    def _open(self) -> Iterator[None]:
        import av

        self._require_place()
        with replacing(self._path) as file, ExitStack() as stack:
            self._part = Path(file.name)
            with self._explained():
                container = av.open(file.name, "w", format="mp4", options=CONTAINER)
            stack.callback(_quietly, container.close)
            container.metadata.update(self._metadata)
            self._picture = _PictureTrack(container, self._size, self._rate)
            self._sound = None
            if self._blocks is not None:
                self._sound = _SoundTrack(container, self._blocks)
            yield
            if not self._written:
                raise ExportError(f"{self._path}: no frame was given to write")
            with self._explained():
                self._picture.finish()
                if self._sound:
                    self._sound.finish()
                container.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turns what the library says into an ExportError that names the file and the remedy."""
        import av

        try:
            yield
        except (av.FFmpegError, OSError) as error:
            if error.errno not in DISK_FULL:
                raise ExportError(f"{self._path}: the video cannot be written ({error.strerror})") from error
            done, written = self._written, self._part.stat().st_size
            needed = max(self._least_bytes(), written * max(self._frames or 0, done) // max(1, done))
            raise ExportError(
                f"{self._path}: the disk is full after {done} frames; "
                f"about {_megabytes(needed)} are needed in {self._path.absolute().parent}"
            ) from error

    def _require_place(self) -> None:
        """Raise ExportError when the path is a folder's, or not even the smallest likely file would fit."""
        if self._path.is_dir():
            raise ExportError(f"{self._path}: is a folder; name a file in it")
        folder = self._path.absolute().parent
        if not folder.is_dir():
            return  # `replacing` tells it better
        needed, free = self._least_bytes(), shutil.disk_usage(folder).free
        if needed > free:
            raise ExportError(
                f"{self._path}: at least {_megabytes(needed)} are needed in {folder}, {_megabytes(free)} are free; "
                "free some space or choose another folder"
            )

    def _least_bytes(self) -> int:
        width, height = self._size
        sound = SOUND_BITS / self._rate if self._blocks is not None else 0
        return int((self._frames or self._written) * (width * height * LEAST_BITS + sound) / 8)


class _PictureTrack:
    """Frames, encoded."""

    def __init__(self, container: OutputContainer, size: tuple[int, int], rate: Fraction) -> None:
        from av.video.reformatter import VideoReformatter

        self._container, self._rate, self._scaler = container, rate, VideoReformatter()
        self._stream = container.add_stream("libx264", rate=rate, options={"crf": CRF})
        width, height = size
        self._odd = ((0, height % 2), (0, width % 2), (0, 0))
        self._stream.width, self._stream.height = width + width % 2, height + height % 2
        self._stream.pix_fmt = "yuv420p"
        context = self._stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = 1  # 16..235, as players expect

    def add(self, rgb: np.ndarray, index: int) -> None:
        import av

        padded = np.pad(rgb, self._odd, mode="edge") if self._odd[0][1] or self._odd[1][1] else rgb
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(padded), "rgb24")
        frame = self._scaler.reformat(frame, format="yuv420p", dst_colorspace=BT709, interpolation=EXACT)
        frame.pts, frame.time_base = index, 1 / self._rate
        self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        self._container.mux(self._stream.encode(None))


class _SoundTrack:
    """Blocks [n, 2] float32 at SOUND_RATE, encoded up to any sample; silence once they end."""

    def __init__(self, container: OutputContainer, blocks: Iterator[np.ndarray]) -> None:
        self._container, self._blocks = container, blocks
        self._stream = container.add_stream("aac", rate=SOUND_RATE, bit_rate=SOUND_BITS, layout="stereo")
        self._next = next(blocks, np.zeros((0, 2), np.float32))  # now, so that bad sound stops the job at its start
        self._position = 0

    def fill(self, until: int) -> None:
        import av

        while self._position < until:
            wanted = until - self._position
            if not len(self._next):
                self._next = next(self._blocks, np.zeros((wanted, 2), np.float32))
            samples, self._next = self._next[:wanted], self._next[wanted:]
            if not len(samples):
                continue
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), "fltp", "stereo")
            frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, self._position, Fraction(1, SOUND_RATE)
            self._container.mux(self._stream.encode(frame))
            self._position += len(samples)

    def finish(self) -> None:
        self._container.mux(self._stream.encode(None))


def _megabytes(size: int) -> str:
    return f"{max(0.1, size / 1e6):.1f} MB"


def _quietly(close: Callable[[], None]) -> None:
    """Close an unfinished container, whose last words may fail for the reason that is already being reported."""
    import av

    with suppress(av.FFmpegError, OSError):
        close()
