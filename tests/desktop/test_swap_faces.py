"""The faces of a video in the editor: followed in the queue, shown shot by shot, chosen, split, joined, kept."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from desktop.dialogs.swap import SwapDialog
from desktop.document import Document
from desktop.face_following import FaceFollowing
from desktop.render_thread import RenderThread
from desktop.theme import Palette
from engine.jobs import Stage
from engine.media.image import read_image, resized
from engine.media.video_writer import VideoWriter
from engine.project.edits import with_clip, with_portrait
from engine.project.media_ref import refer_to
from engine.project.project import FacePart, Portrait, Project, SwapClip
from engine.project.storage import load_project, save_project
from engine.project.timing import DEFAULT_RATE, TimeRange


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def thread(window: QMainWindow):
    thread = RenderThread(window)
    thread.start()
    yield thread
    thread.stop()


@pytest.fixture
def two(document: Document, samples: Path, tmp_path: Path) -> Document:
    """A project with a video of two shots: two people, then one of them."""
    pictures = [resized(read_image(samples / f"{name}.jpg"), 200).rgb for name in ("hopper", "astronaut")]
    left, right = (
        np.pad(rgb, ((0, 200 - rgb.shape[0]), (0, 200 - rgb.shape[1]), (0, 0)), mode="edge") for rgb in pictures
    )
    with VideoWriter(tmp_path / "two.mp4", (400, 200), DEFAULT_RATE) as video:
        for _ in range(6):
            video.write(np.hstack([left, right]))
        for _ in range(4):
            video.write(np.hstack([255 - right, right]))
    project = with_portrait(Project(), Portrait(refer_to(samples / "astronaut.jpg")))
    span = TimeRange(Fraction(0), Fraction(10, 25))
    document.new(with_clip(project, SwapClip(refer_to(tmp_path / "two.mp4"), span)))
    return document


def test_faces_are_chosen_split_and_joined_by_hand(
    two: Document, window: QMainWindow, thread: RenderThread, palette: Palette, qtbot: QtBot, tmp_path: Path
) -> None:
    following = FaceFollowing(two, thread, Stage(), window)
    dialog = SwapDialog(two, 0, Fraction(0), palette, following, DEFAULT_RATE, lambda *_: None, window)
    dialog.show()
    panel = dialog.tracks
    assert panel and [job.name for job in thread.jobs] == ["Follow the faces in two.mp4"]
    assert not panel.shots.isVisible() and "Following" in panel.hint.text()
    qtbot.waitUntil(lambda: panel.tracks is not None and panel.shots.isVisible(), timeout=60_000)
    tracks = panel.tracks
    assert tracks and tracks.starts == (0, 6)
    first = [FacePart(n, track.start, track.end) for n, track in enumerate(tracks.tracks) if track.shot == 0]
    second = [FacePart(n, track.start, track.end) for n, track in enumerate(tracks.tracks) if track.shot == 1]
    assert len(first) == 2 and second and set(panel.shots.buttons) == {*first, *second}
    chosen = [part for part in first if panel.shots.buttons[part].isChecked()]
    assert len(chosen) == 1, "the program has chosen one"
    other = next(part for part in first if part not in chosen)

    panel.shots.buttons[other].click()
    assert other in two.project.swaps[0].parts and chosen[0] not in two.project.swaps[0].parts
    assert panel.shots.buttons[other].isChecked() and not panel.shots.buttons[chosen[0]].isChecked()

    assert not panel.split.isEnabled(), "a piece begins with the first frame"
    dialog.time.setValue(3)
    assert panel.split.isEnabled()
    panel.split.click()
    halves = [FacePart(other.track, 0, 3), FacePart(other.track, 3, other.end)]
    assert [part for part in two.project.swaps[0].parts if part.track == other.track] == halves
    panel.shots.buttons[chosen[0]].click()
    assert [part for part in two.project.swaps[0].parts if part.first < 6] == chosen, "he is there in both halves"
    two.undo_stack.undo()
    assert panel.join.isEnabled()
    panel.join.click()
    assert other in two.project.swaps[0].parts

    qtbot.waitUntil(lambda: dialog.view.badge == "" and not dialog._timer.isActive(), timeout=60_000)
    seen = dialog._sight.frame(two.project, two.project.swaps[0], Fraction(3, 25))
    changed = (seen.before != seen.after).any(-1).any(0)  # type: ignore[attr-defined]
    middle = tracks.tracks[other.track].faces[3][:, 0].mean()  # type: ignore[index]
    assert changed[round(middle)] and not changed[round(400 - middle)], "the other one has the portrait's face"

    save_project(two.project, tmp_path / "kept.portrayal")
    assert load_project(tmp_path / "kept.portrayal", tmp_path).swaps[0].parts == two.project.swaps[0].parts
    panel.automatic.click()
    assert two.project.swaps[0].parts == () and panel.shots.buttons[chosen[0]].isChecked()
    dialog.grab()
    dialog.close()


def test_what_was_cancelled_is_followed_again_only_when_asked(
    two: Document, window: QMainWindow, palette: Palette, qtbot: QtBot
) -> None:
    thread = RenderThread(window)
    following = FaceFollowing(two, thread, Stage(), window)
    thread.jobs[0].cancel()
    qtbot.waitUntil(lambda: not following.is_following(two.project.swaps[0]))
    two.edit("Nothing", lambda project: with_clip(project, two.project.swaps[0]))
    assert thread.jobs == []
    dialog = SwapDialog(two, 0, Fraction(0), palette, following, DEFAULT_RATE, lambda *_: None, window)
    assert dialog.tracks and dialog.tracks.again.isVisibleTo(dialog)
    dialog.tracks.again.click()
    assert [job.name for job in thread.jobs] == ["Follow the faces in two.mp4"]
    assert not dialog.tracks.again.isVisibleTo(dialog)
    dialog.close()


def test_another_face_on_the_performance_is_seen_before_and_after(
    document: Document, window: QMainWindow, thread: RenderThread, samples: Path, palette: Palette, qtbot: QtBot
) -> None:
    project = with_portrait(Project(), Portrait(refer_to(samples / "astronaut.jpg")))
    clip = SwapClip(refer_to(samples / "hopper.jpg"), TimeRange(Fraction(0), Fraction(1)))
    document.new(with_clip(project, clip))
    following = FaceFollowing(document, thread, Stage(), window)
    assert thread.jobs == [], "a picture is not followed"
    dialog = SwapDialog(document, 0, Fraction(0), palette, following, None, lambda *_: None, window)
    dialog.show()
    qtbot.waitUntil(lambda: len(dialog.faces) == 1, timeout=60_000)
    assert dialog.tracks is None and not dialog.make_video.isVisible() and dialog.view.wipe is not None
    dialog.close()
