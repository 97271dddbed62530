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


def test_a_round_head_that_is_cut_goes_on_round() -> None:
    """Its outline does not start upright at the cut, where a stump would stand on the head."""
    unit, radius, hidden = 100, 120, 20
    rows, columns = np.mgrid[:200, :300]
    away = np.hypot(columns - 150, rows - (radius - hidden))
    opacity = np.clip((radius - away) / 8 + 0.5, 0, 1)[..., None]
    halo = np.random.default_rng(0).random(opacity.shape) * (away < radius + 20)[..., None] * 0.6
    person = np.maximum(opacity, halo) * (200, 100, 50, 255)
    above = continued(person.astype(np.uint8), PAD, unit)[:PAD, PAD:-PAD, 3] > 127
    widths, depth = above.sum(1)[::-1], np.arange(1, PAD + 1)
    round_widths = 2 * np.sqrt(np.maximum(radius**2 - (radius - hidden + depth) ** 2, 0))
    assert np.abs(widths - round_widths)[: hidden - 4].max() < 16
    assert not above[: PAD - hidden - 4].any()


def test_a_head_cut_at_a_corner_goes_on_over_it() -> None:
    person = np.zeros((60, 80, 4), np.uint8)
    for row in range(60):
        person[row, : 30 + row] = (200, 100, 50, 255)
    above = continued(person, PAD, 30)[:PAD, PAD:-PAD, 3]
    assert above[-1, 0] > 250
    assert above[-1, 40] == 0 and above[0].max() == 0


def test_a_head_that_is_whole_gets_no_crown() -> None:
    person = np.pad(head(), ((8, 0), (0, 0), (0, 0)))
    assert not continued(person, PAD, 30)[:PAD].any()
