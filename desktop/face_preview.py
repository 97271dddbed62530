"""The portrait's face, small, under one expression: what a prompt will look like, before anything is generated."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from desktop.background import Background
from engine.jobs import FittedPortrait

if TYPE_CHECKING:
    from engine.render.warp import WarpRenderer
    from engine.text.emotion import Emotion

EYES = 56  # pixels from eye to eye in the picture that is rendered
REACH = 1.15  # eye distances from the middle of the face to the edge of what is shown


class FacePreview(QObject):
    """Renders in the background, always the newest wish."""

    pictured = Signal(object)  # HxWx3 uint8 RGB, the face alone; None while there is no portrait
    failed = Signal(object)  # Exception

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._fitted: FittedPortrait | None = None
        self._wanted: tuple[Emotion, float] | None = None
        self._stage = _SmallStage()

    def set_portrait(self, fitted: FittedPortrait | None) -> None:
        """Whose face it is."""
        self._fitted = fitted
        self._render()

    def show(self, emotion: Emotion | None, strength: float = 1.0) -> None:
        """Which expression; None: no wish."""
        self._wanted = (emotion, strength) if emotion else None
        self._render()

    def _render(self) -> None:
        fitted, wanted = self._fitted, self._wanted
        if fitted is None or wanted is None:
            self.pictured.emit(None)
            return
        self._background.start(
            lambda: self._stage.picture(fitted, *wanted), self.pictured.emit, self.failed.emit, key="face"
        )


class _SmallStage:
    """A renderer set up for one portrait, made small; used by one thread at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._set: tuple[FittedPortrait, WarpRenderer, FittedPortrait] | None = None

    def picture(self, fitted: FittedPortrait, emotion: Emotion, strength: float) -> np.ndarray:
        """The face under this emotion, in a pause."""
        from engine.motion.expression import held

        with self._lock:
            renderer, small = self._set_up(fitted)
            image = renderer.render(held(emotion, small.fit.values(), strength))
        points = small.fit.landmarks[:, :2]
        eyes = float(np.linalg.norm(points[33] - points[263]))
        middle, reach = (points.min(axis=0) + points.max(axis=0)) / 2, REACH * eyes
        x, y = np.rint(middle - reach).astype(int)
        side = round(2 * reach)
        return np.ascontiguousarray(image[max(y, 0) : max(y + side, 1), max(x, 0) : max(x + side, 1)])

    def _set_up(self, fitted: FittedPortrait) -> tuple[WarpRenderer, FittedPortrait]:
        if self._set is None or self._set[0] is not fitted:
            from engine.render.warp import WarpRenderer

            small = _smaller(fitted)
            renderer = WarpRenderer()
            renderer.set_portrait(small.rgb, small.alpha, small.fit)
            self._set = (fitted, renderer, small)
        return self._set[1:]


def _smaller(fitted: FittedPortrait) -> FittedPortrait:
    from engine.media.image import Picture, resized

    eyes = float(np.linalg.norm(fitted.fit.landmarks[33, :2] - fitted.fit.landmarks[263, :2]))
    longer = max(fitted.rgb.shape[:2])
    size = round(longer * min(EYES / eyes, 1))
    picture = resized(Picture(fitted.rgb, fitted.alpha), size)
    return FittedPortrait(picture.rgb, picture.alpha, fitted.fit.scaled(size / longer))
