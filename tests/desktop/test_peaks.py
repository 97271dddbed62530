import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.waveforms import RATE, overview
from desktop.widgets.peaks import Peaks, zigzag
from desktop.widgets.polyline import polygon
from desktop.widgets.waveform import BIN, Detail, Waveform


@given(st.integers(1, 3000), st.floats(-500, 3500), st.floats(1, 4000), st.integers(10, 600), st.integers(0, 99))
def test_extremes_cover_what_is_in_sight_and_invent_nothing(count, first, length, most, seed):
    samples = np.random.default_rng(seed).normal(size=count).astype(np.float32)
    found = Peaks(samples).between(first, first + length, most)
    begin, end = max(int(first), 0), min(int(first + length), count)
    assert len(found.low) <= max(most + 2, 64)  # so few samples are drawn as they are
    if begin < end:
        assert found.low.min() <= samples[begin:end].min() and found.high.max() >= samples[begin:end].max()
    for i, (low, high) in enumerate(zip(found.low, found.high, strict=True)):
        piece = samples[found.first + i * found.step :][: found.step]
        assert (low, high) == (piece.min(), piece.max())


def test_the_pieces_do_not_move_while_scrolling():
    peaks = Peaks(np.random.default_rng(0).normal(size=10_000).astype(np.float32))
    one, other = peaks.between(1000, 5000, 300), peaks.between(1013, 5013, 300)
    assert one.step == other.step and one.first % one.step == other.first % other.step == 0


def test_close_up_the_line_goes_through_every_sample():
    samples = np.array([0, 1, 0.5, 0.25], np.float32)
    positions, values = zigzag(Peaks(samples).between(0, 4, 100))
    assert positions.tolist() == [0, 1, 2, 3] and values.tolist() == samples.tolist()


def test_a_polygon_holds_the_points_it_was_given():
    line = polygon(np.array([1.0, 2.5]), np.array([3.0, -4.0]))
    assert [(p.x(), p.y()) for p in line] == [(1.0, 3.0), (2.5, -4.0)]
    assert polygon(np.zeros(0), np.zeros(0)).count() == 0


@given(st.lists(st.integers(0, 700), min_size=1, max_size=8))
def test_the_overview_of_sound_does_not_depend_on_how_it_comes_in_blocks(sizes):
    sound = np.sin(np.arange(sum(sizes)) * 0.37).astype(np.float32)
    blocks = np.split(sound, np.cumsum(sizes)[:-1])
    found, whole = overview(blocks).bins, overview([sound]).bins
    assert np.array_equal(found.samples, whole.samples)
    assert len(found.samples) == -(-len(sound) // BIN)
    if len(sound):
        assert found.samples.min() == sound.min()


def test_samples_are_asked_for_only_when_extremes_are_too_coarse():
    wave = Waveform(RATE, Peaks(np.zeros(2000, np.float32)))
    assert not wave.needs_detail(0, 10, 1000)
    assert wave.needs_detail(1.0, 1.1, 1000)
    known = Waveform(RATE, wave.bins, Detail(0.5, RATE, Peaks(np.zeros(RATE, np.float32))))
    assert not known.needs_detail(1.0, 1.1, 1000) and known.needs_detail(1.45, 1.55, 1000)
    assert known.seconds == pytest.approx(2000 * BIN / RATE)
