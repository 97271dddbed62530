"""Tracked curves keep what is fast, lose what is noise, and say where there was no face."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.errors import FaceError
from engine.events import Finished, Progress
from engine.face.fit import rms_error
from engine.face.head_model import load_head_model
from engine.face.smoothing import smooth
from engine.face.tracking import Track, runs, track_frames
from engine.media.image import read_image
from engine.media.video import probe, read_frames
from engine.project.channels import CHANNELS, INDEX

RATE = Fraction(25)


def tracked(frames: list[np.ndarray], rate: Fraction = RATE) -> Track:
    events = list(track_frames(frames, rate, load_head_model()))
    assert all(isinstance(event, Progress) for event in events[:-1])
    assert isinstance(events[-1], Finished)
    return events[-1].result


def pulse(frames: int, at: int, shape: tuple[float, ...]) -> np.ndarray:
    curve = np.zeros(frames)
    curve[at : at + len(shape)] = shape
    return curve


@pytest.mark.parametrize("shape", [(0.5, 1, 0.6, 0.2), (0.9, 1, 0.4), (1,)])
def test_smoothing_keeps_nine_tenths_of_a_blink_and_its_time(shape: tuple[float, ...]) -> None:
    noise = np.random.default_rng(0).normal(0, 0.02, 200)
    blink = pulse(200, 80, shape)
    smoothed = smooth((blink + noise)[:, None], 25.0)[:, 0]
    assert smoothed.max() > 0.9
    assert smoothed.argmax() == (blink + noise).argmax()


def test_smoothing_takes_out_most_noise_and_adds_no_lag() -> None:
    rng = np.random.default_rng(1)
    time = np.arange(400) / 25
    clean = np.stack([np.sin(2 * np.pi * 0.8 * time), np.zeros_like(time)], axis=1)
    noisy = clean + rng.normal(0, 0.03, clean.shape)
    smoothed = smooth(noisy, 25.0)
    assert ((smoothed - clean) ** 2).mean() < 0.6 * ((noisy - clean) ** 2).mean()
    lags = [np.mean(smoothed[5 + lag : 395 + lag, 0] * clean[5:395, 0]) for lag in (-2, -1, 0, 1, 2)]
    assert int(np.argmax(lags)) == 2
    backwards = smooth(noisy[::-1], 25.0)[::-1]
    assert np.allclose(backwards, smoothed)


def test_runs_are_half_open() -> None:
    assert runs(np.array([1, 1, 0, 0, 1, 0, 1], bool)) == [(0, 2), (4, 5), (6, 7)]
    assert runs(np.zeros(4, bool)) == []


def test_a_moving_still_gives_head_motion_only_and_gaps_are_held(samples: Path) -> None:
    """A portrait slides right and up by known pixels, vanishes for four frames, and comes back."""
    rgb = read_image(samples / "hopper.jpg").rgb
    shifts = [2 * k for k in range(12)]
    frames = [np.roll(rgb, (-shift, shift), axis=(0, 1)) for shift in shifts]
    frames[6:10] = [np.full_like(rgb, 60)] * 4
    track = tracked(frames)
    assert track.gaps == [(6, 10)]
    assert track.values.shape == (12, len(CHANNELS)) and track.values.dtype == np.float32
    assert (track.values[6:10] == track.values[5]).all()
    seen = track.visible
    x, y = (track.values[seen, INDEX[name]] * np.median(track.poses[seen, 3]) for name in ("headX", "headY"))
    moved = np.array(shifts)[seen]
    assert np.abs(x - x[0] - moved).max() < 4 and np.abs(y - y[0] - moved).max() < 4
    assert np.median(x) == pytest.approx(0, abs=0.01)
    turned = track.values[seen][:, [INDEX["headYaw"], INDEX["headRoll"], INDEX["gazeYaw"]]]
    assert np.abs(turned).max() < 4
    assert np.ptp(track.values[seen][:, : INDEX["gazeYaw"]], axis=0).max() < 0.25
    assert np.abs(track.values[seen][:, INDEX["headScale"]] - 1).max() < 0.03


def test_no_face_at_all_is_an_error() -> None:
    with pytest.raises(FaceError, match="no face found in any of 3 frames"):
        list(track_frames([np.zeros((120, 160, 3), np.uint8)] * 3, RATE, load_head_model()))


def test_a_talking_person_is_tracked_with_blinks_and_closures(shared_data: Path) -> None:
    path = shared_data / "video" / "grid_pwij3p.mpg"
    track = tracked(list(read_frames(path)), probe(path).rate)
    assert track.visible.all() and track.gaps == []
    errors = [rms_error(track.fit(frame)) for frame in range(len(track.visible))]
    assert np.sqrt(np.mean(np.square(errors))) < 0.03
    blink = track.values[:, INDEX["eyeBlinkLeft"]]
    assert blink.max() > 0.9 and np.median(blink) < 0.1  # two blinks in three seconds
    gaps = np.linalg.norm((track.landmarks[:, 13] - track.landmarks[:, 14])[:, :2], axis=1)
    modelled = []
    for frame in range(len(track.visible)):
        fit = track.fit(frame)
        points = fit.modelled(fit.values())
        modelled.append(np.linalg.norm((points[13] - points[14])[:2]))
    assert np.corrcoef(gaps, modelled)[0, 1] > 0.97
    assert np.max(np.array(modelled)[gaps < 0.5]) < 0.03 * np.median(track.poses[:, 3])  # closed reads closed
    assert (track.values >= [channel.low for channel in CHANNELS]).all()
    assert (track.values <= [channel.high for channel in CHANNELS]).all()
