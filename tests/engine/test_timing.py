import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from project_strategies import any_rates, range_sets, rates, spans, times

from engine.errors import InputError
from engine.project import timing
from engine.project.timing import ALWAYS, TimeRange

frames = st.integers(0, 10**6)
sample_rates = st.sampled_from([8000, 16000, 44100, 48000, 96000])


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("25", Fraction(25)),
        (30, Fraction(30)),
        (12.5, Fraction(25, 2)),
        ("29.97", Fraction(30000, 1001)),
        (29.97002997, Fraction(30000, 1001)),
        ("23.976", Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("119.88", Fraction(120000, 1001)),
        ("30000/1001", Fraction(30000, 1001)),
        ("2997/100", Fraction(2997, 100)),
        (" 24 ", Fraction(24)),
        (Fraction(10, 3), Fraction(10, 3)),
    ],
)
def test_rates_are_read_exactly(text, rate):
    assert timing.parse_rate(text) == rate


@pytest.mark.parametrize(
    "nonsense", ["", "fast", "0", "-25", "nan", "inf", "1e999999999", "1e-999999999", "30/0", "25fps", 1001, 0.5, None]
)
def test_an_impossible_rate_is_named(nonsense):
    with pytest.raises(InputError) as caught:
        timing.parse_rate(nonsense)
    assert repr(nonsense) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"), [("12.1", Fraction(121, 10)), ("1:02.5", Fraction(125, 2)), ("1:0:0", 3600)]
)
def test_seconds_are_read_exactly(text, seconds):
    assert timing.to_seconds(text) == seconds


@pytest.mark.parametrize("nonsense", ["", "soon", "1:2:3:4", "nan", math.inf, "1e-999999999x"])
def test_an_impossible_time_is_named(nonsense):
    with pytest.raises(InputError) as caught:
        timing.to_seconds(nonsense)
    assert repr(nonsense) in str(caught.value)


@given(frames, any_rates)
def test_a_frame_is_found_again_by_its_time(frame, rate):
    assert timing.seconds_to_frame(timing.frame_to_seconds(frame, rate), rate) == frame


@given(st.integers(0, 200_000), rates)
def test_a_frame_is_found_again_by_its_time_as_a_float(frame, rate):
    assert timing.seconds_to_frame(float(timing.frame_to_seconds(frame, rate)), rate) == frame


@given(frames, rates, sample_rates)
def test_a_frame_is_found_again_by_its_first_sample(frame, rate, sample_rate):
    sample = timing.frame_to_sample(frame, rate, sample_rate)
    assert timing.sample_to_frame(sample, rate, sample_rate) == frame
    assert frame == 0 or timing.sample_to_frame(sample - 1, rate, sample_rate) == frame - 1


def test_ten_minutes_of_29_97_end_on_the_sample():
    rate = timing.parse_rate("29.97")
    assert timing.frame_count(Fraction(600), rate) == 17983  # 17982.017...: the last frame is begun
    assert timing.frame_to_sample(30000, rate, 48000) == 1001 * 48000  # 30000 frames last 1001 s to the sample


@given(times, any_rates)
def test_the_frame_count_covers_the_time_and_no_more(seconds, rate):
    count = timing.frame_count(seconds, rate)
    assert timing.frame_to_seconds(count, rate) >= seconds > timing.frame_to_seconds(count - 1, rate)


@given(st.integers(0, 10**5), st.integers(0, 50), any_rates)
def test_frame_times_are_the_nearest_doubles(first, length, rate):
    found = timing.frame_times(range(first, first + length), rate)
    assert found.tolist() == [float(Fraction(frame) / rate) for frame in range(first, first + length)]
    assert timing.frame_positions(found, rate).tolist() == list(range(first, first + length))


@pytest.mark.parametrize(
    ("frame", "rate", "text"),
    [
        (0, 25, "00:00:00:00"),
        (24, 25, "00:00:00:24"),
        (25, 25, "00:00:01:00"),
        (90000, 25, "01:00:00:00"),
        (-1, 25, "-00:00:00:01"),
    ],
)
def test_timecode(frame, rate, text):
    assert timing.timecode(frame, Fraction(rate)) == text


def test_timecode_counts_30_frames_a_second_at_29_97():
    assert timing.timecode(30 * 60, Fraction(30000, 1001)) == "00:01:00:00"


@given(spans(), st.integers(0, 300), rates)
def test_a_range_has_the_frames_that_begin_in_it(span, total, rate):
    inside = [frame for frame in range(total) if Fraction(frame) / rate in span]
    assert list(span.frames(rate, total)) == inside
    all_times = timing.frame_times(range(total), rate)
    assert np.flatnonzero(span.mask(all_times)).tolist() == inside


@given(spans(endless=False), spans(), st.integers(0, 300), rates)
def test_neighbouring_ranges_share_no_frame_and_leave_none_out(first, second, total, rate):
    second = TimeRange(first.end, first.end + second.duration)
    both = TimeRange(first.start, second.end)
    assert [*first.frames(rate, total), *second.frames(rate, total)] == list(both.frames(rate, total))


@given(range_sets, spans(), times)
def test_a_time_is_left_unless_it_lies_in_the_hole(ranges, hole, time):
    left = timing.without(ranges, hole)
    assert any(time in span for span in left) == (any(time in span for span in ranges) and time not in hole)


@given(st.lists(spans(), max_size=6), times)
def test_a_union_holds_the_same_times_in_ranges_that_do_not_touch(ranges, time):
    merged = timing.union(ranges)
    assert any(time in span for span in merged) == any(time in span for span in ranges)
    assert all(a.end < b.start for a, b in pairwise(merged))


def test_always_has_every_frame():
    assert ALWAYS.frames(Fraction(25), 7) == range(7)


def test_a_range_must_end_after_its_start():
    with pytest.raises(InputError, match="3 to 2 s"):
        TimeRange(Fraction(3), Fraction(2))
