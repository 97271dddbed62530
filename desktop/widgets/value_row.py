"""One number with its name: a slider for the feel of it, a field for the figure."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSizePolicy, QSlider, QWidget

from desktop.theme import SPACE
from desktop.widgets.elided_label import ElidedLabel

STEPS = 500  # of the slider


class ValueRow(QWidget):
    """Tells of each change with the number of the gesture that it is part of: a drag, or one entry in the field."""

    changed = Signal(float, int)

    def __init__(self, label: str, low: float, high: float, unit: str = "") -> None:
        super().__init__()
        self._low, self._high = low, high
        self._gesture = 0
        decimals = 1 if high - low > 10 else 2
        self.slider, self.field, self._label = QSlider(Qt.Orientation.Horizontal), QDoubleSpinBox(), ElidedLabel(label)
        self.slider.setRange(0, STEPS)
        self.slider.setAccessibleName(label)
        self.field.setRange(low, high)
        self.field.setDecimals(decimals)
        self.field.setSingleStep((high - low) / 100)
        self.field.setSuffix("°" if unit == "degrees" else "")
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setFixedWidth(SPACE * 7)
        self.field.setAccessibleName(label)
        self.field.setKeyboardTracking(False)
        self._label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._label.setFixedWidth(SPACE * 13)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE // 2)
        for widget in (self._label, self.slider, self.field):
            row.addWidget(widget)
        self.slider.sliderPressed.connect(self._begin)
        self.slider.valueChanged.connect(self._slid)
        self.field.valueChanged.connect(self._typed)

    @property
    def value(self) -> float:
        """What it shows."""
        return self.field.value()

    def show_value(self, value: float) -> None:
        """Show this without telling."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.field):
            self.slider.setValue(self._step(value))
            self.field.setValue(value)

    def set_held(self, why: str) -> None:
        """Not to be changed, and why; "" to free it."""
        for widget in (self._label, self.slider, self.field):
            widget.setEnabled(not why)
        self.setToolTip(why)

    def _begin(self) -> None:
        self._gesture += 1

    def _slid(self, step: int) -> None:
        value = self._low + (self._high - self._low) * step / STEPS
        with QSignalBlocker(self.field):
            self.field.setValue(value)
        if not self.slider.isSliderDown():
            self._gesture += 1
        self.changed.emit(value, self._gesture)

    def _typed(self, value: float) -> None:
        self._gesture += 1
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._step(value))
        self.changed.emit(value, self._gesture)

    def _step(self, value: float) -> int:
        return round((value - self._low) / (self._high - self._low) * STEPS)
