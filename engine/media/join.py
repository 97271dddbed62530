"""Parts of a video put together without encoding anything again, under the sound of another file, untouched."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import ExportError
from engine.media.container import open_media, packets, picture_stream, sound_stream, start_seconds, tick
from engine.media.video_writer import CONTAINER, SOUND_RATE
from engine.project.atomic import replacing

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet

COPIED = {"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"}  # codecs that MP4 holds as they are
LEAD = Fraction(1, 10)  # seconds of sound before the picture that are kept, for decoders that need a run-up


def join_parts(parts: Sequence[Path], path: Path, rate: Fraction, sound_of: Path, metadata: dict[str, str]) -> None:
    """Write `path` (MP4): the pictures of `parts`, each made by VideoWriter at `rate`, in order, packet by packet; and
    the sound of the file `sound_of`, if it has any, as it is, or as AAC where MP4 cannot hold it.

    Raises:
        ExportError: the place cannot take the file. MediaError: a part or the sound cannot be read.
    """
    import av

    with replacing(path) as file, ExitStack() as stack:
        try:
            out = stack.enter_context(av.open(file.name, "w", format="mp4", options=CONTAINER))
            out.metadata.update(metadata)
            streams = [_pictures(out, parts, rate)]
            source = stack.enter_context(open_media(sound_of))
            if sound := sound_stream(source):
                copied = sound.codec_context.name in COPIED
                streams.append(_copied_sound(out, source) if copied else _encoded_sound(out, sound_of))
            for _, _, packet in heapq.merge(*streams, key=lambda item: item[:2]):
                out.mux(packet)
        except (av.FFmpegError, OSError) as error:
            raise ExportError(f"{path}: the video cannot be put together ({error.strerror})") from error


Timed = tuple[float, int, "Packet"]


def _pictures(out: OutputContainer, parts: Sequence[Path], rate: Fraction) -> Iterator[Timed]:
    with open_media(parts[0]) as first:
        template = picture_stream(first)
        assert template is not None
        stream = out.add_stream_from_template(template)

    def flow() -> Iterator[Timed]:
        before = 0
        for part in parts:
            with open_media(part) as container:
                film = picture_stream(container)
                assert film is not None
                shift, count = round(before / rate / tick(film)), 0
                for packet in packets(container, film):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.dts, packet.pts = packet.dts + shift, packet.pts + shift
                    packet.stream = stream
                    count += 1
                    yield float(packet.dts * tick(film)), 0, packet
                before += count

    return flow()


def _copied_sound(out: OutputContainer, source: InputContainer) -> Iterator[Timed]:
    sound, film = sound_stream(source), picture_stream(source)
    assert sound is not None and film is not None
    stream = out.add_stream_from_template(sound)
    origin = start_seconds(film) or Fraction(0)
    shift = round(origin / tick(sound))

    def flow() -> Iterator[Timed]:
        for packet in packets(source, sound):
            if packet.dts is None or packet.pts is None or (packet.pts - shift) * tick(sound) < -LEAD:
                continue
            packet.dts, packet.pts = packet.dts - shift, packet.pts - shift
            packet.stream = stream
            yield float(packet.dts * tick(sound)), 1, packet

    return flow()


def _encoded_sound(out: OutputContainer, source: Path) -> Iterator[Timed]:
    import av
    import numpy as np

    from engine.media.audio import stream_audio
    from engine.project.timing import ALWAYS

    stream = out.add_stream("aac", rate=SOUND_RATE, bit_rate=160_000, layout="stereo")

    def flow() -> Iterator[Timed]:
        position = 0
        for block in stream_audio(source, SOUND_RATE, 2, ALWAYS):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), "fltp", "stereo")
            frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, position, Fraction(1, SOUND_RATE)
            position += len(block)
            yield from ((position / SOUND_RATE, 1, packet) for packet in stream.encode(frame))
        yield from ((position / SOUND_RATE, 1, packet) for packet in stream.encode(None))

    return flow()
