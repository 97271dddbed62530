"""A face seen from the side does not fold over itself; one seen from the front stays as it was found."""

import numpy as np
import pytest

from engine.face.head_model import EXPRESSIONS, HeadModel, load_head_model
from engine.face.pose import Pose
from engine.render.topology import EYES, FACE_POINTS, LIPS, MOUTH
from engine.render.unfold import unfolded

UNIT = 100.0


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return load_head_model()


def seen(model: HeadModel, yaw: float) -> np.ndarray:
    """Landmarks [478, 3] of the model's own head, turned."""
    return Pose(yaw, 0, 0, UNIT, 300, 300).project(model.neutral)[:478]


def folded(points: np.ndarray, triangles: np.ndarray) -> float:
    """Area of what is turned away from the viewer, square pixels; lids and lips left out."""
    rims = [v for slit in (MOUTH, *EYES) for v in (*slit.ring, *slit.above[0], *slit.below[0])]
    triangles = triangles[~np.isin(triangles, rims).any(1)]
    a, b, c = (points[triangles[:, k], :2] for k in range(3))
    area = np.cross(b - a, c - a) / 2
    return float(np.abs(area[np.sign(area) != np.sign(np.median(area))]).sum())


@pytest.mark.parametrize("yaw", [-30, -18, 18, 30])
def test_a_turned_face_is_unfolded(model: HeadModel, yaw: float) -> None:
    before = seen(model, yaw)
    after = unfolded(before, model.triangles, UNIT)
    assert folded(before, model.triangles) > 100
    assert folded(after, model.triangles) < 0.1 * folded(before, model.triangles)


def test_what_is_not_folded_stays(model: HeadModel) -> None:
    before = seen(model, 20)
    after = unfolded(before, model.triangles, UNIT)
    rims = [v for slit in (MOUTH, *EYES) for v in slit.ring]
    assert np.allclose(after[rims], before[rims], atol=1e-3)
    assert np.array_equal(after[FACE_POINTS:], before[FACE_POINTS:])
    assert np.array_equal(after[:, 2], before[:, 2])
    unmoved = np.abs(after - before).max(1) < 1e-3
    assert unmoved[:FACE_POINTS].mean() > 0.7


def test_a_face_from_the_front_stays(model: HeadModel) -> None:
    before = seen(model, 0)
    assert np.abs(unfolded(before, model.triangles, UNIT) - before).max() < 0.05 * UNIT


def test_rolled_lips_stay(model: HeadModel) -> None:
    open_wide = np.zeros(len(EXPRESSIONS), np.float32)
    open_wide[[EXPRESSIONS.index(name) for name in ("jawOpen", "mouthRollLower", "mouthRollUpper")]] = 0.9, 1.0, 1.0
    shape = model.person(np.zeros(len(model.identity))).shape(open_wide)
    before = Pose(5, 0, 0, UNIT, 300, 300).project(shape)[:478]
    before[[17, 84, 314], 1] = before[[14, 87, 317], 1] - 2  # an outline that a tracker has put behind the inner rim
    after = unfolded(before, model.triangles, UNIT)
    assert np.array_equal(after[list(LIPS)], before[list(LIPS)])
