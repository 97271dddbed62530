"""What opens for a picked drive or swap clip, about the project, and before a person's picture is animated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.dialogs.export import tell
from engine import swap_jobs
from engine.errors import InputError
from engine.project.edits import clip_at
from engine.project.project import Project, SwapClip

if TYPE_CHECKING:
    from desktop.main_window import MainWindow


def connect_clip_dialogs(window: MainWindow) -> None:
    """Connect the rows of the action table that open them."""

    def options() -> None:
        track, index = window.selection.clip or ("", 0)
        if index >= len(getattr(window.document.project, track, ())):  # undone meanwhile
            track = ""
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

    def record_motion() -> None:
        from desktop.dialogs.record_motion import RecordMotionDialog
        from desktop.film_recorder import FilmRecorder

        def use(film: Path, sound: bool) -> None:
            window.imports.drive(film)
            if sound:
                window.imports.audio(film)

        recorder = FilmRecorder(window.settings.folders.data / "recordings")
        dialog = RecordMotionDialog(window.colours, recorder, use, window)
        recorder.setParent(dialog)
        dialog.left.connect(
            lambda film: window.bar.say(f"Kept: {film}", "info", (("Use it", lambda: window.imports.drive(film)),))
        )
        dialog.open()

    window.commands.connect("record_drive", record_motion)
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
    window.show_workspace()
    clip: SwapClip = clip_at(window.document.project, "swaps", index)
    seconds = max(Fraction(0), clip.offset + window.selection.playhead - clip.span.start)

    def make(project: Project, clip: SwapClip, path: Path) -> None:
        def queue() -> None:
            told = replace(project, rights=window.document.project.rights)  # it may have been stated just now
            making = swap_jobs.swap_video(told, clip, path, following.stage)
            job = window.render_thread.submit(f"Face swap {path.name}", making)
            job.finished.connect(lambda written: tell(window.bar, written))

        asked_first(window, queue)

    def show(rate: Fraction | None) -> None:
        if clip in window.document.project.swaps[index : index + 1]:  # it may have gone meanwhile
            SwapDialog(window.document, index, seconds, window.colours, following, rate, make, window).open()

    assert window.workspace
    following = window.workspace.following
    window.background.start(lambda: _rate(clip), show, window.presenter.show)


def _rate(clip: SwapClip) -> Fraction | None:
    """Frames a second of the clip's video; None: it is a picture."""
    from engine.export.layers import shows_video
    from engine.media.video import probe

    return probe(clip.media.path).rate if shows_video(clip) else None
