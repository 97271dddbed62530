"""The far half of a head that turns away does what the near half does."""

import numpy as np
import pytest

from engine.face.head_model import EXPRESSIONS
from engine.face.side_view import from_the_side


def column(expression: np.ndarray, name: str) -> np.ndarray:
    return expression[:, EXPRESSIONS.index(name)]


@pytest.mark.parametrize(("yaw", "near", "far"), [(45.0, "Right", "Left"), (-45.0, "Left", "Right")])
def test_the_far_half_follows_the_near_one(yaw: float, near: str, far: str):
    expression = np.random.default_rng(0).uniform(0, 1, (3, len(EXPRESSIONS)))
    seen = from_the_side(expression, np.array([0.0, np.sign(yaw) * 27, yaw]))
    assert np.array_equal(seen[0], expression[0]), "from in front a wink is a wink"
    blinks = column(seen, f"eyeBlink{far}")
    assert blinks[2] == pytest.approx(column(expression, f"eyeBlink{near}")[2])
    assert blinks[1] == pytest.approx(
        (column(expression, "eyeBlinkLeft")[1] + column(expression, "eyeBlinkRight")[1]) / 2, abs=0.01
    )
    assert np.array_equal(column(seen, f"mouthSmile{near}"), column(expression, f"mouthSmile{near}"))
    assert column(seen, "jawLeft")[2] == column(seen, "mouthRight")[2] == 0 < column(seen, "jawLeft")[1]
    assert np.array_equal(column(seen, "jawOpen"), column(expression, "jawOpen"))


def test_nothing_jumps_as_a_head_turns():
    expression = np.tile(np.random.default_rng(1).uniform(0, 1, len(EXPRESSIONS)), (181, 1))
    steps = np.abs(np.diff(from_the_side(expression, np.linspace(-60, 60, 181)), axis=0))
    assert steps.max() < 0.06
