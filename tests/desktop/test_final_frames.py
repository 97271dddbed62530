"""Final frames in the editor: rendered in the background, shown in place of drafts, marked, and used by the export."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from finals_bench import RATE, finals_bench, opening, span
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.dialogs.export import ExportDialog
from desktop.final_frames import FinalKey
from desktop.panels.renderer_fields import RendererFields
from desktop.render_thread import State
from desktop.widgets.message_bar import MessageBar
from engine.events import Finished
from engine.project.curve_edits import with_offset
from engine.project.edits import with_settings
from engine.project.timing import TimeRange
from engine.render.tgdm.renderer import TgdmRenderer

FRAMES = 10


@pytest.fixture(scope="module")
def bench(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The preview with final frames, and a project drawn by a tiny network that changes all it is given."""
    with finals_bench(qapp, tmp_path_factory.mktemp("finals")) as made:
        made.project = with_settings(replace(made.portrait, motion=opening(FRAMES)), size=160)
        yield made


@pytest.fixture
def shown(bench: SimpleNamespace, qtbot: QtBot) -> Iterator[list]:
    pictures: list = []
    bench.frames.shown.connect(pictures.append)
    bench.selection.clear()
    bench.document.new(bench.project)
    qtbot.waitUntil(lambda: bool(pictures) and pictures[-1] is not None, timeout=60_000)
    yield pictures
    bench.frames.shown.disconnect(pictures.append)


def render(bench: SimpleNamespace, qtbot: QtBot, part: TimeRange | None = None) -> None:
    """Render a range and wait until the ruler knows."""
    bench.selection.set_span(part)
    bench.actions["render_final"].trigger()
    (job,) = bench.thread.jobs
    with qtbot.waitSignal(job.ended, timeout=200_000):
        pass
    assert job.state is State.DONE
    with qtbot.waitSignal(bench.finals.ranges_changed, timeout=5000):
        pass


def test_final_frames_are_marked_shown_and_stale_only_where_the_curve_changed(bench, shown, qtbot: QtBot):
    draft = shown[-1].image
    estimates: list = []
    bench.finals.estimated.connect(estimates.append)
    render(bench, qtbot, span(0, 6))
    assert bench.ranges[-1] == [span(0, 6)]
    assert estimates and all(frame.index < 6 for frame in estimates)
    qtbot.waitUntil(lambda: isinstance(shown[-1].key, FinalKey), timeout=20_000)
    assert shown[-1].index == 0 and shown[-1].image.shape == draft.shape and (shown[-1].image != draft).any()
    bench.document.edit("Offset", lambda p: with_offset(p, ["jawOpen"], span(3, 4), 0.2))
    qtbot.waitUntil(lambda: bench.ranges[-1] != [span(0, 6)], timeout=5000)
    assert bench.ranges[-1][0].start == 0 and bench.ranges[-1][-1].end <= 6 / RATE
    assert not any(3 / RATE in part for part in bench.ranges[-1])
    bench.document.undo_stack.undo()
    qtbot.waitUntil(lambda: bench.ranges[-1] == [span(0, 6)], timeout=5000)
    bench.document.edit("Warp", lambda p: with_settings(p, renderer="warp"))
    qtbot.waitUntil(lambda: not bench.ranges[-1] and (shown[-1].image == draft).all(), timeout=20_000)


def test_the_export_takes_final_frames_as_they_are(bench, shown, qtbot: QtBot, tmp_path: Path, monkeypatch):
    bench.document.edit("Auto", lambda p: with_settings(p, renderer="auto", patience=0.0))
    render(bench, qtbot)
    assert bench.ranges[-1] == [span(0, FRAMES)]
    asked: list[int] = []
    refine = TgdmRenderer.refine
    monkeypatch.setattr(TgdmRenderer, "refine", lambda self, rows: asked.append(len(rows)) or refine(self, rows))
    bar = MessageBar(bench.palette)
    dialog = ExportDialog(bench.document, bench.thread, bench.settings, bar, None, bench.finals)
    dialog.path.setText(str(tmp_path / "out.mp4"))
    dialog.accept()
    (job,) = bench.thread.jobs
    with qtbot.waitSignal(job.ended, timeout=200_000):
        pass
    assert job.state is State.DONE and (tmp_path / "out.mp4").is_file() and not asked
    bench.notices = []
    bench.finals.notice.connect(bench.notices.append)
    bench.actions["render_final"].trigger()
    assert not bench.thread.jobs and "final already" in bench.notices[-1]


def test_a_cancelled_render_keeps_what_it_has(bench, shown, qtbot: QtBot):
    bench.document.edit("Steps", lambda p: with_settings(p, steps=8))
    bench.actions["render_final"].trigger()
    (job,) = bench.thread.jobs
    qtbot.waitUntil(
        lambda: bool(job.progress) and job.progress.text == "Rendering" and job.progress.done > 1, timeout=60_000
    )
    with qtbot.waitSignal(job.ended, timeout=20_000):
        job.cancel()
    qtbot.waitUntil(lambda: bool(bench.ranges[-1]), timeout=5000)
    assert bench.ranges[-1][0].start == 0


def test_what_cannot_be_rendered_is_told(bench, shown):
    told: list[str] = []
    bench.finals.failed.connect(lambda error: told.append(str(error)))
    bench.document.edit("Warp", lambda p: with_settings(p, renderer="warp"))
    bench.actions["render_final"].trigger()
    assert "choose another renderer" in told[-1] and not bench.thread.jobs


def test_the_fields_edit_the_settings_and_learn_a_face(bench, shown, qtbot: QtBot, tmp_path: Path, monkeypatch):
    fields = RendererFields(bench.document, bench.actions, bench.thread)
    assert (fields.renderer.currentText(), fields.steps.currentText()) == ("Diffusion", "1")
    fields.renderer.setCurrentText("Warp")
    fields.renderer.activated.emit(fields.renderer.currentIndex())
    assert bench.document.project.settings.renderer == "warp"
    told: list[str] = []
    fields.failed.connect(lambda error: told.append(str(error)))
    fields.use_denoiser(tmp_path / "none.safetensors")
    assert "no such file" in told[-1]
    fields.use_denoiser(None)
    assert bench.document.project.settings.denoiser is None and fields.denoiser.text() in ("Built in", "None installed")
    output = tmp_path / "me.safetensors"
    learnt = SimpleNamespace(path=output, before=0.2, after=0.1)

    def learn(*_: object) -> Iterator[Finished]:
        output.write_bytes(b"weights")
        yield Finished(learnt)

    monkeypatch.setattr("engine.personal_jobs.personalise", learn)
    notices: list[str] = []
    fields.notice.connect(notices.append)
    fields.learn(output)
    qtbot.waitUntil(lambda: bool(notices), timeout=10_000)
    assert "50%" in notices[-1] and bench.document.project.settings.personal.path == str(output)
    assert fields.personal.text() == "me.safetensors"
    bench.document.undo_stack.undo()
    assert fields.personal.text() == "Not learnt"
