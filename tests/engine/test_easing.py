from fractions import Fraction

import numpy as np
import pytest

from engine.errors import InputError
from engine.project.channels import BY_NAME
from engine.project.curve import Curve, Keyframe, Layer, evaluate
from engine.project.curve_edits import with_lock
from engine.project.easing import EASINGS, with_eased
from engine.project.key_edits import KeyRef
from engine.project.motion import Motion
from engine.project.project import Project
from engine.project.timing import ALWAYS, TimeRange

RATE = Fraction(25)
KEYS = tuple(Keyframe(Fraction(second), value) for second, value in ((0, 0.2), (2, 0.8), (4, 0.1)))


def project() -> Project:
    return Project(motion=Motion(RATE, 150, {"jawOpen": Curve(layers=(Layer(KEYS, ALWAYS),))}))


def refs(*seconds: int) -> list[KeyRef]:
    return [KeyRef("jawOpen", 0, Fraction(second)) for second in seconds]


def values(of: Project, *seconds: float) -> np.ndarray:
    return evaluate(of.motion["jawOpen"], BY_NAME["jawOpen"], np.array(seconds), RATE)


@pytest.mark.parametrize("easing", EASINGS)
def test_an_eased_curve_still_passes_through_its_keys_and_changes_only_that_way(easing):
    eased = with_eased(project(), refs(0), easing)
    assert values(eased, 0, 2, 4) == pytest.approx([0.2, 0.8, 0.1], abs=1e-6)
    if easing != "smooth":
        assert not np.allclose(values(eased, 0.5, 1, 1.5), values(project(), 0.5, 1, 1.5))
    assert values(eased, 5) == values(project(), 5)


def test_in_starts_slowly_out_ends_slowly_and_both_do_both():
    early, late = 0.2, 1.8
    line = values(with_eased(project(), refs(0), "linear"), early, late)
    slow_in, slow_out, both = (
        values(with_eased(project(), refs(0), f"ease {way}"), early, late) for way in ("in", "out", "both")
    )
    assert slow_in[0] < line[0] and both[0] < line[0]
    assert slow_out[1] > line[1] and both[1] > line[1]


def test_overshoot_goes_beyond_the_key_and_wind_up_the_other_way_first():
    times = np.linspace(0, 2, 100)
    assert values(with_eased(project(), refs(0), "overshoot"), *times).max() > 0.81
    assert values(with_eased(project(), refs(0), "wind up"), *times).min() < 0.19


def test_a_step_holds_until_the_next_key():
    assert values(with_eased(project(), refs(0), "step"), 1.99)[0] == pytest.approx(0.2)


def test_the_last_key_leads_nowhere_so_nothing_changes():
    assert with_eased(project(), refs(4), "ease both") == project()


def test_what_cannot_be_eased_is_named():
    with pytest.raises(InputError, match="'bouncy'"):
        with_eased(project(), refs(0), "bouncy")
    with pytest.raises(InputError, match="no key at 1 s"):
        with_eased(project(), refs(1), "linear")
    locked = with_lock(project(), ["jawOpen"], TimeRange(Fraction(1), Fraction(2)))
    with pytest.raises(InputError, match="locked"):
        with_eased(locked, refs(0), "ease in")
