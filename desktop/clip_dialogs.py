"""What opens for a picked drive or swap clip, about the project, and before a person's picture is animated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.dialogs.export import tell
from engine import jobs
from engine.errors import InputError
from engine.project.edits import clip_at
from engine.project.project import Project, SwapClip

if TYPE_CHECKING:
    from desktop.main_window import MainWindow


def connect_clip_dialogs(window: MainWindow) -> None:
    """Connect the rows of the action table that open them."""

    def options() -> None:
        track, index = window.selection.clip or ("", 0)
        if track == "drives":
            from desktop.dialogs.drive import DriveDialog

            DriveDialog(window.document, index, window).open()
        elif track == "swaps":
            _swap_dialog(window, index)
        else:
            window.presenter.show(InputError("pick a motion clip or a face swap on the timeline first"))

    def about_project() -> None:
        from desktop.dialogs.project_info import ProjectInfoDialog

        ProjectInfoDialog(window.document.project, window.colours, window).open()

    window.commands.connect("clip_options", options)
    window.commands.connect("project_info", about_project)


def asked_first(window: MainWindow, then: Callable[[], object]) -> None:
    """Do `then`, once the user has said that they may use the portrait, where that is not known yet."""
    from desktop.dialogs.rights import with_the_right

    with_the_right(window.document, window, then)


def _swap_dialog(window: MainWindow, index: int) -> None:
    from desktop.dialogs.swap import SwapDialog

    if window.document.project.portrait is None:
        window.presenter.show(InputError("there is no portrait to swap in: choose a picture of a face first"))
        return
    clip: SwapClip = clip_at(window.document.project, "swaps", index)
    seconds = max(Fraction(0), clip.offset + window.selection.playhead - clip.span.start)

    def make(project: Project, clip: SwapClip, path: Path) -> None:
        def queue() -> None:
            told = replace(project, rights=window.document.project.rights)  # it may have been stated just now
            job = window.render_thread.submit(f"Face swap {path.name}", jobs.swap_video(told, clip, path))
            job.finished.connect(lambda written: tell(window.bar, written))

        asked_first(window, queue)

    SwapDialog(window.document, index, seconds, window.colours, make, window).open()
