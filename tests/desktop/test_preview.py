"""Preview, editing on the face and sliders, with a real portrait on the real render thread, set up once."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from desktop import theme
from desktop.actions import Actions
from desktop.background import Background
from desktop.clock import Clock
from desktop.document import Document
from desktop.frame_store import Picture
from desktop.panels.face_editor import FaceEditor
from desktop.panels.face_handles import BY_ID, HANDLES
from desktop.panels.preview_panel import PreviewPanel
from desktop.panels.sliders_panel import SlidersPanel
from desktop.playback import Playback
from desktop.preview_frames import PreviewFrames
from desktop.render_thread import RenderThread
from desktop.selection import Selection
from desktop.settings import Folders, Settings
from desktop.speech import Speech
from engine import jobs
from engine.events import Progress
from engine.media.image import write_image
from engine.project.channels import INDEX, NAMES
from engine.project.curve_edits import with_lock, with_offset
from engine.project.edits import with_portrait
from engine.project.media_ref import refer_to
from engine.project.motion import Motion, dense
from engine.project.project import Portrait, Project
from engine.project.timing import TimeRange

RATE = Fraction(25)
FRAMES = 50


def talking() -> Motion:
    frames = np.arange(FRAMES)
    values = np.zeros((FRAMES, len(NAMES)), np.float32)
    values[:, INDEX["headScale"]] = 1
    values[:, INDEX["jawOpen"]] = 0.3 + 0.3 * np.sin(frames / 3)
    values[:, INDEX["headYaw"]] = frames / 10
    return Motion.from_dense(values, RATE)


@pytest.fixture(scope="module")
def bench(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The preview and all that it needs, its portrait set up."""
    folder = tmp_path_factory.mktemp("preview")
    palette = theme.dark()
    theme.apply(qapp, "dark", palette)
    settings, window = Settings(Folders.below(folder / "settings")), QMainWindow()
    actions, document, selection = Actions(settings, palette, window), Document(folder), Selection()
    thread, background = RenderThread(), Background()
    thread.start()
    speech = Speech(document, background)
    playback = Playback(document, selection, actions, Clock())
    frames = PreviewFrames(document, selection, thread, playback)
    panel = PreviewPanel(document, selection, palette, actions, frames, playback, speech, settings)
    editor = FaceEditor(document, palette, actions, frames, playback, panel.view, background)
    sliders = SlidersPanel(document, selection, actions, frames)
    window.setCentralWidget(panel)
    window.resize(900, 700)
    window.show()
    samples = Path(__file__).resolve().parents[2] / "resources" / "samples"
    project = replace(jobs.new_project(samples / "hopper.jpg"), motion=talking())
    yield SimpleNamespace(**locals())
    playback.stop()
    thread.stop()
    background.close()


@pytest.fixture
def shown(bench: SimpleNamespace, qtbot: QtBot) -> Iterator[list[Picture | None]]:
    """A fresh project whose first frame shows; every picture that shows from now on."""
    pictures: list[Picture | None] = []
    bench.frames.shown.connect(pictures.append)
    bench.selection.set_playhead(Fraction(0))
    bench.document.new(bench.project)
    qtbot.waitUntil(lambda: bool(pictures) and pictures[-1] is not None, timeout=60_000)
    yield pictures
    bench.frames.shown.disconnect(pictures.append)
    for id in ("handles", "symmetric", "mesh", "compare"):
        if bench.actions[id].isChecked():
            bench.actions[id].trigger()


def go_to(bench: SimpleNamespace, shown: list, frame: int, qtbot: QtBot) -> Picture:
    """Scrub to a frame and give what shows there."""
    bench.selection.set_playhead(frame / RATE)
    qtbot.waitUntil(lambda: shown[-1].index == frame and bench.frames._answered, timeout=20_000)
    return shown[-1]


def test_scrubbing_shows_the_frame_under_the_playhead_and_remembers_it(bench, shown, qtbot: QtBot):
    first = go_to(bench, shown, 10, qtbot)
    assert np.array_equal(first.values, dense(bench.project.motion)[10])
    second = go_to(bench, shown, 30, qtbot)
    assert (first.image != second.image).any() and first.image.shape == (512, 512, 3)
    count = len(shown)
    bench.selection.set_playhead(10 / RATE)
    assert len(shown) == count + 1, "at once, without asking the render thread"
    assert shown[-1].image is first.image


def test_without_motion_the_portrait_shows_as_it_was_pictured(bench, shown, qtbot: QtBot):
    bench.document.new(replace(bench.project, motion=Motion()))
    qtbot.waitUntil(lambda: shown[-1] is not None, timeout=20_000)
    assert np.array_equal(shown[-1].image, shown[-1].fitted.rgb)


