"""What AToM is told beside the sound: whose face it is."""

from fractions import Fraction

import numpy as np

from engine.face.head_model import HeadModel
from engine.project.project import Delivery

_HASTE = 0.08  # seconds: standard deviation of the smoothing at `smoothness` 1
_SIDES = (61, 291)
_MEASURES = ((*_SIDES, 0), (0, 13, 1), (14, 17, 1), (2, 152, 1), (105, 159, 1), (234, 454, 0))


def face_shape(neutral: np.ndarray, model: HeadModel) -> np.ndarray:
    """A face's measures against the average one's, [6], 0 the same: width of the mouth, heights of the lips, of the lower
    face and of the brow, width of the face. `neutral` [V, 3] landmarks in head space."""

    def measured(points: np.ndarray) -> np.ndarray:
        eyes = np.linalg.norm(points[33] - points[263])
        return np.array([abs(points[a, axis] - points[b, axis]) / eyes for a, b, axis in _MEASURES])

    return (measured(neutral) / measured(model.neutral) - 1).astype(np.float32)


def conditions(how: Delivery, shape: np.ndarray) -> np.ndarray:
    """What both networks are told: manner [4], and the face's `shape` [6] as `face_shape` gives it; float32 [10]."""
    return np.concatenate([np.full(4, how.expressiveness), shape * 5]).astype(np.float32)


def calmed(values: np.ndarray, smoothness: float, rate: Fraction) -> np.ndarray:
    """[T, K] at `rate` without what is quicker than `smoothness` 0..1 lets through."""
    from scipy.ndimage import gaussian_filter1d

    return gaussian_filter1d(values, _HASTE * smoothness * float(rate), axis=0) if smoothness > 0 else values
