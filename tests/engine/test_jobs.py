"""Jobs on the samples: the main job end to end, parts of a project, cancelling, and what is kept between runs."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine import jobs
from engine.errors import MediaError
from engine.events import Event, Finished, FrameReady, Progress
from engine.face.landmarks import eye_distance
from engine.media.audio import read_mono
from engine.media.video import probe
from engine.project.channels import CHANNELS, INDEX
from engine.project.edits import with_clip, with_in_out, with_settings
from engine.project.media_ref import refer_to
from engine.project.motion import Motion, dense
from engine.project.project import DriveClip, Project
from engine.project.timing import DEFAULT_RATE, TimeRange


def finish(job: jobs.Job) -> object:
    """The result of a job run to its end."""
    events: list[Event] = list(job)
    assert isinstance(events[-1], Finished)
    assert all(event.done <= event.total for event in events if isinstance(event, Progress))
    return events[-1].result


@pytest.fixture
def spoken(samples: Path) -> Project:
    """The samples, small, with 10 s of a jaw that opens and shuts."""
    values = np.tile(np.array([channel.neutral for channel in CHANNELS], np.float32), (250, 1))
    values[:, INDEX["jawOpen"]] = 0.2 * np.abs(np.sin(np.arange(250) / 4))
    project = jobs.new_project(samples / "hopper.jpg", samples / "speech.flac")
    return replace(with_settings(project, size=160), motion=Motion.from_dense(values, DEFAULT_RATE))


def test_a_portrait_plainly_speaks_what_is_heard(samples: Path, tmp_path: Path):
    """The main job, seen through the tracker: lips open with the voice and are still before it begins."""
    project = with_settings(jobs.new_project(samples / "hopper.jpg", samples / "speech.flac"), size=384)
    assert project.audio
    project = replace(project, audio=replace(project.audio, part=TimeRange(Fraction(0), Fraction(4))))
    project = replace(project, motion=finish(jobs.generate_motion(project)))
    video = tmp_path / "talking.mp4"
    assert finish(jobs.export_video(project, video)) == video
    info = probe(video)
    assert (info.frames, info.seconds, info.has_audio) == (100, 4, True)

    track = finish(jobs.track_media(video))
    opening = np.array([np.linalg.norm((face[13] - face[14])[:2]) / eye_distance(face) for face in track.landmarks])
    mono = read_mono(video, 16_000)[: 100 * 640].reshape(100, 640)
    loud = np.log(np.sqrt((mono**2).mean(axis=1)) + 1e-3)
    assert opening.max() > 0.08, "the mouth opens"
    assert opening[:4].max() < 0.03, "and is shut before the first word"
    assert np.corrcoef(opening, loud)[0, 1] > 0.3, "with the voice"


def test_the_same_project_gives_the_same_motion_and_another_seed_another(samples: Path):
    project = jobs.new_project(samples / "astronaut.jpg", samples / "speech.flac")
    first, again = (finish(jobs.generate_motion(project)) for _ in range(2))
    other = finish(jobs.generate_motion(replace(project, seed=1)))
    assert first == again
    assert first != other


def test_lips_come_from_speech_and_the_head_from_a_video(spoken: Project, samples: Path, tmp_path: Path):
    """A video of the head turning, made here, drives the head of another portrait that speaks with its own voice."""
    values = dense(spoken.motion)[:50]
    values[:, INDEX["headYaw"]] = 12 * np.sin(np.arange(50) / 6)
    turning = replace(spoken, audio=None, motion=Motion.from_dense(values, DEFAULT_RATE))
    finish(jobs.export_video(turning, tmp_path / "turning.mp4"))
    project = jobs.new_project(samples / "astronaut.jpg", samples / "speech.flac")
    assert project.audio
    project = replace(project, audio=replace(project.audio, part=TimeRange(Fraction(0), Fraction(2))))
    spoken_alone = dense(finish(jobs.generate_motion(project)))
    clip = DriveClip(refer_to(tmp_path / "turning.mp4"), groups=("head",))
    mixed = dense(finish(jobs.generate_motion(with_clip(project, clip))))
    assert np.corrcoef(mixed[:, INDEX["headYaw"]], values[:, INDEX["headYaw"]])[0, 1] > 0.95
    others = [index for index, channel in enumerate(CHANNELS) if channel.group != "head"]
    assert (mixed[:, others] == spoken_alone[:, others]).all()


def test_only_what_lies_between_in_and_out_is_exported_with_its_own_sound(spoken: Project, tmp_path: Path):
    part = with_in_out(spoken, TimeRange(Fraction(2), Fraction(3)))
    finish(jobs.export_video(part, tmp_path / "part.mp4"))
    assert probe(tmp_path / "part.mp4").frames == 25
    assert spoken.audio
    heard = read_mono(tmp_path / "part.mp4", 16_000)[1000:15000]
    meant = read_mono(Path(spoken.audio.media.path), 16_000)[2 * 16_000 + 1000 : 2 * 16_000 + 15000]
    assert np.corrcoef(heard, meant)[0, 1] > 0.9


def test_a_cancelled_export_leaves_nothing_behind(spoken: Project, tmp_path: Path):
    job = jobs.export_video(spoken, tmp_path / "gone.mp4")
    for event in job:
        if isinstance(event, FrameReady) and event.index == 3:
            break
    assert list(tmp_path.iterdir()), "it was being written"
    job.close()
    assert not list(tmp_path.iterdir())


def test_a_stage_sets_a_portrait_up_once(spoken: Project):
    stage = jobs.Stage()

    def names(project: Project) -> set[str]:
        events = jobs.render_clip(project, range(1), stage)
        return {event.text for event in events if isinstance(event, Progress)}

    assert names(spoken) == {"Reading the portrait", "Setting up the portrait", "Rendering"}
    assert names(spoken) == {"Rendering"}
    assert "Setting up the portrait" in names(with_settings(spoken, size=128))


def test_a_portrait_that_changed_on_disk_is_named(spoken: Project, tmp_path: Path, samples: Path):
    picture = tmp_path / "me.jpg"
    picture.write_bytes((samples / "hopper.jpg").read_bytes())
    project = replace(spoken, portrait=jobs.new_project(picture).portrait)
    picture.write_bytes((samples / "astronaut.jpg").read_bytes())
    with pytest.raises(MediaError, match=r"me\.jpg"):
        list(jobs.render_clip(project, range(1)))
