"""Editing the face at a moment: what is asked for is what shows, whatever lies over the keys."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.project.channels import CHANNELS, INDEX, NAMES
from engine.project.curve import Keyframe
from engine.project.curve_edits import with_lock, with_offset, with_scale
from engine.project.edits import with_motion
from engine.project.key_edits import with_key
from engine.project.motion import Motion, dense, sample
from engine.project.pose_edits import with_rest, with_values
from engine.project.project import Project
from engine.project.timing import TimeRange

RATE = Fraction(25)
SPAN = TimeRange(Fraction(1), Fraction(3))


def moving() -> Project:
    frames = np.arange(100)
    values = np.zeros((100, len(CHANNELS)), np.float32)
    values[:, INDEX["headScale"]] = 1
    values[:, INDEX["jawOpen"]] = 0.3 + 0.2 * np.sin(frames / 5)
    values[:, INDEX["headYaw"]] = 10 * np.sin(frames / 9)
    return with_motion(Project(), Motion.from_dense(values, RATE))


def shown(project: Project, time: Fraction) -> dict[str, float]:
    row = sample(project.motion, np.array([float(time)]))[0]
    return dict(zip(NAMES, row.tolist(), strict=True))


@given(
    st.fractions(0, 3, max_denominator=50),
    st.dictionaries(st.sampled_from(["jawOpen", "mouthSmileLeft", "browInnerUp"]), st.floats(0, 1), min_size=1),
)
def test_what_is_asked_for_is_what_shows(time: Fraction, values: dict[str, float]):
    before = moving()
    after = with_values(before, time, values)
    for name, value in shown(after, time).items():
        expected = values.get(name, shown(before, time)[name])
        assert value == pytest.approx(expected, abs=1e-5)


def test_layers_that_add_and_scale_above_the_key_are_allowed_for():
    project = with_offset(with_scale(moving(), ["headYaw"], SPAN, 0.5), ["headYaw"], SPAN, 4.0)
    after = with_values(project, Fraction(2), {"headYaw": -7.0})
    assert shown(after, Fraction(2))["headYaw"] == pytest.approx(-7.0, abs=1e-3)


def test_far_away_nothing_changes_and_locks_hold():
    before = moving()
    after = with_values(before, Fraction(2), {"jawOpen": 0.9})
    jaw = INDEX["jawOpen"]
    assert np.array_equal(dense(after.motion)[:37, jaw], dense(before.motion)[:37, jaw])
    with pytest.raises(InputError, match="locked"):
        with_values(with_lock(before, ["jawOpen"]), Fraction(2), {"jawOpen": 0.9})


def test_a_key_that_is_there_keeps_how_it_moves_on():
    key = Keyframe(Fraction(2), 0.2, "step")
    after = with_values(with_key(moving(), "jawOpen", key), Fraction(2), {"jawOpen": 0.8})
    keys = [key for layer in after.motion["jawOpen"].layers for key in layer.keys]
    assert [(k.time, round(k.value, 5), k.interpolation) for k in keys] == [(2, 0.8, "step")]


def test_a_project_without_motion_gets_the_portraits_own_face_to_edit():
    rest = np.linspace(0, 0.9, len(CHANNELS)).astype(np.float32)
    project = with_rest(Project(), rest)
    assert project.motion.duration == 5 and np.array_equal(dense(project.motion)[60], rest)
    assert with_rest(project, rest * 0) is project
