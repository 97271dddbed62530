"""Generating through the queue, with a stand-in for the engine's generator where only the wiring matters."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from desktop.actions import Actions
from desktop.background import Background
from desktop.document import Document
from desktop.motion_commands import MotionCommands
from desktop.panels.takes import Takes
from desktop.panels.takes_panel import TakesPanel
from desktop.phone_track import PhoneTrack
from desktop.render_thread import Events, RenderThread
from engine import jobs
from engine.events import Finished, Heard, Progress
from engine.motion.phones import SILENCE, Phone
from engine.project.channels import CHANNELS, INDEX, NAMES
from engine.project.curve import Keyframe
from engine.project.curve_edits import with_lock
from engine.project.edits import with_audio
from engine.project.key_edits import with_key
from engine.project.motion import Motion, dense
from engine.project.project import Project
from engine.project.timing import ALWAYS, TimeRange

FRAMES = 75


def performance(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    low, high = np.array([[channel.low, channel.high] for channel in CHANNELS]).T
    return (low + (high - low) * rng.uniform(0.3, 0.7, (FRAMES, len(CHANNELS)))).astype(np.float32)


def generator(
    project: Project,
    _stage: jobs.Stage,
    _read: jobs.Reader | None = None,
    phones: Sequence[Phone] = (),
    _span: TimeRange = ALWAYS,
    _names: Collection[str] = NAMES,
) -> Events:
    """As the engine's: a performance that depends on the seed alone."""
    yield Progress(0, 1, "Listening to the speech")
    yield Heard(0, 1, "Performing", tuple(phones or (Phone(0.0, 3.0, f"seed {project.seed}"),)))
    yield Finished(Motion.from_dense(performance(project.seed), project.settings.rate))


@pytest.fixture
def commands(document: Document, actions: Actions, thread: RenderThread, samples: Path, monkeypatch) -> MotionCommands:
    monkeypatch.setattr(jobs, "generate_motion", generator)
    document.new(jobs.new_project(samples / "hopper.jpg", samples / "speech.flac"))
    return MotionCommands(document, actions, thread)


def finish(thread: RenderThread, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not thread.jobs, timeout=5000)


def test_generating_is_one_step_and_keeps_keys_made_before_or_meanwhile(
    commands, document: Document, actions, thread, qtbot
):
    document.edit("Add keyframe", lambda p: with_key(p, "jawOpen", Keyframe(Fraction(1), 0.9)))
    actions.run("generate")
    document.edit("Add keyframe", lambda p: with_key(p, "jawOpen", Keyframe(Fraction(2), 0.1)))
    qtbot.waitUntil(lambda: not thread.jobs, timeout=5000)
    jaw = document.project.motion["jawOpen"]
    assert np.array_equal(jaw.generated, performance(0)[:, INDEX["jawOpen"]])
    assert [key.time for layer in jaw.layers for key in layer.keys] == [1, 2]
    assert document.undo_stack.undoText() == "Generate motion"
    document.undo_stack.undo()
    assert document.project.motion.frames == 0


def test_a_new_take_leaves_locked_channels_bit_for_bit(commands, document: Document, thread, qtbot):
    commands.regenerate()
    finish(thread, qtbot)
    document.edit("Lock", lambda p: with_lock(p, ["browInnerUp"]))
    commands.new_take()
    finish(thread, qtbot)
    brow = INDEX["browInnerUp"]
    values = dense(document.project.motion)
    assert document.project.seed == 1
    assert np.array_equal(values[:, brow], performance(0)[:, brow])
    others = [i for i in range(len(CHANNELS)) if i != brow]
    assert np.array_equal(values[:, others], performance(1)[:, others])


def test_a_new_take_of_a_range_changes_that_range_alone(commands, document, thread, qtbot):
    commands.regenerate()
    finish(thread, qtbot)
    before = dense(document.project.motion)
    span, names = TimeRange(Fraction(1), Fraction(2)), ("jawOpen", "headYaw")
    commands.new_take(span, names)
    finish(thread, qtbot)
    changed = dense(document.project.motion) != before
    frames, channels = np.nonzero(changed)
    assert set(channels) == {INDEX["jawOpen"], INDEX["headYaw"]}
    assert frames.min() >= 25 and frames.max() < 50
    first = dense(document.project.motion)
    commands.new_take(span, names)
    finish(thread, qtbot)
    assert (dense(document.project.motion) != first).any(), "again is another performance"
    assert document.project.seed == 0, "the whole is still the performance of its own seed"
    commands.regenerate(span, names)
    finish(thread, qtbot)
    inside = dense(document.project.motion)[30:45]
    assert np.array_equal(inside, before[30:45]), "regenerating comes back to the project's own seed"


def test_what_cannot_be_generated_says_why_and_starts_nothing(commands, document, actions, thread, qtbot):
    told = []
    commands.failed.connect(lambda error: told.append(str(error)))
    commands.notice.connect(told.append)
    actions.run("generate")
    finish(thread, qtbot)
    commands.regenerate()
    finish(thread, qtbot)
    document.new()
    actions.run("generate")
    assert "New take" in told[0] and "portrait" in told[1] and not thread.jobs


def test_a_recording_without_a_voice_is_told_of(commands, thread, qtbot, monkeypatch):
    def hushed(*_: object) -> Events:
        yield Heard(0, 1, "Performing", (Phone(0.0, 3.0, SILENCE),), voiceless=True)
        yield Finished(Motion.from_dense(performance(0), Fraction(25)))

    monkeypatch.setattr(jobs, "generate_motion", hushed)
    told: list[str] = []
    commands.notice.connect(told.append)
    commands.regenerate()
    finish(thread, qtbot)
    assert len(told) == 1 and "No voice" in told[0]


def test_a_result_for_a_project_that_has_been_closed_is_dropped(commands, document, actions, thread, qtbot):
    actions.run("generate")
    document.new()
    finish(thread, qtbot)
    assert document.project == Project()


def test_takes_are_compared_by_clicking(commands, document, palette, actions, thread, qtbot):
    panel = TakesPanel(document, palette, actions, Takes(document))
    qtbot.addWidget(panel)
    panel.resize(280, 300)
    panel.show()
    for generate in (commands.regenerate, commands.new_take, commands.new_take):
        generate()
        finish(thread, qtbot)
    used = [row.isChecked() for row in panel.rows.values()]
    assert used == [False, False, True]
    next(iter(panel.rows.values())).click()
    assert np.array_equal(dense(document.project.motion), performance(0))
    assert [row.isChecked() for row in panel.rows.values()] == [True, False, False]
    document.undo_stack.undo()
    assert [row.isChecked() for row in panel.rows.values()] == [False, False, True]
    document.new()
    assert not panel.rows


def test_what_is_heard_while_generating_is_known_until_the_speech_is_another(
    commands, document, actions, thread, qtbot
):
    track = PhoneTrack(document, actions, Background(thread))
    listening = MotionCommands(document, actions, thread, phones=track)
    listening.regenerate()
    finish(thread, qtbot)
    assert [phone.label for phone in track.phones] == ["seed 0"]
    listening.new_take()
    finish(thread, qtbot)
    assert document.project.seed == 1
    assert [phone.label for phone in track.phones] == ["seed 0"], "it was not listened to again"
    document.edit("Words", lambda p: with_audio(p, replace(p.audio, words="other words")))
    assert track.phones == ()
    listening.regenerate()
    finish(thread, qtbot)
    assert [phone.label for phone in track.phones] == ["seed 1"]
