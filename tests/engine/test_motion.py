from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from project_strategies import fades, motions, performances, rates, spans, times

from engine.errors import InputError
from engine.project.channels import CHANNELS, INDEX, NAMES, in_group
from engine.project.curve import Curve, Keyframe, Layer, evaluate
from engine.project.motion import Motion, dense, locked_frames, regenerate, resized, sample
from engine.project.timing import ALWAYS, TimeRange, frame_times

RATE = Fraction(25)


def flat(frames: int, value: float) -> np.ndarray:
    return np.full((frames, len(CHANNELS)), value, np.float32)


@given(performances(st.integers(0, 20)), rates)
def test_a_dense_performance_comes_back_bit_for_bit(values, rate):
    motion = Motion.from_dense(values, rate)
    assert dense(motion).tobytes() == values.tobytes()
    assert motion.duration == len(values) / rate


@given(motions())
def test_motions_are_equal_by_content(motion):
    same = Motion(
        motion.rate, motion.frames, {n: replace(c, generated=c.generated.copy()) for n, c in motion.curves.items()}
    )
    assert same == motion


def test_a_motion_has_every_channel():
    assert list(Motion().curves) == list(NAMES)
    assert dense(Motion(RATE, 3))[1].tolist() == [channel.neutral for channel in CHANNELS]


@given(motions(), st.data(), spans(), fades, st.floats(0, 0.999))
def test_regenerating_leaves_every_locked_time_bit_for_bit(motion, data, span, fade, part):
    values = data.draw(performances(st.integers(motion.frames, motion.frames + 10)))
    new = regenerate(motion, values, span, fade=fade)
    at = (np.arange(motion.frames) + part) / float(motion.rate)  # on the frames and between them
    before, after = sample(motion, at), sample(new, at)
    for name, i in INDEX.items():
        locked = np.zeros(len(at), dtype=bool)
        for lock in motion[name].locks:
            locked |= lock.mask(at)
        assert after[locked, i].tobytes() == before[locked, i].tobytes()


@given(spans(), rates, st.integers(1, 100), st.integers(0, 2**32))
def test_a_lock_holds_between_its_frames_too(span, rate, frames, seed):
    rng = np.random.default_rng(seed)
    old, new = rng.random((2, frames, len(CHANNELS)), np.float32)
    motion = Motion.from_dense(old, rate)
    motion = replace(motion, curves={**motion.curves, "jawOpen": replace(motion["jawOpen"], locks=(span,))})
    at = np.append(np.linspace(0, float(motion.duration) + 1, 500), float(span.start))
    before, after = (sample(m, at)[span.mask(at), INDEX["jawOpen"]] for m in (motion, regenerate(motion, new)))
    assert after.tobytes() == before.tobytes()
    changed = regenerate(motion, new)["jawOpen"].generated != old[:, INDEX["jawOpen"]]
    needed = {frame for time in at[span.mask(at)] for frame in (int(time * rate), int(time * rate) + 1)}
    assert changed.sum() >= frames - len(needed) - 2  # and the rest is free


@given(motions(), st.data(), spans())
def test_regenerating_swaps_what_is_free_and_nothing_else(motion, data, span):
    values = data.draw(performances(st.just(motion.frames)))
    chosen = data.draw(st.sets(st.sampled_from(NAMES), max_size=6))
    new = regenerate(motion, values, span, chosen)
    inside = np.zeros(motion.frames, dtype=bool)
    inside[span.frames(motion.rate, motion.frames)] = True
    for name, old in motion.curves.items():
        curve = new[name]
        assert (curve.layers, curve.locks, curve.mutes) == (old.layers, old.locks, old.mutes)
        free = inside & ~locked_frames(old, motion.rate, motion.frames)
        if name not in chosen or not free.any():
            assert curve == old
            continue
        kept = old.generated if len(old.generated) else np.full(motion.frames, CHANNELS[INDEX[name]].neutral)
        assert curve.generated.tolist() == np.where(free, values[:, INDEX[name]], kept).tolist()


