"""Opening sound and video files: what the decoder objects to becomes a MediaError with the file's name and a reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import MediaError
from engine.media.files import require_file

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.frame import Frame
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

# The scaler's flags for bicubic, full chroma and exact rounding; without them RGB comes out one level too dark.
EXACT = 0x4 | 0x2000 | 0x4000 | 0x40000
TEXT_ART = {"tty", "bin", "xbin", "adf", "idf"}  # the library plays any .txt as a terminal screen


@contextmanager
def open_media(path: Path | str) -> Iterator[InputContainer]:
    """The opened file; nothing but the local file is ever read, whatever a playlist in it may point to.

    Raises:
        MediaError: missing, empty, damaged, or neither sound nor video.
    """
    import av

    path = require_file(path)
    try:
        container = av.open(
            str(path.absolute()),
            container_options={"protocol_whitelist": "file"},
            metadata_errors="replace",  # old tags are often Latin-1
        )
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path}: not a sound or video file, or its beginning or index is damaged") from error
    with container:
        if container.format.name in TEXT_ART:
            raise MediaError(f"{path}: a text file, not sound or video")
        yield container


def picture_stream(container: InputContainer) -> VideoStream | None:
    """The first video stream that can be decoded and is not a cover picture."""
    from av.stream import Disposition

    films = (stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic)
    return next((film for film in films if film.codec_context), None)


def sound_stream(container: InputContainer) -> AudioStream | None:
    """The first audio stream that can be decoded."""
    return next((sound for sound in container.streams.audio if sound.codec_context), None)


def tick(timed: Stream | Frame) -> Fraction:
    """Seconds that one unit of the time stamps of this stream or frame stands for."""
    return Fraction(timed.time_base or 0)


def start_seconds(stream: Stream) -> Fraction | None:
    """When the stream begins on its file's own clock; None when the file does not say."""
    return None if stream.start_time is None else stream.start_time * tick(stream)


def packets(container: InputContainer, stream: Stream) -> Iterator[Packet]:
    """The stream's undecoded parts in file order, up to where the file is cut off."""
    import av

    with suppress(av.FFmpegError):
        yield from (packet for packet in container.demux(stream))


def decode(container: InputContainer, stream: Stream, path: Path | str) -> Iterator[Any]:
    """The stream's frames in the order of their time; parts that cannot be decoded are stepped over.

    Raises:
        MediaError: at the end, when there was nothing, or less than half of it could be decoded.
    """
    import av

    good = bad = 0
    for packet in packets(container, stream):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            bad += 1
            continue
        good += len(frames)
        yield from frames
    if good == bad == 0:
        raise MediaError(f"{path}: its {stream.type} is empty")
    if good <= bad:
        raise MediaError(f"{path}: damaged: {bad} of {good + bad} {stream.type} parts cannot be decoded")
