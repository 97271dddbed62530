"""Makes media files for tests with the library itself, so that what is read back was not written by our own code."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def clicks(times: list[float | Fraction], seconds: float | Fraction, rate: int) -> np.ndarray:
    """[N, 1] float32: silence with a 1-ms burst beginning at each of `times` (s)."""
    samples = np.zeros((round(seconds * rate), 1), np.float32)
    for time in times:
        at = round(time * rate)
        samples[at : at + rate // 1000] = 0.8
    return samples


def click_times(samples: np.ndarray, rate: int, near: list[float | Fraction]) -> list[float]:
    """When (s) the sound first reaches a third of its peak, within 0.2 s of each of `near`."""
    level = np.abs(samples.reshape(len(samples), -1)[:, 0])
    found = []
    for time in near:
        begin = max(0, round((time - Fraction(1, 5)) * rate))
        window = level[begin : round((time + Fraction(1, 5)) * rate)]
        found.append((begin + int(np.argmax(window > level.max() / 3))) / rate)
    return found


def grey(value: int, width: int = 64, height: int = 64) -> np.ndarray:
    """A flat picture."""
    return np.full((height, width, 3), value, np.uint8)


def write_sound(path: Path, samples: np.ndarray, rate: int, codec: str, options: dict[str, str] | None = None) -> Path:
    """[N, channels] float32 -> a sound file."""
    with av.open(str(path), "w", options=options or {}) as container:
        _Sound(container, codec, rate, samples.shape[1]).write(samples)
    return path


def write_film(
    path: Path,
    frames: list[tuple[int, np.ndarray]],
    time_base: Fraction,
    *,
    codec: str = "libx264",
    sound: np.ndarray | None = None,
    sound_rate: int = 48_000,
    sound_starts: Fraction = Fraction(0),
    tags: dict[str, str] | None = None,
    aspect: Fraction | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """(time stamp, picture) pairs -> a video, with [N, channels] float32 sound that begins at `sound_starts` s."""
    with av.open(str(path), "w", options=options or {}) as container:
        container.metadata.update(tags or {})
        height, width, _ = frames[0][1].shape
        stream = container.add_stream(codec, rate=1 / time_base if time_base > Fraction(1, 100) else 25)
        stream.width, stream.height = width, height
        stream.pix_fmt = {"ffv1": "bgr0", "mjpeg": "yuvj420p"}.get(codec, "yuv420p")
        stream.codec_context.time_base = time_base
        stream.time_base = time_base
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        track = _Sound(container, "aac", sound_rate, sound.shape[1]) if sound is not None else None
        for stamp, rgb in frames:
            frame = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format=stream.pix_fmt)
            frame.pts, frame.time_base = stamp, time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if track is not None:
            track.write(sound, round(sound_starts * sound_rate))
    return path


def without_packets(source: Path, target: Path, kind: str, begin: float, end: float) -> Path:
    """A copy of a file in which the packets of one kind of stream with times in [begin, end) s are missing."""
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        streams = {stream.index: new.add_stream_from_template(stream) for stream in old.streams}
        for packet in old.demux():
            time = -1 if packet.pts is None else packet.pts * packet.time_base
            if packet.dts is not None and not (packet.stream.type == kind and begin <= time < end):
                packet.stream = streams[packet.stream.index]
                new.mux(packet)
    return target


class _Sound:
    def __init__(self, container: av.container.OutputContainer, codec: str, rate: int, channels: int) -> None:
        self.container, self.rate, self.layout = container, rate, "mono" if channels == 1 else "stereo"
        self.stream = container.add_stream(codec, rate=rate, layout=self.layout)

    def write(self, samples: np.ndarray, start: int = 0) -> None:
        for at in range(0, len(samples), 4800):
            block = np.ascontiguousarray(samples[at : at + 4800].T, dtype=np.float32)
            frame = av.AudioFrame.from_ndarray(block, "fltp", self.layout)
            frame.sample_rate, frame.pts, frame.time_base = self.rate, start + at, Fraction(1, self.rate)
            self.container.mux(self.stream.encode(frame))
        self.container.mux(self.stream.encode(None))
