"""Final frames of a project with face swaps: drawn ahead by diffusion, shown in place of the warp's, used by the export."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from finals_bench import RATE, finals_bench, opening, span
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.final_frames import FinalKey
from desktop.render_thread import State
from engine import jobs
from engine.events import Finished, FrameReady
from engine.export.frame_files import frame_keys
from engine.media.image import read_image, resized
from engine.media.video import probe
from engine.media.video_writer import VideoWriter
from engine.project.curve_edits import with_offset
from engine.project.edits import with_clip_changed, with_clip_moved, with_settings
from engine.project.media_ref import refer_to
from engine.project.project import Project, SwapClip
from engine.project.timing import TimeRange
from engine.render.swap import Swapper
from engine.render.tgdm.renderer import TgdmRenderer

FRAMES = 8


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portrait in a wide picture."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    rgb = resized(read_image(Path(__file__).resolve().parents[2] / "resources/samples/astronaut.jpg"), 200).rgb
    with VideoWriter(path, (300, 200), RATE) as video:
        for k in range(FRAMES):
            wide = np.full((200, 300, 3), 90, np.uint8)
            wide[: rgb.shape[0], 40 + k : 40 + k + rgb.shape[1]] = rgb
            video.write(wide)
    return path


@pytest.fixture(scope="module")
def bench(qapp: QApplication, film: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The preview with final frames; a performance over whose frames 4 to 6 the film lies, drawn by a tiny network."""
    with finals_bench(qapp, tmp_path_factory.mktemp("finals")) as made:
        made.alone = replace(made.portrait, swaps=(SwapClip(refer_to(film), span(0, FRAMES)),))
        mixed = with_settings(replace(made.alone, motion=opening(FRAMES)), size=160)
        made.mixed = with_clip_moved(with_clip_changed(mixed, "swaps", 0, span=span(0, 3)), "swaps", 0, 4 / RATE)
        yield made


@pytest.fixture
def shown(bench: SimpleNamespace) -> Iterator[list]:
    pictures: list = []
    bench.frames.shown.connect(pictures.append)
    bench.selection.clear()
    yield pictures
    bench.frames.shown.disconnect(pictures.append)


def render(bench: SimpleNamespace, qtbot: QtBot, project: Project, part: TimeRange | None) -> None:
    """Render a range and wait until the ruler knows."""
    bench.document.new(project)
    bench.selection.set_span(part)
    bench.actions["render_final"].trigger()
    (job,) = bench.thread.jobs
    with qtbot.waitSignal(job.ended, timeout=200_000):
        pass
    assert job.state is State.DONE
    with qtbot.waitSignal(bench.finals.ranges_changed, timeout=5000):
        pass


def test_a_range_with_a_swap_is_drawn_ahead_shown_and_taken_from_disk(bench, shown, qtbot: QtBot, monkeypatch) -> None:
    render(bench, qtbot, bench.mixed, span(2, 7))
    assert bench.ranges[-1] == [span(2, 7)]
    bench.selection.set_playhead(5 / RATE)
    qtbot.waitUntil(
        lambda: bool(shown) and isinstance(shown[-1].key, FinalKey) and shown[-1].index == 5, timeout=20_000
    )
    draft = next(
        event.image
        for event in jobs.render_clip(with_settings(bench.mixed, renderer="warp"), [5], jobs.Stage())
        if isinstance(event, FrameReady)
    )
    final = shown[-1].image
    assert final.shape == draft.shape and 0.001 < (np.abs(final.astype(int) - draft) > 3).any(-1).mean() < 0.3

    def refuse(*_: object) -> None:
        raise AssertionError("drawn again")

    monkeypatch.setattr(Swapper, "swap", refuse)
    monkeypatch.setattr(TgdmRenderer, "refine", refuse)
    again = [e for e in jobs.render_clip(bench.mixed, range(2, 7), bench.finals.stage) if isinstance(e, FrameReady)]
    assert [event.index for event in again] == [2, 3, 4, 5, 6] and np.array_equal(again[3].image, final)


def test_only_what_shows_decides_whether_a_frame_is_still_final(bench) -> None:
    def keys(project: Project) -> list[str]:
        return frame_keys(project, range(FRAMES))

    before = keys(bench.mixed)
    bare = keys(replace(bench.mixed, swaps=()))
    assert [a == b for a, b in zip(before, bare, strict=True)] == [True] * 4 + [False] * 3 + [True]
    jaw = keys(with_offset(bench.mixed, ["jawOpen"], span(0, FRAMES), 0.1))
    assert [a == b for a, b in zip(before, jaw, strict=True)] == [False] * 4 + [True] * 3 + [False]
    for change in ({"strength": 0.5}, {"outline": 0.5}, {"cover": False}, {"face": 0}, {"offset": 1 / RATE}):
        changed = keys(with_clip_changed(bench.mixed, "swaps", 0, **change))
        assert [a == b for a, b in zip(before, changed, strict=True)] == [True] * 4 + [False] * 3 + [True], change
    later = keys(with_clip_moved(bench.mixed, "swaps", 0, 5 / RATE))
    assert later[5:] == before[4:7]
    assert keys(bench.alone) != keys(replace(bench.alone, swaps=()))


def test_the_export_of_a_swap_alone_takes_the_frames_that_are_final(
    bench, shown, qtbot: QtBot, tmp_path: Path, monkeypatch
) -> None:
    render(bench, qtbot, bench.alone, None)
    assert bench.ranges[-1] == [span(0, FRAMES)]
    qtbot.waitUntil(lambda: bool(shown) and isinstance(shown[-1].key, FinalKey), timeout=20_000)
    assert shown[-1].image.shape == (200, 300, 3)
    project = bench.finals.for_export(with_settings(bench.alone, renderer="auto"))
    assert project.settings.renderer == "tgdm"
    asked: list[object] = []
    swap = Swapper.swap
    monkeypatch.setattr(Swapper, "swap", lambda self, *given: asked.append(given) or swap(self, *given))
    events = list(jobs.export_video(project, tmp_path / "out.mp4", bench.finals.stage))
    assert isinstance(events[-1], Finished) and not asked
    assert probe(tmp_path / "out.mp4").size == (300, 200)
