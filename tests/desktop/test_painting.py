"""What painted widgets show, measured in pixels at a pinned size."""

from fractions import Fraction

import numpy as np
import pytest
from performances import RATE, project, span
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop import theme
from desktop.panels.timeline_rows import clip_item
from desktop.waveforms import RATE as SOUND_RATE
from desktop.waveforms import overview
from desktop.widgets.curve_layer import Scene, draw_scene
from desktop.widgets.curve_shapes import CurveShapes, share, unshare
from desktop.widgets.painting import channel_colour
from desktop.widgets.plot_area import PlotArea
from desktop.widgets.range_bar import RangeBar
from desktop.widgets.ruler import Ruler
from desktop.widgets.time_view import TimeView
from desktop.widgets.timeline_canvas import TimelineCanvas
from desktop.widgets.track_items import AudioRow, ClipItem, ClipRow, CurveRow, Row
from desktop.widgets.understood_view import UnderstoodView, bars, nearest_text
from desktop.widgets.waveform import BIN
from engine.project.channels import BY_NAME, CHANNELS, NAMES
from engine.project.curve import Keyframe
from engine.project.curve_edits import with_lock, with_mute
from engine.project.key_edits import with_key
from engine.project.project import Marker, Project, PromptClip
from engine.project.timing import TimeRange

NAME = "jawOpen"


