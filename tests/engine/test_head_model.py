"""The head model opens, closes, turns and mirrors as the channel table says."""

import numpy as np
import pytest

from engine.face.head_model import (
    EXPRESSIONS,
    IRISES,
    LANDMARKS,
    LEFT_LIDS,
    LIPS,
    RIGHT_LIDS,
    HeadModel,
    Person,
    load_head_model,
)
from engine.project.channels import BY_NAME, INDEX

RNG = np.random.default_rng(5)


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return load_head_model()


@pytest.fixture(scope="module", params=[0, 1, 2])
def person(model: HeadModel, request: pytest.FixtureRequest) -> Person:
    """The average head and two others."""
    size = 0.7 * (request.param > 0)
    return model.person(np.random.default_rng(request.param).normal(0, size, len(model.identity)))


def expression(**channels: float) -> np.ndarray:
    weights = np.zeros(len(EXPRESSIONS), np.float32)
    for name, value in channels.items():
        weights[INDEX[name]] = value
    return weights


def test_units_are_eye_distances_with_y_up_and_the_subjects_left_at_positive_x(model: HeadModel) -> None:
    right, left = model.neutral[33], model.neutral[263]
    assert np.linalg.norm(left - right) == pytest.approx(1, abs=0.05)
    assert left[0] > 0 > right[0]
    assert model.neutral[10, 1] > model.neutral[152, 1]
    assert model.neutral[:LANDMARKS, 2].argmax() in (1, 4)  # the tip of the nose
    assert 7 < model.centimetres < 11


def test_the_two_sides_mirror_each_other(model: HeadModel) -> None:
    flip = np.array([-1, 1, 1])
    assert (model.mirror[model.mirror] == np.arange(len(model.mirror))).all()
    assert np.allclose(model.neutral[model.mirror] * flip, model.neutral, atol=0.005)
    for name in EXPRESSIONS:
        partner = BY_NAME[name].partner or name
        row, other = model.expression[INDEX[name]], model.expression[INDEX[partner]]
        assert np.allclose(other[model.mirror] * flip, row, atol=0.02), name


def test_every_triangle_names_points_and_together_they_cover_the_face_once(model: HeadModel) -> None:
    every = np.concatenate([model.triangles, model.mouth_triangles, *model.eye_triangles])
    assert every.max() < 468
    a, b, c = (model.neutral[every[:, k], :2] for k in range(3))
    areas = ((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]) / 2
    assert (areas > 0).mean() > 0.95  # wound one way, seen from the front
    outline = model.neutral[model.outline, :2]
    after = np.roll(outline, -1, axis=0)
    enclosed = abs((outline[:, 0] * after[:, 1] - outline[:, 1] * after[:, 0]).sum()) / 2
    assert areas.sum() == pytest.approx(enclosed, rel=0.02)
    assert model.shell_triangles.max() == len(model.neutral) - 1


def test_lips_touch_at_rest_part_with_the_jaw_and_mouth_close_shuts_them(person: Person) -> None:
    upper, lower = (list(row) for row in LIPS)

    def gap(**channels: float) -> np.ndarray:
        shape = person.shape(expression(**channels))
        return shape[upper, 1] - shape[lower, 1]

    assert np.abs(gap()).max() < 1e-5
    assert gap(jawOpen=0.5)[4] > 0.15
    assert np.abs(gap(jawOpen=0.6, mouthClose=0.6)).max() < 0.02
    assert np.abs(gap(mouthSmileLeft=1, mouthSmileRight=1, mouthPressLeft=1)).max() < 1e-5


@pytest.mark.parametrize(("name", "lids"), [("eyeBlinkRight", RIGHT_LIDS), ("eyeBlinkLeft", LEFT_LIDS)])
def test_a_full_blink_shuts_that_eye_exactly_and_not_the_other(person: Person, name: str, lids: tuple) -> None:
    upper, lower = (list(row) for row in lids)
    shut = person.shape(expression(**{name: 1.0}))
    rest = person.shape(expression())
    assert np.allclose(shut[upper], shut[lower], atol=1e-5)
    assert (rest[upper, 1] - rest[lower, 1]).max() > 0.05
    others = [point for row in (RIGHT_LIDS if lids is LEFT_LIDS else LEFT_LIDS) for point in row]
    assert np.allclose(shut[others], rest[others], atol=0.01)


def test_lips_and_lids_never_pass_through_each_other(person: Person) -> None:
    for _ in range(20):
        shape = person.shape(RNG.uniform(0, 1, len(EXPRESSIONS)) * (RNG.random(len(EXPRESSIONS)) < 0.3))
        for upper, lower in (LIPS, RIGHT_LIDS, LEFT_LIDS):
            assert (shape[list(upper), 1] >= shape[list(lower), 1] - 1e-6).all()


def test_gaze_turns_both_irises_the_same_way_on_their_eyeballs(person: Person) -> None:
    rest = person.shape(expression())
    turned = person.shape(expression(), (20.0, 0.0))
    raised = person.shape(expression(), (0.0, 15.0))
    for centre, iris in zip(person.eye_centres, IRISES, strict=True):
        assert (turned[iris, 0] > rest[iris, 0] + 0.02).all()  # to the right of the picture
        assert (raised[iris, 1] > rest[iris, 1] + 0.02).all()
        before, after = (np.linalg.norm(points[iris] - centre, axis=1) for points in (rest, turned))
        assert np.allclose(before, after, atol=1e-5)
    looking = person.shape(expression(eyeLookInRight=1, eyeLookOutLeft=1))
    same = person.shape(expression(), (30.0, 0.0))
    assert np.allclose(looking, same, atol=1e-5)


def test_lower_teeth_go_with_the_jaw_and_upper_teeth_stay(person: Person) -> None:
    model = person.model
    moved = np.linalg.norm(person.teeth(expression(jawOpen=1)) - person.teeth(expression()), axis=1)
    part = np.array(model.part_names)[model.teeth_part]
    assert moved[part == "upper teeth"].max() < 1e-3
    assert moved[part == "lower teeth"].min() > 0.1
    assert len(model.teeth_triangles) <= 4000
    teeth = person.teeth_neutral[part == "upper teeth"]
    lips = person.neutral[[13, 14]].mean(0)
    assert np.abs(teeth.mean(0) - lips)[1] < 0.15  # behind the lips, at their height
    assert (teeth[:, 2] < lips[2] + 0.05).all()
