"""From landmark residuals to coordinates, and from coordinates to the channels that move a head so."""

import numpy as np
import pytest

from engine.face.head_model import load_head_model
from engine.motion.atom.face_space import MOUTH, SPOKEN, FaceSpace, to_channels
from engine.motion.atom.perform import from_channels
from engine.project.channels import INDEX, NAMES


@pytest.fixture(scope="module")
def mouths() -> np.ndarray:
    """Channel values [T, C] of plausible mouths: smooth, sparse, the same on both sides."""
    dice = np.random.default_rng(0)
    values = np.zeros((300, len(NAMES)), np.float32)
    for name in SPOKEN:
        wave = np.convolve(dice.normal(size=320), np.hanning(9), "same")[:300]
        values[:, INDEX[name]] = np.clip(0.12 * wave, 0, 0.6)
        partner = name.replace("Right", "Left")
        values[:, INDEX[name]] = values[:, INDEX[partner]]
    values[:, INDEX["jawOpen"]] = np.clip(2 * values[:, INDEX["jawOpen"]], 0, 0.6)
    return values


@pytest.fixture(scope="module")
def space(mouths: np.ndarray) -> FaceSpace:
    residual = residuals(mouths)[:, list(MOUTH)].reshape(len(mouths), -1)
    _, sizes, rows = np.linalg.svd(residual, full_matrices=False)
    spread = sizes[:12] / np.sqrt(len(mouths))
    return FaceSpace(MOUTH, rows[:12].reshape(12, -1, 3).astype(np.float32), spread.astype(np.float32))


def residuals(values: np.ndarray) -> np.ndarray:
    rows = [INDEX[name] for name in SPOKEN]
    return np.tensordot(values[:, rows], load_head_model().expression[rows][:, :478], 1)


def opening(residual: np.ndarray) -> np.ndarray:
    return residual[:, 13, 1] - residual[:, 14, 1]


def width(residual: np.ndarray) -> np.ndarray:
    return residual[:, 291, 0] - residual[:, 61, 0]


def test_coordinates_carry_the_mouth(space: FaceSpace, mouths: np.ndarray):
    residual = residuals(mouths)
    again = space.residual(space.coordinates(residual))
    assert np.abs(again - residual[:, list(MOUTH)]).max() < 0.01, "within a hundredth of the eye distance"


@pytest.mark.parametrize("measure", [opening, width])
def test_channels_open_and_widen_lips_as_the_coordinates_say(space: FaceSpace, mouths: np.ndarray, measure):
    coordinates = space.coordinates(residuals(mouths))
    found = to_channels(space, coordinates, load_head_model(), SPOKEN)
    assert found.min() >= 0
    assert found.max() <= 1
    values = np.zeros_like(mouths)
    values[:, [INDEX[name] for name in SPOKEN]] = found
    one, other = measure(residuals(mouths)), measure(residuals(values))
    assert np.corrcoef(one, other)[0, 1] > 0.97
    assert 0.8 < other.std() / one.std() < 1.1


def test_channels_become_coordinates(space: FaceSpace, mouths: np.ndarray):
    assert np.allclose(from_channels(space, mouths, SPOKEN), space.coordinates(residuals(mouths)), atol=1e-3)
