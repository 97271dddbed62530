"""The curve editor's commands: locks, tools, layers, takes, and the view."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from curve_hand import CTRL, KEYS, SMILE, at, keyed, keys, origin, panel, ref, steps, value_at
from mouse import drag, hover, wheel
from performances import RATE, performance, project, span
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.actions import Actions
from desktop.document import Document
from desktop.panels.curve_panel import CurvePanel
from desktop.panels.layer_strip import stacked
from desktop.selection import Selection
from desktop.widgets.curve_layer import draw_scene
from engine.project.channels import INDEX, NAMES
from engine.project.curve_edits import with_baked, with_lock, with_offset, with_regenerated
from engine.project.motion import dense
from engine.project.project import Project
from engine.project.timing import ALWAYS

__all__ = ["panel"]  # the fixture


# --- locks, mutes, tools


def test_a_lock_refuses_a_drag_once_and_says_why(panel, document: Document):
    document.edit("Lock", lambda p: with_lock(p, [SMILE], span(3, 5)))
    said: list[str] = []
    panel.failed.connect(lambda error: said.append(str(error)))
    drag(panel.plot, at(panel, 4, 0.7), at(panel, 4.5, 0.5), at(panel, 5, 0.3))
    assert keys(document)[1] == (4, 0.7) and steps(document) == ["Lock"]
    assert len(said) == 1 and "locked" in said[0] and "unlock" in said[0]


def test_lock_mute_and_restore_act_on_picked_channels_in_the_picked_range(
    panel, document: Document, selection: Selection, actions: Actions
):
    selection.set_span(span(3, 5))
    actions.run("lock")
    assert document.project.motion[SMILE].locks == (span(3, 5),)
    actions.run("unlock")
    actions.run("mute")
    assert value_at(document, SMILE, 4) == 0
    actions.run("unmute")
    actions.run("restore")
    assert value_at(document, SMILE, 4) == pytest.approx(value_at_generated(document, 4), abs=1e-5)
    assert value_at(document, SMILE, 6) == pytest.approx(0.4)


def value_at_generated(document: Document, seconds: float) -> float:
    return float(document.project.motion[SMILE].generated[round(seconds * RATE)])


def test_without_a_picked_channel_commands_say_what_is_missing(
    panel, selection: Selection, actions: Actions, qtbot: QtBot
):
    selection.set_channels(())
    for command in ("lock", "add_key", "smooth", "restore", "mirror_keys", "copy", "ease_linear"):
        with qtbot.waitSignal(panel.failed):
            actions.run(command)


@pytest.mark.parametrize(("tool", "amount"), [("smooth", 0.3), ("scale", 150.0), ("offset", 20.0)])
def test_tools_show_what_they_do_and_leave_one_step_or_none(
    panel, document: Document, selection: Selection, tool, amount
):
    selection.set_span(span(10, 15))
    before = document.project
    popup = panel.ranges.open_tool(tool)
    for step in (0.5, 0.75, 1.0):
        popup.box.setValue(popup._low + (amount - popup._low) * step)
    changed = dense(document.project.motion)[:, INDEX[SMILE]] != dense(keyed().motion)[:, INDEX[SMILE]]
    assert changed[10 * 25 : 15 * 25].any() and not changed[: 9 * 25].any() and not changed[16 * 25 :].any()
    QTest.keyClick(popup, Qt.Key.Key_Escape)
    assert dense(document.project.motion).tobytes() == dense(keyed().motion).tobytes() and steps(document) == []
    popup = panel.ranges.open_tool(tool)
    popup.box.setValue(amount)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert steps(document) == [popup.findChildren(type(popup._hint))[0].text()]
    document.undo_stack.undo()
    assert document.project.motion == before.motion


def test_generated_motion_turns_into_keys_of_the_same_shape(
    panel, document: Document, selection: Selection, actions: Actions
):
    selection.set_channels(("jawOpen",))
    was = dense(document.project.motion)[:, INDEX["jawOpen"]]
    actions.run("bake")
    assert len(panel.shapes["jawOpen"].set_keys.refs) > 3
    assert np.abs(dense(document.project.motion)[:, INDEX["jawOpen"]] - was).max() < 0.006


def test_regenerating_asks_for_the_picked_range_and_channels(
    panel, selection: Selection, actions: Actions, qtbot: QtBot
):
    selection.set_span(span(1, 2))
    with qtbot.waitSignal(panel.regenerate_wanted) as wanted:
        actions.run("regenerate")
    assert wanted.args == [span(1, 2), (SMILE,)]
    selection.set_span(None)
    selection.set_channels(())
    with qtbot.waitSignal(panel.take_wanted) as wanted:
        actions.run("new_take")
    assert wanted.args == [ALWAYS, NAMES]


# --- layers


def test_layers_that_do_not_overlap_share_a_row(document: Document):
    made = with_offset(with_offset(project(), [SMILE], span(1, 3), 0.1), [SMILE], span(5, 6), 0.1)
    made = with_offset(made, [SMILE], span(2, 7), 0.1)
    assert stacked(made.motion[SMILE].layers) == [[0, 1], [2]]


def test_a_layer_is_dragged_with_its_keys_and_deleted(
    panel, document: Document, selection: Selection, actions: Actions
):
    document.edit("Offset", lambda p: with_offset(p, [SMILE], span(12, 14), 0.3))
    panel.time_view.show(0, 20)
    canvas = panel.layers.canvas
    rect = next(rect for row, rect in canvas.placed() if any("Offset" in clip.text for clip in row.clips))
    y = rect.center().y()
    x = panel.time_view.x
    drag(canvas, (x(13, canvas.width()), y), (x(15, canvas.width()), y))
    moved = document.project.motion[SMILE].layers[1]
    assert float(moved.span.start) == pytest.approx(14, abs=0.1) and moved.keys[0].time == moved.span.start
    actions.run("delete")
    assert len(document.project.motion[SMILE].layers) == 1
    assert steps(document) == ["Offset", "Change layer", "Delete layer"]


def test_the_strip_hides_where_there_are_no_layers(panel, selection: Selection):
    assert panel.layers.isVisible()
    selection.set_channels(("jawOpen",))
    assert not panel.layers.isVisible()


# --- takes


def test_what_is_generated_becomes_takes_to_compare_and_go_back_to(panel, document: Document, selection: Selection):
    selection.set_channels(())
    first = document.project.motion
    values = dense(performance(level=0.5, seed=1))
    document.edit("New take", lambda p: with_regenerated(p, values))
    assert [take.name for take in panel.takes.all] == ["Take 1", "Take 2"]
    assert panel.takes.current is panel.takes.all[1]
    panel.tools._use(panel.takes.all[0])
    assert all(np.array_equal(document.project.motion[n].generated, first[n].generated) for n in NAMES)
    assert panel.takes.current is panel.takes.all[0] and len(panel.takes.all) == 2
    assert keys(document) == [(float(t), v) for t, v in KEYS]  # the user's keys stay
    document.undo_stack.undo()
    assert panel.takes.current is panel.takes.all[1]
    panel.tools._compare(panel.takes.all[0], True)
    assert panel.plot.scene_shown.ghost.motion is panel.takes.all[0].motion


def test_editing_keys_makes_no_take(panel, document: Document):
    drag(panel.plot, at(panel, 4, 0.7), at(panel, 5, 0.5))
    assert panel.takes.all == ()


# --- the view


def test_the_wheel_zooms_time_and_with_ctrl_values(panel):
    seconds, height = panel.time_view.seconds, panel.plot.high - panel.plot.low
    wheel(panel.plot, at(panel, 4, 0.5), 1)
    assert panel.time_view.seconds < seconds
    wheel(panel.plot, at(panel, 4, 0.5), 1, CTRL)
    assert panel.plot.high - panel.plot.low < height


def test_the_middle_button_pans_both_ways(panel):
    panel.time_view.show(3, 8)
    was = (panel.time_view.start, panel.plot.low)
    drag(panel.plot, at(panel, 5, 0.5), at(panel, 6, 0.7), button=Qt.MouseButton.MiddleButton)
    assert panel.time_view.start < was[0] and panel.plot.low < was[1]


def test_fit_shows_the_values_in_sight(panel, document: Document):
    panel.plot.fit_values()
    values = dense(document.project.motion)[:250, INDEX[SMILE]]
    assert panel.plot.low < values.min() and values.max() < panel.plot.high < values.max() + 0.2


def test_the_tree_picks_finds_and_locks(panel, document: Document, selection: Selection):
    panel.tree.search.setText("pucker")
    item = panel.tree._items["curve:mouthPucker"]
    assert not item.isHidden() and panel.tree._items["curve:jawOpen"].isHidden()
    item.setSelected(True)
    assert "mouthPucker" in selection.channels
    panel.tree._clicked(item, 1)
    assert document.project.motion["mouthPucker"].locks == (ALWAYS,)
    panel.tree._clicked(item, 1)
    assert document.project.motion["mouthPucker"].locks == ()


def test_the_menu_on_a_key_eases_and_beside_it_adds(panel):
    on_key = panel._menu.menu(panel.plot._hit(at(panel, 4, 0.7) - origin(panel)), Fraction(4))
    beside = panel._menu.menu(panel.plot._hit(at(panel, 9.5, 0.95) - origin(panel)), Fraction(4))
    assert any("Ease" in action.text() for action in on_key.actions())
    assert any(action.objectName() == "add_key" for action in beside.actions())


def test_hovering_shows_that_a_key_can_be_taken_hold_of(panel):
    hover(panel.plot, at(panel, 4, 0.7))
    assert panel.plot._hovered == ref(4) and panel.plot.cursor().shape() == Qt.CursorShape.PointingHandCursor
    hover(panel.plot, at(panel, 9.5, 0.95))
    assert panel.plot._hovered is None


def test_thousands_of_keys_and_empty_projects_are_shown_too(panel, document: Document, selection: Selection):
    document.edit("Bake", lambda p: with_baked(p, NAMES, ALWAYS, tolerance=0.0001))
    selection.set_channels(NAMES)
    selection.set_keys(frozenset(panel.plot.table.refs))
    panel.grab()
    document.new(Project())
    panel.grab()
    assert not panel.plot.table.refs


def test_both_panels_scroll_together_when_they_share_a_view(qtbot: QtBot, document, selection, palette, actions):
    from desktop.widgets.time_view import TimeView

    view = TimeView()
    made = CurvePanel(document, selection, palette, actions, view)
    qtbot.addWidget(made)
    view.show(2, 3)
    assert made.time_view is view and made.ruler.view is view


def test_keys_of_a_layer_are_in_order_after_every_gesture(panel, document: Document):
    for start, end in (((4, 0.7), (7, 0.3)), ((2, 0.2), (9, 0.5)), ((6, 0.4), (1, 0.9))):
        drag(panel.plot, at(panel, *start), at(panel, *end))
        times = [time for time, _ in keys(document)]
        assert all(a < b for a, b in pairwise(times)) and len(times) == 4


def test_many_curves_are_drawn_quickly_then_finely_in_slices_and_a_change_begins_anew(panel, document: Document):
    panel.set_shown("All channels")
    plot = panel.plot
    plot.grab()
    assert plot._draft and not plot.drawing_finely
    plot.refine()
    plot.draw_on()
    panel.time_view.pan(1)
    assert not plot.drawing_finely
    plot.refine()
    while plot.drawing_finely:
        plot.draw_on()
    wanted = draw_scene(plot.scene_shown, plot.area(), panel.time_view, plot._palette, plot.devicePixelRatioF(), False)
    assert plot._picture == wanted
