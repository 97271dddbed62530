"""Synthetic heads to learn from: they follow the head model, wear a pictured skin, are lit from where the light is."""

from pathlib import Path

import numpy as np
import pytest

from engine.face.fit import Fit, fit_face
from engine.face.head_model import EXPRESSIONS, load_head_model
from engine.face.landmarks import choose_face
from engine.face.pose import Pose
from engine.media.image import read_image
from engine.project.channels import INDEX
from engine.render.tgdm.light import FaceLight
from engine.render.tgdm.pairs import Pair, rows_of
from engine.render.tgdm.portrait import View
from engine.render.tgdm.regions import FACE, KNOWN
from engine.training.dense_head import interpolation
from engine.training.head_light import Lamp, Light, Painter, as_picture
from engine.training.head_skin import pictured, skin_of
from engine.training.whole_heads import HAIR, IRIS, LIP_RING, Studio, open_studio, whole_head_pairs

SIZE, UNIT = 192, 56.0


@pytest.fixture(scope="module")
def hopper(samples: Path) -> tuple[np.ndarray, Fit]:
    rgb = read_image(samples / "hopper.jpg").rgb[::2, ::2].copy()
    return rgb, fit_face(choose_face(rgb), load_head_model())


@pytest.fixture(scope="module")
def studio(shared_data: Path) -> Studio:
    return open_studio(shared_data)


@pytest.fixture(scope="module")
def skin(hopper: tuple[np.ndarray, Fit], studio: Studio) -> np.ndarray:
    return skin_of(*hopper, studio.head, studio.surface, HAIR[0])


@pytest.fixture(scope="module")
def pairs(hopper: tuple[np.ndarray, Fit], studio: Studio) -> list[Pair]:
    return list(whole_head_pairs(*hopper, studio, 4, np.random.default_rng(1)))


def light_from(*lamps: tuple[float, float, float]) -> Light:
    around = np.zeros((9, 3))
    around[0] = 0.3 if lamps else 1.0
    towards = [np.array(lamp) / np.linalg.norm(lamp) for lamp in lamps]
    return Light(around, tuple(Lamp(lamp, np.full(3, 0.8), 3.0) for lamp in towards), 0.0, 10.0)


def drawn(studio: Studio, skin: np.ndarray, light: Light, fit: Fit, pose: Pose) -> tuple[np.ndarray, np.ndarray]:
    """Grey levels [SIZE, SIZE, 3] of a head at rest, and its landmarks."""
    rest = np.zeros(len(EXPRESSIONS), np.float32)
    points = pose.project(studio.head.shape(fit.person, rest))
    marks = pose.project(fit.person.shape(rest))
    painter = Painter(studio.head, studio.surface, skin, IRIS[0], light)
    linear, _ = painter.draw(points, marks[list(LIP_RING)], SIZE, pose.scale)
    return as_picture(linear), marks


def test_a_spline_goes_through_its_centres_and_keeps_planes():
    rng = np.random.default_rng(0)
    centres, elsewhere = rng.normal(size=(30, 3)), rng.normal(size=(10, 3))
    values = rng.normal(size=(30, 2))
    assert interpolation(centres, centres) @ values == pytest.approx(values, abs=0.02)
    slope = rng.normal(size=(3, 2))
    assert interpolation(centres, elsewhere) @ (centres @ slope + 1) == pytest.approx(elsewhere @ slope + 1, abs=1e-4)


def test_the_whole_surface_follows_the_head_model(studio: Studio):
    model, rng = load_head_model(), np.random.default_rng(2)
    person = model.person(rng.normal(0, 0.7, len(model.identity)))
    expression = np.zeros(len(EXPRESSIONS), np.float32)
    for name in ("jawOpen", "mouthSmileLeft", "browInnerUp", "eyeBlinkRight"):
        expression[INDEX[name]] = 0.8
    points = studio.head.shape(person, expression, (10.0, 0.0))
    marks = np.delete(person.shape(expression, (10.0, 0.0)), range(468, 478), axis=0)
    away = np.linalg.norm(studio.head.anchors.on(points) - marks, axis=1)
    assert away.max() < 0.02 and np.median(away) < 0.003  # eye distances
    still = studio.head.shape(person, expression)
    eyes = np.concatenate(studio.head.eyes)
    assert np.linalg.norm(points[eyes] - still[eyes], axis=1).max() > 0.01, "the eyeballs turn"


