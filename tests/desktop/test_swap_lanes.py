"""The curves of a swap clip on the timeline and in the curve editor: keys added, dragged, deleted, undone."""

from fractions import Fraction

import numpy as np
import pytest
from mouse import click, double_click, drag, move, press, release
from performances import project, span
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.actions import Actions
from desktop.document import Document
from desktop.panels.curve_panel import CurvePanel
from desktop.panels.timeline_panel import TimelinePanel
from desktop.selection import Selection
from desktop.theme import Palette
from desktop.widgets.track_items import CurveRow
from engine.project.curve import Keyframe
from engine.project.curve_edits import with_lock, with_offset, without_edits
from engine.project.edits import without_clip
from engine.project.key_edits import KeyRef
from engine.project.media_ref import MediaRef
from engine.project.project import Project, SwapClip
from engine.project.swap_curves import swap_curves, value_at

STRENGTH, ON, GROW = ("swap:1:strength", "swap:1:on", "swap:1:grow")


def swapped() -> Project:
    """Two clips; the second, at 4 s, has three keys of strength."""
    media = MediaRef("video.mp4", "ab" * 32)
    keys = tuple(Keyframe(Fraction(t), value) for t, value in ((1, 1.0), (3, 0.25), (6, 0.75)))
    second = SwapClip(media, span(4, 14), strength=0.5, keys={"strength": keys})
    return project(swaps=(SwapClip(media, span(0, 3)), second))


@pytest.fixture
def panel(qtbot: QtBot, document: Document, selection: Selection, palette: Palette, actions: Actions) -> TimelinePanel:
    made = TimelinePanel(document, selection, palette, actions)
    qtbot.addWidget(made)
    made.resize(1000, 520)
    document.new(swapped())
    made.show()
    made.time_view.show(0, 20)
    selection.set_clip(("swaps", 1))
    click(made.view.headers, QPointF(60, _header(made, "swaps").center().y()))
    return made


def _header(panel: TimelinePanel, key: str) -> QRect:
    top = 0
    for row in panel.view.headers.rows:
        if row.key == key:
            return QRect(0, top, 200, row.height)
        top += row.height + 1
    raise AssertionError(f"no row {key}")


def at(panel: TimelinePanel, seconds: float, value: float, name: str = STRENGTH) -> QPointF:
    """Where on its lane a value (as a share) lies."""
    canvas = panel.view.canvas
    row, rect = next((row, rect) for row, rect in canvas.placed() if row.key == f"curve:{name}")
    assert isinstance(row, CurveRow)
    return row.area(rect, panel.time_view, canvas.width()).point(seconds, value) + QPointF(0, rect.top() + 3)


def keys(document: Document, key: str = "strength") -> list[tuple[float, float]]:
    return [(float(k.time), round(k.value, 2)) for k in document.project.swaps[1].keys.get(key, ())]


def steps(document: Document) -> list[str]:
    return [document.undo_stack.text(i) for i in range(document.undo_stack.count())]


def test_the_lanes_of_the_picked_clip_open_below_its_track(panel: TimelinePanel, selection: Selection) -> None:
    shown = [row.key for row in panel.view.canvas.rows]
    first = shown.index("swaps") + 1
    assert shown[first : first + 4] == [f"curve:swap:1:{key}" for key in ("on", "strength", "grow", "feather")]
    selection.set_clip(("swaps", 0))
    assert f"curve:{STRENGTH}" not in [row.key for row in panel.view.canvas.rows]
    selection.set_clip(("prompts", 0))  # the lanes stay with the swap that was looked at last
    assert "curve:swap:0:strength" in [row.key for row in panel.view.canvas.rows]
    click(panel.view.headers, QPointF(60, _header(panel, "swaps").center().y()))
    assert "curve:swap:0:strength" not in [row.key for row in panel.view.canvas.rows]


def test_a_key_dragged_on_its_lane_moves_in_time_and_value_in_one_step_of_undo(
    panel: TimelinePanel, document: Document, selection: Selection
) -> None:
    before = document.project
    drag(panel.view.canvas, at(panel, 7, 0.25), at(panel, 7.5, 0.6), at(panel, 8.02, 0.95))
    assert keys(document)[0] == (1, 1.0) and keys(document)[2] == (6, 0.75)
    assert keys(document)[1][0] == 4 and keys(document)[1][1] == pytest.approx(0.95, abs=0.03)
    assert steps(document) == ["Move keyframes"] and selection.keys == {KeyRef(STRENGTH, 0, Fraction(8))}
    times = np.array([8.0])
    assert swap_curves(document.project.swaps[1], times)["strength"][0] == pytest.approx(0.95, abs=0.03)
    document.undo_stack.undo()
    assert document.project == before


def test_several_keys_move_together_and_escape_takes_it_back(
    panel: TimelinePanel, document: Document, selection: Selection
) -> None:
    canvas, shift = panel.view.canvas, Qt.KeyboardModifier.ShiftModifier
    click(canvas, at(panel, 5, 1.0))
    click(canvas, at(panel, 7, 0.25), modifiers=shift)
    assert {ref.time for ref in selection.keys} == {5, 7}
    press(canvas, at(panel, 7, 0.25))
    move(canvas, at(panel, 8, 0.25))
    assert [time for time, _ in keys(document)] == [2, 4, 6]
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    release(canvas, at(panel, 8, 0.25))
    assert document.project == swapped()


