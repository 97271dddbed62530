"""What a swap makes of skin, hair and glasses, on faces made up of a few colours."""

import cv2
import numpy as np
import pytest

from engine.face.head_model import LANDMARKS, load_head_model
from engine.face.unwrap import SIDE, Unwrapper
from engine.render.outline import Box
from engine.render.swap import SwapLook, edge
from engine.render.swap_cover import Cover
from engine.render.swap_light import Light, relit
from engine.render.topology import EYES, OVAL

SKIN = (205, 160, 140)


@pytest.fixture(scope="module")
def light() -> Light:
    return Light(load_head_model())


@pytest.fixture
def flat() -> np.ndarray:
    """A face of one colour, laid flat: [SIDE, SIDE, 3] uint8."""
    return np.full((SIDE, SIDE, 3), SKIN, np.uint8)


def places() -> np.ndarray:
    return Unwrapper(load_head_model()).places


def test_skin_under_a_fringe_becomes_no_lighter_than_skin_that_shows(light: Light) -> None:
    height = load_head_model().neutral[:LANDMARKS, 1]
    shown = height < height[9]
    skin = np.where(shown, 110 + 20 * np.sin(np.arange(LANDMARKS)), 190)[:, None].repeat(3, 1)
    coefficients = np.zeros((light.basis.shape[1], 3))
    coefficients[0] = 0.3
    lit = (skin * np.exp(light.gains(coefficients, shown, skin)))[:, 0]
    assert lit[~shown].max() < np.percentile(lit[shown], 85)
    assert np.median(lit[shown]) == pytest.approx(np.median(skin[shown]) * np.exp(0.3), rel=0.02), (
        "skin that shows stays"
    )


def test_a_very_dark_face_in_light_from_one_side_becomes_evenly_light(light: Light) -> None:
    model = load_head_model()
    side = model.neutral[:LANDMARKS, 0]
    share = ((side - side.min()) / np.ptp(side))[:, None]
    have = (np.array([5.0, 4.0, 3.0]) + share**2 * [70, 40, 25]).astype(np.float32)
    want = np.full((LANDMARKS, 3), (220.0, 190.0, 160.0), np.float32)
    landmarks = (model.neutral[:LANDMARKS] * [100, -100, -100]).astype(np.float32)
    shown = np.ones(LANDMARKS, bool)
    skin = light.skin(have, landmarks)
    gain = light.gains(light.fit(have, want, landmarks, shown.astype(float)), shown, skin)
    drawn = relit(have[None], gain[None], skin[None])[0]
    inner = [4, 50, 280, 101, 330, 205, 425, 151, 8, 117, 346]
    assert np.abs(drawn - want)[inner].max() < 30
    hue = drawn / drawn.mean(1, keepdims=True)
    assert np.abs(hue - want / want.mean(1, keepdims=True))[inner].max() < 0.08, "no blue or orange patches"


@pytest.mark.parametrize("gain", [(1.6, 1.6, 1.6), (0.0, 0.5, 1.0)], ids=["much lighter", "of another colour"])
def test_patches_of_colour_are_paler_on_other_skin(gain: tuple[float, float, float]) -> None:
    skin = np.full((1, 1, 3), (60.0, 45.0, 40.0), np.float32)
    patch = skin * np.array([1.25, 1.0, 0.8], np.float32)

    def chroma(log_gain: tuple[float, float, float]) -> float:
        lit, plain = (relit(layer, np.full((1, 1, 3), log_gain, np.float32), skin)[0, 0] for layer in (patch, skin))
        ratio = np.log(lit / plain)
        return float(ratio[0] - ratio[2])

    assert chroma((0.0, 0.0, 0.0)) == pytest.approx(0.4, abs=0.1), "in the same light nothing changes"
    assert chroma(gain) < 0.42 * chroma((0.0, 0.0, 0.0))


def test_a_strand_over_the_tail_of_a_brow_is_left_behind_and_the_brow_is_not(flat: np.ndarray) -> None:
    at = places()
    tail, brow = np.rint(at[70]).astype(int), np.rint(at[105]).astype(int)
    flat[:, : tail[0] + 3] = (205, 115, 30)
    cv2.line(flat, np.rint(at[63]).astype(int).tolist(), np.rint(at[107]).astype(int).tolist(), (90, 60, 50), 3)
    left = Cover(load_head_model(), [flat]).own_hair()
    assert left[tail[1], tail[0] - 1] > 0.7
    assert left[brow[1], brow[0] + 6] < 0.1


def test_thick_glasses_of_a_portrait_come_along_whole(flat: np.ndarray) -> None:
    at = places()
    frame = np.zeros((SIDE, SIDE), np.uint8)
    rims = np.zeros((SIDE, SIDE), np.uint8)
    for eye, out in zip(EYES, (-1, 1), strict=True):
        x, y = np.rint(at[list(eye.ring)].mean(0)).astype(int).tolist()
        cv2.ellipse(rims, (x + 4 * out, y + 4), (25, 22), 0, 0, 360, (1,), 4)
        cv2.line(frame, (x + 29 * out, y - 6), (x + 60 * out, y - 6), (1,), 4)
        cv2.line(frame, (x - 21 * out, y + 1), (x - 31 * out, y + 1), (1,), 4)
    flat[(frame | rims) > 0] = 15
    flat[:12] = 15
    left = Cover(load_head_model(), [flat]).own_hair()
    rims[: round(float(at[[105, 334], 1].max())) + 4] = 0
    assert left[rims > 0].max() < 0.5
    assert left[6, SIDE // 2] > 0.7, "hair above them stays behind"


def test_a_nose_that_begins_to_stand_out_is_drawn_beyond_the_outline() -> None:
    points = load_head_model().neutral[:LANDMARKS] * [100, -100, -100] + [150, 150, 0]
    box = Box.around(points[:, :2], 0, (300, 300))
    drawn = np.ones(box.shape, bool)
    hidden, seen = (
        edge(drawn, points, box, 100.0, SwapLook(), np.full(box.shape, stands, np.float32)) for stands in (0.0, 0.3)
    )
    inside = np.zeros(box.shape, np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(np.rint(points[list(OVAL), :2] - box.origin).astype(np.int32)), (1,))
    beyond = cv2.dilate(inside, np.ones((5, 5), np.uint8)) == 0
    assert hidden[beyond].max(initial=0) == 0 and seen[beyond].max() > 0.5
