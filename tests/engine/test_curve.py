from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from project_strategies import amounts, handles, keys, layers, rates, spans, times

from engine.errors import InputError
from engine.project.channels import BY_NAME
from engine.project.curve import Curve, Keyframe, Layer, envelope, evaluate
from engine.project.project import PromptClip
from engine.project.timing import ALWAYS, TimeRange, frame_times

JAW = BY_NAME["jawOpen"]
YAW = BY_NAME["headYaw"]
RATE = Fraction(25)
samples = st.lists(st.floats(0, 1, width=32), max_size=30).map(lambda values: np.array(values, np.float32))
curves = st.builds(Curve, samples, st.lists(layers, max_size=3).map(tuple))
fine = np.linspace(0, 10, 4001)


def key_at(seconds: float, value: float, kind="bezier", **handles) -> Keyframe:
    return Keyframe(Fraction(seconds), value, kind, **handles)


def keyed(*found: Keyframe) -> Curve:
    return Curve(layers=(Layer(found, ALWAYS),))


@given(samples, rates)
def test_at_its_frames_a_curve_is_its_generated_samples_bit_for_bit(generated, rate):
    assume(len(generated))
    values = evaluate(Curve(generated), JAW, frame_times(range(len(generated)), rate), rate)
    assert values.tobytes() == generated.tobytes()


def test_between_frames_it_is_interpolated_and_beyond_them_held():
    curve = Curve(np.array([0.0, 1.0], np.float32))
    assert evaluate(curve, JAW, np.array([0.01, 0.02, 5.0]), RATE).tolist() == pytest.approx([0.25, 0.5, 1.0])


def test_nothing_generated_is_neutral():
    assert evaluate(Curve(), BY_NAME["headScale"], fine, RATE).tolist() == [1.0] * len(fine)


@pytest.mark.parametrize("name", ["jawOpen", "headScale"])
def test_where_nothing_is_generated_keys_keep_their_fractions(name):
    found = evaluate(keyed(key_at(0, 0.75), key_at(1, 0.75)), BY_NAME[name], np.array([0.5]), RATE)
    assert found[0] == pytest.approx(0.75)


@given(keys)
def test_a_replacing_layer_passes_through_its_keys_exactly(found):
    at = np.array([float(key.time) for key in found])
    expected = np.array([key.value for key in found], np.float32)
    assert evaluate(keyed(*found), YAW, at, RATE).tolist() == expected.tolist()


@given(curves, st.permutations(range(50)))
def test_each_time_is_evaluated_on_its_own(curve, order):
    at = np.linspace(0, 8, 50)
    whole = evaluate(curve, JAW, at, RATE)
    assert evaluate(curve, JAW, at[list(order)], RATE).tobytes() == whole[list(order)].tobytes()
    assert evaluate(curve, JAW, at[7:8], RATE).tobytes() == whole[7:8].tobytes()


@given(curves)
def test_values_stay_within_the_range_of_the_channel(curve):
    values = evaluate(curve, JAW, fine, RATE)
    assert values.dtype == np.float32
    assert values.min() >= 0
    assert values.max() <= 1


@given(handles(1), handles(-1), amounts, amounts)
def test_a_bezier_segment_is_a_function_of_time_without_jumps(right, left, first, last):
    assume(right is None or right[0] > 0.2)
    assume(left is None or left[0] < -0.2)
    curve = keyed(key_at(1, first, right=right), key_at(3, last, left=left))
    values = evaluate(curve, YAW, np.linspace(1, 3, 20001), RATE)
    assert np.abs(np.diff(values)).max() < 0.05 * (1 + np.ptp(values))


@given(st.floats(0, 5), st.floats(-5, 0), amounts, amounts)
def test_flat_handles_of_any_length_lead_monotonically_from_key_to_key(right, left, first, last):
    curve = keyed(key_at(1, first, right=(right, 0.0)), key_at(3, last, left=(left, 0.0)))
    steps = np.diff(evaluate(curve, YAW, np.linspace(1, 3, 999), RATE).astype(np.float64)) * np.sign(last - first)
    assert steps.min() >= -1e-6


@given(st.lists(amounts, min_size=2, max_size=8))
def test_automatic_handles_never_overshoot(values):
    found = [key_at(i + (i % 3) / 5, value) for i, value in enumerate(values)]
    curve = keyed(*found)
    for a, b in pairwise(found):
        inside = evaluate(curve, YAW, np.linspace(float(a.time), float(b.time), 200), RATE)
        assert min(a.value, b.value) - 1e-5 <= inside.min()
        assert inside.max() <= max(a.value, b.value) + 1e-5


def test_handles_at_a_third_on_the_line_are_a_straight_line():
    curve = keyed(key_at(0, 0, right=(1.0, 0.25)), key_at(3, 0.75, left=(-1.0, -0.25)))
    assert evaluate(curve, JAW, np.array([0.3, 1.5, 2.4]), RATE) == pytest.approx([0.075, 0.375, 0.6], abs=1e-6)


