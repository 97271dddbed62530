"""The row of tools above the curves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QMenu, QToolButton, QWidget

from desktop.actions import Actions
from desktop.panels.takes import Take
from desktop.theme import Palette, icon
from desktop.widgets.curve_shapes import CurveShapes
from desktop.widgets.easing_icon import easing_icon
from desktop.widgets.rule import Rule
from engine.project.easing import EASINGS

if TYPE_CHECKING:
    from desktop.panels.curve_panel import CurvePanel

_BUTTONS = ("add_key", "", "smooth", "scale", "offset", "bake", "mirror_keys", "", "lock", "mute", "restore")


class CurveTools(QWidget):
    """Buttons from the action table, the easings, the value of the selected keys, the takes, and what is shown."""

    def __init__(self, panel: CurvePanel, palette: Palette, actions: Actions) -> None:
        super().__init__(panel)
        self._panel, self._palette, self._actions = panel, palette, actions
        self._buttons: dict[str, QToolButton] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 4, 8, 4)
        self._row.setSpacing(2)
        self._add_buttons()
        self._value = QDoubleSpinBox(decimals=3, singleStep=0.01)
        self._value.lineEdit().setTextMargins(4, 0, 0, 0)
        self._value.setKeyboardTracking(False)
        self._value.setAccessibleName("Value of the selected keyframes")
        self._value.setToolTip("Value of the selected keyframes")
        self._value.setFixedWidth(76)
        self._value.valueChanged.connect(panel.keys.set_value)
        self._shown = QComboBox()
        self._shown.setAccessibleName("Curves shown")
        self._shown.setToolTip("Which curves are shown")
        self._takes = self._menu_button("Takes", "Performances generated so far: compare, go back")
        self._takes.menu().aboutToShow.connect(self._fill_takes)
        self._regenerate = self._button("regenerate")
        self._row.addStretch(1)
        for widget in (self._value, self._rule(), self._regenerate, self._takes, self._rule(), self._shown):
            self._row.addWidget(widget)
        self._fit = QToolButton(autoRaise=True)
        self._fit.setToolTip("Fit the values in sight")
        self._fit.setAccessibleName("Fit values")
        self._fit.clicked.connect(lambda: panel.build().fit_values())
        self._row.addWidget(self._fit)
        self.redraw()

    def connect_shown(self, choices: list[str]) -> None:
        """Offer these sets of curves."""
        self._shown.addItems(choices)
        self._shown.currentTextChanged.connect(self._panel.set_shown)

    def below(self, id: str) -> QPoint:
        """Where on the screen what belongs to a button opens."""
        button = self._buttons.get(id, self._fit)
        return button.mapToGlobal(QPoint(0, button.height() + 4))

    def refresh(self) -> None:
        """Show the value of the selected keys."""
        keys = self._panel.selection.keys
        ref = min(keys, default=None, key=lambda ref: ref.time)
        self._value.setEnabled(ref is not None)
        blocked = self._value.blockSignals(True)
        if ref is None:
            self._value.setRange(0, 0)
            self._value.setSpecialValueText("Value")
        else:
            shape = self._panel.shapes[ref.channel]
            channel = shape.channel
            self._value.setSpecialValueText("")
            self._value.setRange(channel.low, channel.high)
            self._value.setSingleStep((channel.high - channel.low) / 100)
            self._value.setSuffix("°" if channel.unit == "degrees" else "")
            known = dict(zip(shape.set_keys.refs, shape.set_keys.keys, strict=True))
            if ref in known:
                self._value.setValue(known[ref].value)
        self._value.blockSignals(blocked)

    def redraw(self) -> None:
        """Draw icons in the colours of the theme."""
        text = self._palette.text
        self._ease.setIcon(easing_icon("ease both", text))
        self._fit.setIcon(icon("zoom-fit", self._palette))
        self._takes.setIcon(icon("take", self._palette))
        for name in EASINGS:
            self._actions[f"ease_{name.replace(' ', '_')}"].setIcon(easing_icon(name, text))

    # --- inside

    def _add_buttons(self) -> None:
        for id in _BUTTONS:
            self._row.addWidget(self._button(id) if id else self._rule())
            if id == "add_key":
                self._ease = self._menu_button("Easing", "How the curve leads to the next keyframe")
                self._ease.menu().addActions([self._actions[f"ease_{name.replace(' ', '_')}"] for name in EASINGS])
                self._row.addWidget(self._ease)

    def _button(self, id: str) -> QToolButton:
        button = QToolButton(autoRaise=True)
        button.setDefaultAction(self._actions[id])
        button.setIconSize(QSize(18, 18))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._buttons[id] = button
        return button

    def _menu_button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton(autoRaise=True)
        button.setMenu(QMenu(button))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setIconSize(QSize(18, 18))
        button.setToolTip(tip)
        button.setAccessibleName(name)
        return button

    def _rule(self) -> Rule:
        return Rule(self._palette)

    def _fill_takes(self) -> None:
        menu, takes = self._takes.menu(), self._panel.takes
        menu.clear()
        menu.addAction(self._actions["new_take"])
        menu.addSeparator()
        if not takes.all:
            menu.addAction("No takes yet: generate motion first").setEnabled(False)
        current = takes.current
        for take in takes.all:
            entry = menu.addMenu(f"{take.name}{' (in use)' if take is current else ''}")
            use = entry.addAction("Use this take")
            use.setEnabled(take is not current)
            use.triggered.connect(partial(self._use, take))
            compare = entry.addAction("Compare with it")
            compare.setCheckable(True)
            compare.setChecked(bool(self._panel.ghost and self._panel.ghost.motion is take.motion))
            compare.triggered.connect(partial(self._compare, take))

    def _use(self, take: Take, _checked: bool = False) -> None:
        ranges = self._panel.ranges
        names, span = ranges.names, ranges.span
        self._panel.edit(f"Use {take.name.lower()}", lambda p: self._panel.takes.with_take(p, take, names, span))

    def _compare(self, take: Take, on: bool) -> None:
        ghost = CurveShapes()
        ghost.set_motion(take.motion)
        self._panel.compare(ghost if on else None)
