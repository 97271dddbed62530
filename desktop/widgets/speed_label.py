"""How fast it plays, while that is not as usual."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel


class SpeedLabel(QLabel):
    """Empty at rest and at normal speed."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "muted")
        self.setAccessibleName("Playing speed")

    def show_speed(self, speed: float) -> None:
        """A multiple of normal speed, negative backwards."""
        self.setText("" if speed in (0, 1) else f"{abs(speed):g}×" + (" backwards" if speed < 0 else ""))
