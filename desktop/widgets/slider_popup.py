"""One number set by a slider, with what it does seen at once."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDoubleSpinBox, QFrame, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

_STEPS = 200


class SliderPopup(QFrame):
    """Enter or a click elsewhere keeps the result, Escape takes it back."""

    changed = Signal(float)
    kept = Signal()
    cancelled = Signal()

    def __init__(
        self, parent: QWidget, title: str, hint: str, low: float, high: float, value: float, suffix: str = ""
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("popup")
        self._low, self._high = low, high
        self._done = False
        label, self._hint = QLabel(title), QLabel(hint)
        label.setProperty("role", "heading")
        self._hint.setProperty("role", "muted")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setMinimumWidth(200)
        self.slider.setAccessibleName(title)
        self.box = QDoubleSpinBox(minimum=low, maximum=high, decimals=2, singleStep=(high - low) / 40, suffix=suffix)
        self.box.setAccessibleName(title)
        self.box.setValue(value)
        self.slider.setValue(self._step(value))
        self.slider.valueChanged.connect(lambda step: self.box.setValue(low + (high - low) * step / _STEPS))
        self.box.valueChanged.connect(self._box_changed)
        row = QHBoxLayout()
        row.addWidget(self.slider, 1)
        row.addWidget(self.box)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.addWidget(label)
        column.addWidget(self._hint)
        column.addLayout(row)

    def open_at(self, at: QPoint) -> None:
        """Show it with its top left corner here (on the screen)."""
        self.adjustSize()
        self.move(at)
        self.show()
        self.slider.setFocus()
        self.changed.emit(self.box.value())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._finish(keep=False)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish(keep=True)
        else:
            super().keyPressEvent(event)

    def hideEvent(self, _event: object) -> None:
        self._finish(keep=True)

    def _finish(self, keep: bool) -> None:
        if not self._done:
            self._done = True
            (self.kept if keep else self.cancelled).emit()
            self.close()

    def _step(self, value: float) -> int:
        return round((value - self._low) / (self._high - self._low) * _STEPS)

    def _box_changed(self, value: float) -> None:
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(self._step(value))
        self.slider.blockSignals(blocked)
        self.changed.emit(value)
