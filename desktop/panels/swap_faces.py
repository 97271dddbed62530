"""Whose face a swap replaces: every face of the video, shot by shot, to be chosen, split and joined."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.document import Document
from desktop.face_following import FaceFollowing
from desktop.theme import SPACE
from desktop.widgets.face_shots import FaceItem, FaceShots
from engine.errors import EngineError
from engine.events import Progress
from engine.project.edits import clip_at, with_clip_changed
from engine.project.project import FacePart, SwapClip
from engine.project.timing import seconds_to_frame

if TYPE_CHECKING:
    from engine.face.parts import Parts
    from engine.face.tracks import FaceTrack, FaceTracks

HINT = "Click who shall have the portrait's face. Whoever shows at the same time gives way."


class SwapFaces(QWidget):
    """Edits the parts of one swap clip; each change is a step of undo."""

    changed = Signal()
    refused = Signal(str)  # what cannot be done, and why

    def __init__(self, document: Document, index: int, following: FaceFollowing, rate: Fraction) -> None:
        """`rate` is that of the clip's video."""
        super().__init__()
        self._document, self._index, self._following, self._rate = document, index, following, rate
        self._frame = 0
        self.shots, self.hint = FaceShots(), QLabel(HINT)
        self.hint.setWordWrap(True)
        self.hint.setProperty("role", "muted")
        self.split, self.join = QPushButton("Split here"), QPushButton("Join")
        self.automatic, self.again = QPushButton("Choose for me"), QPushButton("Follow the faces")
        for button, tip, call in (
            (
                self.split,
                "Cut the chosen face's piece in two at this frame, to choose somebody else from here on",
                self._split,
            ),
            (self.join, "Make one of the pieces that are chosen in this shot", self._join),
            (self.automatic, "The largest face, and in other shots who looks most like it", self._choose_for_me),
            (self.again, "Look for every face in the video; it takes a while", self._follow),
        ):
            button.setToolTip(tip)
            button.setAutoDefault(False)
            button.clicked.connect(call)
        self.shots.clicked.connect(self._choose)
        row = QHBoxLayout()
        row.setSpacing(SPACE // 2)
        for button in (self.split, self.join, self.automatic, self.again):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addWidget(self.hint)
        column.addWidget(self.shots, 1)
        column.addLayout(row)
        following.progressed.connect(self._tell)
        following.ended.connect(self.refresh)
        document.changed.connect(self.refresh)
        self.refresh()

    def shut(self) -> None:
        """Follow nothing any more."""
        self._following.progressed.disconnect(self._tell)
        self._following.ended.disconnect(self.refresh)
        self._document.changed.disconnect(self.refresh)

    @property
    def clip(self) -> SwapClip:
        """The clip as it is now."""
        clip: SwapClip = clip_at(self._document.project, "swaps", self._index)
        return clip

    @property
    def tracks(self) -> FaceTracks | None:
        """The faces of its video, once they are known."""
        return self._following.tracks(self.clip)

    def set_seconds(self, seconds: Fraction) -> None:
        """Which moment of the video shows: where a piece is split."""
        self._frame = seconds_to_frame(seconds, self._rate)
        self._enable()

    def refresh(self, *_: object) -> None:
        """Show the faces, and who is chosen."""
        tracks = self.tracks
        self.shots.setVisible(tracks is not None)
        waiting = tracks is None and self._following.is_following(self.clip)
        self.hint.setText(HINT if tracks else "Following the faces…" if waiting else "The faces are not known yet.")
        self.again.setVisible(tracks is None and not waiting)
        for button in (self.split, self.join, self.automatic):
            button.setVisible(tracks is not None)
        if tracks is not None:
            self.shots.show_shots(_shots(tracks, self.parts(tracks), self._rate))
            self._enable()

    def parts(self, tracks: FaceTracks) -> Parts:
        """Who is chosen now, piece by piece, by hand or by the program."""
        from engine.export.swap_target import chosen_tracks
        from engine.face.parts import whole

        if self.clip.parts:
            return self.clip.parts
        try:
            return whole(tracks, chosen_tracks(tracks, self.clip, self._rate))
        except EngineError:  # there is no such face
            return ()

    def _enable(self) -> None:
        tracks = self.tracks
        if tracks is None:
            return
        parts = self.parts(tracks)
        shot = _shot_of(tracks, self._frame)
        self.split.setEnabled(any(part.first < self._frame < part.end for part in parts))
        self.join.setEnabled(sum(tracks.tracks[part.track].shot == shot for part in parts) > 1)
        self.automatic.setEnabled(bool(self.clip.parts))

    def _choose(self, part: FacePart, chosen: bool) -> None:
        from engine.face.parts import with_piece

        self._edit("Choose face", lambda tracks, parts: with_piece(tracks, parts, part, chosen))

    def _split(self) -> None:
        from engine.face.parts import split_at

        self._edit("Split face", lambda tracks, parts: split_at(tracks, parts, self._frame))

    def _join(self) -> None:
        from engine.face.parts import joined

        self._edit("Join faces", lambda tracks, parts: joined(tracks, parts, _shot_of(tracks, self._frame)))

    def _choose_for_me(self) -> None:
        self._change("Choose faces again", ())

    def _follow(self) -> None:
        self._following.follow(self.clip)
        self.refresh()

    def _edit(self, name: str, edit: Callable[[FaceTracks, Parts], Parts]) -> None:
        tracks = self.tracks
        if tracks is None:
            return
        try:
            self._change(name, edit(tracks, self.parts(tracks)))
        except EngineError as error:
            self.refused.emit(str(error))
            self.refresh()

    def _change(self, name: str, parts: Parts) -> None:
        self._document.edit(name, lambda p: with_clip_changed(p, "swaps", self._index, parts=parts))
        self.changed.emit()

    def _tell(self, name: str, progress: Progress) -> None:
        if name == self.clip.media.sha256 and progress.total > 1:
            self.hint.setText(f"Following the faces… {progress.done / progress.total:.0%}")


def _shots(tracks: FaceTracks, parts: Parts, rate: Fraction) -> list[tuple[str, list[FaceItem]]]:
    from engine.face.parts import pieces

    shots = []
    for number, (start, shown) in enumerate(zip(tracks.starts, pieces(tracks, parts), strict=True), start=1):
        items = []
        for face, piece in enumerate(shown, start=1):
            part = piece.part
            line = f"{float(part.first / rate):.1f}–{float(part.end / rate):.1f} s"
            name = f"Face {face} of shot {number}, {line}"
            items.append(FaceItem(part, _picture(tracks.tracks[part.track], part), line, name, piece.chosen))
        nobody = "" if items else ": nobody"
        shots.append((f"Shot {number}, from {float(start / rate):.1f} s{nobody}", items))
    return shots


def _picture(track: FaceTrack, part: FacePart) -> np.ndarray:
    """The face as it is first seen; a later piece of it as it looks there, for it may be somebody else."""
    if part.first == track.start or not track.samples:
        return track.thumbnail
    share = ((part.first + part.end) / 2 - track.start) / (track.end - track.start)
    return track.samples[min(int(share * len(track.samples)), len(track.samples) - 1)]


def _shot_of(tracks: FaceTracks, frame: int) -> int:
    return max(sum(start <= frame for start in tracks.starts) - 1, 0)
