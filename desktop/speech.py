"""What is to be heard, the speech and the sound of swapped videos: decoded off the GUI thread when it is another."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

from PySide6.QtCore import QByteArray, QObject, QTimer, Signal

from desktop.background import Background
from desktop.document import Document
from desktop.sound_devices import RATE, Speaker, bytes_of, problem
from engine.project.project import AudioClip, Project

Heard = tuple[AudioClip | None, tuple[object, ...]]

CHANNELS = 2
SETTLE_MS = 250  # a loudness that is being dragged is decoded once it rests


class Speech(QObject):
    """A `SoundOutput` for the playback's clock."""

    loaded = Signal()
    failed = Signal(object)  # an exception

    def __init__(
        self, document: Document, background: Background, speaker: Speaker | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._background = document, background
        self._speaker = speaker or Speaker()
        self._wanted: Heard = (None, ())
        self._sound = QByteArray()
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self._load)
        document.changed.connect(lambda old, new: self._follow())
        document.replaced.connect(self._follow)
        self._follow()

    @property
    def seconds(self) -> Fraction:
        """How much is ready to be played."""
        return Fraction(self._sound.size(), RATE * CHANNELS * 2)

    @property
    def problem(self) -> str:
        """Why nothing will be heard, "" if something will."""
        return problem("loudspeaker")

    def start(self, at: Fraction) -> bool:
        """Play from this time on; False while there is nothing to play, or nothing to play it on."""
        return bool(self._sound.size()) and self._speaker.play(self._sound, CHANNELS, float(at))

    def stop(self) -> None:
        """Be silent."""
        self._speaker.stop()

    def heard(self) -> float | None:
        """Seconds heard since the start; None after the end."""
        return self._speaker.heard()

    def set_volume(self, volume: float) -> None:
        """How loud to play, 0..1; nothing of the project."""
        self._speaker.set_volume(volume)

    def _follow(self) -> None:
        wanted = _heard(self._document.project)
        if wanted == self._wanted:
            return
        clip, before = wanted[0], self._wanted[0]
        same_sound = wanted[1] or (clip and before and clip.media == before.media)
        self._wanted = wanted
        if not same_sound:
            self._sound = QByteArray()
        self._timer.start(SETTLE_MS if same_sound else 0)

    def _load(self) -> None:
        wanted, project = self._wanted, self._document.project
        if any(wanted):
            take = partial(self._take, wanted)
            self._background.start(lambda: _decoded(project), take, self.failed.emit, key="speech")

    def _take(self, wanted: Heard, sound: QByteArray) -> None:
        if wanted == self._wanted:
            self._sound = sound
            self.loaded.emit()


def _heard(project: Project) -> Heard:
    """All that decides what is heard."""
    return project.audio, tuple((clip.media, clip.span, clip.offset, clip.gain) for clip in project.swaps)


def _decoded(project: Project) -> QByteArray:
    """What is heard of the project, as interleaved 16-bit samples."""
    from engine.export.sound import project_sound

    sound = QByteArray()
    for block in project_sound(project, RATE) or ():
        sound.append(bytes_of(block))
    return sound
