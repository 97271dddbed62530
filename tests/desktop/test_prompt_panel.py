from fractions import Fraction
from pathlib import Path

import pytest
from performances import project, span
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.actions import Actions
from desktop.document import Document
from desktop.face_preview import FacePreview
from desktop.panels.prompt_panel import PromptPanel
from desktop.panels.prompt_words import PRESETS, new_prompt, offers
from desktop.prompt_reader import PromptReader
from desktop.selection import Selection
from desktop.settings import Settings
from desktop.theme import Palette
from engine import jobs
from engine.events import Finished
from engine.project.edits import with_clip_changed
from engine.project.media_ref import refer_to
from engine.project.project import Portrait


@pytest.fixture
def reader(settings: Settings) -> PromptReader:
    return PromptReader(settings)


@pytest.fixture
def panel(
    qtbot: QtBot, document: Document, selection: Selection, palette: Palette, actions: Actions, reader: PromptReader
) -> PromptPanel:
    made = PromptPanel(document, selection, palette, actions, reader, FacePreview())
    qtbot.addWidget(made)
    document.new(project())
    made.show()
    return made


def steps(document: Document) -> list[str]:
    return [document.undo_stack.text(i) for i in range(document.undo_stack.count())]


def test_with_no_prompt_picked_a_preset_adds_one_at_the_playhead(panel, document: Document, selection: Selection):
    assert not panel._fields.isVisible()
    selection.set_playhead(Fraction(13))
    next(b for b in panel.findChildren(QPushButton) if b.text() == "Happy").click()
    added = document.project.prompts[2]
    assert (added.text, added.span) == ("happy", span(13, 15)) and selection.clip == ("prompts", 2)
    assert panel._fields.isVisible() and steps(document) == ["Add prompt"]


def test_typing_changes_the_words_and_a_flow_of_letters_is_one_step(
    panel, document: Document, selection: Selection, qtbot: QtBot
):
    selection.set_clip(("prompts", 1))
    assert panel.text.toPlainText() == "sad"
    panel.text.selectAll()
    QTest.keyClicks(panel.text, "worried")
    assert document.project.prompts[1].text == "worried" and steps(document) == ["Change prompt"]
    qtbot.waitUntil(lambda: panel.feedback.read == "worried", timeout=20_000)
    assert panel.feedback.bars.bars and "worried" in panel.feedback.words.text()
    QTest.keyClicks(panel.text, "!")
    assert steps(document) == ["Change prompt"] * 2


def test_what_is_not_understood_is_said(panel, document: Document, selection: Selection, qtbot: QtBot):
    selection.set_clip(("prompts", 0))
    panel.text.setPlainText("qwrtzx plmk")
    qtbot.waitUntil(lambda: panel.feedback.read == "qwrtzx plmk", timeout=20_000)
    assert "not understood" in panel.feedback.note.text()


def test_strength_shows_in_the_bars(panel, selection: Selection, qtbot: QtBot):
    selection.set_clip(("prompts", 0))
    qtbot.waitUntil(lambda: panel.feedback.read == "happy", timeout=20_000)
    full = panel.feedback.bars.bars[0][2]
    panel.percent.setValue(50)
    assert panel.feedback.bars.bars[0][2] == pytest.approx(full / 2, abs=0.01)


def test_following_the_voice_is_a_step_of_undo(panel, document: Document, selection: Selection):
    selection.set_clip(("prompts", 0))
    panel.voice.click()
    assert document.project.prompts[0].follows_voice and steps(document) == ["Follow the voice"]
    document.undo_stack.undo()
    assert not panel.voice.isChecked()


