"""The table of actions and what is built from it."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMainWindow, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.actions import MENUS, ROWS, Actions, clashes, keys_of
from desktop.settings import Settings
from desktop.theme import Palette, icon


def test_rows_are_sorted_by_menu_and_sections_do_not_come_back():
    places = [(MENUS.index(row.menu), row.section) for row in ROWS]
    assert places == sorted(places)
    assert len({row.id for row in ROWS}) == len(ROWS)


def test_no_two_actions_share_a_key_and_every_key_is_known_to_qt():
    assert clashes([(row.id, row.shortcut) for row in ROWS]) == {}
    for row in ROWS:
        assert len(keys_of(row.shortcut)) == len([part for part in row.shortcut.split("; ") if part]), row


def test_texts_are_sentence_case_and_tips_say_something_more(palette: Palette):
    for row in ROWS:
        assert row.text[0].isupper() and row.tip[0].isupper() and not row.tip.endswith("."), row
        assert row.tip != row.text
        assert not re.search(r"[a-z] (?!Portrayal)[A-Z]\w", row.text), f"{row.text}: only its first word has a capital"
        if row.icon:
            assert not icon(row.icon, palette).isNull()


def test_an_action_is_disabled_until_connected_and_its_tooltip_names_the_shortcut(actions: Actions):
    assert not actions["export"].isEnabled()
    done: list[str] = []
    actions.connect("export", lambda: done.append("export"))
    actions["export"].trigger()
    assert done == ["export"]
    assert actions["export"].toolTip().endswith("(Ctrl+E)")


def test_a_key_press_in_the_window_runs_the_action_but_not_while_text_is_typed(
    qtbot: QtBot, settings: Settings, palette: Palette
):
    window = QMainWindow()
    qtbot.addWidget(window)
    actions = Actions(settings, palette, window)
    field = QLineEdit()
    window.setCentralWidget(field)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    played: list[int] = []
    actions.connect("play_pause", lambda: played.append(1))
    window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert played == [1]
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Space)
    assert played == [1] and field.text() == " "


def test_delete_means_the_panel_used_last(qtbot: QtBot, settings: Settings, palette: Palette):
    window = QMainWindow()
    qtbot.addWidget(window)
    actions = Actions(settings, palette, window)
    whole, column = QWidget(), QVBoxLayout()
    whole.setLayout(column)
    left, right, elsewhere = QWidget(), QWidget(), QLineEdit()
    inner = QLineEdit(right)
    for widget in (left, right, elsewhere):
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column.addWidget(widget)
    window.setCentralWidget(whole)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    done: list[str] = []
    actions.connect("delete", lambda: done.append("left"), left)
    actions.connect("delete", lambda: done.append("right"), right)
    left.setFocus()
    actions["delete"].trigger()
    inner.setFocus()
    actions["delete"].trigger()
    elsewhere.setFocus()  # no panel of the two: the last one is still meant
    actions["delete"].trigger()
    assert done == ["left", "right", "right"]


def test_own_shortcuts_are_remembered_and_defaults_come_back(settings: Settings, palette: Palette, actions: Actions):
    actions.set_shortcuts({"save": "Ctrl+Alt+S", "play_pause": ""})
    again = Actions(settings, palette)
    assert again.shortcut("save") == "Ctrl+Alt+S"
    assert again.shortcut("play_pause") == ""
    assert again.shortcut("open") == "Ctrl+O"
    again.set_shortcuts({})
    assert settings.shortcuts == {}
    assert again.shortcut("save") == "Ctrl+S"


@pytest.mark.parametrize("bad", ["[1, 2]", "not json", '{"save": 5}'])
def test_a_damaged_settings_file_is_no_obstacle(settings: Settings, palette: Palette, bad: str):
    settings._store.setValue("shortcuts", bad)
    settings._store.setValue("recent", bad)
    settings._store.setValue("number/volume", bad)
    assert Actions(settings, palette).shortcut("open") == "Ctrl+O"
    assert settings.recent == []
    assert settings.number("volume", 0.5) == 0.5
