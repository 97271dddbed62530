"""The timeline under a hand: each gesture changes the project as it should, in one step of undo."""

from fractions import Fraction

import pytest
from mouse import click, double_click, drag, hover, move, press, release, wheel
from performances import project, span
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.actions import Actions
from desktop.document import Document
from desktop.panels.timeline_panel import TimelinePanel
from desktop.selection import Selection
from desktop.theme import Palette
from desktop.widgets.inline_edit import InlineEdit
from desktop.widgets.track_items import ClipRow
from engine.project.curve_edits import with_lock
from engine.project.project import Project, PromptClip
from engine.project.timing import ALWAYS

SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def panel(qtbot: QtBot, document: Document, selection: Selection, palette: Palette, actions: Actions) -> TimelinePanel:
    made = TimelinePanel(document, selection, palette, actions)
    qtbot.addWidget(made)
    made.resize(1000, 420)
    document.new(project())
    made.show()
    made.time_view.show(0, 20)
    return made


def x_of(panel: TimelinePanel, seconds: float) -> float:
    return panel.time_view.x(seconds, panel.view.canvas.width())


def y_of(panel: TimelinePanel, key: str, share: float = 0.5) -> float:
    rect = next(rect for row, rect in panel.view.canvas.placed() if row.key == key)
    return rect.top() + rect.height() * share


def at(panel: TimelinePanel, seconds: float, key: str = "prompts", share: float = 0.75) -> QPointF:
    return QPointF(x_of(panel, seconds), y_of(panel, key, share))


def drag_clip(
    panel: TimelinePanel, start: float, *way: float, share: float = 0.75, modifiers=Qt.KeyboardModifier.NoModifier
):
    canvas = panel.view.canvas
    drag(canvas, at(panel, start, share=share), *(at(panel, t, share=share) for t in way), modifiers=modifiers)


def steps(document: Document) -> list[str]:
    return [document.undo_stack.text(i) for i in range(document.undo_stack.count())]


# --- clips


def test_a_dragged_prompt_moves_by_whole_frames_and_undoes_in_one_step(panel, document: Document, selection: Selection):
    before = document.project
    drag_clip(panel, 3, 3.9, 4.31)
    moved = document.project.prompts[0].span
    assert float(moved.start) == pytest.approx(3.31, abs=0.03) and moved.duration == 3
    assert (moved.start * 25).denominator == 1
    assert steps(document) == ["Move clip"] and selection.clip == ("prompts", 0)
    document.undo_stack.undo()
    assert document.project == before


def test_a_prompt_dragged_there_and_back_leaves_nothing_to_undo(panel, document: Document):
    drag_clip(panel, 3, 6, 3)
    assert document.project == project() and steps(document) == []


def test_either_end_of_a_prompt_can_be_dragged(panel, document: Document):
    drag_clip(panel, 2.03, 1.03)
    drag_clip(panel, 4.97, 5.97)
    assert document.project.prompts[0].span == span(1, 6)
    drag_clip(panel, 1.03, 30)  # never shorter than a frame
    assert float(document.project.prompts[0].span.duration) == pytest.approx(0.04)


def test_ends_stick_to_markers_and_to_other_clips_but_not_with_alt(panel, document: Document):
    drag_clip(panel, 11.97, 15.1)
    assert document.project.prompts[1].span.end == 15
    drag_clip(panel, 14.97, 15.12, modifiers=ALT)
    assert document.project.prompts[1].span.end != 15
    drag_clip(panel, 3, 6.05)  # its end comes near the other's start
    assert document.project.prompts[0].span == span(5, 8)


def test_prompts_dragged_over_each_other_cross_fade(panel, document: Document):
    drag_clip(panel, 9, 5.5)
    first, second = document.project.prompts
    assert first.fade_out == second.fade_in == first.span.end - second.span.start > 0


