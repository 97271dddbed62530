"""The sounds of the speech on the timeline: found when motion is generated or when asked for, forgotten with the speech."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.actions import Actions
from desktop.background import Background
from desktop.document import Document
from engine.errors import InputError
from engine.project.project import AudioClip

if TYPE_CHECKING:
    from engine.motion.phones import Phone

RATE = 16_000  # Hz: what the recogniser listens at


class PhoneTrack(QObject):
    """Answers the command "Find the sounds"; `changed` gives them, in seconds of the project, or none."""

    changed = Signal(object)  # sequence of engine.motion.phones.Phone
    failed = Signal(object)  # an exception

    def __init__(
        self, document: Document, actions: Actions, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._background = document, background
        self._heard: AudioClip | None = None
        self.phones: Sequence[Phone] = ()
        actions.connect("find_sounds", self.find)
        document.changed.connect(lambda *_: self._follow())
        document.replaced.connect(self._follow)

    def find(self) -> None:
        """Listen to the speech as it is now."""
        audio = self._document.project.audio
        if audio is None:
            self.failed.emit(InputError("there is no speech to listen to: import or record some first"))
            return
        self._heard = audio = _as_heard(audio)

        def done(phones: Sequence[Phone]) -> None:
            if audio == self._heard:
                self._show(phones)

        self._background.start(lambda: _phones(audio), done, self.failed.emit, key="phones")

    def known(self, audio: AudioClip) -> Sequence[Phone]:
        """What is known of this speech; none if it has not been listened to."""
        return self.phones if _as_heard(audio) == self._heard else ()

    def learn(self, audio: AudioClip, phones: Sequence[Phone]) -> None:
        """Somebody else has listened to this speech."""
        now = self._document.project.audio
        if now and _as_heard(now) == _as_heard(audio) and not self.known(audio):
            self._heard = _as_heard(audio)
            self._show(phones)

    def _follow(self) -> None:
        audio = self._document.project.audio
        if self._heard and (audio is None or _as_heard(audio) != self._heard):
            self._heard = None
            self._show(())

    def _show(self, phones: Sequence[Phone]) -> None:
        self.phones = phones
        self.changed.emit(phones)


def _as_heard(audio: AudioClip) -> AudioClip:
    """The speech without what does not change its sounds."""
    return replace(audio, gain=1.0)


def _phones(audio: AudioClip) -> Sequence[Phone]:
    from engine.media.audio import read_mono
    from engine.motion.noise import quieted
    from engine.motion.phones import recognise

    return recognise(quieted(read_mono(audio.media.locate(), RATE, audio.part)), audio.words or None)
