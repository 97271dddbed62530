"""Editing on the face: a landmark is dragged in the preview, and the channels that move it get keys at the playhead."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from itertools import count

import numpy as np
from PySide6.QtCore import QObject, QPointF, Signal

from desktop.actions import Actions
from desktop.background import Background
from desktop.document import Document
from desktop.frame_store import Picture
from desktop.panels.drag_edit import DragEdit
from desktop.panels.face_handles import BY_ID, HANDLES, FaceHandle
from desktop.playback import Playback
from desktop.preview_frames import PreviewFrames
from desktop.theme import Palette
from desktop.widgets.handle_layer import Handle, HandleLayer
from desktop.widgets.image_view import ImageView
from engine.errors import InputError
from engine.project.channels import BY_NAME, INDEX
from engine.project.pose_edits import with_rest, with_values
from engine.project.project import Project
from engine.project.timing import frame_to_seconds

LEAST = 0.004  # share of a channel's range below which it has not been moved
Values = dict[str, float]

_drags = count()


class FaceEditor(QObject):
    """Solves in the background, one drag position at a time, always for the newest."""

    failed = Signal(object)  # EngineError

    def __init__(
        self,
        document: Document,
        palette: Palette,
        actions: Actions,
        frames: PreviewFrames,
        playback: Playback,
        view: ImageView,
        background: Background,
    ) -> None:
        super().__init__(view)
        self._document, self._actions, self._playback = document, actions, playback
        self._view, self._background = view, background
        self.layer = HandleLayer(palette, self)
        view.layers.append(self.layer)
        self._edit = DragEdit(document, self)
        self._picture: Picture | None = None
        self._base: Picture | None = None  # what is being dragged
        self._time = Fraction(0)
        self._gesture = 0
        self._free: tuple[str, ...] = ()
        self._wanted: dict[int, tuple[float, float]] | None = None
        self._solving = False
        frames.shown.connect(self._follow)
        actions.connect("handles", self._show_handles)
        actions.connect("symmetric", lambda: None)
        playback.playing_changed.connect(lambda _: self._show_handles())
        self.layer.pressed.connect(self._begin)
        self.layer.dragged.connect(self._drag)
        self.layer.released.connect(lambda id: self._end())
        self._edit.failed.connect(self.failed)

    @property
    def symmetric(self) -> bool:
        """Whether the other side of the face goes along."""
        return self._actions["symmetric"].isChecked()

    def _show_handles(self) -> None:
        self.layer.visible = self._actions["handles"].isChecked() and not self._playback.playing
        self._place()

    def _follow(self, picture: Picture | None) -> None:
        self._picture = picture
        self._place()

    def _place(self) -> None:
        if self.layer.visible and self._picture and not self._picture.covered:
            points = self._picture.fitted.fit.points(self._picture.values)
            self.layer.set_handles(
                [Handle(h.id, h.label, QPointF(*points[h.landmark, :2].tolist()), h.whole) for h in HANDLES]
            )
        elif not self._picture or self._picture.covered:
            self.layer.set_handles(())
        self._view.update()

    def _begin(self, id: str) -> None:
        self._playback.stop()
        self._base, self._gesture, self._wanted = self._picture, next(_drags), None
        if self._base is None:
            return
        self._time = frame_to_seconds(self._base.index, self._document.project.settings.rate)
        handle = BY_ID[id]
        names = {*handle.channels, *(BY_ID[handle.partner].channels if self.symmetric else ())}
        self._free = tuple(name for name in names if self._is_free(name))
        if not self._free:
            self._base = None
            self.failed.emit(
                InputError(
                    f"{handle.label.lower()}: every channel that moves it is locked or muted here; free it first"
                )
            )

    def _drag(self, id: str, x: float, y: float) -> None:
        if self._base:
            self._wanted = self._targets(BY_ID[id], np.array([x, y]))
            self._solve()

    def _end(self) -> None:
        if not self._solving and self._wanted is None:
            self._base = None

    def _targets(self, handle: FaceHandle, to: np.ndarray) -> dict[int, tuple[float, float]]:
        """Where the landmarks shall go: the dragged one and, with symmetry, the one on the other side mirrored."""
        assert self._base
        fit, values = self._base.fitted.fit, self._base.values
        wanted = {handle.landmark: (float(to[0]), float(to[1]))}
        partner = BY_ID[handle.partner]
        if self.symmetric and not handle.whole and handle.id[:5] != "pupil":
            points = fit.points(values)[:, :2]
            roll = np.radians(fit.pose.moved(values).roll)
            across = np.array([np.cos(roll), np.sin(roll)])  # the face's own left to right, in the picture
            by = to - points[handle.landmark]
            if partner is handle:
                by = by - (by @ across) * across
                wanted = {handle.landmark: tuple((points[handle.landmark] + by).tolist())}
            else:
                mirrored = by - 2 * (by @ across) * across
                wanted[partner.landmark] = tuple((points[partner.landmark] + mirrored).tolist())
        return wanted

    def _solve(self) -> None:
        """Work out the newest wish, unless one is being worked out: then when that is done."""
        base, wanted, free, symmetric = self._base, self._wanted, self._free, self.symmetric
        if self._solving or base is None or wanted is None:
            return
        self._solving, self._wanted = True, None
        take = partial(self._take, self._gesture)
        self._background.start(lambda: _solved(base, wanted, free, symmetric), take, self._give_up)

    def _take(self, gesture: int, values: Values) -> None:
        self._solving = False
        base, time = self._base, self._time
        if base and values and gesture == self._gesture:

            def edit(project: Project) -> Project:
                return with_values(with_rest(project, base.fitted.fit.values()), time, values)

            self._edit.step(self._gesture, "Edit on the face", edit)
        self._solve()
        if not self.layer.held:
            self._end()

    def _give_up(self, error: Exception) -> None:
        self._solving, self._base = False, None
        self.failed.emit(error)

    def _is_free(self, name: str) -> bool:
        curve = self._document.project.motion[name]
        return not any(self._time in span for span in (*curve.locks, *curve.mutes))


def _solved(base: Picture, wanted: dict[int, tuple[float, float]], free: tuple[str, ...], symmetric: bool) -> Values:
    """The channels that have to change, and to what."""
    from engine.face.fit import solve_drag

    solved = solve_drag(base.fitted.fit, base.values, wanted, free)
    change = {name: float(solved[INDEX[name]] - base.values[INDEX[name]]) for name in free}
    if symmetric:
        change = {name: (by + change.get(BY_NAME[name].partner or name, by)) / 2 for name, by in change.items()}
    least = {name: LEAST * (BY_NAME[name].high - BY_NAME[name].low) for name in change}
    return {name: float(base.values[INDEX[name]]) + by for name, by in change.items() if abs(by) > least[name]}
