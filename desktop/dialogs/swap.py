"""A swap clip: whose face goes, how the mask lies, before and after of any frame, and making the video."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.background import Background
from desktop.document import Document
from desktop.face_following import FaceFollowing
from desktop.panels.swap_faces import SwapFaces
from desktop.theme import SPACE, Palette
from desktop.widgets.image_view import ImageView, pixmap_of
from desktop.widgets.value_row import ValueRow
from desktop.widgets.words import SWAP_WORDS
from engine import swap_jobs
from engine.events import Finished
from engine.jobs import Stage
from engine.project.edits import clip_at, with_clip_changed
from engine.project.interpolation import Knots, interpolate
from engine.project.project import Project, SwapClip
from engine.project.swap_curves import SWAP_CHANNELS, with_swap_key
from engine.project.timing import ALWAYS

if TYPE_CHECKING:
    from engine.face.tracks import FaceTracks

SETTLE_MS = 250  # milliseconds without a change before the picture is made again
THUMB = 72  # pixels
ROWS = ("strength", "grow", "feather")


class SwapDialog(QDialog):
    """Every change is a step of undo at once. The frame shown is made from it in the background."""

    def __init__(
        self,
        document: Document,
        index: int,
        seconds: Fraction,
        palette: Palette,
        following: FaceFollowing,
        rate: Fraction | None,
        make: Callable[[Project, SwapClip, Path], object],
        parent: QWidget | None = None,
    ) -> None:
        """`seconds` of the clip's media are shown first; `rate` is its video's, None for a picture, whose face is put onto
        the performance. `make` puts the making of the whole video into the queue."""
        super().__init__(parent)
        self._document, self._index, self._make, self._rate = document, index, make, rate
        self._following, self._open = following, True
        self._looking = self._again = False  # whether a frame is being made, and another wished for meanwhile
        self._background, self._sight = Background(self), _Sight(following.stage.faces)
        clip = self.clip
        self.setWindowTitle(f"Face swap into {clip.media.name}" if rate else f"Face of {clip.media.name}")
        self.view, self.time, self.moment = ImageView(palette), QSlider(Qt.Orientation.Horizontal), QLabel()
        self.view.setMinimumSize(480, 400)
        self._set_time(seconds)
        self.tracks = SwapFaces(document, index, following, rate) if rate else None
        if self.tracks:
            self.tracks.changed.connect(self._change_faces)
            self.tracks.refused.connect(self._say)
            following.found.connect(self._found)
        self.state = QLabel("Looking for faces…")
        self.state.setWordWrap(True)
        self.faces: list[QToolButton] = []
        self.rows: dict[str, ValueRow] = {}
        for name in ROWS:
            channel = SWAP_CHANNELS[name]
            self.rows[name] = row = ValueRow(SWAP_WORDS[name], channel.low, channel.high)
            row.changed.connect(lambda value, gesture, name=name: self._set(name, value, f"swap {name} {gesture}"))
        self.sound = ValueRow("Its sound", 0.0, 1.0)
        self.sound.setVisible(rate is not None)
        self.sound.changed.connect(lambda value, gesture: self._change("gain", value, f"swap gain {gesture}"))
        self.outline = ValueRow("Face shape", 0.0, 1.0)
        self.outline.setToolTip("The head's outline: 0 as in the video, 1 as in the portrait")
        self.outline.changed.connect(lambda value, gesture: self._change("outline", value, f"swap outline {gesture}"))
        self.cover = QCheckBox("Keep hands, hair and glasses in front")
        self.cover.setChecked(clip.cover)
        self.cover.toggled.connect(lambda on: self._change("cover", on))
        self.key, self.switch = QPushButton("Set a key here"), QPushButton()
        self.key.setToolTip("From now on strength and mask change over time, through the values set at each key")
        self.key.clicked.connect(self._set_keys)
        self.switch.setToolTip("The swap begins or ends with this frame")
        self.switch.clicked.connect(lambda: self._set_key("on", 0.0 if self._now("on") > 0.5 else 1.0))
        self.clear = QPushButton("Clear keys")
        self.clear.clicked.connect(lambda: self._change("keys", {}))
        for button in (self.key, self.switch, self.clear):
            button.setAutoDefault(False)
        self._lay_out()
        self._show_values()
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self._look)
        self._look()

    @property
    def clip(self) -> SwapClip:
        """The clip as it is now."""
        clip: SwapClip = clip_at(self._document.project, "swaps", self._index)
        return clip

    def sizeHint(self) -> QSize:
        return QSize(960, 620)

    def done(self, result: int) -> None:
        """Wait for nobody."""
        if self._open and self.tracks:
            self.tracks.shut()
            self._following.found.disconnect(self._found)
        self._open = False
        self._timer.stop()
        self._background.close(0)
        super().done(result)

    def _set_time(self, seconds: Fraction) -> None:
        """Let the moment be chosen among those of the clip; at first it is this one."""
        clip = self.clip
        self._step = 1 / (self._rate or self._document.project.settings.rate)
        length = clip.span.duration if clip.span.end != ALWAYS.end else self._document.project.duration
        self.time.setRange(0, max(0, round(length / self._step) - 1))
        self.time.setAccessibleName("Moment that is shown")
        self.time.setValue(round((seconds - clip.offset) / self._step))
        self._seconds = clip.offset + self.time.value() * self._step
        self.time.valueChanged.connect(self._move)

    def _lay_out(self) -> None:
        self._thumbs = QHBoxLayout()
        self._thumbs.addStretch(1)
        self.make_video = QPushButton("Make the video…")
        self.make_video.setToolTip(
            "The whole video, in its own size, with its sound copied; Export makes the project's"
        )
        self.make_video.clicked.connect(self._ask_where)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        if self._rate:
            buttons.addButton(self.make_video, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        side = QVBoxLayout()
        side.setSpacing(SPACE)
        side.addWidget(self.state)
        side.addLayout(self._thumbs)
        if self.tracks:
            side.addWidget(self.tracks, 1)
        for row in (*self.rows.values(), self.outline, self.sound):
            side.addWidget(row)
        side.addWidget(self.cover)
        keys = QHBoxLayout()
        for button in (self.key, self.switch, self.clear):
            keys.addWidget(button)
        side.addLayout(keys)
        if not self.tracks:
            side.addStretch(1)
        side.addWidget(buttons)
        under = QHBoxLayout()
        under.addWidget(self.time, 1)
        under.addWidget(self.moment)
        shown = QVBoxLayout()
        shown.addWidget(self.view, 1)
        shown.addLayout(under)
        both = QHBoxLayout(self)
        both.setContentsMargins(SPACE * 2, SPACE * 2, SPACE * 2, SPACE * 2)
        both.setSpacing(SPACE * 2)
        both.addLayout(shown, 3)
        both.addLayout(side, 2)

    @property
    def _since(self) -> Fraction:
        """Seconds from the clip's start to the frame that is shown."""
        return self._seconds - self.clip.offset

    def _now(self, name: str) -> float:
        """What the clip asks for in the frame that is shown."""
        keys = self.clip.keys.get(name, ())
        if keys:
            return float(interpolate(Knots.of(keys), np.array([float(self._since)]))[0])
        return 1.0 if name == "on" else float(getattr(self.clip, name))

    def _set(self, name: str, value: float, merge: str) -> None:
        if self.clip.keys.get(name):
            self._set_key(name, value, merge)
        else:
            self._change(name, value, merge)

    def _set_key(self, name: str, value: float, merge: str | None = None) -> None:
        self._change("keys", with_swap_key(self.clip, name, self._since, value).keys, merge)

    def _set_keys(self) -> None:
        clip = self.clip
        for name, row in self.rows.items():
            clip = with_swap_key(clip, name, self._since, row.value)
        self._change("keys", clip.keys)

    def _move(self, frame: int) -> None:
        self._seconds = self.clip.offset + frame * self._step
        self._show_values()
        self._timer.start()

    def _change_faces(self) -> None:
        self._say("")
        self._timer.start()

    def _show_values(self) -> None:
        for name, row in self.rows.items():
            row.show_value(self._now(name))
        self.sound.show_value(self.clip.gain)
        self.outline.show_value(self.clip.outline)
        self.moment.setText(f"{float(self._since):.2f} s")
        if self.tracks:
            self.tracks.set_seconds(self._seconds)
        self.switch.setText("Off from here" if self._now("on") > 0.5 else "On from here")
        self.clear.setEnabled(bool(self.clip.keys))

    def _change(self, name: str, value: object, merge: str | None = None, **more: object) -> None:
        self._document.edit(
            "Change face swap", lambda p: with_clip_changed(p, "swaps", self._index, **{name: value}, **more), merge
        )
        self._show_values()
        self._timer.start()

    def _found(self, _: str) -> None:
        self._look()

    def _look(self) -> None:
        """Make the frame as it is wished now; wishes that come while one is being made wait for it, and the last counts."""
        self.view.set_badge("Swapping…")
        self._again = self._looking
        if not self._looking:
            self._looking = True
            look = partial(self._sight.frame, self._document.project, self.clip, self._seconds)
            self._background.start(look, self._looked, self._failed)

    def _looked(self, frame: object) -> None:
        self._looking = False
        self._show(frame)
        if self._again:
            self._look()

    def _show(self, frame: object) -> None:
        from engine.export.swap_frame import SwapFrame

        assert isinstance(frame, SwapFrame)
        self.view.set_badge("")
        self.view.set_image(frame.after)
        self.view.set_other(frame.before, ("Before", "After"))
        for button in self.faces:
            button.deleteLater()
        known = self.tracks is not None and self.tracks.tracks is not None
        faces = () if known else frame.faces
        whose = "Whose face is replaced:" if self._rate else "Whose face is put in:"
        self._say("" if known else whose if faces else "Nobody is seen here: choose another moment.")
        self.faces = [self._face_button(number, pixmap_of(face)) for number, face in enumerate(faces)]
        for number, button in enumerate(self.faces):
            self._thumbs.insertWidget(number, button)

    def _face_button(self, number: int, picture: object) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "face")
        button.setCheckable(True)
        button.setAutoExclusive(True)
        button.setIcon(QIcon(picture))  # type: ignore[call-overload]
        button.setIconSize(QSize(THUMB, THUMB))
        button.setAccessibleName(f"Face {number + 1}")
        button.setChecked(number == (self.clip.face or 0))
        at = self._seconds if self._rate else None
        button.clicked.connect(lambda: self._change("face", number, face_at=at, parts=()))
        return button

    def _failed(self, error: Exception) -> None:
        self._looking = False
        self.view.set_badge("")
        self._say(str(error))
        if self._again:
            self._look()

    def _say(self, words: str) -> None:
        self.state.setText(words)
        self.state.setVisible(bool(words))

    def _ask_where(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Make the video", "swapped.mp4", "MP4 video (*.mp4)")
        if name:
            path = Path(name)
            self._make(
                self._document.project,
                self.clip,
                path if path.suffix.lower() == ".mp4" else path.with_name(path.name + ".mp4"),
            )
            self.accept()


class _Sight:
    """Makes the frame that is looked at, one at a time, outside the GUI thread."""

    def __init__(self, faces: dict[str, FaceTracks]) -> None:
        self._stage, self._lock = Stage(), Lock()
        self._stage.faces = faces

    def frame(self, project: Project, clip: SwapClip, seconds: Fraction) -> object:
        with self._lock:
            job = swap_jobs.preview_swap(project, clip, seconds, self._stage)
            return next(event.result for event in job if isinstance(event, Finished))
