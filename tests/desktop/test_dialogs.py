"""The dialogs: command palette, shortcut editor, help, about, recovery, export."""

from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from desktop.actions import ROWS, Actions
from desktop.autosave import Recoverable
from desktop.dialogs.about import AboutDialog, libraries, shipped
from desktop.dialogs.command_palette import CommandPalette, score
from desktop.dialogs.export import ExportDialog
from desktop.dialogs.help import HelpDialog
from desktop.dialogs.recover import RecoverDialog
from desktop.dialogs.shortcuts import ShortcutEditor
from desktop.document import Document
from desktop.projects import sample_project
from desktop.render_thread import RenderThread
from desktop.settings import Settings
from desktop.theme import Palette
from desktop.widgets.message_bar import MessageBar
from engine.media.files import free_name
from engine.media.video import probe
from engine.project.edits import with_in_out, with_settings
from engine.project.timing import TimeRange


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    """Something for dialogs to stand on."""
    window = QMainWindow()
    qtbot.addWidget(window)
    window.resize(900, 700)
    window.show()
    return window


def test_the_palette_finds_by_letters_and_runs_with_enter(
    qtbot: QtBot, actions: Actions, palette: Palette, window: QMainWindow
):
    done: list[str] = []
    for id in ("export", "generate", "zoom_in"):
        actions.connect(id, lambda id=id: done.append(id))
    dialog = CommandPalette(actions, palette, window)
    assert dialog.list.count() == len(ROWS) - 1
    qtbot.keyClicks(dialog.field, "expo vid")
    assert dialog.list.count() == 1
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert done == ["export"]


def test_the_palette_does_not_run_what_cannot_be_done_and_arrows_move(
    qtbot: QtBot, actions: Actions, palette: Palette, window: QMainWindow
):
    dialog = CommandPalette(actions, palette, window)
    qtbot.addWidget(dialog)
    dialog.grab()  # paints every kind of row
    qtbot.keyClick(dialog.field, Qt.Key.Key_Down)
    assert dialog.list.currentRow() == 1
    qtbot.keyClick(dialog.field, Qt.Key.Key_Up)
    qtbot.keyClick(dialog.field, Qt.Key.Key_Up)
    assert dialog.list.currentRow() == 0
    assert not actions["new"].isEnabled()
    dialog._run(dialog.list.currentItem())
    assert dialog.list.count()  # still open


@pytest.mark.parametrize(
    ("typed", "best"), [("zoom", "zoom_in"), ("undo", "undo"), ("next key", "next_key"), ("exv", "export")]
)
def test_the_best_match_comes_first(typed: str, best: str):
    assert max(ROWS, key=lambda row: score(typed, row.text, row.tip)).id == best


def test_a_shortcut_is_changed_clashes_are_named_and_the_default_comes_back(
    qtbot: QtBot, actions: Actions, settings: Settings, window: QMainWindow
):
    dialog = ShortcutEditor(actions, window)
    dialog.set_key("export", "Ctrl+S")
    assert "Ctrl+S is used by" in dialog.clash.text() and "Export video" in dialog.clash.text()
    dialog.set_key("export", "Ctrl+Shift+E")
    assert dialog.clash.text() == ""
    dialog.accept()
    assert settings.shortcuts == {"export": "Ctrl+Shift+E"}
    assert actions.shortcut("export") == "Ctrl+Shift+E"
    again = ShortcutEditor(actions, window)
    again._reset_all()
    again.accept()
    assert settings.shortcuts == {}


def test_the_shortcut_search_hides_what_does_not_match(qtbot: QtBot, actions: Actions, window: QMainWindow):
    dialog = ShortcutEditor(actions, window)
    qtbot.addWidget(dialog)
    dialog.search.setText("ctrl+z")
    assert [id for id, item in dialog._items.items() if not item.isHidden()] == ["undo"]
    assert sum(not top.isHidden() for top in dialog._tops) == 1


def test_help_names_every_shortcut_as_it_is_now(qtbot: QtBot, actions: Actions, palette: Palette):
    actions.set_shortcuts({"export": "Ctrl+Alt+X"})
    dialog = HelpDialog(actions, palette)
    qtbot.addWidget(dialog)
    text = dialog.page.toPlainText()
    for row in ROWS:
        assert actions.shortcut(row.id) in text
    assert "Ctrl+Alt+X" in text


def test_about_has_a_licence_for_every_library_and_every_file_that_ships(qtbot: QtBot, palette: Palette):
    named = {name: licence for name, _, licence in libraries()}
    assert {"PySide6", "numpy", "mediapipe"} <= set(named)
    assert all(licence and licence != "see its package" for licence in named.values()), named
    from engine.resources import table

    assert {name for name, _, _ in shipped()} == set(table())
    assert all(licence for _, _, licence in shipped())
    qtbot.addWidget(AboutDialog(palette))


def test_recovery_opens_one_and_deletes_another(qtbot: QtBot, window: QMainWindow, tmp_path: Path):
    found = []
    for name in ("a", "b"):
        (tmp_path / name).write_text("x")
        found.append(Recoverable(tmp_path / name, None))
    opened: list[Recoverable] = []
    dialog = RecoverDialog(found, lambda one: opened.append(one) or True, window)
    dialog.list.setCurrentRow(1)
    dialog._delete()
    assert not (tmp_path / "b").exists() and dialog.list.count() == 1
    dialog._open()
    assert opened == found[:1]


def test_export_says_what_is_missing(
    qtbot: QtBot, document: Document, thread: RenderThread, settings: Settings, palette: Palette, window: QMainWindow
):
    dialog = ExportDialog(document, thread, settings, MessageBar(palette), window)
    qtbot.addWidget(dialog)
    assert not dialog.go.isEnabled()
    assert "no portrait" in dialog.summary.text()


def test_export_writes_the_part_and_tells(
    qtbot: QtBot,
    document: Document,
    thread: RenderThread,
    settings: Settings,
    palette: Palette,
    window: QMainWindow,
    tmp_path: Path,
):
    project = with_in_out(sample_project(tmp_path / "unpacked"), TimeRange(Fraction(1), Fraction(2)))
    document.new(with_settings(project, size=128))
    bar = MessageBar(palette)
    qtbot.addWidget(bar)
    dialog = ExportDialog(document, thread, settings, bar, window)
    assert dialog.part.isChecked() and "25 frames" in dialog.summary.text()
    dialog.path.setText(str(tmp_path / "part"))
    with qtbot.waitSignal(thread.added) as added:
        dialog.accept()
    job = added.args[0]
    assert job.name == "Export part.mp4"
    with qtbot.waitSignal(job.ended, timeout=120_000):
        pass
    assert job.error is None
    written = probe(tmp_path / "part.mp4")
    assert written.seconds == 1 and written.has_audio and max(written.size) == 128
    assert "part.mp4" in bar.text
    assert settings.folder("export") == tmp_path


def test_a_suggested_name_never_replaces_a_file(tmp_path: Path):
    assert free_name(tmp_path / "a.mp4") == tmp_path / "a.mp4"
    for name in ("a.mp4", "a 2.mp4"):
        (tmp_path / name).touch()
    assert free_name(tmp_path / "a.mp4") == tmp_path / "a 3.mp4"
