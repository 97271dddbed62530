"""Video read at an exact, constant frame rate, upright and in RGB, one frame in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import MediaError
from engine.media.container import EXACT, decode, open_media, packets, picture_stream, sound_stream, start_seconds, tick

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.reformatter import VideoReformatter
    from av.video.stream import VideoStream

COMMON_RATES = [Fraction(k * n, d) for n, d in ((1, 1), (1000, 1001)) for k in (12, 15, 24, 25, 30, 48, 50, 60, 120)]
YUV_MATRICES = {1, 4, 5, 7, 9}  # BT.709, FCC, BT.601, 240M, BT.2020: those whose number the scaler understands


@dataclass(frozen=True)
class VideoInfo:
    """What a video holds."""

    size: tuple[int, int]
    """(width, height) in pixels as shown: upright, square pixels."""
    rate: Fraction
    """Frames a second; where they vary, the commonest rate, so that no frame is lost."""
    frames: int
    """Pictures in the file; where the rate varies, `read_frames` repeats some and gives more."""
    seconds: Fraction
    """From the first picture's appearance to the last one's end."""
    has_audio: bool
    variable_rate: bool


def probe(path: Path | str) -> VideoInfo:
    """Read all time stamps of a video, and its first picture.

    Raises:
        MediaError: missing, empty, no video, no picture can be decoded, or less than half of the file is there.
    """
    import av

    with open_media(path) as container:
        stream = _video(container, path)
        first: VideoFrame | None = None
        stamps: list[int | None] = []
        for packet in packets(container, stream):
            if packet.size and not packet.is_discard:
                stamps.append(packet.pts)
            if first is None:
                with suppress(av.FFmpegError):
                    first = next(iter(packet.decode()), None)
        if first is None:
            raise MediaError(f"{path}: no picture in it can be decoded; copy or download it again")
        if 2 * len(stamps) < stream.frames:
            raise MediaError(f"{path}: cut off: only {len(stamps)} of {stream.frames} pictures are there")
        width, height = _square(stream, first)
        intervals = np.diff(sorted(stamp for stamp in stamps if stamp is not None))
        variable = len(intervals) > 0 and bool(np.ptp(intervals) > max(2, 0.02 * np.median(intervals)))
        rate = _rate(stream, intervals[intervals > 0], variable)
        return VideoInfo(
            size=(height, width) if _quarter_turns(first) % 2 else (width, height),
            rate=rate,
            frames=len(stamps),
            seconds=int(intervals.sum()) * tick(stream) + 1 / rate if variable else len(stamps) / rate,
            has_audio=sound_stream(container) is not None,
            variable_rate=variable,
        )


def read_frames(path: Path | str, rate: Fraction | None = None) -> Iterator[np.ndarray]:
    """HxWx3 uint8 RGB pictures, upright and with square pixels, `rate` a second (None: as `probe` tells).

    Picture k is the one on show at k / rate seconds after the video begins. A picture that is on show twice is the
    same array, so all are read-only.

    Raises:
        MediaError: as `probe`; and at the end, when less than half of the pictures could be decoded.
    """
    from av.video.reformatter import VideoReformatter

    info = probe(path)
    rate = rate or info.rate
    with open_media(path) as container:
        stream = _video(container, path)
        stream.thread_type = "AUTO"
        step = tick(stream)
        slack = step if step < 1 / (4 * rate) else 0  # stamps are rounded to ticks; long ticks count frames, exactly
        scaler = VideoReformatter()
        size: tuple[int, int] | None = None
        held: VideoFrame | None = None
        index = 0
        for until, frame in _timed(container, stream, path, info.rate):
            image = None
            while held is not None and index / rate < until - slack:
                size = size or _square(stream, held)
                image = _rgb(scaler, held, size) if image is None else image
                yield image
                index += 1
            held = frame


def _video(container: InputContainer, path: Path | str) -> VideoStream:
    stream = picture_stream(container)
    if stream is None:
        raise MediaError(f"{path}: there is no video in it that can be decoded")
    return stream


def _timed(
    container: InputContainer, stream: VideoStream, path: Path | str, rate: Fraction
) -> Iterator[tuple[Fraction, VideoFrame | None]]:
    """(seconds since the video began, frame); last of all, when the last frame ends and None."""
    origin = start_seconds(stream)
    time = -1 / rate
    for frame in decode(container, stream, path):
        stamp = None if frame.pts is None else frame.pts * tick(frame)
        if origin is None:
            origin = stamp
        time = time + 1 / rate if stamp is None or origin is None else stamp - origin
        yield time, frame
    yield time + 1 / rate, None


def _rate(stream: VideoStream, intervals: np.ndarray, variable: bool) -> Fraction:
    """The rate of the commonest interval (in ticks), as the exact number that was meant."""
    told = [Fraction(rate) for rate in (stream.guessed_rate, stream.average_rate) if rate]
    if not len(intervals):
        return told[0] if told else Fraction(25)
    median = np.median(intervals)
    typical = float(intervals[abs(intervals - median) <= max(1, median / 20)].mean())  # stamps in ms say 33, 34, 33
    measured = 1 / (Fraction(typical) * tick(stream))
    common = sorted(COMMON_RATES, key=lambda known: abs(known - measured))
    for meant in common[:1] if variable else [*told, *common[:1]]:
        if abs(meant / measured - 1) < Fraction(1, 100):
            return meant
    return measured.limit_denominator(1001)


def _square(stream: VideoStream, frame: VideoFrame) -> tuple[int, int]:
    """(width, height) before any turn, stretched to square pixels."""
    aspect = Fraction(stream.sample_aspect_ratio or 1)
    if not Fraction(1, 4) < aspect < 4:  # nonsense in the header
        aspect = Fraction(1)
    return max(1, round(frame.width * aspect)), frame.height


def _quarter_turns(frame: VideoFrame) -> int:
    """How many quarter turns counter-clockwise bring the frame upright."""
    return round(frame.rotation / 90) % 4


def _rgb(scaler: VideoReformatter, frame: VideoFrame, size: tuple[int, int]) -> np.ndarray:
    matrix: int | None = None
    if not frame.format.is_rgb:
        matrix = int(frame.colorspace)
        if matrix not in YUV_MATRICES:  # untagged: by convention BT.709 for HD, else BT.601
            matrix = 1 if frame.height >= 720 else 5
    rgb = scaler.reformat(frame, *size, format="rgb24", src_colorspace=matrix, interpolation=EXACT).to_ndarray()
    image = np.ascontiguousarray(np.rot90(rgb, _quarter_turns(frame)))
    image.flags.writeable = False
    return image
