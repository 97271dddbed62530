"""Landmarks to head model and back: who it is, how they look, where they are; and dragging a landmark in the editor."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from engine.face.eyes import BLINKS, read_blinks, read_gaze, read_wide
from engine.face.head_model import (
    EXPRESSIONS,
    LANDMARKS,
    OPENINGS,
    HeadModel,
    Person,
    keep_apart,
    with_gaze,
)
from engine.face.landmarks import eye_distance
from engine.face.pose import Pose, refine_pose, start_pose
from engine.face.solver import bounded_least_squares
from engine.project.channels import CHANNELS, INDEX, NAMES

DRAG_NOISE = 0.005  # eye distances a dragged landmark may miss by before that costs one standard deviation
DRAGGED_TURN = 20.0  # degrees: how far gaze and head tend to be turned by dragging
NOISE = 0.05  # eye distances one measure may miss by before that costs as much as one standard deviation of a prior
ROBUST = 0.08  # eye distances; measures that miss by more than this count less and less (Geman & McClure 1987)
LIKELY = {  # how large an expression tends to be: its prior's standard deviation; the rest 0.35
    **dict.fromkeys(("eyeBlinkLeft", "eyeBlinkRight"), 1.0),
    **dict.fromkeys(("mouthSmileLeft", "mouthSmileRight", "mouthPucker", "mouthFunnel"), 0.7),
    **dict.fromkeys(("jawForward", "cheekPuff", "cheekSquintLeft", "cheekSquintRight"), 0.12),
    **dict.fromkeys(("mouthClose", "mouthShrugLower", "mouthShrugUpper", "noseSneerLeft", "noseSneerRight"), 0.2),
}
KNOWN = 1.4  # how much freer expressions are when it is known whose face it is; freer still, and they trade places
SHUT_JAW = 0.1  # likely jawOpen behind closed lips
UNSEEN = [i for i, name in enumerate(EXPRESSIONS) if name.startswith("eyeLook") or name == "tongueOut"]
FADE = 0.6  # eye distances; how far around the face its landmarks' misses reach
WIDE = np.array([INDEX["eyeWideRight"], INDEX["eyeWideLeft"]])
GAPS = {  # pairs of landmarks whose distance is measured too, so that small openings are not lost among large shapes
    **dict.fromkeys(((13, 14), (82, 87), (312, 317), (81, 178), (311, 402)), 30.0),
    **dict.fromkeys(((159, 145), (158, 153), (160, 144), (386, 374), (385, 380), (387, 373)), 8.0),
    **dict.fromkeys(((61, 291), (78, 308), (2, 152), (0, 17), (105, 159), (334, 386), (107, 336)), 4.0),
}


@dataclass(frozen=True)
class Fit:
    """A face understood: `landmarks` [478, 3] px as seen, and person, expression [52], gaze and pose behind them."""

    landmarks: np.ndarray
    person: Person
    expression: np.ndarray
    gaze: tuple[float, float]  # (yaw, pitch) degrees against the head
    pose: Pose

    @property
    def identity(self) -> np.ndarray:
        """[K] standard deviations."""
        return self.person.identity

    def values(self) -> np.ndarray:
        """Channel values [C] float32 that give the face as pictured: its expression, head and gaze unmoved."""
        values = np.array([channel.neutral for channel in CHANNELS], np.float32)
        values[: len(EXPRESSIONS)] = self.expression
        return values

    def scaled(self, factor: float) -> "Fit":
        """The same face in the picture made `factor` times as large."""
        pose = replace(self.pose, scale=self.pose.scale * factor, x=self.pose.x * factor, y=self.pose.y * factor)
        return replace(self, landmarks=self.landmarks * np.float32(factor), pose=pose)

    def shape(self, values: np.ndarray) -> np.ndarray:
        """The model's points [V, 3] in head space under channel values [C]; gaze counts from the pictured one."""
        gaze = (self.gaze[0] + float(values[INDEX["gazeYaw"]]), self.gaze[1] + float(values[INDEX["gazePitch"]]))
        return self.person.shape(values[: len(EXPRESSIONS)], gaze)

    def modelled(self, values: np.ndarray) -> np.ndarray:
        """Points [V, 3] px under channel values [C], as the head model has them."""
        return self.pose.moved(values).project(self.shape(values))

    def points(self, values: np.ndarray) -> np.ndarray:
        """Points [V, 3] px under channel values [C], with what the model misses of this face carried along.

        At `values()` the landmarks come out as seen. Lips and lids that the channels close are closed.
        """
        shape = self.shape(values)
        shape += _with_openings(self.missed, shape, self.shape(self.values()))
        for upper, lower, halfway in OPENINGS:
            keep_apart(shape, upper, lower, halfway)
        return self.pose.moved(values).project(shape)

    @cached_property
    def missed(self) -> np.ndarray:
        """Landmarks less model [V, 3] in head space, flat; beyond the landmarks, fading with distance."""
        model = self.modelled(self.values())
        away = np.zeros_like(model)
        seen = LANDMARKS
        away[:seen, :2] = (self.landmarks[:, :2] - model[:seen, :2]) * [1, -1] / self.pose.scale
        outline = self.person.model.outline
        apart = np.linalg.norm(self.person.neutral[seen:, None] - self.person.neutral[None, outline], axis=2)
        near = np.exp(-((apart / FADE) ** 2))
        away[seen:] = near @ away[outline] / np.maximum(near.sum(1, keepdims=True), 1)
        return away @ self.pose.matrix().astype(np.float32)


