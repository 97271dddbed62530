"""Playing the project: the clock says which frame is due, and the playhead goes there. Late frames are left out."""

from __future__ import annotations

import math
from fractions import Fraction

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from desktop.actions import Actions
from desktop.clock import Clock
from desktop.document import Document
from desktop.selection import Selection
from engine.project.timing import TimeRange, frame_count, frame_to_seconds, seconds_to_frame

FASTEST = 8.0


class Playback(QObject):
    """Moves the selection's playhead. Moving it by hand while it plays goes on from there."""

    playing_changed = Signal(bool)
    speed_changed = Signal(float)  # frames a second as a multiple of the project's; below 0 backwards; 0 at rest
    loop_changed = Signal(bool)

    def __init__(
        self, document: Document, selection: Selection, actions: Actions, clock: Clock, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._selection, self._clock = document, selection, clock
        self.speed = 0.0
        self.loop = False
        self._moving = False
        self._held = 0.0  # the speed to go on with
        self._range = TimeRange(Fraction(0), 1)
        self._timer = QTimer(self, singleShot=True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        selection.playhead_changed.connect(self._playhead_moved)
        document.replaced.connect(self.stop)
        document.changed.connect(self._project_changed)
        self._connect(actions)

    @property
    def playing(self) -> bool:
        """Whether time goes on."""
        return self.speed != 0

    @property
    def last_frame(self) -> int:
        """The last frame of the project; 0 in an empty one."""
        project = self._document.project
        return max(frame_count(project.duration, project.settings.rate) - 1, 0)

    def toggle(self) -> None:
        """Play at normal speed, or pause."""
        if self.playing:
            self.stop()
        else:
            self.play()

    def play(self, speed: float = 1.0) -> None:
        """Play from the playhead; at the end of what there is to play, from its other end."""
        if not self._document.project.duration:
            return
        self._range = self._playable()
        at = self._selection.playhead
        last = self._last_of_range()
        if speed > 0 and (at not in self._range if self.loop else at >= last):
            at = self._range.start
        elif speed < 0 and at <= self._range.start:
            at = last
        self._go(at)
        self._clock.start(at, speed)
        self._set_speed(speed)
        self._timer.start(0)

    def rejoin(self) -> None:
        """There is other sound to play than when it began: go on with that."""
        if self.playing:
            self._clock.start(self._selection.playhead, self.speed)

    def stop(self) -> None:
        """Stand still at the frame that shows."""
        if self.playing:
            self._timer.stop()
            self._clock.stop()
            self._set_speed(0.0)

    def hold(self, on: bool) -> None:
        """Stand still while the playhead is being dragged, and go on from there when it is let go."""
        if on:
            self._held = self.speed
            self.stop()
        elif self._held:
            self.play(self._held)

    def faster(self, direction: int) -> None:
        """L (direction 1) and J (-1): from rest play that way, again for double speed; against it, slower then back."""
        if self.speed * direction < 0:
            speed = self.speed / 2 if abs(self.speed) > 1 else float(direction)
        else:
            speed = direction * min(max(abs(self.speed) * 2, 1.0), FASTEST)
        if speed != self.speed:
            self.play(speed)

    def set_loop(self, loop: bool) -> None:
        """Play what lies between in and out over and over."""
        self.loop = loop
        self.loop_changed.emit(loop)
        if self.playing:
            self.play(self.speed)

    def step(self, frames: int) -> None:
        """Stop, and move the playhead by whole frames."""
        self.stop()
        here = seconds_to_frame(self._selection.playhead, self._rate)
        self.go_to_frame(here + frames)

    def go_to_frame(self, frame: int) -> None:
        """Move the playhead to the beginning of a frame, or the nearest there is."""
        self._selection.set_playhead(frame_to_seconds(min(max(frame, 0), self.last_frame), self._rate))

    @property
    def _rate(self) -> Fraction:
        return self._document.project.settings.rate

    @property
    def _second(self) -> int:
        return math.ceil(self._rate)

    def _connect(self, actions: Actions) -> None:
        for id, handler in {
            "play_pause": self.toggle,
            "play_reverse": lambda: self.faster(-1),
            "play_stop": self.stop,
            "play_forward": lambda: self.faster(1),
            "step_back": lambda: self.step(-1),
            "step_forward": lambda: self.step(1),
            "second_back": lambda: self.step(-self._second),
            "second_forward": lambda: self.step(self._second),
            "go_start": lambda: self.go_to_frame(0),
            "go_end": lambda: self.go_to_frame(self.last_frame),
            "loop": lambda: self.set_loop(actions["loop"].isChecked()),
        }.items():
            actions.connect(id, handler)

    def _playable(self) -> TimeRange:
        """What play covers: all of the project or, in a loop, what lies between in and out."""
        whole = TimeRange(Fraction(0), frame_to_seconds(self.last_frame + 1, self._rate))
        chosen = self._document.project.in_out
        if not self.loop or chosen.start >= whole.end:
            return whole
        return TimeRange(chosen.start, min(chosen.end, whole.end))

    def _tick(self) -> None:
        """Show the frame that is due and come back when the next one is."""
        if not self.playing:
            return
        now = self._clock.seconds()
        if now >= self._range.end if self.speed > 0 else now < self._range.start:
            self._at_end()
            return
        frame = seconds_to_frame(now, self._rate)
        self._go(frame_to_seconds(frame, self._rate))
        edge = frame_to_seconds(frame + (self.speed > 0), self._rate)
        wait = abs(float(edge) - now) / abs(self.speed)
        self._timer.start(max(1, math.ceil(wait * 1000)))

    def _at_end(self) -> None:
        if self.loop:
            at = self._range.start if self.speed > 0 else self._last_of_range()
            self._go(at)
            self._clock.start(at, self.speed)
            self._timer.start(0)
        else:
            self._go(self._last_of_range() if self.speed > 0 else self._range.start)
            self.stop()

    def _last_of_range(self) -> Fraction:
        return frame_to_seconds(frame_count(self._range.end, self._rate) - 1, self._rate)

    def _go(self, seconds: Fraction) -> None:
        self._moving = True
        self._selection.set_playhead(seconds)
        self._moving = False

    def _playhead_moved(self, seconds: Fraction) -> None:
        if self.playing and not self._moving:
            self._clock.start(seconds, self.speed)
            self._timer.start(0)

    def _project_changed(self, old: object, new: object) -> None:
        if self.playing:
            self._range = self._playable()

    def _set_speed(self, speed: float) -> None:
        was, self.speed = self.speed, speed
        if bool(was) != bool(speed):
            self.playing_changed.emit(bool(speed))
        if was != speed:
            self.speed_changed.emit(speed)
