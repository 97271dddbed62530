from copy import deepcopy
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from project_strategies import fades, layers, motions, performances, rates, spans

from engine.errors import InputError
from engine.project import curve_edits
from engine.project.bake import fitted_keys, smooth
from engine.project.channels import BY_NAME, INDEX, NAMES, in_group
from engine.project.motion import Motion, dense
from engine.project.project import Project
from engine.project.timing import ALWAYS, TimeRange, frame_times

RATE = Fraction(25)
some_names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True)
projects = motions().map(lambda motion: Project(motion=motion))
unlocked = projects.map(lambda project: curve_edits.without_lock(project, NAMES))


def second(start: float, end: float) -> TimeRange:
    return TimeRange(Fraction(start), Fraction(end))


def noisy(seed: int, frames: int = 100) -> Project:
    steps = np.random.default_rng(seed).normal(0, 0.08, (frames, len(NAMES)))
    values = np.clip(0.5 + np.cumsum(steps, axis=0), 0, 1).astype(np.float32)
    return Project(motion=Motion.from_dense(values, RATE))


@given(projects, some_names, spans())
def test_a_mute_gives_neutral_inside_and_leaves_the_rest(project, names, span):
    muted = dense(curve_edits.with_mute(project, names, span).motion)
    expected = dense(project.motion)
    inside = span.mask(frame_times(range(project.motion.frames), project.motion.rate))
    for name in names:
        expected[inside, INDEX[name]] = BY_NAME[name].neutral
    assert muted.tobytes() == expected.tobytes()


@given(projects, some_names)
def test_unmuting_and_unlocking_everything_bring_back_what_was_there(project, names):
    plain = curve_edits.without_mute(curve_edits.without_lock(project, NAMES), NAMES)
    marked = curve_edits.with_lock(curve_edits.with_mute(plain, names), names)
    assert marked != plain
    assert curve_edits.without_mute(curve_edits.without_lock(marked, names), names) == plain


@given(unlocked, some_names, layers)
def test_adding_a_layer_and_removing_it_is_nothing(project, names, layer):
    name = names[0]
    added = curve_edits.with_layer(project, name, layer)
    assert added.motion[name].layers[-1] == layer
    top = len(added.motion[name].layers) - 1
    assert curve_edits.with_layer_changed(added, name, top, None) == project
    changed = curve_edits.with_layer_changed(added, name, top, replace(layer, fade_in=layer.fade_in + 1))
    assert curve_edits.with_layer_changed(changed, name, top, layer) == added


@given(unlocked, some_names, spans())
def test_restoring_a_range_gives_the_generated_there_and_leaves_the_rest(project, names, span):
    bare = dense(curve_edits.without_edits(project, names).motion)
    restored = dense(curve_edits.without_edits(project, names, span).motion)
    before = dense(project.motion)
    inside = span.mask(frame_times(range(project.motion.frames), project.motion.rate))[:, None]
    assert restored.tobytes() == np.where(inside, bare, before).tobytes()
    assert not any(curve_edits.without_edits(project, NAMES).motion[name].layers for name in NAMES)


@given(st.integers(0, 99), spans(), fades, st.floats(-0.4, 0.4))
def test_an_offset_and_its_opposite_cancel(seed, span, fade, amount):
    project = noisy(seed)
    there = curve_edits.with_offset(project, ["headYaw"], span, amount, fade)
    back = curve_edits.with_offset(there, ["headYaw"], span, -amount, fade)
    assert dense(back.motion) == pytest.approx(dense(project.motion), abs=1e-5)
    assert dense(there.motion)[:, INDEX["headRoll"]].tobytes() == dense(project.motion)[:, INDEX["headRoll"]].tobytes()


@given(st.integers(0, 99), spans(), st.floats(0.25, 4))
def test_a_scale_and_its_inverse_cancel(seed, span, factor):
    project = noisy(seed)
    back = curve_edits.with_scale(curve_edits.with_scale(project, NAMES, span, factor), NAMES, span, 1 / factor)
    assert dense(back.motion)[:, INDEX["headYaw"]] == pytest.approx(
        dense(project.motion)[:, INDEX["headYaw"]], abs=1e-5
    )


def test_an_offset_survives_regeneration():
    project = curve_edits.with_offset(noisy(1), ["headYaw"], second(1, 2), 10)
    values = np.zeros((100, len(NAMES)), np.float32)
    yaw = dense(curve_edits.with_regenerated(project, values).motion)[:, INDEX["headYaw"]]
    assert yaw.tolist() == [0] * 25 + [10] * 25 + [0] * 50


edit_kinds = st.sampled_from(
    [
        lambda project, names, span: curve_edits.without_edits(project, names, span),
        lambda project, names, span: curve_edits.with_offset(project, names, span, 0.3),
        lambda project, names, span: curve_edits.with_scale(project, names, span, 0.5),
        lambda project, names, span: curve_edits.with_baked(project, names, span, tolerance=0.1),
        lambda project, names, span: curve_edits.with_smoothed(project, names, span, Fraction(1, 10)),
        lambda project, names, span: curve_edits.with_regenerated(project, 1 - dense(project.motion), span, names),
    ]
)