def test_the_expression_of_a_picture_shows_until_words_are_used_instead(
    panel, document: Document, selection: Selection, qtbot: QtBot
):
    shown = (("mouthSmileLeft", 0.9), ("mouthSmileRight", 0.9))
    document.edit("x", lambda p: with_clip_changed(p, "prompts", 0, text="like a.jpg", shown=shown))
    selection.set_clip(("prompts", 0))
    qtbot.waitUntil(lambda: panel.feedback.read == "like a.jpg", timeout=20_000)
    assert panel.feedback.bars.bars == [("Mouth smile", "mouthSmileLeft", pytest.approx(0.9))]
    assert panel.text.isReadOnly()
    panel.use_words.click()
    clip = document.project.prompts[0]
    assert clip.shown == () and "smil" in clip.text and not panel.text.isReadOnly()


def test_the_portraits_face_shows_what_is_being_typed(
    qtbot: QtBot, samples: Path, document: Document, selection: Selection, palette: Palette, actions: Actions, reader
):
    preview = FacePreview()
    panel = PromptPanel(document, selection, palette, actions, reader, preview)
    qtbot.addWidget(panel)
    panel.show()
    document.new(project())
    *_, last = jobs.fit_portrait(Portrait(refer_to(samples / "hopper.jpg")))
    assert isinstance(last, Finished)
    preview.set_portrait(last.result)
    selection.set_clip(("prompts", 0))
    qtbot.waitUntil(lambda: panel.feedback.face.image is not None, timeout=30_000)
    happy = panel.feedback.face.image
    panel.text.setPlainText("absolutely furious")
    qtbot.waitUntil(lambda: panel.feedback.face.image != happy, timeout=20_000)
    selection.set_clip(None)
    assert panel.feedback.face.image is None


def test_another_reader_is_remembered_and_reads_anew(panel, reader, settings, selection: Selection, qtbot: QtBot):
    selection.set_clip(("prompts", 0))
    qtbot.waitUntil(lambda: panel.feedback.read == "happy", timeout=20_000)
    with qtbot.waitSignal(panel.failed, timeout=60_000) as refused:
        reader.choose(("ViT-B-32", "gone.safetensors"))
    assert "gone.safetensors" in str(refused.args[0])
    assert PromptReader(settings).choice == ("ViT-B-32", "gone.safetensors")
    reader.choose(None)
    qtbot.waitUntil(lambda: panel.feedback.read == "happy", timeout=20_000)


def test_strength_times_and_fades_are_edited_and_follow_undo(panel, document: Document, selection: Selection):
    selection.set_clip(("prompts", 0))
    panel.strength.setValue(150)
    panel.percent.setValue(180)
    panel.fade_in.setValue(1)
    panel.start.setValue(3)
    panel.length.setValue(4)
    clip = document.project.prompts[0]
    assert (clip.strength, clip.fade_in, clip.span) == (1.8, 1, span(3, 7))
    assert panel.strength.value() == 180
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert document.project == project() and panel.strength.value() == 100


def test_a_prompt_made_longer_into_the_next_one_cross_fades(panel, document: Document, selection: Selection):
    selection.set_clip(("prompts", 0))
    panel.length.setValue(7)
    first, second = document.project.prompts
    assert first.fade_out == second.fade_in == 1


def test_edits_from_elsewhere_show_at_once(panel, document: Document, selection: Selection):
    selection.set_clip(("prompts", 0))
    document.edit("x", lambda p: with_clip_changed(p, "prompts", 0, text="calm", strength=0.5))
    assert panel.text.toPlainText() == "calm" and panel.percent.value() == 50


def test_a_new_prompt_ends_where_the_next_begins_and_takes_the_picked_range():
    made = project()
    assert new_prompt(made, "", Fraction(7), None).span == span(7, 8)
    assert new_prompt(made, "", Fraction(14), span(13, 17)).span == span(13, 17)
    assert new_prompt(made, "", Fraction(1, 1), span(13, 17)).span == span(1, 2)
    tiny = new_prompt(made, "", Fraction(79, 10), None)
    assert tiny.fade_in + tiny.fade_out <= tiny.span.duration


def test_words_offered_are_many_and_presets_are_understood():
    from engine.text.emotion import read_emotion

    assert len(offers()) > 100 and "overjoyed" in offers()
    for text in PRESETS:
        assert read_emotion(text).channels or text == "a faint smile", text