def test_escape_takes_a_drag_back(panel, document: Document):
    canvas = panel.view.canvas
    press(canvas, at(panel, 3))
    move(canvas, at(panel, 5))
    move(canvas, at(panel, 9))
    assert document.project.prompts[0].span.start > 5
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    release(canvas, at(panel, 9))
    assert document.project == project() and steps(document) == []


def test_strength_is_dragged_by_its_line_and_fades_by_their_handles(panel, document: Document):
    canvas = panel.view.canvas
    row, rect = next((row, rect) for row, rect in canvas.placed() if row.key == "prompts")
    block = row.rect_of(0, rect, canvas._pane())
    middle = block.bottom() - 1.5 - (block.height() - 3) * 0.5  # strength 1 of at most 2
    drag(canvas, (x_of(panel, 3.5), middle), (x_of(panel, 3.5), block.top() + 1.5))
    assert document.project.prompts[0].strength == 2
    drag(canvas, (x_of(panel, 2.5), block.top() + 1), (x_of(panel, 3.2), block.top() + 1))
    assert float(document.project.prompts[0].fade_in) == pytest.approx(1.2, abs=0.05)
    drag(canvas, (x_of(panel, 4.5), block.top() + 1), (x_of(panel, 0), block.top() + 1))
    clip = document.project.prompts[0]
    assert clip.fade_in + clip.fade_out <= clip.span.duration
    assert steps(document) == ["Change strength", "Change fade", "Change fade"]


def test_a_double_click_edits_the_words_in_place(panel, document: Document):
    double_click(panel.view.canvas, at(panel, 3))
    editor = panel.view.canvas.findChild(InlineEdit)
    assert editor.text() == "happy" and editor.isVisible()
    editor.setText("very happy")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert document.project.prompts[0].text == "very happy" and steps(document) == ["Change prompt"]


def test_words_being_typed_are_dropped_by_escape_and_kept_by_going_elsewhere(panel, document: Document):
    for key, expected in ((Qt.Key.Key_Escape, "happy"), (Qt.Key.Key_Tab, "glad")):
        panel.edit_text(0)
        editor = panel.view.canvas.findChildren(InlineEdit)[-1]
        editor.setText("glad")
        QTest.keyClick(editor, key)
        if key == Qt.Key.Key_Tab:
            editor.clearFocus()
        assert document.project.prompts[0].text == expected


def test_a_double_click_beside_prompts_adds_one_and_waits_for_its_words(panel, document: Document):
    double_click(panel.view.canvas, at(panel, 13))
    added = document.project.prompts[2]
    assert float(added.span.start) == pytest.approx(13, abs=0.1) and added.fade_in > 0
    editor = panel.view.canvas.findChild(InlineEdit)
    QTest.keyClicks(editor, "calm")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert document.project.prompts[2].text == "calm"


def test_clips_are_copied_pasted_doubled_split_and_deleted(
    panel, document: Document, selection: Selection, actions: Actions
):
    click(panel.view.canvas, at(panel, 3))
    actions.run("duplicate")
    assert document.project.prompts[2].span == span(5, 8) and selection.clip == ("prompts", 2)
    actions.run("cut")
    assert len(document.project.prompts) == 2 and selection.clip is None
    selection.set_playhead(Fraction(16))
    actions.run("paste")
    assert document.project.prompts[2].span == span(16, 19)
    selection.set_playhead(Fraction(17))
    actions.run("split")
    assert [clip.span for clip in document.project.prompts[2:]] == [span(16, 17), span(17, 19)]
    assert [clip.fade_in for clip in document.project.prompts[2:]] == [Fraction(1, 2), 0]
    actions.run("delete")
    assert len(document.project.prompts) == 3


def test_what_cannot_be_done_is_said_and_changes_nothing(panel, document: Document, actions: Actions, qtbot: QtBot):
    for command, word in (("copy", "copy"), ("paste", "paste"), ("split", "split")):
        with qtbot.waitSignal(panel.failed) as said:
            actions.run(command)
        assert word in str(said.args[0])
    assert document.project == project()


