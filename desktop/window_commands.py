"""What the actions of the window itself do. Each dialog is loaded when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from desktop.clip_dialogs import asked_first, connect_clip_dialogs

if TYPE_CHECKING:
    from desktop.main_window import MainWindow


def connect_window_commands(window: MainWindow) -> None:
    """Connect the rows of the action table that no panel answers for."""
    commands = window.commands

    def find_command() -> None:
        from desktop.dialogs.command_palette import CommandPalette

        CommandPalette(commands, window.colours, window).open()

    def edit_shortcuts() -> None:
        from desktop.dialogs.shortcuts import ShortcutEditor

        ShortcutEditor(commands, window).open()

    def show_help() -> None:
        from desktop.dialogs.help import HelpDialog

        HelpDialog(commands, window.colours, window).show()

    def show_about() -> None:
        from desktop.dialogs.about import AboutDialog

        AboutDialog(window.colours, window).open()

    def choose_reader() -> None:
        from desktop.dialogs.prompt_reader import PromptReaderDialog

        window.show_workspace()
        assert window.workspace
        PromptReaderDialog(window.workspace.reader, window).open()

    def export() -> None:
        from desktop.dialogs.export import ExportDialog

        def ask() -> None:
            finals = window.workspace.finals if window.workspace else None
            ExportDialog(window.document, window.render_thread, window.settings, window.bar, window, finals).open()

        asked_first(window, ask)

    def switch_theme() -> None:
        window.use_theme("light" if commands["theme"].isChecked() else "dark")

    def reset_layout() -> None:
        if window.workspace:
            window.workspace.reset()

    for id, handler in {
        "quit": window.close,
        "commands": find_command,
        "shortcuts": edit_shortcuts,
        "help": show_help,
        "about": show_about,
        "export": export,
        "prompt_reader": choose_reader,
        "theme": switch_theme,
        "full_screen": lambda: window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen),
        "reset_layout": reset_layout,
    }.items():
        commands.connect(id, handler)
    connect_clip_dialogs(window)
    commands["theme"].setChecked(window.settings.theme == "light")


def may_stop_jobs(window: MainWindow) -> bool:
    """Whether the program may end: no job is under way, or the user would rather stop it."""
    jobs = window.render_thread.jobs
    if not jobs:
        return True
    box = QMessageBox(window)
    box.setWindowTitle("Portrayal")
    box.setText(f"“{jobs[0].name}” is not finished.")
    box.setInformativeText("Quit now, and it is stopped; a half-written file is removed.")
    quit_now = box.addButton("Quit now", QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton("Keep working", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    box.exec()
    return box.clickedButton() is quit_now
