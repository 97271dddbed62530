"""Swap clips on the timeline: what shows, what is left alone, what is heard, and that order does not matter."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine import jobs, swap_jobs
from engine.events import Finished, FrameReady
from engine.export.layers import canvas, fitted_into, whole_video
from engine.export.rights import needing_word
from engine.export.sound import project_sound
from engine.face.tracks import FaceTracks
from engine.media.audio import read_audio, read_mono
from engine.media.frame_reader import FrameReader
from engine.media.image import read_image, resized, write_image
from engine.media.video import probe, read_frames
from engine.media.video_writer import VideoWriter
from engine.project.channels import CHANNELS, INDEX
from engine.project.curve import Keyframe
from engine.project.edits import with_audio, with_clip, with_settings
from engine.project.media_ref import refer_to
from engine.project.motion import Motion
from engine.project.project import AudioClip, Project, SwapClip
from engine.project.timing import DEFAULT_RATE, TimeRange

FRAMES = 30


@pytest.fixture(scope="module")
def film(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portrait that sways in a wide picture, with a tone."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    rgb = resized(read_image(samples / "hopper.jpg"), 240).rgb
    tone = 0.2 * np.sin(np.arange(48_000 * FRAMES // 25) / 20)[:, None].repeat(2, 1).astype(np.float32)
    with VideoWriter(path, (400, 240), DEFAULT_RATE, sound=iter([tone])) as video:
        for k in range(FRAMES):
            wide = np.full((240, 400, 3), 90, np.uint8)
            left = 90 + round(8 * np.sin(k / 5))
            wide[: rgb.shape[0], left : left + rgb.shape[1]] = rgb
            video.write(wide)
    return path


@pytest.fixture(scope="module")
def known(film: Path) -> dict[str, FaceTracks]:
    """Its faces, followed once for all."""
    stage = jobs.Stage()
    list(swap_jobs.follow_faces(SwapClip(refer_to(film)), stage))
    return stage.faces


def stage_of(known: dict[str, FaceTracks]) -> jobs.Stage:
    stage = jobs.Stage()
    stage.faces = dict(known)
    return stage


@pytest.fixture
def performed(samples: Path) -> Project:
    """A portrait, 240 px, whose jaw opens and shuts for 1.2 s."""
    values = np.tile(np.array([channel.neutral for channel in CHANNELS], np.float32), (FRAMES, 1))
    values[:, INDEX["jawOpen"]] = 0.3 * (np.arange(FRAMES) % 10 > 4)
    project = with_settings(jobs.new_project(samples / "astronaut.jpg"), size=240, renderer="warp")
    return replace(project, motion=Motion.from_dense(values, DEFAULT_RATE))


def shown(project: Project, frames: range, stage: jobs.Stage | None = None) -> dict[int, np.ndarray]:
    return {e.index: e.image for e in jobs.render_clip(project, frames, stage) if isinstance(e, FrameReady)}


def test_a_video_shows_with_the_face_in_it_where_and_as_the_clip_says(
    film: Path, performed: Project, known: dict[str, FaceTracks]
) -> None:
    step = {"on": (Keyframe(Fraction(0), 1.0, "step"), Keyframe(Fraction(16, 25), 0.0, "step"))}
    clip = SwapClip(refer_to(film), TimeRange(Fraction(8, 25), Fraction(28, 25)), offset=Fraction(4, 25), keys=step)
    project, stage = with_clip(performed, clip), stage_of(known)
    pictures = shown(project, range(FRAMES), stage)
    bare, before = shown(performed, range(FRAMES)), list(read_frames(film))
    for k in (0, 7, 28, 29):
        assert np.array_equal(pictures[k], bare[k]), "outside the clip it is the performance"
    for k in range(8, 28):
        plain = fitted_into(before[k - 8 + 4], bare[0].shape[:2])
        share = (pictures[k] != plain).any(-1).mean()
        assert 0.005 < share < 0.2 if k < 24 else share == 0, f"frame {k}: {share:.1%} differ; only the face, while on"
    alone = shown(project, range(20, 21), stage_of(known))[20]
    assert np.abs(alone.astype(int) - pictures[20]).max() <= 2, "a frame does not depend on how it was come by"
    half = with_clip(performed, replace(clip, keys={}, strength=0.5))
    whole = with_clip(performed, replace(clip, keys={}))
    difference = [
        np.abs(shown(one, range(12, 13), stage)[12].astype(int) - fitted_into(before[8], bare[0].shape[:2])).sum()
        for one in (half, whole)
    ]
    assert difference[0] == pytest.approx(difference[1] / 2, rel=0.1)


def test_a_draft_does_not_wait_for_faces_to_be_followed(film: Path, performed: Project) -> None:
    clip = SwapClip(refer_to(film), TimeRange(Fraction(0), Fraction(1)))
    stage = jobs.Stage()
    stage.draft = True
    plain = shown(with_clip(performed, clip), range(3, 4), stage)[3]
    assert np.array_equal(plain, fitted_into(next(iter(read_frames(film))), plain.shape[:2])) or (plain > 0).any()
    assert stage.faces == {}
    list(swap_jobs.follow_faces(clip, stage))
    assert (shown(with_clip(performed, clip), range(3, 4), stage)[3] != plain).any()


def test_another_face_can_perform(samples: Path, performed: Project, tmp_path: Path) -> None:
    """A picture on the swap track: its face is put onto the performance, which goes on as it did."""
    write_image(tmp_path / "someone.png", read_image(samples / "hopper.jpg").rgb)
    clip = SwapClip(refer_to(tmp_path / "someone.png"), TimeRange(Fraction(0), Fraction(1)))
    project = with_clip(performed, clip)
    list(jobs.export_video(project, tmp_path / "out.mp4"))
    track = next(e.result for e in jobs.track_media(tmp_path / "out.mp4") if isinstance(e, Finished))
    wanted = np.arange(25) % 10 > 4
    assert np.corrcoef(track.values[:25, INDEX["jawOpen"]], wanted)[0, 1] > 0.8
    swapped, bare = (shown(one, range(1))[0].astype(int) for one in (project, performed))
    changed = np.abs(swapped - bare).sum(-1) > 0
    assert 0.02 < changed.mean() < 0.4 and np.abs(swapped - bare)[changed].mean() > 8
    assert [media.name for media in needing_word(project)] == ["someone.png"], "astronaut is a sample"


def test_what_is_heard_is_the_speech_and_the_videos_sound(film: Path, samples: Path, performed: Project) -> None:
    clip = SwapClip(refer_to(film), TimeRange(Fraction(1, 2), Fraction(1)), offset=Fraction(1, 5), gain=0.5)
    assert project_sound(performed, 48_000) is None
    project = with_clip(performed, clip)
    blocks = project_sound(project, 48_000)
    assert blocks
    alone = np.concatenate(list(blocks))
    theirs = read_audio(film).samples
    assert np.abs(alone[:24_000]).max() == 0
    assert np.allclose(alone[24_000:48_000, 0], 0.5 * theirs[9_600:33_600, 0], atol=1e-4)
    assert np.abs(alone[48_000:]).max(initial=0) == 0
    speech = AudioClip(refer_to(samples / "speech.flac"), Fraction(2))
    spoken = project_sound(with_audio(performed, speech), 48_000)
    both = project_sound(with_audio(project, speech), 48_000)
    assert spoken and both
    one, other = np.concatenate(list(spoken)), np.concatenate(list(both))
    length = min(len(one), len(other), len(alone))
    assert np.allclose(other[:length], one[:length] + alone[:length], atol=1e-5)


def test_a_project_that_only_swaps_is_as_large_as_its_video_and_keeps_its_sound(
    film: Path, samples: Path, tmp_path: Path, known: dict[str, FaceTracks]
) -> None:
    project = with_settings(jobs.new_project(samples / "astronaut.jpg"), renderer="warp")
    project = with_clip(project, SwapClip(refer_to(film), TimeRange(Fraction(0), probe(film).seconds)))
    assert project.duration == Fraction(FRAMES, 25)
    assert canvas(project, (512, 512)) == (240, 400) and whole_video(project)
    list(jobs.export_video(project, tmp_path / "out.mp4", stage_of(known)))
    assert probe(tmp_path / "out.mp4").size == (400, 240)
    assert np.array_equal(read_mono(tmp_path / "out.mp4", 16_000), read_mono(film, 16_000))
    part = replace(project, in_out=TimeRange(Fraction(1, 5), Fraction(3, 5)))
    list(jobs.export_video(part, tmp_path / "part.mp4", stage_of(known)))
    told = probe(tmp_path / "part.mp4")
    assert (told.size, told.frames, told.has_audio) == ((400, 240), 10, True)


def test_pictures_are_read_in_any_order(film: Path) -> None:
    expected = list(read_frames(film))
    reader = FrameReader(film)
    for index in (29, 0, 13, 14, 2, 28, 400, 7):
        assert np.array_equal(reader.frame(index), expected[min(index, FRAMES - 1)])
    reader.close()


def test_the_diffusion_renderer_draws_the_face_once_it_has_weights(
    film: Path, performed: Project, tmp_path: Path, known: dict[str, FaceTracks]
) -> None:
    """With a tiny network that changes all it is given; the draft is the warp's all the same."""
    from engine.render.checkpoints import describe
    from tests.tiny_denoiser import write_weights

    weights = describe(str(write_weights(tmp_path / "tiny.safetensors", loud=True)))
    clip = SwapClip(refer_to(film), TimeRange(Fraction(0), Fraction(1)))
    drawn = with_settings(with_clip(performed, clip), renderer="tgdm", denoiser=weights)
    warped = with_settings(drawn, renderer="warp", denoiser=None)
    final, stage = stage_of(known), stage_of(known)
    other, one = shown(warped, range(2), stage), shown(drawn, range(2), final)
    changed = [(a != b).any(-1).mean() for a, b in zip(one.values(), other.values(), strict=True)]
    assert all(0.002 < share < 0.2 for share in changed), "another face, and nothing but the face"
    stage.draft = True
    assert np.array_equal(shown(drawn, range(2), stage)[1], other[1])