def _with_openings(missed: np.ndarray, shape: np.ndarray, pictured: np.ndarray) -> np.ndarray:
    """Misses [V, 3] in which opposite lips and lids differ only as far as `shape` is as open as the face `pictured`."""
    missed = missed.copy()
    for upper, lower, _ in OPENINGS:
        above, below = list(upper), list(lower)
        gap, before = (points[above, 1] - points[below, 1] for points in (shape, pictured))
        share = np.clip(gap / np.maximum(before, 0.005), 0, 1)[:, None]
        middle, half = (missed[above] + missed[below]) / 2, (missed[above] - missed[below]) / 2
        missed[above], missed[below] = middle + half * share, middle - half * share
    return missed


def rms_error(fit: Fit) -> float:
    """Root mean square distance of the 468 face landmarks from the model's, in the picture plane, in eye distances."""
    away = (fit.modelled(fit.values())[:468, :2] - fit.landmarks[:468, :2]) / eye_distance(fit.landmarks)
    return float(np.sqrt((away**2).sum(1).mean()))


def fit_face(landmarks: np.ndarray, model: HeadModel, rounds: int = 8) -> Fit:
    """Fit one still face, landmarks [478, 3] px: pose, then identity and expression together, again and again."""
    identities = len(model.identity)
    blinks = read_blinks(landmarks)
    pose = start_pose(landmarks, model.neutral[:LANDMARKS], point_weights(model))
    fit = Fit(landmarks, model.person(np.zeros(identities)), np.zeros(len(EXPRESSIONS), np.float32), (0.0, 0.0), pose)
    basis = np.empty((identities + len(EXPRESSIONS), LANDMARKS, 3), np.float32)
    basis[:identities] = model.identity[:, :LANDMARKS]
    tight = np.concatenate([np.ones(identities), 1 / likely(landmarks) ** 2])
    high = np.concatenate([np.full(identities, 3.0), np.ones(len(EXPRESSIONS))])
    low = np.concatenate([np.full(identities, -3.0), np.zeros(len(EXPRESSIONS))])
    _set_blinks(low[identities:], high[identities:], blinks)
    for _ in range(rounds):
        fit = posed(fit)
        basis[identities:] = fit.person.expression[:, :LANDMARKS]
        neutral = model.neutral[:LANDMARKS] + _lids_and_gaze(fit)
        start = np.concatenate([fit.identity, fit.expression])
        found = _coefficients(fit, neutral, basis, tight, low, high, start)
        person = model.person(found[:identities])
        fit = Fit(landmarks, person, found[identities:].astype(np.float32), fit.gaze, fit.pose)
    return posed(fit)


