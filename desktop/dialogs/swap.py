"""A swap clip: whose face goes, how the mask lies, before and after of the frame at the playhead, and making the video."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.background import Background
from desktop.document import Document
from desktop.theme import SPACE, Palette
from desktop.widgets.image_view import ImageView, pixmap_of
from desktop.widgets.value_row import ValueRow
from engine import jobs
from engine.events import Finished
from engine.project.edits import clip_at, with_clip_changed
from engine.project.interpolation import Knots, interpolate
from engine.project.project import Project, SwapClip
from engine.project.swap_curves import with_swap_key

SETTLE_MS = 250  # milliseconds without a change before the picture is made again
THUMB = 72  # pixels
ROWS = (("strength", "Strength", 0.0, 1.0), ("grow", "Mask wider", -0.5, 0.5), ("feather", "Mask softer", 0.0, 0.6))


class SwapDialog(QDialog):
    """Every change is a step of undo at once. The frame shown is made from it in the background."""

    def __init__(
        self,
        document: Document,
        index: int,
        seconds: Fraction,
        palette: Palette,
        make: Callable[[Project, SwapClip, Path], object],
        parent: QWidget | None = None,
    ) -> None:
        """`seconds` of the clip's video are shown; `make` puts the making of the whole video into the queue."""
        super().__init__(parent)
        self._document, self._index, self._seconds, self._make = document, index, seconds, make
        self._background = Background(self)
        clip = self.clip
        self.setWindowTitle(f"Face swap into {clip.media.name}")
        self.view = ImageView(palette)
        self.view.setMinimumSize(480, 400)
        self.state = QLabel("Looking for faces…")
        self.state.setWordWrap(True)
        self.faces: list[QToolButton] = []
        self.rows: dict[str, ValueRow] = {}
        for name, label, low, high in ROWS:
            self.rows[name] = row = ValueRow(label, low, high)
            row.changed.connect(lambda value, gesture, name=name: self._set(name, value, f"swap {name} {gesture}"))
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
        return QSize(880, 560)

    def done(self, result: int) -> None:
        """Wait for nobody."""
        self._background.close()
        super().done(result)

    def _lay_out(self) -> None:
        self._thumbs = QHBoxLayout()
        self._thumbs.addStretch(1)
        self.make_video = QPushButton("Make the video…")
        self.make_video.clicked.connect(self._ask_where)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.make_video, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        side = QVBoxLayout()
        side.setSpacing(SPACE)
        side.addWidget(self.state)
        side.addLayout(self._thumbs)
        for row in self.rows.values():
            side.addWidget(row)
        side.addWidget(self.cover)
        keys = QHBoxLayout()
        for button in (self.key, self.switch, self.clear):
            keys.addWidget(button)
        side.addLayout(keys)
        side.addStretch(1)
        side.addWidget(buttons)
        both = QHBoxLayout(self)
        both.setContentsMargins(SPACE * 2, SPACE * 2, SPACE * 2, SPACE * 2)
        both.setSpacing(SPACE * 2)
        both.addWidget(self.view, 3)
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

    def _show_values(self) -> None:
        for name, row in self.rows.items():
            row.show_value(self._now(name))
        self.switch.setText("Off from here" if self._now("on") > 0.5 else "On from here")
        self.clear.setEnabled(bool(self.clip.keys))

    def _change(self, name: str, value: object, merge: str | None = None, **more: object) -> None:
        self._document.edit(
            "Change face swap", lambda p: with_clip_changed(p, "swaps", self._index, **{name: value}, **more), merge
        )
        self._show_values()
        self._timer.start()

    def _look(self) -> None:
        project, clip, seconds = self._document.project, self.clip, self._seconds
        self.view.set_badge("Swapping…")
        self._background.start(lambda: _frame(project, clip, seconds), self._show, self._failed, key="swap")

    def _show(self, frame: object) -> None:
        from engine.export.swap_frame import SwapFrame

        assert isinstance(frame, SwapFrame)
        self.view.set_badge("")
        self.view.set_image(frame.after)
        self.view.set_other(frame.before, ("Before", "After"))
        many = len(frame.faces)
        words = "Nobody is seen here: move the playhead." if not many else "Whose face is replaced:"
        self.state.setText(words)
        for button in self.faces:
            button.deleteLater()
        self.faces = [self._face_button(number, pixmap_of(face)) for number, face in enumerate(frame.faces)]
        for number, button in enumerate(self.faces):
            self._thumbs.insertWidget(number, button)

    def _face_button(self, number: int, picture: object) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setAutoExclusive(True)
        button.setIcon(QIcon(picture))  # type: ignore[call-overload]
        button.setIconSize(QSize(THUMB, THUMB))
        button.setAccessibleName(f"Face {number + 1}")
        button.setChecked(number == (self.clip.face or 0))
        button.clicked.connect(lambda: self._change("face", number, face_at=self._seconds))
        return button

    def _failed(self, error: Exception) -> None:
        self.view.set_badge("")
        self.state.setText(str(error))

    def _ask_where(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Make the video", "swapped.mp4", "MP4 video (*.mp4)")
        if name:
            path = Path(name)
            self._make(self._document.project, self.clip, path if path.suffix else path.with_suffix(".mp4"))
            self.accept()


def _frame(project: Project, clip: SwapClip, seconds: Fraction) -> object:
    return next(event.result for event in jobs.preview_swap(project, clip, seconds) if isinstance(event, Finished))
