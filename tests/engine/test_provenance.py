"""A video made with Portrayal says so, for people and for programs, and says what it was made from."""

import json
from fractions import Fraction

import pytest
from media_making import grey, write_film

from engine.errors import MediaError
from engine.export.provenance import provenance_tags, read_provenance
from engine.media.container import open_media
from engine.media.video_writer import VideoWriter
from engine.project.media_ref import refer_to
from engine.project.project import AudioClip, DriveClip, Portrait, Project, PromptClip


@pytest.fixture
def project(samples) -> Project:
    return Project(
        portrait=Portrait(refer_to(samples / "hopper.jpg")),
        audio=AudioClip(refer_to(samples / "speech.flac"), Fraction(6)),
        drives=(DriveClip(refer_to(samples / "astronaut.jpg")),),
        prompts=(PromptClip("fröhlich, dann\nüberrascht 😀"), PromptClip('"quoted" {braces}')),
        seed=2**63 - 1,
    )


def test_what_a_video_is_made_from_is_read_back_from_it(tmp_path, project, samples):
    with VideoWriter(tmp_path / "a.mp4", (64, 64), Fraction(25), metadata=provenance_tags(project, "1.2.3")) as video:
        video.write(grey(20))
    told = read_provenance(tmp_path / "a.mp4")
    assert told is not None
    assert told["portrayal"] == "1.2.3"
    assert told["portrait"] == {"name": "hopper.jpg", "sha256": project.portrait.media.sha256}
    assert told["audio"] == {"name": "speech.flac", "sha256": project.audio.media.sha256}
    assert [drive["name"] for drive in told["drives"]] == ["astronaut.jpg"]
    assert told["prompts"] == [clip.text for clip in project.prompts]
    assert told["seed"] == project.seed
    assert str(samples) not in json.dumps(told)


def test_people_are_told_in_the_first_line(tmp_path, project):
    with VideoWriter(tmp_path / "a.mp4", (64, 64), Fraction(25), metadata=provenance_tags(project, "1.2.3")) as video:
        video.write(grey(20))
    with open_media(tmp_path / "a.mp4") as container:
        assert "Synthetic" in container.metadata["title"]
        first = container.metadata["comment"].splitlines()[0]
    assert "Synthetic" in first and "Portrayal" in first and "{" not in first


def test_an_empty_project_can_tell_too(tmp_path):
    tags = provenance_tags(Project(), "1.2.3")
    film = write_film(tmp_path / "a.mp4", [(0, grey(20))], Fraction(1, 25), tags=tags)
    assert read_provenance(film)["portrait"] is None


@pytest.mark.parametrize("comment", ["", "made by hand", "a\nb", "a\n[1]", 'a\n{"other": 1}'])
def test_other_videos_have_no_provenance(tmp_path, comment):
    film = write_film(tmp_path / "a.mp4", [(0, grey(20))], Fraction(1, 25), tags={"comment": comment})
    assert read_provenance(film) is None


def test_what_is_no_video_is_refused_by_name(tmp_path):
    with pytest.raises(MediaError, match=r"gone\.mp4"):
        read_provenance(tmp_path / "gone.mp4")
