"""Which part of time a widget shows. Widgets that share one TimeView scroll and zoom together."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtCore import QObject, Signal

from engine.project.timing import DEFAULT_RATE, frame_to_seconds, seconds_to_frame

CLOSEST = 0.002  # seconds across the widget: a few dozen samples of sound
MARGIN = 0.02  # share of the width left free on both sides when everything is shown


class TimeView(QObject):
    """Seconds `start` to `end` lie across the whole width of each widget that follows it."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rate: Fraction = DEFAULT_RATE
        self.duration = 10.0
        self.start, self.end = 0.0, 10.0

    @property
    def seconds(self) -> float:
        """How much time shows."""
        return self.end - self.start

    def set_content(self, duration: float, rate: Fraction) -> None:
        """Say how long the project is and at how many frames a second it is edited."""
        if (duration, rate) != (self.duration, self.rate):
            self.duration, self.rate = duration, rate
            self.changed.emit()

    def show(self, start: float, end: float) -> None:
        """Show this time, as far as there is any reason to: little before 0 and not far past the end."""
        seconds = min(max(end - start, CLOSEST), self._widest())
        start += (end - start - seconds) / 2
        start = min(max(start, -MARGIN * seconds), max(self.duration - seconds / 2, -MARGIN * seconds))
        if (start, start + seconds) != (self.start, self.end):
            self.start, self.end = start, start + seconds
            self.changed.emit()

    def fit(self, start: float = 0.0, end: float | None = None) -> None:
        """Show all of a range, or of the project, with a margin."""
        until = (self.duration or 10.0) if end is None else end
        margin = (until - start) * MARGIN
        self.show(start - margin, until + margin)

    def zoom(self, factor: float, about: float) -> None:
        """Show `factor` times less time; `about` (seconds) keeps its place."""
        seconds = min(max(self.seconds / factor, CLOSEST), self._widest())
        share = (about - self.start) / self.seconds
        self.show(about - share * seconds, about + (1 - share) * seconds)

    def pan(self, seconds: float) -> None:
        """Show what is this much later."""
        self.show(self.start + seconds, self.end + seconds)

    def reveal(self, seconds: float) -> None:
        """Turn the page when this time is out of sight."""
        if not self.start <= seconds <= self.end:
            self.show(seconds - MARGIN * self.seconds, seconds + (1 - MARGIN) * self.seconds)

    def x(self, seconds: float, width: float) -> float:
        """Where this time lies, in pixels, in a widget this wide."""
        return (seconds - self.start) / self.seconds * width

    def at(self, x: float, width: float) -> float:
        """The time at this pixel."""
        return self.start + x / width * self.seconds

    def frame_start(self, seconds: float) -> Fraction:
        """When the frame shown at this time begins, not before 0."""
        return frame_to_seconds(max(seconds_to_frame(seconds, self.rate), 0), self.rate)

    def nearest_frame(self, seconds: float) -> Fraction:
        """The beginning of a frame that is nearest to this time, not before 0."""
        return self.frame_start(seconds + float(1 / self.rate) / 2)

    def _widest(self) -> float:
        return max(self.duration * 1.5, 10.0)