def test_a_head_drawn_as_it_was_pictured_looks_like_the_picture(
    hopper: tuple[np.ndarray, Fit], studio: Studio, skin: np.ndarray
):
    rgb, fit = hopper
    painter = Painter(studio.head, studio.surface, skin, IRIS[0], light_from())
    points = pictured(fit, studio.head)
    linear, alpha = painter.draw(points, fit.landmarks[list(LIP_RING)], max(rgb.shape[:2]), fit.pose.scale)
    x, y = fit.landmarks[[234, 454], 0], fit.landmarks[[105, 152], 1]
    face = (slice(int(y[0]), int(y[1])), slice(int(x[0]) + 4, int(x[1]) - 4))
    assert alpha[face].mean() > 0.97
    seen, found = rgb.mean(2), as_picture(linear).mean(2)
    alike = {
        (x, y): np.corrcoef(np.roll(seen, (y, x), (0, 1))[face].ravel(), found[face].ravel())[0, 1]
        for x in (-4, 0, 4)
        for y in (-4, 0, 4)
    }
    assert alike[0, 0] == max(alike.values()) > 0.6, "the light is taken out, the features stay where they are"


def test_the_lit_side_is_the_side_of_the_lamp(hopper: tuple[np.ndarray, Fit], studio: Studio, skin: np.ndarray):
    plain = np.full_like(skin, 0.4)
    for way in (-1.0, 1.0):
        for yaw in (0.0, 25.0):
            light = light_from((way, 0.0, -1.0))
            picture, marks = drawn(studio, plain, light, hopper[1], Pose(yaw, 0, 0, UNIT, SIZE / 2, SIZE * 0.6))
            cheeks = np.round(marks[[50, 280], 1::-1]).astype(int)
            left, right = (picture[y - 2 : y + 3, x - 2 : x + 3].mean() for y, x in cheeks)
            assert (right - left) * way > 10, (way, yaw)


def test_a_nose_throws_a_shadow(hopper: tuple[np.ndarray, Fit], studio: Studio, skin: np.ndarray):
    plain, pose = np.full_like(skin, 0.4), Pose(0, 0, 0, UNIT, SIZE / 2, SIZE * 0.6)
    shaded = [
        drawn(studio, plain, light_from(lamp), hopper[1], pose) for lamp in ((3.0, -0.3, -1.0), (-3.0, -0.3, -1.0))
    ]
    marks = shaded[0][1]
    beside = np.round(marks[[205, 425], 1::-1]).astype(int)  # cheeks beside the nose
    levels = [[picture[y - 2 : y + 3, x - 2 : x + 3].mean() for y, x in beside] for picture, _ in shaded]
    assert levels[0][0] < 0.75 * levels[1][0] and levels[1][1] < 0.75 * levels[0][1]


def test_pairs_are_of_the_whole_face_and_in_register(pairs: list[Pair]):
    assert len(pairs) >= 2
    for pair in pairs:
        (row,) = rows_of(pair)
        assert int(row["region"]) == KNOWN.index(FACE)
        known = pair.warped[0].maps.trust[..., 0] > 0
        assert 0.15 < known.mean() < 0.6
        truth, warped = (image.astype(float).mean(2) for image in (pair.truth[0], pair.warped[0].rgb))
        off = [np.abs(truth - np.roll(warped, shift, 1))[known].mean() for shift in (-3, 0, 3)]
        assert off[1] == min(off)


def test_lighting_anew_comes_nearer_to_the_truth_than_the_warp(hopper: tuple[np.ndarray, Fit], studio: Studio):
    gains = []
    for seed in range(4):
        for pair in whole_head_pairs(*hopper, studio, 3, np.random.default_rng([7, seed])):
            view = pair.warped[0]
            skin = view.maps.trust[..., 0] > 0
            found, before = (
                np.abs(image.astype(float) - pair.truth[0])[skin].mean()
                for image in (view.rgb + FaceLight.of(pair.source[0]).change(view), view.rgb)
            )
            gains.append(found / before)
    assert np.mean(gains) < 0.99


def test_what_is_not_turned_is_not_lit_anew(pairs: list[Pair]):
    source: View = pairs[0].source[0]
    assert np.abs(FaceLight.of(source).change(source)).mean() < 0.5
