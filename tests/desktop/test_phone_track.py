from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.actions import Actions
from desktop.background import Background
from desktop.document import Document
from desktop.phone_track import PhoneTrack
from engine.media.audio import sound_seconds
from engine.project.edits import with_audio
from engine.project.media_ref import refer_to
from engine.project.project import AudioClip, Project


@pytest.fixture
def track(document: Document, actions: Actions):
    background = Background()
    yield PhoneTrack(document, actions, background)
    background.close()


@pytest.fixture
def speech(samples: Path) -> AudioClip:
    path = samples / "speech.flac"
    return AudioClip(refer_to(path), sound_seconds(path), words=(samples / "speech.txt").read_text(encoding="utf-8"))


def test_the_sounds_of_real_speech_are_found_on_request(qtbot: QtBot, document, actions: Actions, track, speech):
    document.new(Project(audio=speech))
    assert track.phones == ()
    with qtbot.waitSignal(track.changed, timeout=60_000):
        actions.run("find_sounds")
    assert len(track.phones) > 60
    assert [phone.label for phone in track.phones if phone.label != "SIL"][:2] == ["DH", "IY"]  # "The ..."
    assert track.phones[-1].end == pytest.approx(float(speech.seconds), abs=0.1)


def test_louder_speech_has_the_same_sounds_other_words_may_not(qtbot: QtBot, document, actions: Actions, track, speech):
    document.new(Project(audio=speech))
    with qtbot.waitSignal(track.changed, timeout=60_000):
        actions.run("find_sounds")
    document.edit("Louder", lambda p: with_audio(p, replace(speech, gain=2.0)))
    assert track.phones
    document.edit("Words", lambda p: with_audio(p, replace(speech, words="something else")))
    assert track.phones == ()


def test_without_speech_it_says_what_to_do(qtbot: QtBot, document: Document, actions: Actions, track):
    with qtbot.waitSignal(track.failed) as said:
        actions.run("find_sounds")
    assert "import or record" in str(said.args[0])
