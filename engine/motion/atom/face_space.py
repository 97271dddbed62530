"""The space that AToM moves in: a few directions of landmark residuals, and the channels that make a head do the same.

A residual is what landmarks have moved from this face's own rest, in head space, in eye distances, the same on both sides.
Its principal directions (learned by `engine.training.build_atom_data`) are the coordinates that the network draws.
"""

from dataclasses import dataclass

import numpy as np

from engine.face.head_model import HeadModel
from engine.project.channels import INDEX, in_group

LIPS_AND_CHIN = """
0 2 13 14 17 18 37 39 40 61 78 80 81 82 83 84 87 88 91 95 106 146 148 152 164 176 178 181 182 185 191 199 200
205 267 269 270 291 308 310 311 312 313 314 317 318 321 324 335 375 377 400 402 405 406 409 415 425
"""
BROWS_AND_LIDS = """
8 9 21 33 46 50 52 53 55 63 65 66 69 70 101 105 107 108 133 144 145 151 153 154 155 157 158 159 160 161 163 173 193 246 247
251 263 276 280 282 283 285 293 295 296 299 300 330 334 336 337 362 373 374 380 381 382 384 385 386 387 388 390 398 417 466
"""
MOUTH = tuple(int(landmark) for landmark in LIPS_AND_CHIN.split())
UPPER = tuple(int(landmark) for landmark in BROWS_AND_LIDS.split())
HEAD = ("headYaw", "headPitch", "headRoll", "headX", "headY")
_SPEAKING = """
jawOpen mouthClose mouthFunnel mouthPucker mouthRoll mouthShrug mouthSmile mouthStretch mouthPress mouthLowerDown mouthUpperUp
"""  # how the names of what speech moves begin
SPOKEN = tuple(name for name in in_group("jaw", "mouth") if name.startswith(tuple(_SPEAKING.split())))
LIFTED = tuple(name for name in in_group("brows", "eyes") if not name.startswith(("noseSneer", "eyeWide")))
DEPTH = 0.5  # weight of a landmark's z, which is guessed, against its x and y
_GAPS = ((13, 14, 20.0), (61, 291, 10.0), (159, 145, 8.0), (386, 374, 8.0))  # distances that count as much as landmarks
_EASE = 0.02  # pull of every channel towards 0, so that none works against another
_ROUNDS = 150


@dataclass(frozen=True)
class FaceSpace:
    """K coordinates of one part of the face. A residual is `directions` [K, P, 3] times (coordinates * `spread` [K])."""

    landmarks: tuple[int, ...]
    directions: np.ndarray
    spread: np.ndarray

    def coordinates(self, residual: np.ndarray) -> np.ndarray:
        """[T, K], each of unit size on average, of residuals of all landmarks [T, 478, 3]."""
        weighted = self.directions * [1, 1, DEPTH**2]
        normal = np.einsum("kpa,lpa->kl", weighted, self.directions)
        found = np.linalg.solve(normal, np.einsum("kpa,tpa->kt", weighted, residual[:, self.landmarks]))
        return (found.T / self.spread).astype(np.float32)

    def residual(self, coordinates: np.ndarray) -> np.ndarray:
        """Landmark residuals [T, P, 3] of coordinates [T, K]."""
        return np.tensordot(coordinates * self.spread, self.directions, 1).astype(np.float32)


def to_channels(space: FaceSpace, coordinates: np.ndarray, model: HeadModel, names: tuple[str, ...]) -> np.ndarray:
    """Values [T, len(names)] in 0..1 of these channels, for a neutral head to move as coordinates [T, K] say.

    Bounded least squares over landmarks and the distances that people look at, by accelerated projected gradient (Beck and
    Teboulle 2009): a mouth cannot be more shut than shut, so what would go below 0 is done by other channels.
    """
    expression = model.expression[[INDEX[name] for name in names]]
    measure = _measures(space.landmarks)
    basis = _flat(expression[:, space.landmarks], measure)
    wished = (coordinates * space.spread) @ (_flat(space.directions, measure) @ basis.T)
    normal = basis @ basis.T + _EASE * np.eye(len(names))
    step = 1 / np.linalg.eigvalsh(normal)[-1]
    found = ahead = np.zeros((len(coordinates), len(names)))
    for i in range(_ROUNDS):
        before = found
        found = np.clip(ahead - step * (ahead @ normal - wished), 0, 1)
        ahead = found + i / (i + 3) * (found - before)
    return found.astype(np.float32)


def _measures(landmarks: tuple[int, ...]) -> np.ndarray:
    """Rows that read the gaps out of points [P, 3], [G, P * 3], weighted."""
    rows = []
    for one, other, weight in _GAPS:
        if one in landmarks and other in landmarks:
            row = np.zeros((len(landmarks), 3))
            axis = 0 if (one, other) == (61, 291) else 1
            row[landmarks.index(one), axis], row[landmarks.index(other), axis] = 1, -1
            rows.append(np.sqrt(weight) * row.ravel())
    return np.array(rows)


def _flat(points: np.ndarray, measure: np.ndarray) -> np.ndarray:
    """Points [N, P, 3] as rows [N, P * 3 + G], depth weighted, gaps appended."""
    flat = points.reshape(len(points), -1)
    return np.concatenate([(points * [1, 1, DEPTH]).reshape(len(points), -1), flat @ measure.T], axis=1)