def test_changed_frames_are_stale_until_rendered_or_undone(bench, shown, qtbot: QtBot):
    told: list[tuple[list[TimeRange], list[TimeRange]]] = []
    bench.frames.rendered_changed.connect(lambda fresh, stale: told.append((fresh, stale)))
    for frame in (3, 4, 20):
        go_to(bench, shown, frame, qtbot)
    bench.frames._rest.stop()
    bench.document.edit("Offset", lambda p: with_offset(p, ["jawOpen"], TimeRange(Fraction(0), Fraction(1, 2)), 0.2))
    qtbot.waitUntil(lambda: bool(told) and bool(told[-1][1]), timeout=5000)
    fresh, stale = told[-1]
    assert TimeRange(3 / RATE, 5 / RATE) in stale and TimeRange(20 / RATE, 21 / RATE) in fresh
    bench.document.undo_stack.undo()
    qtbot.waitUntil(lambda: not told[-1][1], timeout=5000)


def test_at_rest_the_frames_to_come_are_rendered_until_a_job_needs_the_thread(bench, shown, qtbot: QtBot):
    go_to(bench, shown, 5, qtbot)
    qtbot.waitUntil(lambda: len(bench.frames.store.frames()) > 4, timeout=20_000)
    assert bench.frames.store.frames()[:3] != [0, 1, 2] or 7 in bench.frames.store.frames(), "what comes, first"

    def job():
        yield Progress(0, 1, "Working")

    with qtbot.waitSignal(bench.thread.submit("A job", job()).ended, timeout=10_000):
        pass
    assert not bench.frames._ahead


def test_a_picture_without_a_face_says_so_once(bench, shown, qtbot: QtBot, tmp_path: Path):
    refused: list[Exception] = []
    bench.frames.refused.connect(refused.append)
    write_image(tmp_path / "wall.png", np.full((200, 200, 3), 128, np.uint8))
    wall = Portrait(refer_to(tmp_path / "wall.png"))
    bench.document.edit("Choose portrait", lambda p: with_portrait(p, wall))
    qtbot.waitUntil(lambda: bool(refused), timeout=20_000)
    bench.selection.set_playhead(Fraction(1))
    qtbot.wait(100)
    assert len(refused) == 1 and "wall.png" in bench.panel.empty.text and bench.panel.empty.isVisible()
    bench.document.undo_stack.undo()
    qtbot.waitUntil(lambda: shown[-1] is not None, timeout=60_000)
    assert bench.panel.view.isVisible()


def test_playing_shows_frames_in_order_and_leaves_late_ones_out(bench, shown, qtbot: QtBot):
    bench.playback.play()
    with qtbot.waitSignal(bench.playback.playing_changed, timeout=20_000):
        pass
    frames = [picture.index for picture in shown if picture]
    assert frames == sorted(frames) and frames[-1] > FRAMES // 2
    assert bench.selection.playhead == (FRAMES - 1) / RATE


def test_mesh_and_wipe_draw_over_the_picture(bench, shown, qtbot: QtBot):
    view = bench.panel.view
    go_to(bench, shown, 20, qtbot)
    plain = view.grab().toImage()
    bench.actions["mesh"].trigger()
    meshed = view.grab().toImage()
    nose = view.to_screen().map(QPointF(*shown[-1].fitted.fit.points(shown[-1].values)[1, :2].tolist())).toPoint()
    near = [(nose.x() + dx, nose.y() + dy) for dx in range(-20, 20) for dy in range(-20, 20)]
    assert any(plain.pixelColor(*at) != meshed.pixelColor(*at) for at in near)
    bench.actions["mesh"].trigger()
    bench.actions["compare"].trigger()
    assert np.array_equal(view._other_rgb, shown[-1].fitted.rgb)
    bench.document.edit("Offset", lambda p: with_offset(p, ["jawOpen"], TimeRange(Fraction(0), Fraction(2)), 0.3))
    before = shown[-1].image
    bench.panel.compare.choose("before")
    qtbot.waitUntil(lambda: shown[-1].image is not before, timeout=20_000)
    assert view._other_rgb is before


def drag(bench: SimpleNamespace, id: str, by: QPointF, qtbot: QtBot) -> tuple[QPointF, QPointF]:
    """Drag a handle by screen pixels; where it was and where it is when all has come to rest."""
    view, layer = bench.panel.view, bench.editor.layer

    def place() -> QPointF:
        return view.to_screen().map(next(h.at for h in layer.handles if h.id == id))

    def send(kind: QEvent.Type, at: QPointF) -> None:
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(view, QMouseEvent(kind, at, view.mapToGlobal(at), left, left, none))

    start = place()
    send(QEvent.Type.MouseButtonPress, start)
    for share in (0.3, 0.6, 1.0):
        send(QEvent.Type.MouseMove, start + by * share)
        qtbot.wait(30)
    send(QEvent.Type.MouseButtonRelease, start + by)
    qtbot.waitUntil(lambda: bench.editor._base is None and bench.frames._answered, timeout=20_000)
    qtbot.wait(50)
    return start, place()


