"""Landmarks to head model and back: who it is, how they look, where they are; and dragging a landmark in the editor."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.face.head_model import (
    EXPRESSIONS,
    IRISES,
    LANDMARKS,
    OPENINGS,
    HeadModel,
    Person,
    keep_apart,
    with_gaze,
)
from engine.face.landmarks import OUTER_EYE_CORNERS, eye_distance
from engine.face.pose import Pose, refine_pose, start_pose
from engine.face.solver import bounded_least_squares
from engine.project.channels import CHANNELS, INDEX

NOISE = 0.05  # eye distances one measure may miss by before that costs as much as one standard deviation of a prior
ROBUST = 0.08  # eye distances; measures that miss by more than this count less and less (Geman & McClure 1987)
LIKELY = {  # how large an expression tends to be: its prior's standard deviation; the rest 0.35
    **dict.fromkeys(("jawOpen", "eyeBlinkLeft", "eyeBlinkRight"), 1.0),
    **dict.fromkeys(("mouthSmileLeft", "mouthSmileRight", "mouthPucker", "mouthFunnel", "browInnerUp"), 0.7),
    **dict.fromkeys(("jawForward", "mouthClose", "cheekPuff", "cheekSquintLeft", "cheekSquintRight"), 0.12),
    **dict.fromkeys(("mouthShrugLower", "mouthShrugUpper", "noseSneerLeft", "noseSneerRight"), 0.2),
}
UNSEEN = [i for i, name in enumerate(EXPRESSIONS) if name.startswith("eyeLook") or name == "tongueOut"]
FADE = 0.6  # eye distances; how far around the face its landmarks' misses reach
BLINKS = np.array([EXPRESSIONS.index("eyeBlinkRight"), EXPRESSIONS.index("eyeBlinkLeft")])
LID_PAIRS = (((160, 144), (159, 145), (158, 153)), ((387, 373), (386, 374), (385, 380)))
CLOSED, NARROW, OPEN = 0.018, 0.05, 0.92  # what MediaPipe shows of a shut eye; the least open one; where blinks begin
EYE_CORNERS = ((33, 133), (362, 263))  # the subject's right and left eye
GAPS = {  # pairs of landmarks whose distance is measured too, so that small openings are not lost among large shapes
    **dict.fromkeys(((13, 14), (82, 87), (312, 317), (81, 178), (311, 402)), 8.0),
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
        shape += _with_openings(self._missed, shape, self.shape(self.values()))
        for upper, lower, halfway in OPENINGS:
            keep_apart(shape, upper, lower, halfway)
        return self.pose.moved(values).project(shape)

    @cached_property
    def _missed(self) -> np.ndarray:
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
    tight = np.concatenate([np.ones(identities), 1 / likely() ** 2])
    bounds = np.concatenate([np.full(identities, 3.0), np.ones(len(EXPRESSIONS))])
    low = np.concatenate([np.full(identities, -3.0), np.zeros(len(EXPRESSIONS))])
    low[identities + BLINKS] = bounds[identities + BLINKS] = blinks
    for _ in range(rounds):
        fit = posed(fit)
        basis[identities:] = fit.person.expression[:, :LANDMARKS]
        neutral = model.neutral[:LANDMARKS] + _lids_and_gaze(fit)
        start = np.concatenate([fit.identity, fit.expression])
        found = _coefficients(fit, neutral, basis, tight, low, bounds, start)
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
    tight, low, high = 1 / likely() ** 2, np.zeros(len(EXPRESSIONS)), np.ones(len(EXPRESSIONS))
    low[BLINKS] = high[BLINKS] = read_blinks(landmarks, open_gaps)
    basis = person.expression[:, :LANDMARKS]
    for _ in range(rounds):
        fit = posed(fit)
        neutral = person.neutral[:LANDMARKS] + _lids_and_gaze(fit)
        found = _coefficients(fit, neutral, basis, tight, low, high, fit.expression)
        fit = Fit(landmarks, person, found.astype(np.float32), fit.gaze, fit.pose)
    return posed(fit)


def posed(fit: Fit) -> Fit:
    """fit with its pose and gaze estimated anew, its person and expression kept."""
    shape = fit.person.shape(fit.expression, fit.gaze)[:LANDMARKS]
    pose = refine_pose(fit.pose, fit.landmarks, shape, point_weights(fit.person.model))
    return Fit(fit.landmarks, fit.person, fit.expression, read_gaze(fit.landmarks, pose, fit.person), pose)


def lid_gaps(landmarks: np.ndarray) -> np.ndarray:
    """Mean distance between the lids of the subject's right and left eye, [..., 2], in eye distances."""
    pairs = np.array(LID_PAIRS)
    apart = landmarks[..., pairs[..., 0], :2] - landmarks[..., pairs[..., 1], :2]
    right, left = (landmarks[..., corner, :] for corner in OUTER_EYE_CORNERS)
    return np.linalg.norm(apart, axis=-1).mean(-1) / np.linalg.norm(left - right, axis=-1)[..., None]


