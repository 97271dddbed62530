"""Fit the head model's basis to how a landmark model sees real faces.

ICT-FaceKit knows heads, MediaPipe has habits: it places some landmarks differently on photographs than on rendered
heads, and people differ in ways that forty modes do not span. Faces of many people are fitted; what is common to the
misses (and to channels that ought to average to rest) moves into the neutral face, and the largest ways in which the
rest varies become further identity modes.
"""

import numpy as np

from engine.face.fit import FADE, fit_face
from engine.face.head_model import EXPRESSIONS, LANDMARKS, LIPS, HeadModel, model_of
from engine.project.channels import INDEX, in_group

Arrays = dict[str, np.ndarray]
MODES = 14
REST = tuple(name for name in in_group("brows", "eyes") if "Blink" not in name)  # at rest in most portraits
FACING = 25.0  # degrees of yaw up to which a face teaches


def adapt(arrays: Arrays, faces: list[np.ndarray], rounds: int = 2) -> Arrays:
    """The model's arrays with a neutral face and identity modes learned from landmarks [478, 3] of many people."""
    faces = faces + [mirrored(face, arrays["mirror"][:LANDMARKS]) for face in faces]
    for _ in range(rounds):
        misses, identities, expressions = _study(model_of(arrays), faces)
        arrays = _with_neutral(arrays, misses.mean(0), identities.mean(0), np.median(expressions, axis=0))
    misses, _, _ = _study(model_of(arrays), faces)
    return _with_modes(arrays, misses)


def mirrored(face: np.ndarray, mirror: np.ndarray) -> np.ndarray:
    """Landmarks [478, 3] of the mirrored picture."""
    return (face * np.array([-1, 1, 1], np.float32))[mirror]


def _study(model: HeadModel, faces: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Misses [N, 478, 3] in head space, identities [N, K] and expressions [N, 52] of the faces that look our way."""
    misses, identities, expressions = [], [], []
    for face in faces:
        fit = fit_face(face, model)
        if abs(fit.pose.yaw) < FACING:
            misses.append(fit.missed[:LANDMARKS])
            identities.append(fit.identity)
            expressions.append(fit.expression)
    return np.stack(misses), np.stack(identities), np.stack(expressions)


def _with_neutral(arrays: Arrays, miss: np.ndarray, identity: np.ndarray, expression: np.ndarray) -> Arrays:
    """arrays with their neutral head moved to the mean of what was seen: misses, identities, channels off rest."""
    model = model_of(arrays)
    off = np.zeros(len(EXPRESSIONS), np.float32)
    rest = [INDEX[name] for name in REST]
    off[rest] = expression[rest]
    moved = dict(arrays)
    change = spread(model, miss) + np.tensordot(identity, model.identity, 1) + np.tensordot(off, model.expression, 1)
    moved["neutral"] = (model.neutral + change).astype(np.float32)
    moved["eye_centres"] = model.eye_centres + np.tensordot(identity, model.eye_identity, 1)
    moved["teeth_neutral"] = model.teeth_neutral + np.tensordot(identity, model.teeth_identity, 1)
    return moved


def _with_modes(arrays: Arrays, misses: np.ndarray) -> Arrays:
    """arrays with the principal components of the misses as further identities, each one standard deviation long."""
    model = model_of(arrays)
    seen = misses.reshape(len(misses), -1)
    _, singular, modes = np.linalg.svd(seen - seen.mean(0), full_matrices=False)
    sizes = singular[:MODES] / np.sqrt(len(misses))
    found = np.stack([spread(model, mode.reshape(LANDMARKS, 3)) for mode in modes[:MODES] * sizes[:, None]])
    lips = found[:, [*LIPS[0], *LIPS[1]]].mean(1, keepdims=True)
    grown = dict(arrays)
    grown["identity"] = np.concatenate([model.identity, found]).astype(np.float16)
    eyes = np.stack([found[:, [33, 133]].mean(1), found[:, [263, 362]].mean(1)], axis=1)
    grown["eye_identity"] = np.concatenate([model.eye_identity, eyes]).astype(np.float16)
    teeth = np.broadcast_to(lips, (MODES, *model.teeth_neutral.shape))
    grown["teeth_identity"] = np.concatenate([model.teeth_identity, teeth]).astype(np.float16)
    return grown


def spread(model: HeadModel, change: np.ndarray) -> np.ndarray:
    """A change of the landmarks [478, 3] for all points [V, 3]: around the face it follows the outline and fades."""
    apart = np.linalg.norm(model.neutral[LANDMARKS:, None] - model.neutral[None, model.outline], axis=2)
    near = np.exp(-((apart / FADE) ** 2))
    around = near @ change[model.outline] / np.maximum(near.sum(1, keepdims=True), 1)
    return np.concatenate([change, around]).astype(np.float32)