# --- times


def test_the_ruler_scrubs_by_frames(panel, selection: Selection):
    ruler = panel.view.ruler
    drag(ruler, (x_of(panel, 4), 30), (x_of(panel, 7.03), 30))
    assert selection.playhead == 7
    assert panel._label.text() == "00:00:07:00"


def test_in_and_out_are_marked_by_command_and_dragged_on_the_ruler(
    panel, document: Document, selection: Selection, actions: Actions
):
    selection.set_playhead(Fraction(4))
    actions.run("mark_in")
    selection.set_playhead(Fraction(10))
    actions.run("mark_out")
    assert document.project.in_out == span(4, 10.04)
    drag(panel.view.ruler, (x_of(panel, 4), 5), (x_of(panel, 6), 5), (x_of(panel, 2), 5))
    assert document.project.in_out.start == 2
    assert steps(document) == ["Mark in", "Mark out", "Change in and out"]
    actions.run("clear_in_out")
    assert document.project.in_out == ALWAYS


def test_markers_are_added_dragged_and_named(panel, document: Document, selection: Selection, actions: Actions):
    selection.set_playhead(Fraction(3))
    actions.run("add_marker")
    drag(panel.view.ruler, (x_of(panel, 3), 6), (x_of(panel, 6), 6))
    assert [marker.time for marker in document.project.markers] == [6, 15]
    double_click(panel.view.ruler, (x_of(panel, 6), 6))
    editor = panel.view.ruler.findChild(InlineEdit)
    QTest.keyClicks(editor, "turn")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert document.project.markers[0].text == "turn"


def test_a_range_is_swept_on_empty_ground_or_with_shift_on_the_ruler_and_a_click_lets_it_go(
    panel, selection: Selection
):
    drag(panel.view.canvas, at(panel, 4, "group:jaw"), at(panel, 7, "group:jaw"))
    assert selection.span is not None and float(selection.span.start) == pytest.approx(4, abs=0.05)
    click(panel.view.canvas, at(panel, 10, "group:jaw"))
    assert selection.span is None and selection.playhead == 10
    drag(panel.view.ruler, (x_of(panel, 9), 30), (x_of(panel, 6), 30), modifiers=SHIFT)
    assert selection.span == span(6, 9) and selection.playhead == 10


def test_the_wheel_zooms_at_the_pointer_and_shift_scrolls(panel):
    view, canvas = panel.time_view, panel.view.canvas
    wheel(canvas, at(panel, 15, "group:jaw"), 2)
    assert view.seconds < 15 and view.start < 15 < view.end
    before = view.start
    wheel(canvas, at(panel, 15, "group:jaw"), -1, SHIFT)
    assert view.start > before


def test_zoom_to_selection_shows_range_clip_or_in_and_out(panel, selection: Selection, actions: Actions):
    selection.set_clip(("prompts", 1))
    actions.run("zoom_selection")
    assert 7.5 < panel.time_view.start < 8 and 12 < panel.time_view.end < 12.5
    selection.set_span(span(1, 2))
    actions.run("zoom_selection")
    assert panel.time_view.seconds < 1.2
    actions.run("zoom_fit")
    assert panel.time_view.start < 0 and panel.time_view.end > 20


def test_the_view_follows_the_playhead_off_its_edge(panel, selection: Selection):
    panel.time_view.show(0, 5)
    selection.set_playhead(Fraction(12))
    assert panel.time_view.start < 12 < panel.time_view.end


# --- channels


def header_at(panel: TimelinePanel, key: str, switch: str | None = None) -> QPointF:
    headers = panel.view.headers
    top = y_of(panel, key)
    rect = headers.row_at(top)[1]
    return QPointF(headers.switch_rect(switch, rect).center()) if switch else QPointF(90, top)