def test_a_double_click_adds_a_key_and_delete_takes_it_away(
    panel: TimelinePanel, document: Document, selection: Selection, actions: Actions
) -> None:
    value = value_at(document.project, STRENGTH, Fraction(8))
    double_click(panel.view.canvas, at(panel, 8, 0.9))
    assert (4.0, round(value, 2)) in keys(document) and selection.clip is None
    panel.commands.delete()
    assert keys(document) == [(1, 1.0), (3, 0.25), (6, 0.75)]
    assert steps(document) == ["Add keyframe", "Delete keyframes"]


def test_a_double_click_on_the_switch_ends_the_swap_there_and_another_begins_it(
    panel: TimelinePanel, document: Document
) -> None:
    double_click(panel.view.canvas, at(panel, 8, 0.5, ON))
    double_click(panel.view.canvas, at(panel, 10, 0.5, ON))
    assert keys(document, "on") == [(0, 1), (4, 0), (6, 1)]
    found = swap_curves(document.project.swaps[1], np.array([7.9, 8.0, 9.9, 10.0]))["strength"]
    assert [value > 0 for value in found] == [True, False, False, True]
    drag(panel.view.canvas, at(panel, 8, 0.0, ON), at(panel, 9, 0.3, ON))  # a switch is never half on
    assert keys(document, "on") == [(0, 1), (5, 0), (6, 1)]
    assert all(key.interpolation == "step" for key in document.project.swaps[1].keys["on"])


def test_the_last_key_that_goes_gives_the_clips_number_back(panel: TimelinePanel, document: Document) -> None:
    menu = panel._menus.row_menu(f"curve:{STRENGTH}", None, Fraction(8))
    assert not any("lock" in action.text().lower() for action in menu.actions())
    next(action for action in menu.actions() if action.text() == "Clear keyframes").trigger()
    assert document.project.swaps[1].keys == {}
    assert value_at(document.project, STRENGTH, Fraction(8)) == 0.5


def test_the_clip_shows_its_strength_over_time(panel: TimelinePanel) -> None:
    item = next(row for row in panel.view.canvas.rows if row.key == "swaps").clips[1]  # type: ignore[attr-defined]
    assert item.fixed and item.acts is not None
    assert item.acts(np.array([3.9, 5.0, 7.0, 14.1])) == pytest.approx([0, 1, 0.25, 0])


def test_what_only_channels_can_do_is_refused_in_a_line(panel: TimelinePanel, document: Document) -> None:
    told: list[str] = []
    panel.failed.connect(lambda error: told.append(str(error)))
    panel.commands.edit("Lock", lambda p: with_lock(p, [STRENGTH]))
    panel.commands.edit("Offset", lambda p: with_offset(p, [STRENGTH], span(5, 6), 0.1))
    panel.commands.edit("Restore", lambda p: without_edits(p, [STRENGTH], span(5, 6)))
    assert document.project == swapped()
    assert len(told) == 3 and all("hold keyframes and nothing else" in line for line in told)


@pytest.fixture
def editor(qtbot: QtBot, document: Document, selection: Selection, palette: Palette, actions: Actions) -> CurvePanel:
    made = CurvePanel(document, selection, palette, actions)
    qtbot.addWidget(made)
    made.resize(1000, 400)
    document.new(swapped())
    made.show()
    made.build()
    QApplication.processEvents()
    selection.set_channels((STRENGTH,))
    made.time_view.show(0, 20)
    return made


def test_the_curve_editor_shows_eases_copies_and_lets_go_of_a_swaps_curve(
    editor: CurvePanel, document: Document, selection: Selection, actions: Actions, qtbot: QtBot
) -> None:
    assert editor.plot and editor.plot.scene_shown.shown == (STRENGTH,)
    assert [float(t) for t in editor.plot.table.seconds] == [5, 7, 10]
    place = editor.plot.box.sceneBoundingRect().topLeft() + editor.plot.area().point(7, 0.25)
    click(editor.plot, place)
    assert selection.keys == {KeyRef(STRENGTH, 0, Fraction(7))}
    editor.keys.ease("linear")
    assert document.project.swaps[1].keys["strength"][1].interpolation == "linear"
    selection.set_playhead(Fraction(12))
    editor.keys.duplicate()
    assert (8, 0.25) in keys(document)
    with qtbot.assertNotEmitted(editor.regenerate_wanted), qtbot.waitSignal(editor.failed):
        actions.run("regenerate")
    editor.grab()
    document.edit("Delete clip", lambda p: without_clip(p, "swaps", 1))
    assert selection.channels == () and selection.keys == frozenset()


def test_channels_and_a_swaps_curves_move_together(
    editor: CurvePanel, document: Document, selection: Selection
) -> None:
    editor.keys.put({"jawOpen": 0.5, GROW: 0.1}, Fraction(8))
    editor.keys.nudge(1, 0.1)
    grow = document.project.swaps[1].keys["grow"]
    assert [(float(key.time), round(key.value, 3)) for key in grow] == [(4.04, 0.15)]
    assert document.project.motion["jawOpen"].layers[0].keys[0].value == pytest.approx(0.6)
    assert {ref.channel for ref in selection.keys} == {"jawOpen", GROW}
