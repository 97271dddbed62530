"""A part of a performance made again by the whole engine: what stays is what it was, and what is new meets it."""

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine import jobs
from engine.events import Finished, Heard, Progress
from engine.motion.atom.face_space import SPOKEN
from engine.motion.kept import kept
from engine.project.channels import INDEX, NAMES, in_group
from engine.project.curve_edits import with_lock
from engine.project.edits import with_seed
from engine.project.motion import dense
from engine.project.project import Project
from engine.project.takes import with_take
from engine.project.timing import ALWAYS, TimeRange

MOUTH = [INDEX[name] for name in in_group("mouth", "jaw")]
REST = [i for i in range(len(NAMES)) if i not in MOUTH]
LIPS = [INDEX[name] for name in SPOKEN]
SPAN, FADE = TimeRange(Fraction(4), Fraction(7)), Fraction(1, 5)
Phones = tuple[object, ...]


def generated(
    project: Project, phones: Phones = (), span: TimeRange = ALWAYS, names: Collection[str] = NAMES
) -> tuple[Project, Phones]:
    """The project with this part made again, as the editor does it, and the phones of its speech."""
    for event in jobs.generate_motion(project, phones=phones, span=span, names=names):  # type: ignore[arg-type]
        if isinstance(event, Heard):
            phones = event.phones
        if isinstance(event, Finished):
            return with_take(project, event.result, span, names, FADE), phones
    raise AssertionError("nothing came of it")


@pytest.fixture(scope="module")
def performed(samples: Path) -> tuple[Project, Phones]:
    project = jobs.new_project(samples / "hopper.jpg", samples / "speech.flac")
    assert project.audio
    words = (samples / "speech.txt").read_text(encoding="utf-8")
    return generated(replace(project, audio=replace(project.audio, words=words)))


def test_another_take_meets_a_locked_range_as_it_was(performed: tuple[Project, Phones]):
    project, phones = performed
    before = dense(project.motion)
    other, _ = generated(with_seed(with_lock(project, NAMES, SPAN), 3), phones)
    after = dense(other.motion)
    assert np.array_equal(after[100:176], before[100:176])
    assert not np.allclose(after[:90, LIPS], before[:90, LIPS]) and not np.allclose(
        after[190:, LIPS], before[190:, LIPS]
    )
    speeds = np.linalg.norm(np.diff(after[:, LIPS], axis=0), axis=1)
    assert max(speeds[95:101].max(), speeds[174:181].max()) <= np.percentile(speeds, 99)


def test_a_range_made_again_changes_nothing_beside_it_and_meets_it(performed: tuple[Project, Phones]):
    project, phones = performed
    before = dense(project.motion)
    after = dense(generated(with_seed(project, 5), phones, SPAN)[0].motion)
    assert np.array_equal(after[:100], before[:100]) and np.array_equal(after[175:], before[175:])
    assert not np.allclose(after[110:165, LIPS], before[110:165, LIPS])
    speeds = np.linalg.norm(np.diff(after[:, LIPS], axis=0), axis=1)
    assert max(speeds[97:103].max(), speeds[172:178].max()) <= np.percentile(speeds, 99)


def test_lips_made_again_leave_the_face_and_the_reverse(performed: tuple[Project, Phones]):
    project, phones = performed
    before = dense(project.motion)
    lips = dense(generated(with_seed(project, 5), phones, ALWAYS, in_group("mouth", "jaw"))[0].motion)
    face = dense(generated(with_seed(project, 5), phones, ALWAYS, in_group("brows", "eyes", "gaze", "head"))[0].motion)
    assert np.array_equal(lips[:, REST], before[:, REST]) and not np.array_equal(lips[:, MOUTH], before[:, MOUTH])
    assert np.array_equal(face[:, MOUTH], before[:, MOUTH]) and not np.array_equal(face[:, REST], before[:, REST])


def test_what_stays_is_what_is_locked_or_beside_the_range(performed: tuple[Project, Phones]):
    motion = with_lock(performed[0], ["jawOpen"], SPAN).motion
    assert kept(replace(motion, curves={}, frames=0), motion.rate, 50) is None
    locked = kept(motion, motion.rate, motion.frames + 10)
    assert locked is not None
    frames, channels = np.nonzero(locked.where)
    assert set(channels) == {INDEX["jawOpen"]} and frames.min() == 100 and 175 <= frames.max() <= 176
    assert not locked.holds(SPOKEN).any()
    beside = kept(motion, motion.rate, motion.frames + 10, SPAN, ["mouthClose"])
    assert beside is not None
    free = ~beside.where
    assert np.flatnonzero(free[: motion.frames].any(axis=0)).tolist() == [INDEX["mouthClose"]]
    assert np.flatnonzero(free[:, INDEX["mouthClose"]])[[0, -1]].tolist() == [100, motion.frames + 9]
    twice = kept(motion, Fraction(50), 2 * motion.frames)
    assert twice is not None
    assert np.allclose(twice.values[200:340:2][:, LIPS], locked.values[100:170][:, LIPS], atol=1e-5)


def test_drawing_tells_how_far_it_is_and_stops_between_windows(performed: tuple[Project, Phones]):
    project, phones = performed
    job = jobs.generate_motion(project, phones=phones)  # type: ignore[arg-type]
    done = []
    for event in job:
        if isinstance(event, Progress) and event.text == "Performing" and event.total > 1:
            done.append((event.done, event.total))
            if len(done) == 2:
                break
    job.close()
    assert 0 < done[0][0] < done[1][0] < done[1][1]
    whole = [event for event in jobs.generate_motion(project, phones=phones) if isinstance(event, Progress)]  # type: ignore[arg-type]
    assert whole[-1].done == whole[-1].total == done[1][1]