def test_a_symmetric_ease_is_half_way_in_the_middle_and_slow_at_the_ends():
    values = evaluate(keyed(key_at(0, 0), key_at(1, 1)), JAW, np.array([0.05, 0.5, 0.95]), RATE)
    assert values[1] == pytest.approx(0.5, abs=1e-6)
    assert values[0] < 0.01
    assert values[2] > 0.99


def test_linear_and_step():
    at = np.array([0.5, 0.999, 1.5, 2.5])
    values = evaluate(keyed(key_at(0, 0, "linear"), key_at(1, 1, "step"), key_at(2, 0)), JAW, at, RATE)
    assert values.tolist() == pytest.approx([0.5, 0.999, 1.0, 0.0])


@given(samples, layers)
def test_a_layer_touches_nothing_outside_its_range_and_its_cuts(generated, layer):
    plain = evaluate(Curve(generated), JAW, fine, RATE)
    values = evaluate(Curve(generated, (layer,)), JAW, fine, RATE)
    outside = ~layer.acts_at(fine)
    assert values[outside].tobytes() == plain[outside].tobytes()


@given(spans(endless=False), st.fractions(Fraction(1, 50), 2, max_denominator=50))
def test_faded_layers_begin_and_end_without_a_jump(span, fade):
    layer = Layer((key_at(0, 1),), span, "replace", fade, fade)
    at = np.linspace(float(span.start) - 0.1, float(span.end) + 0.1, 4001)
    values = evaluate(Curve(layers=(layer,)), JAW, at, RATE)
    steepest = 1.5 / float(fade) * (at[1] - at[0])  # of smoothstep
    assert np.abs(np.diff(values)).max() <= steepest * 1.01 + 1e-6


def test_crossing_fades_add_up_to_one():
    one = PromptClip("glad", TimeRange(Fraction(0), Fraction(3)), fade_out=Fraction(1))
    next_one = PromptClip("sad", TimeRange(Fraction(2), Fraction(5)), fade_in=Fraction(1))
    at = np.linspace(2, 2.999, 50)
    assert envelope(one, at) + envelope(next_one, at) == pytest.approx(np.ones(50))


def test_blends():
    curve = Curve(np.full(10, 0.5, np.float32))

    def blended(blend, value):
        return evaluate(replace(curve, layers=(Layer((key_at(0, value),), ALWAYS, blend),)), JAW, np.zeros(1), RATE)[0]

    assert blended("replace", 0.2) == np.float32(0.2)
    assert blended("add", 0.25) == 0.75
    assert blended("scale", 0.5) == 0.25


def test_scale_is_about_neutral():
    curve = Curve(np.full(3, 1.5, np.float32), (Layer((key_at(0, 0.0),), ALWAYS, "scale"),))
    assert evaluate(curve, BY_NAME["headScale"], np.zeros(1), RATE)[0] == 1.0


def test_muted_ranges_are_neutral():
    curve = Curve(np.full(50, 0.5, np.float32), mutes=(TimeRange(Fraction(1), Fraction(2)),))
    assert evaluate(curve, JAW, np.array([0.5, 1.0, 1.5, 2.0]), RATE).tolist() == [0.5, 0, 0, 0.5]


@given(curves)
def test_curves_are_equal_by_content(curve):
    assert curve == replace(curve, generated=np.array(curve.generated))
    assert curve != replace(curve, generated=np.append(curve.generated, np.float32(0.5)))
    assert curve != replace(curve, locks=(ALWAYS,))


def test_generated_samples_cannot_be_written_to():
    mine = np.zeros(3, np.float32)
    curve = Curve(mine)
    mine[:] = 1
    assert curve.generated.tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="read-only"):
        curve.generated[0] = 1


@given(times, amounts)
def test_what_cannot_be_a_layer_is_refused(time, value):
    key = Keyframe(time, value)
    with pytest.raises(InputError, match="one key or more"):
        Layer((), ALWAYS)
    with pytest.raises(InputError, match="no two at the same time"):
        Layer((key, key), ALWAYS)
    with pytest.raises(InputError, match="multiply"):
        Layer((key,), ALWAYS, "multiply")
    with pytest.raises(InputError, match="-1 and 0 s"):
        Layer((key,), ALWAYS, fade_in=Fraction(-1))


@pytest.mark.parametrize(
    "wrong", [{"value": float("nan")}, {"interpolation": "wavy"}, {"left": (1.0, 0.0)}, {"right": (-1.0, 0.0)}]
)
def test_what_cannot_be_a_key_is_refused(wrong):
    with pytest.raises(InputError):
        replace(key_at(1, 0.5), **wrong)


def test_generated_samples_must_be_finite():
    with pytest.raises(InputError, match="finite"):
        Curve(np.array([0, np.nan], np.float32))
