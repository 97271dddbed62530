"""The parts that bend: refined faces, turns, rims that shut, pixels laid over pixels."""

import numpy as np
import pytest

from engine.face.head_model import load_head_model
from engine.face.pose import rotation
from engine.render.paint import blend, darken, lay_over, soften_folds
from engine.render.slits import gaps, limit_opening, shut_rims, widest_opening
from engine.render.subdivide import Refined, refine_face
from engine.render.topology import EYES, FACE_POINTS, MOUTH
from engine.render.turn import Turn, affine_of

DOWN = np.array([0.0, -1.0, 0.0])  # in the head model's space, y is up


@pytest.fixture(scope="module")
def refined() -> Refined:
    model = load_head_model()
    return refine_face(np.concatenate([model.triangles, model.mouth_triangles, *model.eye_triangles]))


def head() -> np.ndarray:
    return load_head_model().neutral.copy()


def test_refining_keeps_the_points_and_quarters_the_triangles(refined: Refined) -> None:
    points = head()
    fine = refined.refine(points)
    assert np.array_equal(fine[:FACE_POINTS], points[:FACE_POINTS])
    assert np.allclose(refined.weights.sum(1), 1)
    coarse = (points[refined.triangles[::4, 0]] - points[0]).shape[0]
    assert len(refined.triangles) == 4 * coarse


def test_rims_that_meet_still_meet_when_refined(refined: Refined) -> None:
    points = head()
    for slit in (MOUTH, *EYES):
        points[list(slit.lower)] = points[list(slit.upper)]
    fine = refined.refine(points)
    for slit in (MOUTH, *EYES):
        assert np.allclose(fine[refined.along(slit.upper)], fine[refined.along(slit.lower)], atol=1e-6)


def test_a_circle_of_rim_points_is_refined_to_a_rounder_circle(refined: Refined) -> None:
    points = head()
    upper = list(MOUTH.upper)
    angle = np.linspace(np.pi, 0, len(upper))
    points[upper, :2] = np.column_stack([np.cos(angle), np.sin(angle)])
    between = refined.refine(points)[refined.along(MOUTH.upper)][1::2, :2]
    flat = (points[upper[:-1], :2] + points[upper[1:], :2]) / 2
    assert np.abs(np.linalg.norm(between, axis=1) - 1).max() < 0.2 * np.abs(np.linalg.norm(flat, axis=1) - 1).max()


@pytest.mark.parametrize("angles", [(0, 0, 0), (25, -10, 5), (-60, 30, 45)])
def test_a_turn_is_its_matrix_and_a_share_of_it_less(angles: tuple[float, float, float]) -> None:
    matrix, pivot = rotation(*angles), np.array([3.0, 4.0, 5.0])
    turn = Turn.from_matrix(matrix, pivot, 1.2, np.array([1.0, 2.0, 0.0]))
    points = head()
    wanted = pivot + 1.2 * (points - pivot) @ matrix.T + (1, 2, 0)
    assert np.allclose(turn.apply(points), wanted, atol=1e-4)
    assert np.allclose(turn.apply(points, np.zeros(len(points))), points, atol=1e-5)
    near = affine_of(turn, points[0])
    assert np.allclose(near[:, :2] @ points[0, :2] + near[:, 2], wanted[0, :2], atol=1e-4)


def test_lips_all_but_closed_are_closed_and_open_ones_left() -> None:
    points = head()
    rim = list(MOUTH.lower[1:-1])
    points[rim, 1] = points[list(MOUTH.upper[1:-1]), 1] - 0.01
    assert gaps(shut_rims(points, MOUTH, DOWN, 1.0), MOUTH, DOWN).max() == 0
    points[rim, 1] -= 0.1
    assert np.array_equal(shut_rims(points, MOUTH, DOWN, 1.0), points)


def test_lids_close_to_the_gap_asked_for_and_no_further() -> None:
    points = head()
    before = gaps(points, EYES[0], DOWN)
    limit_opening(points, EYES[0], DOWN, before / 2)
    assert np.allclose(gaps(points, EYES[0], DOWN), before / 2, atol=1e-6)
    limit_opening(points, EYES[0], DOWN, before)
    assert np.allclose(gaps(points, EYES[0], DOWN), before / 2, atol=1e-6)
    limit_opening(points, EYES[0], DOWN, np.zeros_like(before))
    assert np.array_equal(points[list(EYES[0].upper)], points[list(EYES[0].lower)])


def test_eyes_pictured_closed_may_not_open() -> None:
    usual = np.full(7, 10.0)
    assert widest_opening(np.full(7, 0.5), usual).max() <= 0.5
    assert widest_opening(np.full(7, 9.0), usual).min() >= 10


def test_layers_add_by_their_opacity() -> None:
    picture = np.full((1, 3, 3), 100, np.uint8)
    layer = np.array([[[0, 0, 0, 0], [50, 50, 50, 128], [7, 8, 9, 255]]], np.uint8)
    lay_over(picture, layer)
    assert picture.tolist() == [[[100] * 3, [100] * 3, [7, 8, 9]]]


def test_blending_mixes_and_darkening_only_darkens() -> None:
    mask = np.array([[0.0, 0.5, 1.0]], np.float32)
    picture = np.full((1, 3, 3), 100, np.uint8)
    blend(picture, np.full((1, 3, 3), 200, np.float32), mask)
    assert picture[0, :, 0].tolist() == [100, 150, 200]
    darken(picture, np.full((1, 3, 3), 120, np.uint8), mask)
    assert picture[0, :, 0].tolist() == [100, 135, 120]


def test_folds_are_softened_and_the_rest_is_not() -> None:
    layer = np.zeros((5, 8, 4), np.uint8)
    layer[:, 4:] = 200
    source = np.stack(np.meshgrid(np.arange(8.0), np.arange(5.0)), -1).astype(np.float32) + 10
    smooth = layer.copy()
    soften_folds(smooth, source, 6)
    assert np.array_equal(smooth, layer)
    source[:, 4:, 0] += 50
    soften_folds(smooth, source, 6)
    assert 0 < smooth[2, 3, 0] < smooth[2, 4, 0] < 200
    assert np.array_equal(smooth[:, :3], layer[:, :3])
