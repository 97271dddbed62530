"""Comparing the picture: a wipe against the portrait, or against what it was before the last change."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from desktop.actions import Actions
from desktop.document import Document
from desktop.frame_store import Picture
from desktop.preview_frames import PreviewFrames
from desktop.widgets.image_view import ImageView

CHOICES = {"portrait": "Portrait", "before": "Before the last change"}


class CompareMenu(QMenu):
    """Hangs on the compare button and keeps the view's other picture."""

    def __init__(self, document: Document, frames: PreviewFrames, view: ImageView, actions: Actions) -> None:
        super().__init__()
        self._view, self._actions = view, actions
        self._picture: Picture | None = None
        self._before: np.ndarray | None = None
        self._choice = "portrait"
        group = QActionGroup(self)
        for id, text in CHOICES.items():
            action = self.addAction(text)
            action.setCheckable(True)
            action.setChecked(id == self._choice)
            action.triggered.connect(lambda _checked=False, id=id: self.choose(id))
            group.addAction(action)
        actions.connect("compare", self._refresh)
        frames.shown.connect(self._follow)
        document.changed.connect(lambda old, new: self._remember())
        document.replaced.connect(self._forget)

    def attach(self, button: QToolButton) -> None:
        """Show the menu from this button's arrow."""
        button.setMenu(self)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)

    def choose(self, id: str) -> None:
        """Compare with another of CHOICES, from now on."""
        self._choice = id
        self._actions["compare"].setChecked(True)
        self._refresh()

    def _follow(self, picture: Picture | None) -> None:
        self._picture = picture
        if self._actions["compare"].isChecked():
            self._refresh()

    def _remember(self) -> None:
        if self._picture:
            self._before = self._picture.image

    def _forget(self) -> None:
        self._before = None
        self._refresh()

    def _refresh(self) -> None:
        wanted, picture = self._actions["compare"].isChecked(), self._picture
        if not wanted or picture is None:
            self._view.set_other(None)
        elif self._choice == "portrait":
            self._view.set_other(picture.fitted.rgb, ("Portrait", "Now"))
        else:
            before = picture.image if self._before is None else self._before
            self._view.set_other(before, ("Before", "Now"))
