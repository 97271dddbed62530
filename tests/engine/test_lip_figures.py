"""The ruler for lips, on mouths whose figures are known."""

import numpy as np
import pytest

from engine.motion.phones import SILENCE, Phone
from engine.training.lip_figures import FPS, Lips, closures, correlation, interval, pauses, speech


def mouth(opening: np.ndarray) -> Lips:
    return Lips(opening, np.ones(len(opening)))


def test_a_mouth_is_measured_in_eye_distances_whatever_its_size():
    landmarks = np.zeros((2, 478, 3))
    landmarks[:, 263, 0], landmarks[:, 14, 1], landmarks[:, 291, 0] = 2.0, 0.4, 1.0
    near = Lips.of(landmarks * [[[1.0]], [[3.0]]])
    assert near.opening == pytest.approx([0.2, 0.2]) and near.width == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("frames", [-7, -1, 0, 1, 7])
def test_lips_that_come_late_follow_again_once_shifted_back(frames: int):
    seen = mouth(np.random.default_rng(0).random(50))
    late = seen.later(frames)
    everywhere = np.ones(50, bool)
    assert correlation(late.later(-frames).opening, seen.opening, everywhere) == pytest.approx(1)
    assert np.isnan(late.opening).sum() == abs(frames)
    if frames:
        assert abs(correlation(late.opening, seen.opening, everywhere)) < 0.5


def test_what_stands_still_follows_nothing():
    assert correlation(np.ones(30), np.arange(30.0), np.ones(30, bool)) == 0
    assert correlation(np.arange(30.0), np.arange(30.0), np.zeros(30, bool)) == 0


def test_speech_and_its_pauses_are_told_by_loudness():
    level = np.concatenate(
        [np.zeros(20), np.ones(20), np.zeros(4), np.ones(20), np.zeros(25), np.ones(20), np.zeros(20)]
    )
    assert speech(level).tolist() == [False] * 20 + [True] * 44 + [False] * 25 + [True] * 20 + [False] * 20
    assert np.flatnonzero(pauses(level)).tolist() == list(range(65, 88))
    assert not pauses(np.zeros(50)).any()


def test_closures_are_counted_where_they_belong():
    phones = [Phone(i / 5, (i + 1) / 5, label) for i, label in enumerate(["AA", "B", "IY", "M", "OW", SILENCE])]
    frames = np.arange(6 * FPS // 5)
    at = frames // (FPS // 5)
    good = closures(mouth(np.where((at == 1) | (at == 3), 0.0, 1.0)), phones)
    assert good.kept == [True, True] and not any(good.false) and good.auc == 1
    lazy = closures(mouth(np.where(at == 1, 0.0, 1.0)), phones)
    assert lazy.kept == [True, False] and lazy.auc == pytest.approx(0.75)
    assert closures(mouth(np.where(at == 2, 0.0, 1.0)), phones).false == [False, True, False]


def test_speed_counts_large_openings_a_second():
    swinging = mouth(np.tile([0.0, 1.0], 50))
    assert swinging.large == pytest.approx(1) and np.median(swinging.speed()) == pytest.approx(FPS)


def test_an_interval_narrows_with_more_values():
    few, many = interval([0.0, 1.0] * 3), interval([0.0, 1.0] * 30)
    assert few[0] == many[0] == 0.5 and 0 < many[1] < few[1] and interval([0.3]) == (0.3, 0.0)
