"""The curve editor under a hand: keyframes, handles, layers, locks, takes."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from mouse import click, double_click, drag, hover, move, press, release, wheel
from performances import RATE, performance, project, span
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.actions import Actions
from desktop.document import Document
from desktop.panels.curve_panel import CurvePanel
from desktop.panels.layer_strip import stacked
from desktop.selection import Selection
from desktop.theme import Palette
from desktop.widgets.curve_layer import draw_scene
from desktop.widgets.curve_shapes import share
from engine.project.channels import BY_NAME, INDEX, NAMES
from engine.project.curve import Keyframe
from engine.project.curve_edits import with_baked, with_lock, with_offset, with_regenerated
from engine.project.key_edits import KeyRef, with_key
from engine.project.motion import dense, sample
from engine.project.project import Project
from engine.project.timing import ALWAYS

SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
SMILE, OTHER = "mouthSmileLeft", "mouthSmileRight"
KEYS = ((2, 0.2), (4, 0.7), (6, 0.4), (8, 0.6))


def keyed(name: str = SMILE, of: Project | None = None) -> Project:
    """A range of a channel baked over by four keys of one layer."""
    made = of or project()
    for seconds, value in KEYS:
        made = with_key(made, name, Keyframe(Fraction(seconds), value), 0 if seconds > 2 else None)
    return made


@pytest.fixture
def panel(qtbot: QtBot, document: Document, selection: Selection, palette: Palette, actions: Actions) -> CurvePanel:
    made = CurvePanel(document, selection, palette, actions)
    qtbot.addWidget(made)
    made.resize(1100, 420)
    document.new(keyed())
    actions["snap"].setChecked(True)
    made.show()
    made.build()
    QApplication.processEvents()
    selection.set_channels((SMILE,))
    made.time_view.show(0, 10)
    made.plot.show_range()
    return made


def origin(panel: CurvePanel) -> QPointF:
    return panel.plot.box.sceneBoundingRect().topLeft()


def at(panel: CurvePanel, seconds: float, value: float, name: str = SMILE) -> QPointF:
    """Where on the plot a value of a channel lies."""
    return origin(panel) + panel.plot.area().point(seconds, float(share(BY_NAME[name], value)))


def keys(document: Document, name: str = SMILE, layer: int = 0) -> list[tuple[float, float]]:
    return [(float(k.time), round(k.value, 3)) for k in document.project.motion[name].layers[layer].keys]


def ref(seconds: float, name: str = SMILE, layer: int = 0) -> KeyRef:
    return KeyRef(name, layer, Fraction(seconds))


def steps(document: Document) -> list[str]:
    return [document.undo_stack.text(i) for i in range(document.undo_stack.count())]


def value_at(document: Document, name: str, seconds: float) -> float:
    return float(sample(document.project.motion, np.array([seconds]))[0, INDEX[name]])


# --- dragging keys


def test_a_dragged_key_follows_the_mouse_to_a_frame_and_undoes_in_one_step(
    panel, document: Document, selection: Selection
):
    before = document.project
    drag(panel.plot, at(panel, 4, 0.7), at(panel, 4.5, 0.3), at(panel, 5.013, 0.9))
    (time, value) = keys(document)[1]
    assert time == 5 and value == pytest.approx(0.9, abs=0.01)
    assert steps(document) == ["Move keyframes"] and selection.keys == {ref(5)}
    document.undo_stack.undo()
    assert document.project == before


def test_a_key_dragged_over_another_and_on_loses_nothing(panel, document: Document):
    drag(panel.plot, at(panel, 4, 0.7), at(panel, 6, 0.7), at(panel, 7, 0.7))
    assert [time for time, _ in keys(document)] == [2, 6, 7, 8]


def test_a_key_dragged_there_and_back_leaves_nothing_to_undo(panel, document: Document):
    drag(panel.plot, at(panel, 4, 0.7), at(panel, 6, 0.2), at(panel, 4, 0.7))
    assert document.project == keyed() and steps(document) == []


def test_escape_takes_a_drag_back(panel, document: Document, selection: Selection):
    press(panel.plot, at(panel, 4, 0.7))
    move(panel.plot, at(panel, 5, 0.5))
    assert keys(document)[1][0] == 5
    QTest.keyClick(panel.plot, Qt.Key.Key_Escape)
    release(panel.plot, at(panel, 5, 0.5))
    assert document.project == keyed() and selection.keys == {ref(4)}


def test_shift_holds_a_drag_to_one_direction(panel, document: Document):
    drag(panel.plot, at(panel, 4, 0.7), at(panel, 5, 0.68), modifiers=SHIFT)
    # Shift on a key adds it to the selection first; the drag then goes sideways only.
    assert keys(document)[1] == (5, 0.7)


def test_a_dragged_key_sticks_to_the_playhead_unless_alt_is_held(panel, document: Document, selection: Selection):
    selection.set_playhead(Fraction(5) + Fraction(1, 100))
    drag(panel.plot, at(panel, 4, 0.7), at(panel, 5.03, 0.7))
    assert document.project.motion[SMILE].layers[0].keys[1].time == Fraction(501, 100)
    document.undo_stack.undo()
    drag(panel.plot, at(panel, 4, 0.7), at(panel, 5.05, 0.7), modifiers=ALT)
    assert document.project.motion[SMILE].layers[0].keys[1].time not in (Fraction(501, 100), Fraction(5))


def test_values_stay_within_the_channel_and_keys_after_the_beginning(panel, document: Document):
    drag(panel.plot, at(panel, 4, 0.7), at(panel, 4, 1.05))
    assert keys(document)[1][1] == 1
    panel.selection.set_keys(frozenset({ref(2), ref(4)}))
    drag(panel.plot, at(panel, 4, 1.0), at(panel, 0.5, 1.0))
    assert [time for time, _ in keys(document)][:2] == [0, 2]


def test_keys_of_channels_in_other_units_move_by_the_same_share(panel, document: Document, selection: Selection):
    document.new(keyed("headYaw", keyed()))
    document.edit("x", lambda p: p)
    selection.set_channels((SMILE, "headYaw"))
    selection.set_keys(frozenset({ref(4), ref(4, "headYaw")}))
    drag(panel.plot, at(panel, 4, 0.7), at(panel, 4, 0.8))
    rise = keys(document)[1][1] - 0.7
    assert keys(document, "headYaw")[1][1] == pytest.approx(0.7 + 60 * rise, abs=0.1)


# --- selecting


def test_a_box_selects_and_shift_adds(panel, selection: Selection):
    drag(panel.plot, at(panel, 1.5, 0.95), at(panel, 4.5, 0.1))
    assert selection.keys == {ref(2), ref(4)}
    drag(panel.plot, at(panel, 5.5, 0.95), at(panel, 6.5, 0.1), modifiers=SHIFT)
    assert selection.keys == {ref(2), ref(4), ref(6)}
    click(panel.plot, at(panel, 9.5, 0.95))
    assert selection.keys == frozenset()


def test_a_click_picks_one_key_shift_adds_and_takes_away(panel, selection: Selection):
    click(panel.plot, at(panel, 4, 0.7))
    click(panel.plot, at(panel, 6, 0.4), SHIFT)
    assert selection.keys == {ref(4), ref(6)}
    click(panel.plot, at(panel, 4, 0.7), SHIFT)
    assert selection.keys == {ref(6)}
    selection.set_keys(frozenset({ref(4), ref(6)}))
    click(panel.plot, at(panel, 4, 0.7))  # one of many, clicked without dragging: only that one
    assert selection.keys == {ref(4)}


def test_a_click_on_another_curve_picks_its_channel(panel, selection: Selection, document: Document):
    panel.set_shown("All channels")
    name = "jawOpen"
    seconds = 9.0
    click(panel.plot, at(panel, seconds, value_at(document, name, seconds), name))
    picked = selection.channels[0]
    assert abs(value_at(document, picked, seconds) - value_at(document, name, seconds)) < 0.03 and picked != SMILE


def test_select_all_then_nothing_then_the_range_then_the_channels(panel, selection: Selection, actions: Actions):
    selection.set_span(span(1, 2))
    actions.run("select_all")
    assert len(selection.keys) == 4
    for left in ((frozenset(), True, 1), (frozenset(), False, 1), (frozenset(), False, 0)):
        actions.run("select_none")
        assert (selection.keys, selection.span is not None, len(selection.channels)) == left


def test_keys_that_an_undo_takes_away_are_no_longer_selected(
    panel, document: Document, selection: Selection, actions: Actions
):
    selection.set_playhead(Fraction(5))
    actions.run("add_key")
    assert selection.keys == {ref(5)}
    document.undo_stack.undo()
    assert selection.keys == frozenset()


# --- adding, copying, easing


def test_keys_are_added_with_ctrl_a_double_click_or_the_command(
    panel, document: Document, selection: Selection, actions: Actions
):
    click(panel.plot, at(panel, 5, 0.9), CTRL)
    assert keys(document)[2] == (5, pytest.approx(0.9, abs=0.01))
    double_click(panel.plot, at(panel, 3, 0.05))
    assert keys(document)[1] == (3, pytest.approx(0.05, abs=0.01))
    selection.set_playhead(Fraction(7))
    was = value_at(document, SMILE, 7)
    actions.run("add_key")
    assert value_at(document, SMILE, 7) == pytest.approx(was, abs=1e-5)
    assert steps(document) == ["Add keyframe"] * 3


def test_keys_are_copied_pasted_cut_doubled_and_deleted(
    panel, document: Document, selection: Selection, actions: Actions
):
    selection.set_keys(frozenset({ref(2), ref(4)}))
    actions.run("copy")
    selection.set_playhead(Fraction(14))
    actions.run("paste")
    assert {(r.channel, float(r.time)) for r in selection.keys} == {(SMILE, 14), (SMILE, 16)}
    assert value_at(document, SMILE, 16) == pytest.approx(0.7)
    actions.run("delete")
    assert document.project.motion[SMILE] == keyed().motion[SMILE]
    selection.set_keys(frozenset({ref(2)}))
    selection.set_playhead(Fraction(2))
    actions.run("duplicate")
    assert keys(document)[1] == (2.04, 0.2)
    selection.set_keys(frozenset({ref(8)}))
    actions.run("cut")
    assert keys(document)[-1][0] == 6


def test_mirrored_keys_land_on_the_other_side(panel, document: Document, selection: Selection, actions: Actions):
    selection.set_keys(frozenset({ref(4)}))
    actions.run("mirror_keys")
    assert value_at(document, OTHER, 4) == pytest.approx(0.7)
    assert OTHER in selection.channels
    selection.set_keys(frozenset({ref(6)}))
    actions.run("copy")
    selection.set_playhead(Fraction(12))
    actions.run("paste_mirrored")
    assert value_at(document, OTHER, 12) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("command", "kind"), [("ease_linear", "linear"), ("ease_step", "step"), ("ease_ease_both", "bezier")]
)
def test_easings_shape_the_way_to_the_next_key(
    panel, document: Document, selection: Selection, actions: Actions, command, kind
):
    selection.set_keys(frozenset({ref(4)}))
    actions.run(command)
    key = document.project.motion[SMILE].layers[0].keys[1]
    assert key.interpolation == kind and (kind != "bezier" or key.right is not None)
    assert keys(document) == [(float(t), v) for t, v in KEYS]


def test_keys_are_nudged_and_the_playhead_goes_from_key_to_key(
    panel, document: Document, selection: Selection, actions: Actions
):
    selection.set_keys(frozenset({ref(4)}))
    actions.run("key_later")
    actions.run("key_up")
    assert keys(document)[1] == (4.04, 0.71)
    selection.set_playhead(Fraction(2))
    actions.run("next_key")
    assert selection.playhead == Fraction("4.04")
    actions.run("previous_key")
    assert selection.playhead == 2


def test_a_value_is_typed_for_all_selected_keys(panel, document: Document, selection: Selection):
    selection.set_keys(frozenset({ref(4), ref(6)}))
    assert panel.tools._value.value() == 0.7
    panel.tools._value.setValue(0.5)
    assert [value for _, value in keys(document)] == [0.2, 0.5, 0.5, 0.6]


# --- handles


def grip(panel: CurvePanel, side: str):
    return next(g for g in panel.plot.grips() if g.side == side)


def place(panel: CurvePanel, g) -> QPointF:
    return origin(panel) + panel.plot.area().point(g.seconds, g.share)


def test_a_dragged_handle_takes_the_one_opposite_along(panel, document: Document, selection: Selection):
    selection.set_keys(frozenset({ref(4)}))
    drag(panel.plot, place(panel, grip(panel, "right")), at(panel, 4.5, 0.9))
    key = document.project.motion[SMILE].layers[0].keys[1]
    assert key.right[0] == pytest.approx(0.5, abs=0.02) and key.right[1] == pytest.approx(0.2, abs=0.02)
    assert key.left[1] / key.left[0] == pytest.approx(key.right[1] / key.right[0])
    assert steps(document) == ["Move handle"]


def test_with_alt_a_handle_moves_alone_and_never_past_its_key(panel, document: Document, selection: Selection):
    selection.set_keys(frozenset({ref(4)}))
    drag(panel.plot, place(panel, grip(panel, "left")), at(panel, 5, 0.2), modifiers=ALT)
    key = document.project.motion[SMILE].layers[0].keys[1]
    assert key.left[0] == 0 and key.right is None


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
