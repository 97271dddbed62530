"""What time it is in the project while it plays. Where there is sound, the sound is the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from typing import Protocol

AHEAD = 0.1  # seconds the clock runs on by itself between two reports of a sound device that reports in jumps
STUCK = 1.5  # seconds without any progress after which a sound device is given up


class SoundOutput(Protocol):
    """A device that plays the project's speech. `heard` counts from the last start."""

    def start(self, at: Fraction) -> bool:
        """Play from this time of the speech on; False if there is nothing to play it on, or nothing to play."""

    def stop(self) -> None:
        """Be silent."""

    def heard(self) -> float | None:
        """Seconds that have been heard; None when the speech, or the device, has come to its end."""


class Clock:
    """Starts, stops, and says the time. Forwards at speed 1 it follows the sound, otherwise the computer's clock."""

    def __init__(self, sound: SoundOutput | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self._sound, self._now = sound, now
        self._at, self._speed = Fraction(0), 1.0
        self._sounding = False
        self._began = 0.0  # when, by the computer's clock, the time was `_at`
        self._heard, self._heard_at, self._passed = 0.0, 0.0, 0.0

    @property
    def sounding(self) -> bool:
        """Whether sound leads."""
        return self._sounding

    def start(self, at: Fraction, speed: float) -> None:
        """Run from time `at`; a negative speed runs backwards."""
        self.stop()
        self._at, self._speed, self._began = at, speed, self._now()
        self._heard, self._heard_at, self._passed = 0.0, self._began, 0.0
        self._sounding = bool(speed == 1 and self._sound and self._sound.start(at))

    def stop(self) -> None:
        """Stand still, and silent."""
        if self._sounding and self._sound:
            self._sound.stop()
        self._sounding = False

    def seconds(self) -> float:
        """The time now; it never runs backwards at a forward speed."""
        now = self._now()
        if self._sounding and self._sound:
            heard = self._sound.heard()
            if heard is None or (heard <= self._heard and now - self._heard_at > STUCK):
                self._sound.stop()
                self._sounding = False  # the speech is over; from here on the computer's clock leads
            else:
                if heard > self._heard:
                    self._heard, self._heard_at = heard, now
                so_far = self._heard + min(now - self._heard_at, AHEAD)
                self._passed = max(self._passed, so_far)
                self._began = now - self._passed
        return float(self._at) + (now - self._began) * self._speed
