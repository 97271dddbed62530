"""The waveform of the project's speech, read off the GUI thread: an overview first, samples where one looks closely."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import numpy as np
from PySide6.QtCore import QObject, Signal

from desktop.background import Background
from desktop.document import Document
from desktop.widgets.peaks import Peaks
from desktop.widgets.waveform import BIN, Detail, Waveform
from engine.project.media_ref import MediaRef
from engine.project.timing import TimeRange

RATE = 48_000  # Hz at which sound is drawn
_AROUND = 1.0  # share of what is in sight that is read on both sides of it as well


class Waveforms(QObject):
    """Follows the document; `changed` gives a Waveform whenever there is a better one, None when there is no speech."""

    changed = Signal(object)
    failed = Signal(object)  # an exception

    def __init__(self, document: Document, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._background = document, background
        self._media: MediaRef | None = None
        self.waveform: Waveform | None = None
        document.changed.connect(lambda *_: self._follow())
        document.replaced.connect(self._follow)
        self._follow()

    def look(self, start: float, end: float) -> None:
        """Read the samples from `start` to `end` seconds of the recording, and some around them."""
        media, wave = self._media, self.waveform
        if not media or not wave:
            return
        room = (end - start) * _AROUND
        span = TimeRange(_exact(max(start - room, 0)), _exact(end + room))

        def done(samples: np.ndarray) -> None:
            if media == self._media and self.waveform and len(samples):
                self._show(replace(self.waveform, detail=Detail(float(span.start), RATE, Peaks(samples))))

        self._background.start(lambda: _samples(media, span), done, self.failed.emit, key="waveform detail")

    def _follow(self) -> None:
        audio = self._document.project.audio
        media = audio.media if audio else None
        if media == self._media:
            return
        self._media = media
        self._show(None)
        if media:
            self._background.start(lambda: _overview(media), self._show, self._refuse, key="waveform")

    def _show(self, waveform: Waveform | None) -> None:
        if waveform is None or self._media:
            self.waveform = waveform
            self.changed.emit(waveform)

    def _refuse(self, error: Exception) -> None:
        self._media = None  # so that the next change tries again
        self.failed.emit(error)


def overview(blocks: Iterable[np.ndarray]) -> Waveform:
    """The waveform of mono sound that comes in blocks [n] or [n, 1] float32 at RATE."""
    low: list[np.ndarray] = []
    high: list[np.ndarray] = []
    rest = np.zeros(0, np.float32)
    for block in blocks:
        sound = np.concatenate([rest, block.reshape(-1)])
        whole = len(sound) // BIN * BIN
        bins, rest = sound[:whole].reshape(-1, BIN), sound[whole:]
        low.append(bins.min(axis=1))
        high.append(bins.max(axis=1))
    if len(rest):
        low.append(rest.min(keepdims=True))
        high.append(rest.max(keepdims=True))
    nothing = [np.zeros(0, np.float32)]
    return Waveform(RATE, Peaks(np.concatenate(nothing + low), np.concatenate(nothing + high)))


def _overview(media: MediaRef) -> Waveform:
    from engine.media.audio import stream_audio

    return overview(stream_audio(media.locate(), RATE, 1))


def _samples(media: MediaRef, span: TimeRange) -> np.ndarray:
    from engine.media.audio import read_mono

    return read_mono(media.locate(), RATE, span)


def _exact(seconds: float) -> Fraction:
    return Fraction(seconds).limit_denominator(1_000_000)
