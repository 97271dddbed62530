"""Hypothesis strategies for project data, shared by the tests of engine/project."""

import math
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from engine.project.channels import CHANNELS, GROUPS, NAMES
from engine.project.curve import BLENDS, Curve, Keyframe, Layer
from engine.project.media_ref import MediaRef
from engine.project.motion import Motion
from engine.project.project import (
    SWAP_KEYS,
    AudioClip,
    DriveClip,
    FacePart,
    Marker,
    Portrait,
    Project,
    PromptClip,
    RenderSettings,
    Rights,
    SwapClip,
)
from engine.project.timing import TimeRange, union

KNOWN_RATES = [Fraction(n) for n in (12, 15, 24, 25, 30, 48, 50, 60, 120)] + [
    Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120)
]
rates = st.sampled_from(KNOWN_RATES)
any_rates = st.fractions(min_value=1, max_value=240, max_denominator=1001)
times = st.fractions(min_value=0, max_value=8, max_denominator=1000)
durations = st.fractions(min_value=Fraction(1, 100), max_value=8, max_denominator=100)
amounts = st.floats(-2, 2, width=32)
names = st.sampled_from(NAMES)
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)


@st.composite
def spans(draw: st.DrawFn, endless: bool = True) -> TimeRange:
    start = draw(times)
    if endless and draw(st.integers(0, 5)) == 0:
        return TimeRange(start, math.inf)
    return TimeRange(start, start + draw(durations))


def handles(sign: int) -> st.SearchStrategy[tuple[float, float] | None]:
    return st.none() | st.tuples(st.floats(0, 5).map(lambda seconds: sign * seconds), st.floats(-3, 3))


keyframes = st.builds(
    Keyframe, times, amounts, st.sampled_from(["bezier", "linear", "step"]), left=handles(-1), right=handles(1)
)
keys = st.lists(keyframes, min_size=1, max_size=6, unique_by=lambda key: key.time).map(
    lambda found: tuple(sorted(found, key=lambda key: key.time))
)
fades = st.fractions(0, 2, max_denominator=50)
range_sets = st.lists(spans(), max_size=3).map(union)
layers = st.builds(Layer, keys, spans(), st.sampled_from(sorted(BLENDS)), fades, fades, cuts=range_sets)


@st.composite
def performances(draw: st.DrawFn, frames: st.SearchStrategy[int]) -> np.ndarray:
    """[T, C] float32, each channel within its range, ends included."""
    low = np.array([channel.low for channel in CHANNELS])
    high = np.array([channel.high for channel in CHANNELS])
    noise = np.random.default_rng(draw(st.integers(0, 2**32))).uniform(-0.2, 1.2, (draw(frames), len(CHANNELS)))
    return (low + (high - low) * np.clip(noise, 0, 1)).astype(np.float32)


@st.composite
def motions(draw: st.DrawFn, max_frames: int = 40, max_curves: int = 4) -> Motion:
    frames, rate = draw(st.integers(0, max_frames)), draw(rates)
    samples = st.none() | st_numpy.arrays(np.float32, frames, elements=st.floats(-1, 2, width=32))
    curves = {}
    for name in draw(st.lists(names, max_size=max_curves, unique=True)):
        drawn = draw(samples)
        generated = np.zeros(0, np.float32) if drawn is None else drawn
        stack = tuple(draw(st.lists(layers, max_size=2)))
        curves[name] = Curve(generated, stack, draw(range_sets), draw(range_sets))
    return Motion(rate, frames, curves)


media = st.builds(MediaRef, st.sampled_from(["/media/a.png", "/media/b.wav"]), hashes)
prompts = st.builds(PromptClip, st.text(max_size=20), spans(), st.floats(0, 2), fades, fades)
drives = st.builds(
    DriveClip,
    media,
    spans(),
    times,
    st.lists(st.sampled_from(GROUPS), unique=True).map(tuple),
    st.floats(0, 4),
    gains=st.dictionaries(st.sampled_from(GROUPS), st.floats(0, 4)),
    speed=st.fractions(Fraction(1, 10), 10, max_denominator=20),
    fade_in=fades,
)
swaps = st.builds(
    SwapClip,
    media,
    spans(),
    times,
    st.none() | st.integers(0, 5),
    st.floats(0, 1),
    fades,
    fades,
    parts=st.lists(st.builds(FacePart, st.integers(0, 3), st.integers(0, 9), st.integers(10, 20)), max_size=2).map(
        tuple
    ),
    keys=st.dictionaries(st.sampled_from(SWAP_KEYS), keys, max_size=2),
)
clips = prompts | drives | swaps
projects = st.builds(
    Project,
    portrait=st.none() | st.builds(Portrait, media, st.none() | st.integers(0, 3)),
    audio=st.none() | st.builds(AudioClip, media, durations, words=st.text(max_size=20)),
    prompts=st.lists(prompts, max_size=2).map(tuple),
    drives=st.lists(drives, max_size=2).map(tuple),
    swaps=st.lists(swaps, max_size=2).map(tuple),
    motion=motions(max_frames=5, max_curves=1),
    settings=st.builds(RenderSettings, rates, st.none() | st.integers(64, 4096), st.sampled_from(["auto", "warp"])),
    in_out=spans(),
    markers=st.lists(st.builds(Marker, times, st.text(max_size=5)), max_size=2).map(tuple),
    seed=st.integers(0, 2**63 - 1),
    rights=st.lists(st.builds(Rights, hashes, st.just("it is me")), max_size=2).map(tuple),
)
