from fractions import Fraction

import pytest
from performances import project, span
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.actions import Actions
from desktop.document import Document
from desktop.panels.prompt_panel import PromptPanel
from desktop.panels.prompt_words import PRESETS, new_prompt, offers
from desktop.selection import Selection
from desktop.theme import Palette
from engine.project.edits import with_clip_changed


@pytest.fixture
def panel(qtbot: QtBot, document: Document, selection: Selection, palette: Palette, actions: Actions) -> PromptPanel:
    made = PromptPanel(document, selection, palette, actions)
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
    qtbot.waitUntil(lambda: panel._read == "worried", timeout=20_000)
    assert panel.understood.bars and "worried" in panel.words.text()
    QTest.keyClicks(panel.text, "!")
    assert steps(document) == ["Change prompt"] * 2


def test_what_is_not_understood_is_said(panel, document: Document, selection: Selection, qtbot: QtBot):
    selection.set_clip(("prompts", 0))
    panel.text.setPlainText("qwrtzx plmk")
    qtbot.waitUntil(lambda: panel._read == "qwrtzx plmk", timeout=20_000)
    assert panel.note.text() or not panel.understood.bars


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
