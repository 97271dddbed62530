"""Fit the head model's basis to how a landmark model sees real faces.

ICT-FaceKit knows heads, MediaPipe has habits: it places some landmarks differently on photographs than on rendered
heads, and people differ in ways that forty modes do not span. Faces of many people are fitted; what is common to the
misses (and to channels that ought to average to rest) moves into the neutral face, and the largest ways in which the
rest varies become further identity modes.
"""

import numpy as np

from engine.face.eyes import EYE_CORNERS
from engine.face.fit import FADE, fit_face
from engine.face.head_model import EXPRESSIONS, IRISES, LANDMARKS, LIPS, HeadModel, model_of
from engine.project.channels import BY_NAME, INDEX, in_group
from engine.training.closing import with_closed_lips

Arrays = dict[str, np.ndarray]
MODES = 20
REST = tuple(name for name in in_group("brows", "eyes") if "Blink" not in name)  # at rest in most portraits
RIDGE = 60.0  # full expressions' worth of faces that pull a channel back to ICT's shape
FLIP = np.array([-1, 1, 1], np.float32)
FACING = 25.0  # degrees of yaw up to which a face teaches


def adapt(arrays: Arrays, faces: list[np.ndarray], rounds: int = 2) -> Arrays:
    """The model's arrays with a neutral face and identity modes learned from landmarks [478, 3] of many people."""
    for _ in range(rounds):
        arrays = _corrected(arrays, *_study(model_of(arrays), faces))
    misses, _, _ = _study(model_of(arrays), faces)
    return _with_modes(arrays, misses)


def _study(model: HeadModel, faces: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Misses [N, 478, 3] in head space, identities [N, K] and expressions [N, 52] of the faces that look our way."""
    fits = [fit for fit in (fit_face(face, model, rounds=5) for face in faces) if abs(fit.pose.yaw) < FACING]
    misses = np.stack([fit.missed[:LANDMARKS] for fit in fits])
    return misses, np.stack([fit.identity for fit in fits]), np.stack([fit.expression for fit in fits])


def _corrected(arrays: Arrays, misses: np.ndarray, identities: np.ndarray, expressions: np.ndarray) -> Arrays:
    """arrays whose neutral head and expressions take over what the misses have in common, both sides alike.

    Ridge regression of misses on channels: the intercept belongs to the neutral head, the slopes to the expressions;
    what few faces show changes little. The mean identity, and the median of the channels in REST, are neutral too.
    """
    model = model_of(arrays)
    partner = [INDEX[BY_NAME[name].partner or name] for name in EXPRESSIONS]
    shown = np.concatenate([expressions, expressions[:, partner]])
    shown[:, [i for i, name in enumerate(EXPRESSIONS) if "Blink" in name]] = 0
    shown = np.concatenate([np.ones((len(shown), 1)), shown], axis=1)
    pull = np.diag([0.0] + [RIDGE] * len(EXPRESSIONS))
    common, *slopes = np.linalg.solve(shown.T @ shown + pull, shown.T @ _both_sides(model, misses))
    slopes = np.stack([spread(model, slope.reshape(LANDMARKS, 3)) for slope in slopes])

    rest = [INDEX[name] for name in REST]
    missed = spread(model, common.reshape(LANDMARKS, 3))
    missed += np.tensordot(np.median(expressions[:, rest], axis=0), model.expression[rest], 1)
    identity = identities.mean(0)
    neutral = model.neutral + missed + np.tensordot(identity, model.identity, 1)
    around_eyes, around_teeth = _inner(missed[None])
    eyes = model.eye_centres + around_eyes[0] + np.tensordot(identity, model.eye_identity, 1)
    moved = dict(arrays)
    neutral = (neutral + neutral[model.mirror] * FLIP) / 2
    moved["neutral"], moved["expression"] = with_closed_lips(neutral, model.expression + slopes)
    moved["eye_centres"] = (eyes + eyes[::-1] * FLIP) / 2
    moved["teeth_neutral"] = model.teeth_neutral + around_teeth[0] + np.tensordot(identity, model.teeth_identity, 1)
    return moved


def _inner(changes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How eyeballs [N, 2, 3] and teeth [N, 1, 3] go along with changes [N, V, 3] of what is around them."""
    eyes = np.stack([changes[:, list(corners)].mean(1) for corners in EYE_CORNERS], axis=1)
    return eyes, changes[:, [*LIPS[0], *LIPS[1]]].mean(1, keepdims=True)


def _both_sides(model: HeadModel, misses: np.ndarray) -> np.ndarray:
    """Misses [N, 478, 3] followed by those of the mirrored faces, flat: [2N, 1434]."""
    return np.concatenate([misses, misses[:, model.mirror[:LANDMARKS]] * FLIP]).reshape(2 * len(misses), -1)


def _with_modes(arrays: Arrays, misses: np.ndarray) -> Arrays:
    """arrays with the principal components of the misses as further identities, each one standard deviation long."""
    model = model_of(arrays)
    both = _both_sides(model, misses)
    _, singular, modes = np.linalg.svd(both - both.mean(0), full_matrices=False)
    sizes = singular[:MODES] / np.sqrt(len(both))
    found = np.stack([spread(model, mode.reshape(LANDMARKS, 3)) for mode in modes[:MODES] * sizes[:, None]])
    eyes, teeth = _inner(found)
    teeth = teeth.repeat(len(model.teeth_neutral), axis=1)
    grown = dict(arrays)
    for name, more in (("identity", found), ("eye_identity", eyes), ("teeth_identity", teeth)):
        grown[name] = np.concatenate([getattr(model, name), more]).astype(np.float16)
    return grown


def spread(model: HeadModel, change: np.ndarray) -> np.ndarray:
    """A change of the landmarks [478, 3] for all points [V, 3]: around the face it follows the outline and fades, and
    irises go with the corners of their eye."""
    change = change.copy()
    for iris, corners in zip(IRISES, EYE_CORNERS, strict=True):
        change[iris] = change[list(corners)].mean(0)
    apart = np.linalg.norm(model.neutral[LANDMARKS:, None] - model.neutral[None, model.outline], axis=2)
    near = np.exp(-((apart / FADE) ** 2))
    around = near @ change[model.outline] / np.maximum(near.sum(1, keepdims=True), 1)
    return np.concatenate([change, around]).astype(np.float32)
