from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from project_strategies import amounts, keyframes, keys, names, times

from engine.errors import InputError
from engine.project import key_edits
from engine.project.channels import BY_NAME, CHANNELS, INDEX
from engine.project.curve import Curve, Keyframe, Layer
from engine.project.curve_edits import with_lock, without_edits
from engine.project.key_edits import KeyRef
from engine.project.motion import Motion, sample
from engine.project.project import Project
from engine.project.timing import ALWAYS, TimeRange

RATE = Fraction(25)


def generated(value: float = 0.25, frames: int = 300) -> Project:
    return Project(motion=Motion.from_dense(np.full((frames, len(CHANNELS)), value, np.float32), RATE))


def keyed(found: tuple[Keyframe, ...], name: str = "jawOpen") -> Project:
    return Project(motion=Motion(RATE, 300, {name: Curve(layers=(Layer(found, ALWAYS),))}))


def at(project: Project, name: str, time: Fraction) -> float:
    return float(sample(project.motion, np.array([float(time)]))[0, INDEX[name]])


def key(seconds: float, value: float) -> Keyframe:
    return Keyframe(Fraction(seconds), value)


def refs_of(project: Project, name: str = "jawOpen") -> list[KeyRef]:
    layers = project.motion[name].layers
    return [KeyRef(name, i, found.time) for i, layer in enumerate(layers) for found in layer.keys]


@given(st.lists(st.builds(Keyframe, times, st.floats(0, 1, width=32)), min_size=1, max_size=8))
def test_a_generated_curve_passes_through_the_last_key_set_by_hand(found):
    project = generated()
    for one in found:
        project = key_edits.with_key(project, "jawOpen", one)
        assert at(project, "jawOpen", one.time) == pytest.approx(np.float32(one.value), abs=1e-6)


def test_a_lone_key_blends_into_what_was_generated():
    project = key_edits.with_key(generated(), "jawOpen", key(5, 1.0))
    assert at(project, "jawOpen", Fraction(5)) == 1.0
    assert at(project, "jawOpen", Fraction("4.5")) == at(project, "jawOpen", Fraction("5.5")) == 0.25
    assert 0.25 < at(project, "jawOpen", Fraction("4.75")) < 1
    assert at(project, "mouthPucker", Fraction(5)) == 0.25


def test_keys_near_each_other_share_a_layer_and_far_ones_do_not():
    near = key_edits.with_key(key_edits.with_key(generated(), "jawOpen", key(5, 1)), "jawOpen", key(5.8, 0.5))
    assert [len(layer.keys) for layer in near.motion["jawOpen"].layers] == [2]
    far = key_edits.with_key(near, "jawOpen", key(9, 0))
    assert [len(layer.keys) for layer in far.motion["jawOpen"].layers] == [2, 1]


def test_keys_on_a_bare_curve_lead_from_one_to_the_next_however_far():
    project = Project(motion=Motion(RATE, 300))
    for one in (key(0, 0), key(10, 1)):
        project = key_edits.with_key(project, "jawOpen", one)
    assert at(project, "jawOpen", Fraction(5)) == pytest.approx(0.5)


def test_a_key_in_a_restored_range_gets_a_layer_of_its_own():
    project = without_edits(keyed((key(0, 0), key(10, 1))), ["jawOpen"], TimeRange(Fraction(4), Fraction(6)))
    project = key_edits.with_key(project, "jawOpen", key(5, 0.9))
    assert len(project.motion["jawOpen"].layers) == 2
    assert at(project, "jawOpen", Fraction(5)) == pytest.approx(0.9)


@given(keys, keyframes)
def test_adding_a_key_and_removing_it_is_nothing(found, extra):
    project = keyed(found)
    added = key_edits.with_key(project, "jawOpen", extra, layer=0)
    assert KeyRef("jawOpen", 0, extra.time) in refs_of(added)
    if extra.time not in {one.time for one in found}:
        assert key_edits.without_keys(added, [KeyRef("jawOpen", 0, extra.time)]) == project


@given(keys, st.fractions(-3, 3, max_denominator=50), st.integers(-3, 3))
def test_moving_all_keys_there_and_back_is_nothing(found, by, value):
    project = keyed(found)
    moved = key_edits.with_keys_moved(project, refs_of(project), by, value)
    back = key_edits.with_keys_moved(moved, refs_of(moved), -by, -value)
    assert refs_of(moved) == [ref._replace(time=ref.time + by) for ref in refs_of(project)]
    assert [one.time for one in back.motion["jawOpen"].layers[0].keys] == [one.time for one in found]
    assert [one.value for one in back.motion["jawOpen"].layers[0].keys] == pytest.approx([one.value for one in found])