def test_a_locked_group_stays_while_the_rest_changes():
    motion = Motion.from_dense(flat(50, 0.25), RATE)
    locked = {name: replace(motion[name], locks=(ALWAYS,)) for name in in_group("mouth")}
    motion = replace(motion, curves={**motion.curves, **locked})
    after = dense(regenerate(motion, flat(50, 0.75)))
    assert {after[0, INDEX[name]] for name in in_group("mouth")} == {np.float32(0.25)}
    assert {after[0, INDEX[name]] for name in in_group("jaw", "brows")} == {np.float32(0.75)}


def test_a_fade_meets_what_stays_without_a_jump():
    motion = Motion.from_dense(flat(100, 0.0), RATE)
    after = dense(regenerate(motion, flat(100, 1.0), TimeRange(Fraction(1), Fraction(3)), fade=Fraction(2, 5)))
    jaw = after[:, INDEX["jawOpen"]]
    assert np.abs(np.diff(jaw)).max() < 0.2
    assert jaw[50] == 1.0
    assert jaw[24] == jaw[75] == 0.0


def test_longer_speech_makes_a_longer_motion_in_which_locks_hold_on():
    motion = Motion.from_dense(flat(10, 0.25), RATE)
    motion = replace(motion, curves={**motion.curves, "jawOpen": replace(motion["jawOpen"], locks=(ALWAYS,))})
    after = dense(regenerate(motion, flat(20, 0.75), TimeRange(Fraction(0), Fraction(1, 5))))
    assert after[:, INDEX["jawOpen"]].tolist() == [0.25] * 20
    assert after[:, INDEX["cheekPuff"]].tolist() == [0.75] * 5 + [0.25] * 5 + [0.75] * 10


@given(motions(), st.integers(0, 60))
def test_resizing_keeps_the_frames_that_remain(motion, frames):
    shorter = min(frames, motion.frames)
    assume(shorter)
    at = frame_times(range(shorter), motion.rate)
    changed = resized(motion, frames)
    assert changed.frames == frames
    assert sample(changed, at).tobytes() == sample(motion, at).tobytes()


@given(motions(), times)
def test_any_time_can_be_sampled(motion, time):
    values = sample(motion, np.array([float(time)]))
    assert values.shape == (1, len(CHANNELS))
    assert np.isfinite(values).all()


def test_sampling_at_another_rate_keeps_pace_over_ten_minutes():
    ramp = flat(15000, 0.0)
    ramp[:, INDEX["headYaw"]] = np.linspace(-60, 60, 15000)
    motion = Motion.from_dense(ramp, RATE)
    at = frame_times(range(17982), Fraction(30000, 1001))
    yaw = sample(motion, at)[:, INDEX["headYaw"]]
    assert yaw == pytest.approx(np.interp(at, np.arange(15000) / 25, ramp[:, INDEX["headYaw"]]), abs=1e-4)


def test_edits_survive_regeneration():
    layer = Layer((Keyframe(Fraction(0), 0.9),), TimeRange(Fraction(0), Fraction(1)))
    motion = Motion(RATE, 50, {"jawOpen": Curve(np.zeros(50, np.float32), (layer,))})
    after = dense(regenerate(motion, flat(50, 0.5)))[:, INDEX["jawOpen"]]
    assert after.tolist() == pytest.approx([0.9] * 25 + [0.5] * 25)


def test_what_cannot_be_a_motion_is_refused():
    with pytest.raises(InputError, match="'jawOpens'"):
        Motion(RATE, 0, {"jawOpens": Curve()})
    with pytest.raises(InputError, match="jawOpen has 3 generated samples in a motion of 4 frames"):
        Motion(RATE, 4, {"jawOpen": Curve(np.zeros(3, np.float32))})
    with pytest.raises(InputError, match=r"\(4, 7\)"):
        Motion.from_dense(np.zeros((4, 7), np.float32), RATE)
    with pytest.raises(InputError, match="'smile'"):
        Motion()["smile"]


@given(motions(), st.lists(times, max_size=5))
def test_all_channels_together_are_what_each_is_alone(motion, when):
    at = np.array([float(time) for time in when])
    alone = [evaluate(motion[channel.name], channel, at, motion.rate) for channel in CHANNELS]
    assert sample(motion, at).tobytes() == np.stack(alone, axis=1).tobytes()
