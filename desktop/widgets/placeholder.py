"""What stands where there is nothing yet: why, and the way on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.theme import SPACE, Palette, icon

SYMBOL = 36  # pixels


class Placeholder(QWidget):
    """Symbol, heading, a muted sentence and, if it has a text, one button."""

    clicked = Signal()

    def __init__(self, palette: Palette, symbol: str, title: str, line: str, button: str = "") -> None:
        super().__init__()
        self._palette, self._symbol_name = palette, symbol
        self._symbol, self._title, self._line, self.button = QLabel(), QLabel(), QLabel(), QPushButton()
        self._title.setProperty("role", "heading")
        self._line.setProperty("role", "muted")
        self._line.setWordWrap(True)
        self.button.clicked.connect(self.clicked)
        column = QVBoxLayout(self)
        column.setSpacing(SPACE)
        column.addStretch(1)
        for label in (self._symbol, self._title, self._line):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        column.addSpacing(SPACE)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.say(title, line, button)
        self._redraw()

    @property
    def text(self) -> str:
        """Heading and sentence."""
        return f"{self._title.text()}\n{self._line.text()}"

    def say(self, title: str, line: str, button: str = "") -> None:
        """Another reason."""
        self._title.setText(title)
        self._line.setText(line)
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.setAccessibleName(title)
        self.setAccessibleDescription(line)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._redraw()
        super().changeEvent(event)

    def _redraw(self) -> None:
        self._symbol.setPixmap(icon(self._symbol_name, self._palette, self._palette.muted).pixmap(SYMBOL, SYMBOL))
