"""Fill, matting and layers: holes grow shut with what is around, edges follow the picture, and nothing is lost."""

import numpy as np
import pytest

from engine.render.background import over, take_apart
from engine.render.fill import fill
from engine.render.matting import sharpen_matte
from engine.render.outline import Box, grown, soft_polygon
from engine.render.soften import softened

ROWS, COLUMNS = np.mgrid[:120, :160].astype(np.float32)


def striped() -> np.ndarray:
    """Diagonal stripes of three colours."""
    band = ((COLUMNS + 2 * ROWS) // 8 % 3).astype(int)
    return np.array([[200, 40, 40], [40, 160, 60], [40, 60, 200]], np.uint8)[band]


def disc(radius: float) -> np.ndarray:
    """[120, 160] opacity of a disc with a soft edge."""
    return np.clip(radius - np.hypot(ROWS - 60, COLUMNS - 80) + 0.5, 0, 1)


def test_a_hole_in_a_pattern_is_filled_with_the_pattern() -> None:
    picture, hole = striped(), np.zeros((120, 160), bool)
    hole[45:75, 60:100] = True
    broken = picture.copy()
    broken[hole] = 255
    filled = fill(broken, hole)
    assert np.array_equal(filled[~hole], picture[~hole])
    right = np.abs(filled.astype(int) - picture)[hole].max(1) < 60
    assert right.mean() > 0.6  # a third would be chance
    assert np.array_equal(filled, fill(broken, hole))


def test_what_is_invented_has_no_sharper_edges_than_what_is_seen() -> None:
    columns = np.tile(np.linspace(0, 6 * np.pi, 160, dtype=np.float32), (120, 1))
    blurred = np.repeat((128 + 100 * np.sin(columns))[..., None], 3, 2).astype(np.uint8)
    invented = np.zeros((120, 160), bool)
    invented[40:80, 50:110] = True
    torn = blurred.copy()
    torn[60:80, 50:110] = 255 - torn[60:80, 50:110]  # a seam along row 60, and around the lower half
    mended = softened(torn, invented, ~invented)
    assert np.array_equal(mended[~invented], torn[~invented])
    steps = [np.abs(np.diff(picture[45:75, 55:105, 0].astype(int), axis=0)).max() for picture in (torn, mended)]
    assert steps[0] > 150 and steps[1] < 30
    assert np.array_equal(softened(blurred, invented, ~invented), blurred), "what is not too sharp stays as it is"


def test_nothing_is_copied_from_what_is_unusable() -> None:
    picture, hole, unusable = striped(), np.zeros((120, 160), bool), np.zeros((120, 160), bool)
    hole[40:80, 60:80], unusable[30:90, 80:130] = True, True
    picture[unusable] = (255, 0, 255)
    filled = fill(picture, hole, unusable)[hole].astype(int)
    assert (
        np.minimum(filled[:, 0], filled[:, 2]) - filled[:, 1]
    ).max() < 120  # stripes blend to 70, the unusable is 255


def test_a_matte_follows_the_edge_in_the_picture_not_the_rough_one() -> None:
    truth = disc(40)
    picture = np.round(truth[..., None] * (180, 140, 110) + (1 - truth[..., None]) * (40, 60, 120)).astype(np.uint8)
    rough = np.clip(0.5 + (43 - np.hypot(ROWS - 62, COLUMNS - 77)) / 10, 0, 1)
    found = sharpen_matte(picture, rough, unit=80)
    assert np.abs(found - truth).mean() < 0.2 * np.abs(rough - truth).mean()


@pytest.mark.parametrize("seed", [0, 1])
def test_layers_put_together_again_are_the_picture_bit_for_bit(seed: int) -> None:
    random = np.random.default_rng(seed)
    picture = np.where(disc(40)[..., None] > 0.5, (200, 150, 120), striped()) + random.integers(-20, 20, (120, 160, 3))
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    rough = np.clip(0.5 + (42 - np.hypot(ROWS - 60, COLUMNS - 80)) / 12, 0, 1)
    layers = take_apart(picture, rough, np.ones((120, 160), bool), unit=60)
    assert np.array_equal(over(layers.person, layers.scene), picture)
    assert (layers.person[60, 80] == (*picture[60, 80], 255)).all()
    hidden = layers.scene[60, 45:50].astype(int)
    assert np.abs(hidden[:, None] - np.array([[200, 40, 40], [40, 160, 60], [40, 60, 200]])).sum(2).min(1).max() < 120


def test_the_soft_edge_of_an_outline_has_its_area() -> None:
    polygon = np.array([[10.25, 10.5], [30.75, 10.5], [30.75, 20.25], [10.25, 20.25]])
    mask = soft_polygon(polygon, Box(5, 5, 40, 30))
    assert mask.sum() == pytest.approx(20.5 * 9.75, rel=0.05)
    assert mask[10, 15] == 1
    assert mask[0, 0] == 0


def test_boxes_stay_inside_the_picture_and_say_when_nothing_is_left() -> None:
    box = Box.around(np.array([[-5.0, 3.2], [7.5, 50.0]]), 1, (40, 60))
    assert (box.x0, box.y0, box.x1, box.y1) == (0, 2, 10, 40)
    assert Box.around(np.array([[70.0, 3.0], [75.0, 9.0]]), 1, (40, 60)).empty
    assert np.array_equal(box.pixels()[3, 4], [4, 5])


def test_masks_grow_and_shrink_by_a_radius() -> None:
    mask = disc(20) > 0.5
    assert grown(mask, 6).sum() == pytest.approx(np.pi * 26**2, rel=0.05)
    assert grown(mask, -6).sum() == pytest.approx(np.pi * 14**2, rel=0.05)
    assert not grown(np.zeros((4, 4), bool), 3).any()


def test_what_stands_beside_the_person_stays_in_the_scene() -> None:
    picture = np.where(disc(40)[..., None] > 0.5, (60, 40, 30), (30, 60, 120)).astype(np.uint8)
    picture[30:90, 122:125] = (240, 200, 90)  # a cord that all but touches the disc
    rough = np.clip(0.5 + (40 - np.hypot(ROWS - 60, COLUMNS - 80)) / 6, 0, 1)
    layers = take_apart(picture, rough, np.ones((120, 160), bool), unit=200)
    beside = np.s_[50:70, 123]
    assert layers.person[beside][:, 3].max() < 100
    assert np.abs(layers.scene[beside].astype(int) - picture[beside]).max() < 60
    assert np.array_equal(over(layers.person, layers.scene), picture)
