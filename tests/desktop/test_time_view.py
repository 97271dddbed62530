from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.widgets.snapping import snapped, snapped_move
from desktop.widgets.ticks import ticks
from desktop.widgets.time_view import CLOSEST, TimeView

RATE = Fraction(30000, 1001)


@pytest.fixture
def view() -> TimeView:
    made = TimeView()
    made.set_content(60.0, RATE)
    made.fit()
    return made


def test_fit_shows_everything(view: TimeView):
    assert view.start < 0 and view.end > 60
    view.fit(10, 12)
    assert view.start < 10 < 12 < view.end < 13


@given(st.floats(0.2, 5), st.floats(0, 60))
def test_zoom_keeps_the_time_under_the_pointer_in_its_place(factor, about):
    view = TimeView()
    view.set_content(60.0, RATE)
    view.show(20, 40)
    about = 20 + about / 3
    before = view.x(about, 1000)
    view.zoom(factor, about)
    if view.seconds > CLOSEST and view.start > 0 and view.end < 60:
        assert view.x(about, 1000) == pytest.approx(before, abs=1e-6)


@given(
    st.lists(
        st.one_of(st.tuples(st.just("pan"), st.floats(-1e4, 1e4)), st.tuples(st.just("zoom"), st.floats(1e-4, 1e4)))
    )
)
def test_no_gesture_loses_the_project_from_sight_or_breaks_the_view(gestures):
    view = TimeView()
    view.set_content(60.0, RATE)
    for kind, amount in gestures:
        view.pan(amount) if kind == "pan" else view.zoom(amount, (view.start + view.end) / 2)
        assert view.end - view.start >= CLOSEST * 0.999
        assert view.start < 60 and view.end > 0


def test_pixels_and_seconds_are_each_others_inverse(view: TimeView):
    assert view.at(view.x(12.5, 700), 700) == pytest.approx(12.5)


def test_reveal_turns_the_page_only_when_needed(view: TimeView):
    view.show(0, 10)
    view.reveal(9)
    assert view.end == pytest.approx(10, abs=0.3)
    view.reveal(30)
    assert view.start < 30 < view.end


def test_a_drag_sticks_to_what_is_near_else_to_a_frame(view: TimeView):
    view.show(0, 10)
    marker = Fraction(5)
    assert snapped(5.05, [marker], view, 1000) == (marker, marker)
    loose = snapped(5.3, [marker], view, 1000)
    assert loose.stuck is None and (loose.time * RATE).denominator == 1
    assert float(snapped(5.05, [marker], view, 1000, on=False).time) == pytest.approx(5.05)


def test_a_moved_range_sticks_with_either_end(view: TimeView):
    view.show(0, 10)
    assert snapped_move(4.97, 6.97, [Fraction(5)], view, 1000).time == 5
    by_end = snapped_move(3.04, 5.04, [Fraction(5)], view, 1000)
    assert by_end.stuck == 5 and float(by_end.time) == pytest.approx(3.0)


@given(st.floats(0, 3000), st.floats(0.05, 4000), st.integers(2, 20))
def test_names_on_the_ruler_never_touch_and_lie_on_frames(start, length, names):
    found = list(ticks(start, start + length, RATE, names))
    named = [tick for tick in found if tick.label]
    assert len(named) <= names + 2
    assert all(abs(tick.seconds * RATE - round(tick.seconds * RATE)) < 1e-6 for tick in found)


def test_ticks_count_frames_when_asked():
    assert [tick.label for tick in ticks(0, 0.2, Fraction(25), 5, frames=True)][:4] == ["0", "1", "2", "3"]
