"""What a right click on the curves offers."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu

from desktop.actions import Actions
from desktop.widgets.pop_up import pop_up
from engine.project.easing import EASINGS

if TYPE_CHECKING:
    from desktop.panels.curve_panel import CurvePanel
    from desktop.widgets.curve_mouse import Hit


class CurveMenu(QObject):
    """Different on a keyframe and beside it."""

    def __init__(self, panel: CurvePanel, actions: Actions) -> None:
        super().__init__(panel)
        self._panel, self._actions = panel, actions

    def open(self, at: QPoint, hit: Hit, time: Fraction) -> None:
        """Show the menu on the screen."""
        pop_up(self.menu(hit, time), at)

    def menu(self, hit: Hit, time: Fraction) -> QMenu:
        """The menu for what was hit."""
        menu, actions = QMenu(self._panel), self._actions
        if hit.key:
            ease = menu.addMenu("Ease to the next keyframe")
            ease.addActions([actions[f"ease_{name.replace(' ', '_')}"] for name in EASINGS])
            menu.addActions([actions[id] for id in ("mirror_keys", "copy", "cut", "duplicate", "delete")])
            return menu
        if hit.curve and hit.curve not in self._panel.selection.channels:
            self._panel.selection.set_channels((hit.curve,))
        here = menu.addAction("Put the playhead here")
        here.triggered.connect(lambda: self._panel.selection.set_playhead(time))
        menu.addActions([actions[id] for id in ("add_key", "paste", "paste_mirrored")])
        menu.addSeparator()
        menu.addActions([actions[id] for id in ("smooth", "scale", "offset", "bake")])
        menu.addSeparator()
        menu.addActions([actions[id] for id in ("lock", "unlock", "mute", "unmute", "restore")])
        menu.addSeparator()
        menu.addActions([actions[id] for id in ("regenerate", "new_take")])
        return menu