def test_a_dragged_mouth_corner_goes_where_it_is_dragged_in_one_step_of_undo(bench, shown, qtbot: QtBot):
    go_to(bench, shown, 20, qtbot)
    bench.actions["handles"].trigger()
    assert len(bench.editor.layer.handles) == len(HANDLES)
    before = dense(bench.document.project.motion)
    start, end = drag(bench, "cornerLeft", QPointF(8, -14), qtbot)
    assert abs(end.x() - start.x() - 8) < 4 and abs(end.y() - start.y() + 14) < 4
    after = dense(bench.document.project.motion)
    changed = {NAMES[i] for i in np.nonzero((before != after).any(0))[0]}
    assert "mouthSmileLeft" in changed and changed <= set(BY_ID["cornerLeft"].channels)
    assert bench.document.undo_stack.count() == 1
    bench.document.undo_stack.undo()
    assert np.array_equal(dense(bench.document.project.motion), before)


def test_with_both_sides_a_drag_is_mirrored(bench, shown, qtbot: QtBot):
    go_to(bench, shown, 0, qtbot)
    bench.actions["handles"].trigger()
    bench.actions["symmetric"].trigger()
    drag(bench, "cornerRight", QPointF(-6, -12), qtbot)
    row = dict(zip(NAMES, dense(bench.document.project.motion)[0], strict=True))
    assert row["mouthSmileLeft"] > 0.1
    assert row["mouthSmileLeft"] == pytest.approx(row["mouthSmileRight"], abs=1e-5)


def test_a_drag_leaves_locked_channels_alone_and_says_when_all_are(bench, shown, qtbot: QtBot):
    go_to(bench, shown, 20, qtbot)
    bench.actions["handles"].trigger()
    told: list[str] = []
    bench.editor.failed.connect(lambda error: told.append(str(error)))
    bench.document.edit("Lock", lambda p: with_lock(p, ["jawOpen"]))
    locked = dense(bench.document.project.motion)[:, INDEX["jawOpen"]]
    drag(bench, "chin", QPointF(12, 10), qtbot)
    motion = dense(bench.document.project.motion)
    assert np.array_equal(motion[:, INDEX["jawOpen"]], locked) and motion[20, INDEX["jawLeft"]] > 0.01
    bench.document.edit("Lock", lambda p: with_lock(p, BY_ID["chin"].channels))
    drag(bench, "chin", QPointF(0, 10), qtbot)
    assert len(told) == 1 and "locked" in told[0]


def test_dragging_before_there_is_motion_starts_from_the_portraits_own_face(bench, shown, qtbot: QtBot):
    bench.document.new(replace(bench.project, motion=Motion()))
    qtbot.waitUntil(lambda: shown[-1] is not None, timeout=20_000)
    bench.actions["handles"].trigger()
    rest = shown[-1].fitted.fit.values()
    drag(bench, "turn", QPointF(25, 0), qtbot)
    row = dense(bench.document.project.motion)[0]
    assert row[INDEX["headYaw"]] > 3
    others = [i for name, i in INDEX.items() if name not in ("headYaw", "headPitch")]
    assert np.array_equal(row[others], rest[others])


def test_sliders_show_the_face_at_the_playhead_and_set_keys(bench, shown, qtbot: QtBot):
    sliders = bench.sliders
    sliders.resize(280, 500)
    sliders.show_group("head")
    sliders.show()
    go_to(bench, shown, 30, qtbot)
    qtbot.waitUntil(lambda: sliders.rows["headYaw"].value == pytest.approx(3.0), timeout=5000)
    sliders.show_group("mouth")
    bench.actions["symmetric"].trigger()
    sliders.rows["mouthSmileLeft"].field.setValue(0.6)
    row = dense(bench.document.project.motion)[30]
    assert row[INDEX["mouthSmileLeft"]] == row[INDEX["mouthSmileRight"]] == pytest.approx(0.6)
    bench.document.edit("Lock", lambda p: with_lock(p, ["mouthPucker"]))
    qtbot.waitUntil(lambda: not sliders.rows["mouthPucker"].slider.isEnabled(), timeout=5000)
    sliders.hide()


def test_every_handle_has_channels_and_a_partner():
    for handle in HANDLES:
        assert handle.channels and handle.partner in BY_ID
        assert BY_ID[handle.partner].partner == handle.id


def test_an_empty_project_offers_to_choose_a_portrait(bench, shown):
    bench.document.new(Project())
    assert shown[-1] is None and bench.panel.empty.isVisible() and "No portrait" in bench.panel.empty.text