def fit_frame(
    landmarks: np.ndarray,
    person: Person,
    previous: Fit | None = None,
    open_gaps: np.ndarray | None = None,
    rounds: int = 3,
) -> Fit:
    """Fit one frame of a video, landmarks [478, 3] px, of a known person, starting from the `previous` frame's fit.

    `open_gaps` [2] are this person's `lid_gaps` with eyes open, as a whole clip shows them better than one frame.
    """
    if previous is None:
        pose = start_pose(landmarks, person.neutral[:LANDMARKS], point_weights(person.model))
        fit = Fit(landmarks, person, np.zeros(len(EXPRESSIONS), np.float32), (0.0, 0.0), pose)
    else:
        fit = Fit(landmarks, person, previous.expression, previous.gaze, previous.pose)
    fit = posed(fit)
    tight, low, high = 1 / (KNOWN * likely(landmarks)) ** 2, np.zeros(len(EXPRESSIONS)), np.ones(len(EXPRESSIONS))
    _set_blinks(low, high, read_blinks(landmarks, open_gaps, fit.pose.yaw))
    if open_gaps is not None:
        low[WIDE] = high[WIDE] = read_wide(landmarks, open_gaps, fit.pose.yaw)
    basis = person.expression[:, :LANDMARKS]
    for _ in range(rounds):
        neutral = person.neutral[:LANDMARKS] + _lids_and_gaze(fit)
        found = _coefficients(fit, neutral, basis, tight, low, high, fit.expression)
        fit = posed(Fit(landmarks, person, found.astype(np.float32), fit.gaze, fit.pose))
    return fit


def posed(fit: Fit) -> Fit:
    """fit with its pose and gaze estimated anew, its person and expression kept."""
    shape = fit.person.shape(fit.expression, fit.gaze)[:LANDMARKS]
    pose = refine_pose(fit.pose, fit.landmarks, shape, point_weights(fit.person.model))
    gaze = read_gaze(fit.landmarks, pose, fit.person, fit.expression[BLINKS])
    return Fit(fit.landmarks, fit.person, fit.expression, gaze or fit.gaze, pose)


def _set_blinks(low: np.ndarray, high: np.ndarray, blinks: np.ndarray) -> None:
    """Fix eyeBlink in the bounds [52] at what was read; an eye that shuts is not wide."""
    low[BLINKS] = high[BLINKS] = blinks
    high[WIDE] = np.clip(1 - 3 * blinks, 0, 1)


def likely(landmarks: np.ndarray) -> np.ndarray:
    """Prior standard deviation of each expression channel, [52], given how far apart the lips are: a shut mouth has,
    most likely, a shut jaw, so that what else lengthens the face is put down to who it is."""
    sizes = np.array([LIKELY.get(name, 0.35) for name in EXPRESSIONS])
    sizes[UNSEEN] = 1e-3
    gape = float(np.linalg.norm((landmarks[13] - landmarks[14])[:2])) / eye_distance(landmarks)
    sizes[INDEX["jawOpen"]] = min(1.0, SHUT_JAW + 3 * gape)
    return sizes


def point_weights(model: HeadModel) -> np.ndarray:
    """Weight of each landmark, [478]: less for the face's outline, which slides over the skin as the head turns."""
    weights = np.ones(LANDMARKS)
    weights[model.outline] = 0.3
    weights[468:] = 0.0  # irises are read as gaze
    return weights


def _lids_and_gaze(fit: Fit) -> np.ndarray:
    """What gaze alone adds to the landmarks, [478, 3]: lids follow the eyes."""
    looking = with_gaze(np.zeros(len(EXPRESSIONS)), fit.gaze)
    return np.tensordot(looking, fit.person.expression[:, :LANDMARKS], 1)


