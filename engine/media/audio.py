"""Sound: any recording, or the sound of a film, as float32 samples that stay in step with the film's picture.

Everything is decoded as a stream, so that an hour of sound costs no more memory than what is kept of it.
"""

from __future__ import annotations

import math
import wave
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import MediaError
from engine.media.container import decode, open_media, picture_stream, sound_stream, start_seconds, tick
from engine.project.atomic import replacing
from engine.project.timing import ALWAYS, TimeRange

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame

SILENCE = 1e-3  # -60 dB of full scale: below the noise of any microphone that hears a voice
JITTER = Fraction(1, 25)  # time stamps of phone recordings wander by this much (s) though the sound is continuous


@dataclass(frozen=True)
class Audio:
    """Sound held in memory: `samples` is [N, channels] float32 in -1..1, one or two channels; `rate` in Hz."""

    samples: np.ndarray
    rate: int

    @property
    def seconds(self) -> Fraction:
        """The exact length."""
        return Fraction(len(self.samples), self.rate)

    def mono(self, rate: int) -> np.ndarray:
        """[M] float32: the mean of the channels at `rate` Hz."""
        return np.concatenate([*_converted([self], rate, 1), np.zeros((0, 1), np.float32)])[:, 0]


def read_audio(path: Path | str, part: TimeRange = ALWAYS) -> Audio:
    """The sound of a file, or a part of it, at its own rate.

    Raises:
        MediaError: as `stream_audio`, or nothing lies in this part.
    """
    blocks = list(_decoded(path, part))
    if not blocks:
        raise MediaError(f"{path}: its sound ends before {float(part.start):g} s")
    return Audio(np.concatenate([block.samples for block in blocks]), blocks[0].rate)


def read_mono(path: Path | str, rate: int, part: TimeRange = ALWAYS) -> np.ndarray:
    """[M] float32: the sound as one channel at `rate` Hz, without ever holding the file's own samples.

    Raises:
        MediaError: as `stream_audio`.
    """
    kept = bytearray()  # grows in place: a list of blocks would need twice the memory when joined
    for block in stream_audio(path, rate, 1, part):
        kept += block.tobytes()
    return np.frombuffer(kept, np.float32)


def stream_audio(path: Path | str, rate: int, channels: int, part: TimeRange = ALWAYS) -> Iterator[np.ndarray]:
    """Blocks [n, channels] float32 of a part of a file's sound, `channels` 1 or 2, at `rate` Hz.

    Time 0 is a film's first picture, else the first sample that is no delay of the codec: sound that starts late
    begins with silence, sound that starts early is cut, holes become silence. More than two channels become their mean.

    Raises:
        MediaError: missing, empty, not a media file, no sound in it, or less than half of it can be decoded.
    """
    return _converted(_decoded(path, part), rate, channels)


def sound_seconds(path: Path | str) -> Fraction:
    """The exact length of a file's sound, found by decoding it; headers guess.

    Raises:
        MediaError: as `stream_audio`.
    """
    return sum((block.seconds for block in _decoded(path, ALWAYS)), Fraction(0))


def is_silent(samples: np.ndarray) -> bool:
    """Whether nothing in samples in -1..1 rises above -60 dB of full scale."""
    return samples.size == 0 or float(np.abs(samples).max()) < SILENCE


def write_audio(path: Path | str, audio: Audio) -> None:
    """Write a 16-bit WAV; an existing file is replaced only by a whole one.

    Raises:
        ExportError: the file cannot be written.
    """
    with replacing(Path(path)) as file, wave.open(file, "wb") as sound:
        sound.setnchannels(audio.samples.shape[1])
        sound.setsampwidth(2)
        sound.setframerate(audio.rate)
        sound.writeframes(np.rint(np.clip(audio.samples, -1, 1) * 32767).astype("<i2").tobytes())


def _decoded(path: Path | str, part: TimeRange) -> Iterator[Audio]:
    """Blocks at the file's own rate, each put where its time stamp says."""
    with open_media(path) as container:
        stream = sound_stream(container)
        if stream is None:
            raise MediaError(f"{path}: there is no sound in it that can be decoded")
        film = picture_stream(container)
        origin = start_seconds(film) if film else None
        length = (stream.duration or 0) * tick(stream)
        end: Fraction | float = math.inf
        if length and "mp4" in container.format.name:  # the length is exact here: what lies behind it is padding
            end = (start_seconds(stream) or 0) + length
        position = 0  # the next sample to give, counted from the part's start
        for frame in decode(container, stream, path):
            rate, samples = frame.sample_rate, _floats(frame)
            time = None if frame.pts is None else frame.pts * tick(frame)
            if origin is None:
                origin = time or Fraction(0)
            due = position if time is None else round((time - origin - part.start) * rate)
            if position and abs(due - position) <= JITTER * rate:
                due = position
            room = (min(part.end, end - origin) - part.start) * rate - due
            if room < 1:
                return
            samples = samples[: math.floor(min(room, len(samples)))]
            for hole in range(position, due, rate):
                yield Audio(np.zeros((min(rate, due - hole), samples.shape[1]), np.float32), rate)
            samples = samples[max(0, position - due) :]
            position = max(position, due) + len(samples)
            if len(samples):
                yield Audio(samples, rate)
        _require_most(path, container.format.name, length, part.start + Fraction(position, rate))


def _floats(frame: AudioFrame) -> np.ndarray:
    """[n, channels] float32 in -1..1 of a decoded frame; beyond stereo, the mean of all channels."""
    samples = frame.to_ndarray()
    samples = samples.T if frame.format.is_planar else samples.reshape(frame.samples, -1)
    if samples.dtype.kind == "u":
        samples = (samples.astype(np.float32) - 128) / 128
    elif samples.dtype.kind == "i":
        samples = samples.astype(np.float32) / 2.0 ** (8 * samples.itemsize - 1)
    mixed = samples if samples.shape[1] <= 2 else samples.mean(axis=1, keepdims=True)
    return mixed.astype(np.float32)


def _converted(blocks: Iterable[Audio], rate: int, channels: int) -> Iterator[np.ndarray]:
    """Blocks [n, channels] at another rate and channel count."""
    import av

    resampler = av.AudioResampler(format="fltp", layout="mono" if channels == 1 else "stereo", rate=rate)
    position = 0
    for block in blocks:
        samples = block.samples.mean(axis=1, keepdims=True) if channels == 1 else block.samples
        samples = np.repeat(samples, channels // samples.shape[1], axis=1)
        if block.rate == rate:
            yield samples
            continue
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), "fltp", resampler.layout.name)
        frame.sample_rate, frame.pts, frame.time_base = block.rate, position, Fraction(1, block.rate)
        position += len(samples)
        yield from (out.to_ndarray().T for out in resampler.resample(frame))
    if position:
        yield from (out.to_ndarray().T for out in resampler.resample(None))


def _require_most(path: Path | str, kind: str, length: Fraction, decoded: Fraction) -> None:
    """Raise MediaError when under half of what the file's header announces was there."""
    if kind == "wav":  # whose length, as the library tells it, is what the cut file can hold
        with Path(path).open("rb") as file:
            announced = int.from_bytes(file.read(8)[4:], "little")
        share = Fraction(Path(path).stat().st_size, announced) if 0 < announced < 0xFFFFFFFF else 1
    elif kind in ("mp3", "aac") or not length:  # guessed from the bit rate
        return
    else:
        share = decoded / length
    if share < Fraction(1, 2):
        raise MediaError(f"{path}: cut off: only {float(share):.0%} of the sound is there; copy or download it again")
