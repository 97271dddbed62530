"""Pictures that have been rendered, kept in memory by what they show, so that undoing or looping renders nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from threading import Lock

import numpy as np

from engine.events import FrameReady
from engine.jobs import FittedPortrait
from engine.project.timing import TimeRange

MEMORY = 512 << 20  # bytes


@dataclass(frozen=True, eq=False)
class Picture(FrameReady):
    """A rendered frame with what it shows: channel values [C], of which portrait, under which name it is kept, and
    whether something else than the portrait in its place shows."""

    values: np.ndarray
    fitted: FittedPortrait
    key: Hashable
    covered: bool = False


class FrameStore:
    """Least recently seen goes first. Called from the render thread and the GUI thread alike."""

    def __init__(self, memory: int = MEMORY) -> None:
        self._memory, self._used = memory, 0
        self._pictures: OrderedDict[Hashable, Picture] = OrderedDict()
        self._shown_at: dict[int, Hashable] = {}  # frame -> what was rendered for it last
        self._lock = Lock()

    @property
    def used(self) -> int:
        """Bytes of all pictures."""
        return self._used

    def get(self, frame: int, key: Hashable) -> Picture | None:
        """The picture of this content, now also this frame's."""
        with self._lock:
            picture = self._pictures.get(key)
            if picture:
                self._pictures.move_to_end(key)
                self._shown_at[frame] = key
            return picture

    def put(self, picture: Picture) -> None:
        """Keep a picture; old ones make room."""
        frame, key = picture.index, picture.key
        with self._lock:
            old = self._pictures.pop(key, None)
            self._used += picture.image.nbytes - (old.image.nbytes if old else 0)
            self._pictures[key] = picture
            self._shown_at[frame] = key
            while self._used > self._memory and len(self._pictures) > 1:
                gone, dropped = self._pictures.popitem(last=False)
                self._used -= dropped.image.nbytes
                self._shown_at = {at: shown for at, shown in self._shown_at.items() if shown != gone}

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._pictures.clear()
            self._shown_at.clear()
            self._used = 0

    def frames(self) -> list[int]:
        """The frames of which a picture is kept, in order, whether or not it is what the project shows today."""
        with self._lock:
            return sorted(self._shown_at)

    def has(self, key: Hashable) -> bool:
        """Whether this content has been rendered."""
        return key in self._pictures

    def room_for(self, picture: np.ndarray) -> int:
        """How many pictures like this one fit in."""
        return self._memory // picture.nbytes


def ranges_of(frames: Iterable[int], rate: Fraction) -> list[TimeRange]:
    """Frames in ascending order as few time ranges."""
    found: list[TimeRange] = []
    first = last = None
    for frame in frames:
        if last is None or frame != last + 1:
            if first is not None and last is not None:
                found.append(TimeRange(first / rate, (last + 1) / rate))
            first = frame
        last = frame
    if first is not None and last is not None:
        found.append(TimeRange(first / rate, (last + 1) / rate))
    return found