@settings(max_examples=100)
@given(projects, some_names, spans(), edit_kinds)
def test_no_edit_changes_a_locked_frame_and_none_changes_its_input(project, names, span, edit):
    before, same = dense(project.motion), deepcopy(project)
    try:
        edited = edit(project, names, span)
    except InputError as error:
        assert "unlock it first" in str(error) or "no frame between" in str(error)
        edited = project
    after = dense(edited.motion)
    at = frame_times(range(project.motion.frames), project.motion.rate)
    for name in NAMES:
        for lock in project.motion[name].locks:
            inside = lock.mask(at)
            assert after[inside, INDEX[name]].tobytes() == before[inside, INDEX[name]].tobytes()
    assert project == same


def test_a_locked_edit_says_where():
    project = curve_edits.with_lock(noisy(2), in_group("mouth"), second(1, 2))
    with pytest.raises(InputError, match=r"mouthPucker is locked at 1\.000 s: unlock it first"):
        curve_edits.with_offset(project, ["mouthPucker"], second(0.5, 1.5), -0.1)
    free = curve_edits.without_lock(project, ["mouthPucker"], second(1, 1.5))
    curve_edits.with_offset(free, ["mouthPucker"], second(0.5, 1.5), -0.1)


@given(st.integers(0, 99), st.sampled_from([0.0, 0.004, 0.05]), rates)
def test_baked_keys_keep_the_shape_within_the_tolerance(seed, tolerance, rate):
    project = noisy(seed)
    project = replace(project, motion=replace(project.motion, rate=rate))
    baked = curve_edits.with_baked(project, ["jawOpen"], ALWAYS, tolerance)
    before, after = (dense(p.motion)[:, INDEX["jawOpen"]] for p in (project, baked))
    assert np.abs(after - before).max() <= tolerance + 1e-6
    regenerated = curve_edits.with_regenerated(baked, np.zeros((100, len(NAMES)), np.float32))
    assert dense(regenerated.motion)[:, INDEX["jawOpen"]].tobytes() == after.tobytes()


def test_a_straight_line_bakes_to_two_keys():
    keys = fitted_keys(np.linspace(0, 1, 500), 10, RATE, 1e-4)
    assert [(key.time, key.value) for key in keys] == [(Fraction(10, 25), 0.0), (Fraction(509, 25), 1.0)]


@given(st.integers(0, 99))
def test_smoothing_calms_the_range_and_leaves_the_rest(seed):
    project = noisy(seed)
    smoothed = curve_edits.with_smoothed(project, ["jawOpen"], second(1, 3), Fraction(1, 10))
    before, after = (dense(p.motion)[:, INDEX["jawOpen"]] for p in (project, smoothed))
    assert after[:25].tobytes() == before[:25].tobytes()
    assert after[75:].tobytes() == before[75:].tobytes()
    assume(np.ptp(before[30:70]) > 0.1)
    assert np.abs(np.diff(after[30:70], 2)).sum() < 0.5 * np.abs(np.diff(before[30:70], 2)).sum()
    assert np.abs(after - before).max() < 0.3


@given(st.floats(-1, 1), st.floats(0.5, 9))
def test_smoothing_leaves_a_line_alone_and_keeps_the_mean(slope, width):
    line = slope * np.arange(200)
    assert smooth(line, width)[40:-40] == pytest.approx(line[40:-40], abs=1e-9)
    bump = np.zeros(200)
    bump[100] = 1
    assert smooth(bump, width).sum() == pytest.approx(1)


@given(projects, st.integers(0, 5))
def test_the_length_can_be_set(project, seconds):
    changed = curve_edits.with_length(project, Fraction(seconds))
    assert seconds <= changed.motion.duration < seconds + 1 / changed.motion.rate
    assert dense(changed.motion).shape == (changed.motion.frames, len(NAMES))


@given(unlocked, st.data(), spans())
def test_regenerating_part_of_a_project_is_undone_by_regenerating_it_back(project, data, span):
    values = data.draw(performances(st.just(project.motion.frames)))
    old = np.zeros_like(values)
    for name, i in INDEX.items():
        generated = project.motion[name].generated
        old[:, i] = generated if len(generated) else BY_NAME[name].neutral
    there = curve_edits.with_regenerated(project, values, span)
    back = curve_edits.with_regenerated(there, old, span)
    assert dense(back.motion).tobytes() == dense(project.motion).tobytes()


def test_an_empty_range_cannot_be_baked_and_an_unknown_channel_is_named():
    with pytest.raises(InputError, match=r"no frame between 9 and 10 s"):
        curve_edits.with_baked(noisy(3), ["jawOpen"], second(9, 10))
    with pytest.raises(InputError, match="'smirk'"):
        curve_edits.with_mute(Project(), ["smirk"])
    with pytest.raises(InputError, match="jawOpen has no layer 0"):
        curve_edits.with_layer_changed(noisy(3), "jawOpen", 0, None)