def read_blinks(landmarks: np.ndarray, open_gaps: np.ndarray | None = None) -> np.ndarray:
    """eyeBlinkRight and Left [2], read off the gap of the lids: 0 from OPEN of the open gap up, 1 from CLOSED down.

    Without `open_gaps` [2] an eye of any size counts as open, unless it is narrower than NARROW.
    """
    gaps = lid_gaps(landmarks)
    widest = np.maximum(NARROW, gaps if open_gaps is None else open_gaps)
    return np.clip((OPEN * widest - gaps) / (OPEN * widest - CLOSED), 0, 1)


def read_gaze(landmarks: np.ndarray, pose: Pose, person: Person) -> tuple[float, float]:
    """Where the eyes look, (yaw, pitch) degrees against the head: where the pupils sit on the eyeballs, both averaged.

    Pupils are measured against the corners of their own eye, so that a fit that is off by a pixel does not squint.
    """
    directions, trust = [], []
    radius = person.model.eye_radius
    for centre, corners, iris in zip(person.eye_centres, EYE_CORNERS, IRISES, strict=True):
        fixed = np.stack([*person.neutral[list(corners)], centre])
        right, left, middle = (fixed @ pose.matrix().T)[:, :2]
        seen_right, seen_left = pose.unproject(landmarks[list(corners)])
        middle = middle + (seen_right + seen_left - right - left) / 2
        across, up = np.clip((pose.unproject(landmarks[iris.start]) - middle) / radius, -0.7, 0.7)
        ahead = np.array([across, up, np.sqrt(max(0.0, 1 - across**2 - up**2))]) @ pose.matrix()
        directions.append(ahead)
        trust.append(max(1e-3, float(np.hypot(*(left - right)))))  # the eye turned away from us is seen worse
    x, y, z = np.average(directions, axis=0, weights=trust)
    return float(np.degrees(np.arctan2(x, z))), float(np.degrees(np.arctan2(y, np.hypot(x, z))))


def likely() -> np.ndarray:
    """Prior standard deviation of each expression channel, [52]."""
    sizes = np.array([LIKELY.get(name, 0.35) for name in EXPRESSIONS])
    sizes[UNSEEN] = 1e-3
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
    """Weights [N] of `basis` [N, 478, 3] over `neutral` [478, 3] that best explain the landmarks under fit's pose.

    Minimises sum_m w_m |R (n_m + sum_k c_k b_km) - y_m|^2 / NOISE^2 + sum_k tight_k c_k^2 within bounds, where the
    measures m are all landmarks and the distances GAPS, and w falls with the miss of the start.
    """
    turn = fit.pose.matrix()[:2]
    seen = _measures(fit.pose.unproject(fit.landmarks))
    missing = seen - _measures(neutral @ turn.T)
    columns = _measures(basis @ turn.T.astype(np.float32))
    left = missing - np.tensordot(start, columns, 1)
    weights = measure_weights(fit.person.model) / (1 + (left**2).sum(1) / ROBUST**2) ** 2 / NOISE**2
    root = np.sqrt(weights)[:, None]
    flat = (columns * root.astype(np.float32)).reshape(len(basis), -1)
    normal = flat @ flat.T + np.diag(tight)
    right = flat @ (missing * root).ravel()
    return bounded_least_squares(normal, right, low, high, start)


def _measures(points: np.ndarray) -> np.ndarray:
    """Landmarks [..., 478, A] followed by the differences over GAPS: [..., M, A]."""
    pairs = np.array(list(GAPS))
    return np.concatenate([points, points[..., pairs[:, 0], :] - points[..., pairs[:, 1], :]], axis=-2)


def measure_weights(model: HeadModel) -> np.ndarray:
    """Weight [M] of each measure."""
    return np.concatenate([point_weights(model), list(GAPS.values())])