def pixels(image: QImage) -> np.ndarray:
    """[H, W, 3] int16 RGB."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).astype(np.int16)


def shot(widget: QWidget) -> np.ndarray:
    return pixels(widget.grab().toImage())


def near(image: np.ndarray, colour: str, within: int = 24) -> np.ndarray:
    """Where the picture has about this colour; bool [H, W]."""
    wanted = np.array(QColor(colour).getRgb()[:3])
    return np.abs(image - wanted).max(axis=2) <= within


@pytest.fixture
def view() -> TimeView:
    made = TimeView()
    made.set_content(20.0, RATE)
    made.show(0, 20)
    return made


def scene_image(
    of: Project, palette: theme.Palette, view: TimeView, draft: bool = False, ratio: float = 1.0
) -> np.ndarray:
    shapes = CurveShapes()
    shapes.set_motion(of.motion)
    area = PlotArea(800, 300, 0, 20, 0, 1)
    scene = Scene(shapes, (NAME,), frozenset({NAME}), NAME)
    return pixels(draw_scene(scene, area, view, palette, ratio, draft))


@pytest.mark.parametrize("draft", [True, False])
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_curve_is_drawn_where_its_values_are(palette, view, draft, ratio):
    made = project()
    image = scene_image(made, palette, view, draft, ratio)
    assert image.shape == (300 * ratio, 800 * ratio, 3)
    found = near(image, channel_colour(palette, NAME), 40)
    values = made.motion[NAME].generated
    for seconds in (1.0, 7.3, 15.1):
        x, y = round(seconds * 40 * ratio), (1 - values[round(seconds * RATE)]) * 300 * ratio
        rows = np.flatnonzero(found[:, x - 2 : x + 3].any(axis=1))
        assert len(rows) and np.abs(rows - y).max() < 6 * ratio


def test_what_was_generated_shows_dimly_behind_an_edit(palette, view):
    made = with_key(project(), NAME, Keyframe(Fraction(10), 0.9))
    plain, edited = (scene_image(p, palette, view) for p in (project(), made))
    value = project().motion[NAME].generated[250]
    y, x = round((1 - value) * 300), 400
    dim = edited[y - 4 : y + 5, x]
    full = plain[y - 4 : y + 5, x]
    ground = np.array(QColor(palette.background).getRgb()[:3])
    contrast = [np.abs(part - ground).max() for part in (dim, full)]
    assert 15 < contrast[0] < 0.7 * contrast[1]
    assert near(edited, channel_colour(palette, NAME), 40)[24:36, 398:403].any()


def test_a_lock_is_hatched_and_a_mute_dimmed_only_in_their_range(palette, view):
    plain = scene_image(project(), palette, view)
    for change in (with_lock, with_mute):
        changed = scene_image(change(project(), [NAME], span(5, 10)), palette, view)
        far = np.abs(plain - changed).max(axis=2)
        assert (far[:, 210:390] > 4).mean() > 0.1
        assert far[:, :195].max() < 30 and far[:, 405:].max() < 30  # the curve itself may be drawn a shade firmer


def test_another_take_is_drawn_behind(palette, view):
    shapes, ghost = CurveShapes(), CurveShapes()
    shapes.set_motion(project().motion)
    from performances import performance

    ghost.set_motion(performance(level=0.7))
    area = PlotArea(800, 300, 0, 20, 0, 1)
    images = [
        pixels(draw_scene(Scene(shapes, (NAME,), frozenset({NAME}), NAME, other), area, view, palette, 1, False))
        for other in (None, ghost)
    ]
    different = (images[0] != images[1]).any(axis=2)
    assert different[60:130].any() and not different[180:].any()


@pytest.mark.parametrize("channel", CHANNELS, ids=NAMES)
def test_shares_put_every_unit_on_one_scale_and_back(channel):
    assert share(channel, channel.neutral) == 0 and share(channel, channel.high) == 1
    assert unshare(channel, float(share(channel, channel.low))) == pytest.approx(channel.low)


def test_only_curves_that_changed_are_worked_out_again():
    shapes = CurveShapes()
    shapes.set_motion(project().motion)
    before = {name: shapes[name] for name in NAMES}
    changed = with_key(project(motion=shapes.motion), NAME, Keyframe(Fraction(1), 0.5))
    assert shapes.set_motion(changed.motion)
    assert [name for name in NAMES if shapes[name] is not before[name]] == [NAME]
    assert not shapes.set_motion(changed.motion)


def ruler(qtbot: QtBot, view: TimeView, palette: theme.Palette, **shown: object) -> np.ndarray:
    made = Ruler(view, palette)
    qtbot.addWidget(made)
    made.resize(800, 40)
    made.set(**shown)
    return shot(made)


def test_rendered_ranges_are_painted_where_they_are(qtbot: QtBot, view, palette):
    image = ruler(qtbot, view, palette, fresh=(span(0, 5),), stale=(span(5, 10),))
    green = near(image, palette.good)[37]
    assert green[5:195].mean() > 0.9 and not green[205:].any()
    amber = (image[37] - image[20, 600])[:, 0] > 60
    assert amber[210:390].mean() > 0.9 and not amber[410:].any()


def test_the_playhead_the_in_and_out_and_a_marker_show_on_the_ruler(qtbot: QtBot, view, palette):
    image = ruler(qtbot, view, palette, time=Fraction(10), in_out=span(5, 15), markers=(Marker(Fraction(2), "x"),))
    columns = np.flatnonzero(near(image, palette.accent).any(axis=0))
    assert columns.min() >= 393 and columns.max() <= 407
    bright = near(image[:12], palette.text, 40).any(axis=0)
    assert bright[198:206].any() and bright[594:602].any() and bright[76:84].any() and not bright[300:380].any()


def canvas(qtbot: QtBot, view: TimeView, palette: theme.Palette, *rows: Row) -> TimelineCanvas:
    made = TimelineCanvas(view, palette)
    qtbot.addWidget(made)
    made.resize(800, 120)
    made.set_rows(rows)
    return made


def test_a_prompt_is_as_tall_as_it_is_strong_and_a_cross_fade_shows_both(qtbot: QtBot, view, palette):
    weak, strong = (ClipItem(span(2, 6), "", level=level) for level in (0.25, 1.0))
    heights = []
    for item in (weak, strong):
        image = shot(canvas(qtbot, view, palette, ClipRow("prompts", "Prompts", (item,))))
        edge = np.abs(np.diff(image[5:35, 160].sum(axis=1))).argmax()  # the line on top of the hill
        heights.append(int(edge))
    assert heights[0] > 18 and heights[1] < 8


def test_the_selected_clip_has_the_accent_around_it(qtbot: QtBot, view, palette):
    items = (ClipItem(span(2, 6), "a", level=0.5), ClipItem(span(10, 14), "b", level=0.5))
    image = shot(canvas(qtbot, view, palette, ClipRow("prompts", "Prompts", items, selected=1)))
    accent = np.flatnonzero(near(image[:40, 10:], palette.accent, 40).any(axis=0)) + 10
    assert accent.min() >= 398 and accent.max() <= 562


def test_sound_is_drawn_where_it_is_loud(qtbot: QtBot, view, palette):
    sound = np.zeros(SOUND_RATE * 20, np.float32)
    sound[SOUND_RATE * 8 : SOUND_RATE * 12] = np.sin(np.arange(SOUND_RATE * 4) * 0.3)
    row = AudioRow("audio", "Speech", overview([sound]), "", 20.0)
    image = shot(canvas(qtbot, view, palette, row))
    wave = near(image, palette.tracks["audio"], 40)[5:54].sum(axis=0)
    assert wave[330:470].mean() > 35 and wave[20:310].mean() < 8 and wave[490:780].mean() < 8


def test_close_up_the_very_samples_are_drawn(qtbot: QtBot, palette):
    from dataclasses import replace

    from desktop.widgets.peaks import Peaks
    from desktop.widgets.waveform import Detail

    sound = np.tile(np.repeat([0.8, -0.8], 8), SOUND_RATE).astype(np.float32)
    wave = overview([sound[: BIN * 400]])
    wave = replace(wave, detail=Detail(0.0, SOUND_RATE, Peaks(sound[:48000])))
    view = TimeView()
    view.set_content(2.0, RATE)
    view.show(0.5, 0.5 + 96 / SOUND_RATE)
    image = shot(canvas(qtbot, view, palette, AudioRow("audio", "Speech", wave, "", 2.0)))
    high = near(image, palette.tracks["audio"], 60)[8:14].any(axis=0)
    edges = np.flatnonzero(np.diff(high.astype(int)) == 1)
    assert 5 <= len(edges) <= 7  # six square waves of sixteen samples


def test_a_picked_channel_and_its_keys_show_on_the_timeline(qtbot: QtBot, view, palette):
    shapes = CurveShapes()
    shapes.set_motion(with_key(project(), NAME, Keyframe(Fraction(10), 0.9)).motion)
    image = shot(canvas(qtbot, view, palette, CurveRow(f"curve:{NAME}", "Open", shapes[NAME], True)))
    diamond = near(image[:36], palette.text, 40)
    assert diamond[:, 396:405].any() and not diamond[:, 420:].any()


def test_the_range_bar_scrolls_zooms_and_shows_everything(qtbot: QtBot, view, palette):
    from mouse import double_click, drag

    bar = RangeBar(view, palette)
    qtbot.addWidget(bar)
    bar.resize(400, 12)
    view.show(5, 10)
    thumb = bar.thumb()
    drag(bar, (thumb.center().x(), 6), (thumb.center().x() + 100, 6))
    assert view.start == pytest.approx(10, abs=0.3) and view.seconds == pytest.approx(5, abs=0.01)
    drag(bar, (bar.thumb().right() - 2, 6), (bar.thumb().right() - 52, 6))
    assert view.seconds == pytest.approx(2.5, abs=0.2)
    double_click(bar, (bar.thumb().center().x(), 6))
    assert view.start < 0 and view.end > 20


def test_what_a_prompt_moves_is_one_bar_for_both_sides(qtbot: QtBot, palette):
    moved = {"mouthSmileLeft": 0.6, "mouthSmileRight": 0.6, "jawOpen": 0.2, "headYaw": -6.0}
    assert [(label, round(share, 2)) for label, _, share in bars(moved, 1.0)] == [
        ("Mouth smile", 0.6),
        ("Jaw open", 0.2),
        ("Head yaw", -0.1),
    ]
    made = UnderstoodView(palette)
    qtbot.addWidget(made)
    made.show_channels(moved, 0.5)
    made.resize(200, 80)
    first = near(shot(made), channel_colour(palette, "mouthSmileLeft"), 30)
    assert 20 < first[10:14].sum(axis=1).max() < 40
    assert nearest_text((("glad", 0.9), ("happy", 0.8)), 0.9) == "Understood as: glad, happy"


def test_every_channel_has_a_colour_of_its_own_in_both_themes():
    for colours in (theme.dark(), theme.light()):
        found = [channel_colour(colours, name) for name in NAMES]
        assert len(set(found)) > 50
        assert all(BY_NAME[name].group in colours.groups for name in NAMES)


def test_clips_are_drawn_with_what_they_are(tmp_path):
    item = clip_item("prompts", PromptClip("calm", TimeRange(Fraction(0), 2), 2.0))
    assert item.text == "calm" and item.level == 1.0
