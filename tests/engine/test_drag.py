"""Dragging a landmark with only some channels free to follow."""

from pathlib import Path

import numpy as np
import pytest

from engine.face.fit import Fit, fit_face, solve_drag
from engine.face.head_model import load_head_model
from engine.face.landmarks import choose_face
from engine.media.image import read_image
from engine.project.channels import INDEX, NAMES, in_group


@pytest.fixture(scope="module")
def fit() -> Fit:
    samples = Path(__file__).resolve().parents[2] / "resources" / "samples"
    return fit_face(choose_face(read_image(samples / "hopper.jpg").rgb), load_head_model())


@pytest.mark.parametrize(
    ("landmark", "by", "channels"),
    [
        (61, (0, -0.08), in_group("mouth", "jaw")),
        (152, (0, 0.1), in_group("jaw")),
        (107, (0, -0.05), in_group("brows")),
        (159, (0, 0.03), ("eyeBlinkRight", "eyeWideRight", "eyeSquintRight")),
        (1, (0.08, 0), ("headYaw", "headPitch")),
        (1, (0.2, 0.1), ("headX", "headY")),
    ],
)
def test_only_the_channels_that_may_change_do_and_they_follow_the_drag(fit: Fit, landmark, by, channels):
    values = fit.values()
    before = fit.points(values)[landmark, :2]
    wished = before + np.array(by) * fit.pose.scale
    dragged = solve_drag(fit, values, {landmark: tuple(wished)}, channels)
    others = [INDEX[name] for name in NAMES if name not in channels]
    assert np.array_equal(dragged[others], values[others])
    way, went = wished - before, fit.points(dragged)[landmark, :2] - before
    assert 0.5 < went @ way / (way @ way) < 1.1, "it goes where it is dragged, as far as these channels reach"


def test_with_nothing_free_nothing_changes(fit: Fit):
    assert np.array_equal(solve_drag(fit, fit.values(), {61: (0.0, 0.0)}, ()), fit.values())
