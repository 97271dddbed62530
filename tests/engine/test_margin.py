"""What the border cuts goes on beyond it, and a head that it cuts off gets a crown, not ears."""

import numpy as np

from engine.render.margin import continued

PAD = 40


def head() -> np.ndarray:
    """Person [60, 80, 4], 20 wide at the top and ever wider below."""
    person = np.zeros((60, 80, 4), np.uint8)
    for row in range(60):
        person[row, max(0, 30 - row) : min(80, 50 + row)] = (200, 100, 50, 255)
    return person


def test_the_person_itself_stays() -> None:
    assert np.array_equal(continued(head(), PAD, 30)[PAD:-PAD, PAD:-PAD], head())


def test_a_cut_head_narrows_to_a_crown() -> None:
    widths = (continued(head(), PAD, 30)[:PAD, :, 3] > 0).sum(1)
    assert widths[-1] <= 20
    assert (np.diff(widths) >= 0).all()
    assert widths[0] == 0


def test_a_body_goes_on_below() -> None:
    below = continued(head(), PAD, 30)[-PAD:]
    assert (below[:, PAD:-PAD] == head()[-1]).all()
