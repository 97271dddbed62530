"""How alike two faces are to dlib's network (D. King, 2017): for measuring only, so nothing here ships or is installed.

pip install --no-deps dlib-bin face_recognition_models
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import ResourceError

SAME = 0.6  # distances below this mean the same person, as dlib's author has it


class Identity:
    """Describes faces by 128 numbers; faces of one person lie close together."""

    def __init__(self) -> None:
        """Raises ResourceError where the two packages are not installed."""
        found = find_spec("face_recognition_models")
        if found is None or found.origin is None or find_spec("dlib") is None:
            raise ResourceError("identity is measured with: pip install --no-deps dlib-bin face_recognition_models")
        import dlib  # type: ignore[import-not-found]

        models = Path(found.origin).parent / "models"
        self._dlib: Any = dlib
        self._points = dlib.shape_predictor(str(models / "shape_predictor_68_face_landmarks.dat"))
        self._network = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))

    def describe(self, rgb: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
        """[128] for the face with these landmarks [478, 3] px in rgb [H, W, 3] uint8."""
        (left, top), (right, bottom) = landmarks[:468, :2].min(0), landmarks[:468, :2].max(0)
        box = self._dlib.rectangle(round(float(left)), round(float(top)), round(float(right)), round(float(bottom)))
        rgb = np.ascontiguousarray(rgb)
        return np.array(self._network.compute_face_descriptor(rgb, self._points(rgb, box)))


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Between two descriptions."""
    return float(np.linalg.norm(one - other))