def _coefficients(
    fit: Fit,
    neutral: np.ndarray,
    basis: np.ndarray,
    tight: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    start: np.ndarray,
) -> np.ndarray:
    """Weights [N] of `basis` [N, 478, 3] over `neutral` [478, 3] that best explain the landmarks near fit's pose.

    Minimises sum_m w_m |R (n_m + sum_k c_k b_km) + D_m p - y_m|^2 / NOISE^2 + sum_k tight_k c_k^2 within bounds. The
    measures m are all landmarks and the distances GAPS; w falls with the miss of the start; D p is a small change of
    pose, eliminated beforehand (variable projection, Golub & Pereyra 1973), so that a jaw is not taken for a nod.
    """
    turn = fit.pose.matrix()
    shape = (neutral + np.tensordot(start, basis, 1)) @ turn.T
    seen = _measures(fit.pose.unproject(fit.landmarks))
    columns = _measures(basis @ turn[:2].T.astype(np.float32))
    missing = seen - _measures(neutral @ turn[:2].T)
    left = seen - _measures(shape[:, :2])
    root = np.sqrt(measure_weights(fit.person.model) / NOISE**2) / (1 + (left**2).sum(1) / ROBUST**2)
    flat = (columns * root[:, None]).reshape(len(basis), -1)
    wished = (missing * root[:, None]).ravel()
    along, _ = np.linalg.qr((_measures(_pose_slopes(shape)) * root[:, None]).reshape(6, -1).T)
    flat -= (flat @ along) @ along.T
    wished -= along @ (along.T @ wished)
    return bounded_least_squares(flat @ flat.T + np.diag(tight), flat @ wished, low, high, start)


def _pose_slopes(shape: np.ndarray) -> np.ndarray:
    """How points [478, 3] in camera space move in the picture plane, [6, 478, 2]: by turns, scale, shifts."""
    x, y, z = shape.T
    none, ones = np.zeros_like(x), np.ones_like(x)
    across = [none, z, -y, x, ones, none]
    up = [-z, none, x, y, none, ones]
    return np.stack([across, up], axis=-1)


def _measures(points: np.ndarray) -> np.ndarray:
    """Landmarks [..., 478, A] followed by the differences over GAPS: [..., M, A]."""
    pairs = np.array(list(GAPS))
    return np.concatenate([points, points[..., pairs[:, 0], :] - points[..., pairs[:, 1], :]], axis=-2)


def measure_weights(model: HeadModel) -> np.ndarray:
    """Weight [M] of each measure."""
    return np.concatenate([point_weights(model), list(GAPS.values())])


def solve_drag(
    fit: Fit,
    values: np.ndarray,
    moved: dict[int, tuple[float, float]],
    channels: Collection[str] | None = None,
    steps: int = 3,
) -> np.ndarray:
    """The channel values nearest to `values` [C] that bring landmarks to where they were dragged.

    Args:
        fit: the portrait.
        values: channel values as they are, at which `fit.points(values)` is what is being dragged.
        moved: landmark index -> (x, y) px wished.
        channels: names of those that may change; None: all of the expression and, if an iris is dragged, the gaze.
        steps: Gauss-Newton steps; each is a regularised bounded least-squares problem.

    Returns:
        [C] float32: a copy in which nothing else has changed.
    """
    names = list(moved)
    wished = np.array([moved[name] for name in names], np.float64)
    if channels is None:
        turned = [INDEX["gazeYaw"], INDEX["gazePitch"]]
        free = [i for i in range(len(EXPRESSIONS)) if i not in UNSEEN] + (turned if max(names) >= 468 else [])
    else:
        free = [INDEX[name] for name in channels]
    turns = [CHANNELS[i].unit == "degrees" for i in free]
    reach = np.where(turns, DRAGGED_TURN, [LIKELY.get(NAMES[i], 0.35) for i in free])
    nudge = np.where(turns, 1.0, 0.02)
    low, high = (np.array([getattr(CHANNELS[i], end) for i in free]) for end in ("low", "high"))
    start = np.array(values, np.float32)
    now = start.copy()
    for _ in range(steps):
        here = fit.points(now)[names, :2]
        slopes = np.empty((len(free), wished.size))
        for row, (channel, size) in enumerate(zip(free, nudge, strict=True)):
            near = now.copy()
            near[channel] += size
            slopes[row] = (fit.points(near)[names, :2] - here).ravel() / size
        slopes /= fit.pose.scale * DRAG_NOISE
        missing = (wished - here).ravel() / (fit.pose.scale * DRAG_NOISE) + slopes.T @ now[free]
        normal = slopes @ slopes.T + np.diag(1 / reach**2)
        now[free] = bounded_least_squares(normal, slopes @ missing + start[free] / reach**2, low, high, now[free])
    return now
