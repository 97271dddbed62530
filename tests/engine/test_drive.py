"""A driver's motion becomes the portrait's: from rest, by group, through cuts and gaps, in the portrait's own time."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine import cli
from engine.face.fit import Fit, fit_face
from engine.face.head_model import load_head_model
from engine.face.landmarks import choose_face
from engine.face.tracking import Track
from engine.media.image import read_image
from engine.media.video_writer import VideoWriter
from engine.motion.drive import COUNT, NEUTRAL, driven, drives_all, playing, resting_face, transfer
from engine.project.channels import CHANNELS, GROUPS, INDEX, in_group
from engine.project.media_ref import MediaRef
from engine.project.project import DriveClip
from engine.project.timing import TimeRange

RATE = Fraction(25)
CLIP = DriveClip(MediaRef("driver.mp4", "0" * 64))


@pytest.fixture(scope="module")
def hopper(samples: Path) -> Fit:
    return fit_face(choose_face(read_image(samples / "hopper.jpg").rgb), load_head_model())


def performance(frames: int, **channels: np.ndarray | float) -> np.ndarray:
    values = np.tile(NEUTRAL, (frames, 1))
    for name, column in channels.items():
        values[:, INDEX[name]] = column
    return values


def track_of(values: np.ndarray, fit: Fit, visible: np.ndarray | None = None, starts: tuple[int, ...] = (0,)) -> Track:
    frames = len(values)
    seen = np.ones(frames, bool) if visible is None else visible
    poses = np.tile([12.0, 3.0, -4.0, 90.0, 100.0, 120.0], (frames, 1))
    faces = np.zeros((frames, 478, 3), np.float32)
    return Track(values, RATE, faces, seen, poses, np.tile([6.0, -2.0], (frames, 1)), fit.person, starts)


def column(values: np.ndarray, name: str) -> np.ndarray:
    return values[:, INDEX[name]]


def talk(frames: int) -> np.ndarray:
    return 0.4 * np.clip(np.sin(np.arange(frames) / 3), 0, None)


def test_a_driver_who_smiles_at_rest_does_not_make_the_portrait_smile(hopper: Fit) -> None:
    smiling = performance(200, mouthSmileLeft=0.45, mouthSmileRight=0.4, jawOpen=talk(200))
    smiling[120:140, INDEX["mouthSmileLeft"]] = 0.9
    out = transfer(track_of(smiling, hopper), hopper, CLIP)
    own = hopper.values()[INDEX["mouthSmileLeft"]]
    assert np.abs(column(out, "mouthSmileLeft")[:110] - own).max() < 0.02
    assert column(out, "mouthSmileLeft")[130] > own + 0.5, "a broader smile still shows"
    absolute = transfer(track_of(smiling, hopper), hopper, replace(CLIP, relative=False))
    assert np.allclose(column(absolute, "mouthSmileRight"), 0.4)


def test_one_who_smiles_at_times_is_not_taken_to_smile_at_rest(hopper: Fit) -> None:
    smile = np.where(np.arange(200) < 130, 0.8, 0.0)
    assert resting_face(track_of(performance(200, mouthSmileLeft=smile), hopper))[INDEX["mouthSmileLeft"]] == 0


def test_shut_eyes_shut_and_closed_lips_close(hopper: Fit) -> None:
    blink = np.full(100, 0.2)
    blink[50] = 1.0
    out = transfer(track_of(performance(100, eyeBlinkLeft=blink, jawOpen=0.1 + talk(100)), hopper), hopper, CLIP)
    assert column(out, "eyeBlinkLeft")[50] == pytest.approx(1)
    assert column(out, "jawOpen").min() == pytest.approx(0, abs=0.01)
    assert np.corrcoef(column(out, "jawOpen"), talk(100))[0, 1] > 0.999


def test_gain_and_groups(hopper: Fit) -> None:
    motion = performance(100, headYaw=10 * np.sin(np.arange(100) / 9), jawOpen=talk(100))
    clip = replace(CLIP, gain=2, gains={"head": 0.25}, groups=("head", "jaw"))
    track = track_of(motion, hopper)
    base = performance(100, browInnerUp=0.3, jawOpen=0.9)
    out = driven(base, RATE, track, hopper, clip)
    assert np.allclose(column(out, "headYaw"), column(motion, "headYaw") / 2, atol=1e-4)
    assert np.allclose(column(out, "jawOpen"), 2 * talk(100), atol=0.02)
    free = [INDEX[name] for group in set(GROUPS) - {"head", "jaw"} for name in in_group(group)]
    assert (out[:, free] == base[:, free]).all()
    assert drives_all(CLIP, track, Fraction(4)) and not drives_all(clip, track, Fraction(4))


def test_absolute_gives_the_drivers_own_stance_and_relative_the_portraits(hopper: Fit) -> None:
    still = track_of(performance(60), hopper)
    assert np.abs(column(transfer(still, hopper, CLIP), "headYaw")).max() == 0
    absolute = transfer(still, hopper, replace(CLIP, relative=False))
    assert np.allclose(column(absolute, "headYaw"), 12 - hopper.pose.yaw, atol=1e-3)
    assert np.allclose(column(absolute, "gazeYaw"), 6 - hopper.gaze[0], atol=1e-3)


def test_a_picture_is_held(hopper: Fit) -> None:
    track = track_of(performance(1, browInnerUp=0.8), hopper)
    clip = replace(CLIP, span=TimeRange(Fraction(1), Fraction(2)))
    out = driven(performance(75), RATE, track, hopper, clip)
    raised = column(out, "browInnerUp")
    assert (raised[:25] == 0).all() and (raised[50:] == 0).all() and np.ptp(raised[25:50]) == 0 and raised[30] > 0.75
    assert column(out, "headYaw")[30] == pytest.approx(12)


def test_a_gap_is_held_and_motion_returns_without_a_leap(hopper: Fit) -> None:
    yaw = np.where(np.arange(100) < 50, -10.0, 15.0)
    visible = np.ones(100, bool)
    visible[40:60] = False
    yaw[40:60] = -10
    out = column(transfer(track_of(performance(100, headYaw=yaw), hopper, visible), hopper, CLIP), "headYaw")
    assert np.allclose(out[40:60], -10)
    assert np.abs(np.diff(out)).max() < 6
    assert np.allclose(out[70:], 15, atol=0.1)


def test_a_cut_makes_no_leap(hopper: Fit) -> None:
    smile = np.where(np.arange(100) < 50, 0.1, 0.9)
    track = track_of(performance(100, mouthSmileLeft=smile), hopper, starts=(0, 50))
    assert np.abs(np.diff(column(transfer(track, hopper, CLIP), "mouthSmileLeft"))).max() < 0.25


def test_speed_and_offset_choose_the_moment(hopper: Fit) -> None:
    ramp = np.linspace(0, 1, 101)
    track = track_of(performance(101, headYaw=20 * ramp), hopper)
    clip = replace(CLIP, span=TimeRange(Fraction(1), Fraction(2)), offset=Fraction(1), speed=Fraction(2))
    out = column(driven(performance(60), RATE, track, hopper, clip), "headYaw")
    assert out[24] == 0 and out[25] == pytest.approx(5, abs=0.01) and out[35] == pytest.approx(9, abs=0.01)
    ends = playing(replace(clip, span=TimeRange(Fraction(1), 9)), track).span.end
    assert ends == 1 + (Fraction(101, 25) - 1) / 2


def test_what_comes_out_is_always_in_range(hopper: Fit) -> None:
    rng = np.random.default_rng(3)
    low, high = ([getattr(channel, end) for channel in CHANNELS] for end in ("low", "high"))
    wild = rng.uniform(low, high, (80, len(CHANNELS))).astype(np.float32)
    for relative in (True, False):
        out = transfer(track_of(wild, hopper), hopper, replace(CLIP, gain=4, relative=relative))
        assert out.dtype == np.float32 and (out >= low).all() and (out <= high).all()
    assert out[:, :COUNT].max() == 1


def test_a_part_of_a_driving_video_brings_that_parts_sound(samples: Path, tmp_path: Path):
    """At its own speed; at another one the sound would not fit, and there is none."""
    tone = np.full((96_000, 2), 0.1, np.float32)
    with VideoWriter(tmp_path / "me.mp4", (64, 48), Fraction(25), sound=iter([tone])) as video:
        for _ in range(50):
            video.write(np.zeros((48, 64, 3), np.uint8))
    arguments = ["render", "--portrait", str(samples / "hopper.jpg"), "--drive", str(tmp_path / "me.mp4")]
    arguments += ["--drive-part", "0.5-1.5", "-o", "out.mp4"]
    project = cli._driven(cli._parser().parse_args(arguments))
    assert project.audio and project.audio.part == TimeRange(Fraction(1, 2), Fraction(3, 2))
    assert project.audio.duration == 1 and project.drives[0].span.duration == 1
    slow = cli._driven(cli._parser().parse_args([*arguments, "--drive-speed", "0.5"]))
    assert slow.audio is None and slow.drives[0].span.duration == 2
