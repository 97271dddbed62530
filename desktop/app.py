"""The editor as a process: application, theme, window."""

from __future__ import annotations

import faulthandler
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from desktop import theme
from desktop.garbage import share_heaps
from desktop.main_window import MainWindow
from desktop.settings import Folders, Settings


def run(path: Path | None = None) -> int:
    """Open the editor, with this project if given, and stay until it is closed; the exit code."""
    app = QApplication(sys.argv[:1])
    window = open_window(app, Settings(Folders.of_user()))
    window.presenter.install()
    if sys.stderr is not None:  # a program without a console has none
        faulthandler.enable()
    window.start(path)
    return app.exec()


def open_window(app: QApplication, settings: Settings) -> MainWindow:
    """The window, shown, in the theme the user chose."""
    share_heaps()
    QCoreApplication.setApplicationName("Portrayal")
    app.setApplicationDisplayName("Portrayal")
    colours = theme.dark()
    theme.apply(app, settings.theme, colours)
    app.setWindowIcon(theme.icon("face", colours, colours.accent))
    window = MainWindow(settings, colours)
    window.show()
    return window
