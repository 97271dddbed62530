"""Takes: what comes in, what stays, bit for bit."""

from fractions import Fraction

import numpy as np

from engine.project.channels import CHANNELS, INDEX, NAMES
from engine.project.curve import Keyframe
from engine.project.curve_edits import with_lock
from engine.project.edits import with_motion
from engine.project.key_edits import with_key
from engine.project.motion import Motion, dense
from engine.project.project import Project
from engine.project.takes import at_rate, with_take
from engine.project.timing import TimeRange

RATE = Fraction(25)


def performance(seed: int, frames: int = 100, rate: Fraction = RATE) -> Motion:
    rng = np.random.default_rng(seed)
    low, high = np.array([[channel.low, channel.high] for channel in CHANNELS]).T
    values = low + (high - low) * rng.uniform(0.2, 0.8, (frames, len(CHANNELS)))
    return Motion.from_dense(values.astype(np.float32), rate)


def test_a_first_take_fills_the_project_whatever_was_asked_for():
    project = with_key(Project(), "jawOpen", Keyframe(Fraction(1), 0.9))
    take = performance(1, rate=Fraction(30))
    taken = with_take(project, take, TimeRange(Fraction(1), Fraction(2)), ["jawOpen"])
    assert taken.motion.rate == 30
    assert np.array_equal(taken.motion["headYaw"].generated, take["headYaw"].generated)
    assert taken.motion["jawOpen"].layers == project.motion["jawOpen"].layers


def test_a_take_in_a_range_leaves_the_rest_and_all_locks_bit_for_bit():
    project = with_motion(Project(), performance(1))
    project = with_lock(project, ["mouthSmileLeft"], TimeRange(Fraction(1), Fraction(3, 2)))
    before, take = dense(project.motion), performance(2)
    taken = with_take(project, take, TimeRange(Fraction(1), Fraction(2)), ["mouthSmileLeft", "jawOpen"])
    after, new = dense(taken.motion), dense(take)
    jaw, smile = INDEX["jawOpen"], INDEX["mouthSmileLeft"]
    assert np.array_equal(after[25:50, jaw], new[25:50, jaw])
    assert np.array_equal(after[25:38, smile], before[25:38, smile]), "locked"
    assert np.array_equal(after[39:50, smile], new[39:50, smile])
    untouched = np.ones_like(before, bool)
    untouched[25:50, [jaw, smile]] = False
    assert np.array_equal(after[untouched], before[untouched])


def test_a_take_at_another_rate_brings_its_rate_and_keeps_the_shape_of_what_stays():
    frames = np.arange(100)
    values = np.zeros((100, len(CHANNELS)), np.float32)
    values[:, INDEX["jawOpen"]] = 0.5 + 0.4 * np.sin(frames / 10)
    values[:, INDEX["headScale"]] = 1
    project = with_motion(Project(), Motion.from_dense(values, RATE))
    take = performance(3, 120, Fraction(30))
    taken = with_take(project, take, TimeRange(Fraction(0), Fraction(1)), ["browInnerUp"])
    assert taken.motion.rate == 30 and taken.motion.frames == 120
    times = np.arange(119) / 30
    jaw = dense(taken.motion)[:119, INDEX["jawOpen"]]
    assert np.abs(jaw - (0.5 + 0.4 * np.sin(times * 25 / 10))).max() < 0.003


def test_to_another_rate_and_back_is_nearly_the_same():
    motion = performance(4)
    there = at_rate(motion, Fraction(50))
    assert there.frames == 200 and there.duration == motion.duration
    back = at_rate(there, RATE)
    assert np.allclose(dense(back), dense(motion), atol=1e-5)
    assert all(len(at_rate(Motion(RATE, 10), Fraction(30))[name].generated) == 0 for name in NAMES)
