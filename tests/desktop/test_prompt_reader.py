"""Choosing who reads prompts: nothing is asked or fetched before it is said so, and everything that would come is shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from desktop.dialogs.prompt_reader import PromptReaderDialog
from desktop.prompt_reader import PromptReader
from desktop.settings import Settings
from engine.errors import InputError
from tests.clip_weights import serve_hub, tiny_clip

hub = pytest.fixture(serve_hub)
tiny = pytest.fixture(scope="module")(tiny_clip)
LONG = 60_000


@pytest.fixture
def reader(settings: Settings) -> PromptReader:
    return PromptReader(settings)


@pytest.fixture
def dialog(
    qtbot: QtBot, reader: PromptReader, hub: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PromptReaderDialog]:
    monkeypatch.setenv("HF_ENDPOINT", hub)
    made = PromptReaderDialog(reader)
    made.show()
    yield made
    if isValid(made):
        made.reject()


def ok(dialog: PromptReaderDialog) -> bool:
    return dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()


def test_the_encoder_that_ships_reads_at_first(dialog: PromptReaderDialog, reader: PromptReader):
    assert dialog.shipped.isChecked() and ok(dialog)
    assert not dialog.fetch.isEnabled()
    assert reader.read("happy").channels["mouthSmileLeft"] > 0.3


def test_weights_are_looked_for_then_shown_then_fetched(dialog: PromptReaderDialog, reader: PromptReader, qtbot: QtBot):
    dialog.open_clip.setChecked(True)
    qtbot.waitUntil(lambda: "Not on this machine" in dialog.state.text(), timeout=LONG)
    assert not ok(dialog) and not reader.folder.exists()
    dialog.fetch.click()
    qtbot.waitUntil(lambda: "SHA-256" in dialog.state.text(), timeout=LONG)
    assert "open_clip_model.safetensors\n3 MB, licence: mit" in dialog.state.text()
    assert dialog.fetch.text() == "Fetch 3 MB" and not reader.folder.exists()
    dialog.fetch.click()
    qtbot.waitUntil(lambda: "On this machine" in dialog.state.text(), timeout=LONG)
    dialog.buttons.accepted.emit()
    assert reader.choice == ("ViT-B-32", "laion2b_s34b_b79k")


def test_what_cannot_be_found_is_said(dialog: PromptReaderDialog, qtbot: QtBot):
    dialog.open_clip.setChecked(True)
    dialog.weights.setText("nothing_like_it")
    qtbot.waitUntil(lambda: "has no weights" in dialog.state.text(), timeout=LONG)
    assert not ok(dialog) and not dialog.fetch.isEnabled()


def test_a_file_of_ones_own_reads(
    dialog: PromptReaderDialog, reader: PromptReader, tiny: tuple[str, Path], qtbot: QtBot
):
    dialog.open_clip.setChecked(True)
    dialog.model.setText(tiny[0])
    dialog.weights.setText(str(tiny[1]))
    qtbot.waitUntil(lambda: ok(dialog), timeout=LONG)
    dialog.buttons.accepted.emit()
    assert reader.read("furious").nearest[0][0] == "furious"


def test_weights_that_are_gone_are_said_when_a_prompt_is_read(reader: PromptReader):
    reader.choose(("ViT-B-32", "gone.safetensors"))
    with pytest.raises(InputError, match="gone"):
        reader.read("happy")
