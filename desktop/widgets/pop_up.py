"""Menus that open under the mouse."""

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu


def pop_up(menu: QMenu, at: QPoint) -> None:
    """Show the menu there (on the screen) until it is answered; then it is gone, else its parent would keep every one."""
    menu.exec(at)
    menu.deleteLater()