def test_a_lone_key_takes_its_range_along():
    project = key_edits.with_key(generated(), "jawOpen", key(5, 1))
    moved = key_edits.with_keys_moved(project, refs_of(project), Fraction(3))
    assert at(moved, "jawOpen", Fraction(8)) == 1
    assert at(moved, "jawOpen", Fraction(5)) == 0.25
    assert key_edits.with_keys_moved(moved, refs_of(moved), Fraction(-3)) == project


def test_a_moved_key_wins_over_the_one_that_lies_there():
    project = keyed((key(1, 0.1), key(2, 0.2), key(3, 0.3)))
    moved = key_edits.with_keys_moved(project, refs_of(project)[:1], Fraction(1))
    assert [(one.time, one.value) for one in moved.motion["jawOpen"].layers[0].keys] == [(2, 0.1), (3, 0.3)]


def test_the_layer_goes_with_its_last_key():
    project = key_edits.with_key(generated(), "jawOpen", key(5, 1))
    assert key_edits.without_keys(project, refs_of(project)) == generated()


@given(keys)
def test_interpolation_and_handles_can_be_changed(found):
    project = keyed(found)
    changed = key_edits.with_keys_changed(
        project, refs_of(project), lambda one: replace(one, interpolation="step", left=None)
    )
    assert {one.interpolation for one in changed.motion["jawOpen"].layers[0].keys} == {"step"}


@given(keys, times)
def test_pasting_a_copy_gives_the_same_keys_elsewhere(found, start):
    project = keyed(found)
    copied = key_edits.copied(project, refs_of(project))
    pasted = key_edits.with_pasted(keyed((key(0, 0),), "cheekPuff"), copied, start)
    values = {one.time: one.value for one in pasted.motion["jawOpen"].layers[0].keys}
    assert values == {one.time - found[0].time + start: one.value for one in found}


@given(st.dictionaries(names, keys, min_size=1, max_size=5))
def test_mirroring_twice_is_nothing(copied):
    assert key_edits.mirrored(key_edits.mirrored(copied)) == copied


def test_mirroring_swaps_sides_and_turns_the_head_the_other_way():
    copied = {
        "mouthSmileLeft": (key(0, 0.7),),
        "headYaw": (key(0, 10),),
        "headPitch": (key(0, 5),),
        "jawOpen": (key(0, 1),),
    }
    assert key_edits.mirrored(copied) == {
        "mouthSmileRight": (key(0, 0.7),),
        "headYaw": (key(0, -10),),
        "headPitch": (key(0, 5),),
        "jawOpen": (key(0, 1),),
    }
    turned = replace(key(0, 1), left=(-1.0, 2.0), right=(1.0, -2.0))
    assert key_edits.mirrored({"headRoll": (turned,)})["headRoll"][0].left == (-1.0, -2.0)


def test_every_channel_that_turns_around_has_a_range_that_does_too():
    for name in key_edits.FLIPPED:
        assert BY_NAME[name].low == -BY_NAME[name].high
        assert BY_NAME[name].partner is None


@given(keys, amounts)
def test_edits_leave_the_project_they_were_given(found, value):
    project, same = keyed(found), keyed(found)
    key_edits.with_key(project, "jawOpen", key(1, value))
    key_edits.with_keys_moved(project, refs_of(project), Fraction(1), value)
    key_edits.without_keys(project, refs_of(project))
    assert project == same


def test_keys_under_a_lock_stay():
    project = with_lock(
        keyed((key(1, 0.1), key(2, 0.9), key(8, 0.3))), ["jawOpen"], TimeRange(Fraction(0), Fraction(3))
    )
    with pytest.raises(InputError, match="jawOpen is locked at"):
        key_edits.without_keys(project, [KeyRef("jawOpen", 0, Fraction(2))])
    with pytest.raises(InputError, match="jawOpen is locked at"):  # its segment reaches under the lock
        key_edits.with_keys_moved(project, [KeyRef("jawOpen", 0, Fraction(8))], Fraction(1))
    key_edits.with_key(project, "jawOpen", key(9, 1))


def test_what_is_not_there_is_named():
    project = keyed((key(1, 0.1),))
    with pytest.raises(InputError, match="jawOpen has no key at 3 s in layer 0"):
        key_edits.without_keys(project, [KeyRef("jawOpen", 0, Fraction(3))])
    with pytest.raises(InputError, match="jawOpen has no key at 1 s in layer 2"):
        key_edits.with_keys_moved(project, [KeyRef("jawOpen", 2, Fraction(1))], Fraction(1))
    with pytest.raises(InputError, match="no layer 4"):
        key_edits.with_key(project, "jawOpen", key(1, 1), layer=4)
    with pytest.raises(InputError, match="no keys to copy"):
        key_edits.copied(project, [])
