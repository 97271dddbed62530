"""The curve editor under a hand: keyframes and handles."""

from fractions import Fraction

import pytest
from curve_hand import ALT, CTRL, KEYS, OTHER, SHIFT, SMILE, at, keyed, keys, origin, panel, ref, steps, value_at
from mouse import click, double_click, drag, move, press, release
from performances import span
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from desktop.actions import Actions
from desktop.document import Document
from desktop.panels.curve_panel import CurvePanel
from desktop.selection import Selection

__all__ = ["panel"]  # the fixture


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
