from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from project_strategies import clips, durations, hashes, media, projects, spans, times

from engine.errors import InputError
from engine.project import edits
from engine.project.media_ref import MediaRef
from engine.project.project import AudioClip, DriveClip, Marker, Portrait, Project, PromptClip
from engine.project.timing import ALWAYS, TimeRange

TRACKS = sorted(edits.TRACKS)


def a_clip(project: Project, data: st.DataObject) -> tuple[str, int]:
    """Track and index of some clip of the project."""
    found = [(track, i) for track in TRACKS for i in range(len(getattr(project, track)))]
    assume(found)
    return data.draw(st.sampled_from(found))


@given(projects, clips)
def test_adding_a_clip_and_removing_it_is_nothing(project, clip):
    track = next(name for name, kind in edits.TRACKS.items() if isinstance(clip, kind))
    added = edits.with_clip(project, clip)
    assert getattr(added, track)[-1] == clip
    assert edits.without_clip(added, track, len(getattr(project, track))) == project


@given(projects, st.data(), times)
def test_moving_a_clip_there_and_back_is_nothing(project, data, start):
    track, index = a_clip(project, data)
    before = edits.clip_at(project, track, index)
    moved = edits.with_clip_moved(project, track, index, start)
    assert edits.clip_at(moved, track, index).span.start == start
    assert edits.clip_at(moved, track, index).span.duration == before.span.duration
    assert edits.with_clip_moved(moved, track, index, before.span.start) == project


@given(projects, st.data(), spans())
def test_resizing_keeps_the_media_in_its_place(project, data, span):
    track, index = a_clip(project, data)
    before = edits.clip_at(project, track, index)
    offset = getattr(before, "offset", 0)
    assume(offset + (span.start - before.span.start) * getattr(before, "speed", 1) >= 0)
    resized = edits.with_clip_resized(project, track, index, span)
    after = edits.clip_at(resized, track, index)
    assert after.span == span
    speed = getattr(before, "speed", 1)
    moved = (after.span.start - before.span.start) * speed
    assert track == "prompts" or after.offset - offset == moved
    assert edits.with_clip_resized(resized, track, index, before.span) == project


@given(projects, media, durations, spans())
def test_setting_one_part_back_gives_the_old_project(project, ref, seconds, span):
    changed = edits.with_portrait(project, Portrait(ref))
    changed = edits.with_audio(changed, AudioClip(ref, seconds))
    changed = edits.with_in_out(edits.with_seed(changed, 7), span)
    changed = edits.with_settings(changed, size=640)
    assert (changed.seed, changed.in_out, changed.settings.size) == (7, span, 640)
    back = edits.with_audio(edits.with_portrait(changed, project.portrait), project.audio)
    back = edits.with_in_out(edits.with_seed(back, project.seed), project.in_out)
    assert edits.with_settings(back, size=project.settings.size) == project


@given(st.lists(times, unique=True, max_size=6), times)
def test_markers_are_in_order_and_one_a_time(found, extra):
    project = Project()
    for time in found:
        project = edits.with_marker(project, Marker(time, "old"))
    project = edits.with_marker(project, Marker(extra, "new"))
    assert [marker.time for marker in project.markers] == sorted({*found, extra})
    assert [marker.text for marker in project.markers if marker.time == extra] == ["new"]
    left = edits.without_marker(project, extra)
    assert [marker.time for marker in left.markers] == sorted(set(found) - {extra})


@given(projects)
def test_media_can_be_found_again_elsewhere(project):
    moved = edits.with_media(project, lambda ref: replace(ref, path="/elsewhere/" + ref.name))
    assert moved == project  # the same bytes
    assert all(ref.path.startswith("/elsewhere/") for ref in moved.media)
    embedded = edits.with_media(project, lambda ref: replace(ref, embedded=True))
    assert all(ref.embedded for ref in embedded.media)
    assert edits.with_media(embedded, lambda ref: replace(ref, embedded=False)) == project


def test_the_duration_is_that_of_the_trimmed_speech():
    ref = MediaRef("/a.wav", "0" * 64)
    clip = AudioClip(ref, Fraction(10), TimeRange(Fraction(2), Fraction(5)))
    assert edits.with_audio(Project(), clip).duration == 3
    assert edits.with_audio(Project(), replace(clip, part=ALWAYS)).duration == 10


@given(hashes)
def test_impossible_values_are_refused_by_the_model(sha256):
    ref = MediaRef("/a.wav", sha256)
    wrong = {
        "strength 3": lambda: PromptClip("glad", strength=3),
        "strength nan": lambda: PromptClip("glad", strength=float("nan")),
        "'nose'": lambda: DriveClip(ref, groups=("nose",)),
        "offset -1": lambda: DriveClip(ref, offset=Fraction(-1)),
        "face -1": lambda: Portrait(ref, -1),
        "part from 2 s": lambda: AudioClip(ref, Fraction(1), TimeRange(Fraction(2), Fraction(3))),
        "size 9": lambda: edits.with_settings(Project(), size=9),
        "frame rate": lambda: edits.with_settings(Project(), rate=0),
        "seed -1": lambda: edits.with_seed(Project(), -1),
        "SHA-256 'abc'": lambda: MediaRef("/a.wav", "abc"),
        "no clip 0": lambda: edits.without_clip(Project(), "prompts", 0),
        "no track 'songs'": lambda: edits.without_clip(Project(), "songs", 0),
    }
    for message, attempt in wrong.items():
        with pytest.raises(InputError, match=message):
            attempt()