def test_groups_open_into_channels_and_a_click_picks_one(panel, selection: Selection):
    headers = panel.view.headers
    click(headers, header_at(panel, "group:jaw"))
    assert "curve:jawOpen" in [row.key for row in panel.view.canvas.rows]
    click(headers, header_at(panel, "curve:jawOpen"))
    click(headers, header_at(panel, "curve:jawLeft"), CTRL)
    assert selection.channels == ("jawOpen", "jawLeft")
    click(headers, header_at(panel, "group:jaw"))
    assert "curve:jawOpen" not in [row.key for row in panel.view.canvas.rows]


def test_a_group_is_locked_and_freed_by_its_switch_within_the_picked_range(
    panel, document: Document, selection: Selection
):
    headers = panel.view.headers
    click(headers, header_at(panel, "group:jaw", "lock"))
    assert document.project.motion["jawOpen"].locks == (ALWAYS,) and headers.states["group:jaw"]["lock"] == 1
    selection.set_span(span(2, 4))
    click(headers, header_at(panel, "group:jaw", "lock"))
    assert span(2, 4) not in document.project.motion["jawOpen"].locks
    assert 0 < headers.states["group:jaw"]["lock"] < 1
    click(headers, header_at(panel, "group:jaw", "mute"))
    assert document.project.motion["jawOpen"].mutes == (span(2, 4),)
    assert steps(document) == ["Lock", "Unlock", "Mute"]


def test_a_double_click_on_a_channel_asks_for_the_curves(panel, qtbot: QtBot):
    panel.opened = {"jaw"}
    panel.refresh()
    with qtbot.waitSignal(panel.curves_wanted):
        double_click(panel.view.canvas, at(panel, 5, "curve:jawOpen"))


def test_the_menu_of_a_row_regenerates_its_channels_and_takes_edits_off(
    panel, document: Document, selection: Selection, qtbot: QtBot
):
    selection.set_span(span(1, 2))
    menu = panel._menus.row_menu("group:jaw", None, Fraction(0))
    named = {action.text(): action for action in menu.actions()}
    with qtbot.waitSignal(panel.regenerate_wanted) as wanted:
        named["Regenerate here"].trigger()
    assert wanted.args[0] == span(1, 2) and "jawOpen" in wanted.args[1]
    menu.deleteLater()


def test_a_locked_range_shows_a_part_on_the_header(panel, document: Document):
    document.edit("Lock", lambda p: with_lock(p, ["jawOpen"], span(0, 1)))
    assert panel.view.headers.states["curve:jawOpen"]["lock"] == 0.5


# --- other things


def test_an_empty_project_and_endless_prompts_can_be_shown_and_clicked(panel, document: Document):
    document.new(Project())
    panel.grab()
    document.new(Project(prompts=(PromptClip("calm", ALWAYS),)))
    panel.grab()
    hover(panel.view.canvas, at(panel, 3))
    drag_clip(panel, 3, 4)
    assert document.project.prompts[0].span.start > 0


def test_hovering_and_every_cursor(panel):
    canvas = panel.view.canvas
    hover(canvas, at(panel, 2.02))
    assert canvas.cursor().shape() == Qt.CursorShape.SizeHorCursor
    hover(canvas, at(panel, 3.5, share=0.9))
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_rows_scroll_when_there_are_too_many(panel):
    panel.opened = {"mouth", "eyes", "gaze"}
    panel.refresh()
    wheel(panel.view.headers, (20, 200), -4)
    assert panel.view.canvas.offset == panel.view.headers.offset > 0
    assert isinstance(panel.view.canvas.rows[1], ClipRow)


def test_a_clip_that_an_undo_takes_away_is_no_longer_picked(
    panel, document: Document, selection: Selection, actions: Actions
):
    selection.set_clip(("prompts", 1))
    actions.run("duplicate")
    assert selection.clip == ("prompts", 2)
    document.undo_stack.undo()
    assert selection.clip is None
