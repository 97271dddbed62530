"""What a project sounds like: its speech, and the sound of the videos that its swap clips show."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from engine.media.audio import stream_audio
from engine.media.container import open_media, sound_stream
from engine.media.image import is_picture
from engine.project.project import Project, SwapClip
from engine.project.timing import TimeRange


def project_sound(project: Project, rate: int, start: Fraction = Fraction(0)) -> Iterator[np.ndarray] | None:
    """Blocks [n, 2] float32 at `rate` Hz from project time `start` on; None where nothing is heard any more.

    Raises:
        MediaError: a file is gone, has changed or cannot be decoded.
    """
    sources = []
    if project.audio and start < project.audio.duration:
        part = TimeRange(project.audio.part.start + start, project.audio.part.end)
        blocks = stream_audio(project.audio.media.locate(), rate, 2, part)
        sources.append(_Source(blocks, 0, project.audio.gain))
    for clip in project.swaps:
        if clip.gain and clip.span.end > start and has_sound(clip):
            begin = max(clip.span.start, start)
            since = clip.offset + begin - clip.span.start
            part = TimeRange(since, clip.offset + clip.span.duration)
            blocks = stream_audio(clip.media.locate(), rate, 2, part)
            sources.append(_Source(blocks, round((begin - start) * rate), clip.gain))
    if not sources:
        return None
    return _mixed(sources, rate) if len(sources) > 1 or sources[0].wait else sources[0].alone()


def has_sound(clip: SwapClip) -> bool:
    """Whether the clip's media is a video that sounds."""
    path = clip.media.locate()
    if is_picture(path):
        return False
    with open_media(path) as container:
        return sound_stream(container) is not None


class _Source:
    """Blocks that begin after `wait` samples."""

    def __init__(self, blocks: Iterator[np.ndarray], wait: int, gain: float) -> None:
        self._blocks, self.wait, self._gain = blocks, wait, gain
        self._left = np.zeros((0, 2), np.float32)
        self.over = False

    def alone(self) -> Iterator[np.ndarray]:
        """All blocks."""
        return (self._gain * block for block in self._blocks)

    def take(self, count: int) -> np.ndarray:
        """The next samples, [count, 2]."""
        silent = min(self.wait, count)
        self.wait -= silent
        parts = [np.zeros((silent, 2), np.float32)]
        missing = count - silent
        while missing and not self.over:
            if not len(self._left):
                found = next(self._blocks, None)
                self.over = found is None
                self._left = self._left if found is None else self._gain * found
            parts.append(self._left[:missing])
            self._left = self._left[missing:]
            missing -= len(parts[-1])
        return np.concatenate([*parts, np.zeros((missing, 2), np.float32)])


def _mixed(sources: list[_Source], rate: int) -> Iterator[np.ndarray]:
    while not all(source.over for source in sources):
        yield np.sum([source.take(rate // 2) for source in sources], axis=0, dtype=np.float32)
