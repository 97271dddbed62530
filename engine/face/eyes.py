"""What the eyes do, read straight off the landmarks: how far the lids are shut, and where the pupils look."""

import numpy as np

from engine.face.head_model import EXPRESSIONS, IRISES, Person
from engine.face.landmarks import OUTER_EYE_CORNERS
from engine.face.pose import Pose

BLINKS = np.array([EXPRESSIONS.index("eyeBlinkRight"), EXPRESSIONS.index("eyeBlinkLeft")])
LID_PAIRS = (((160, 144), (159, 145), (158, 153)), ((387, 373), (386, 374), (385, 380)))
CLOSED, NARROW, OPEN = 0.018, 0.05, 0.92  # what MediaPipe shows of a shut eye; the least open one; where blinks begin
EYE_CORNERS = ((33, 133), (362, 263))  # the subject's right and left eye
WIDE_FROM, WIDE_BY = 1.06, 0.4  # a gap 6 % above the open one starts eyeWide; 40 % more is 1
NEARER = (12.0, 28.0)  # degrees of yaw over which the eye nearer to us comes to speak for both
SHUT = 0.7  # blinks from here on hide the pupil


def lid_gaps(landmarks: np.ndarray) -> np.ndarray:
    """Mean distance between the lids of the subject's right and left eye, [..., 2], in eye distances."""
    pairs = np.array(LID_PAIRS)
    apart = landmarks[..., pairs[..., 0], :2] - landmarks[..., pairs[..., 1], :2]
    right, left = (landmarks[..., corner, :] for corner in OUTER_EYE_CORNERS)
    return np.linalg.norm(apart, axis=-1).mean(-1) / np.linalg.norm(left - right, axis=-1)[..., None]


def read_blinks(landmarks: np.ndarray, open_gaps: np.ndarray | None = None, yaw: float = 0.0) -> np.ndarray:
    """eyeBlinkRight and Left [2], read off the gap of the lids: 0 from OPEN of the open gap up, 1 from CLOSED down.

    Without `open_gaps` [2] an eye of any size counts as open, unless it is narrower than NARROW. `yaw` is the head's.
    """
    gaps = lid_gaps(landmarks)
    widest = np.maximum(NARROW, gaps if open_gaps is None else open_gaps)
    return _led_by_nearer(np.clip((OPEN * widest - gaps) / (OPEN * widest - CLOSED), 0, 1), yaw)


def read_wide(landmarks: np.ndarray, open_gaps: np.ndarray, yaw: float = 0.0) -> np.ndarray:
    """eyeWideRight and Left [2], read off the gap of the lids against this person's open one, on a head turned `yaw`."""
    wide = np.clip((lid_gaps(landmarks) / np.maximum(NARROW, open_gaps) - WIDE_FROM) / WIDE_BY, 0, 1)
    return _led_by_nearer(wide, yaw)


def _led_by_nearer(lids: np.ndarray, yaw: float) -> np.ndarray:
    """What is read of the right and left eye [2]; on a head turned by yaw degrees, of the nearer one for both.

    MediaPipe sees too little of the other eye then, and takes it to be open when both are lowered.
    """
    share = np.clip((abs(yaw) - NEARER[0]) / (NEARER[1] - NEARER[0]), 0, 1)
    return lids + share**2 * (3 - 2 * share) * (lids[0 if yaw > 0 else 1] - lids)


def read_gaze(landmarks: np.ndarray, pose: Pose, person: Person, blinks: np.ndarray) -> tuple[float, float] | None:
    """Where the eyes look, (yaw, pitch) degrees against the head: where the pupils sit on the eyeballs, both averaged.

    Pupils are measured against the corners of their own eye, so that a fit that is off by a pixel does not squint. An
    eye counts as far as it is open (`blinks` [2], right and left) and turned our way; None when both are shut.
    """
    directions, trust = [], []
    radius = person.model.eye_radius
    for centre, corners, iris, blink in zip(person.eye_centres, EYE_CORNERS, IRISES, blinks, strict=True):
        fixed = np.stack([*person.neutral[list(corners)], centre])
        right, left, middle = (fixed @ pose.matrix().T)[:, :2]
        seen_right, seen_left = pose.unproject(landmarks[list(corners)])
        middle = middle + (seen_right + seen_left - right - left) / 2
        across, up = np.clip((pose.unproject(landmarks[iris.start]) - middle) / radius, -0.7, 0.7)
        ahead = np.array([across, up, np.sqrt(max(0.0, 1 - across**2 - up**2))]) @ pose.matrix()
        directions.append(ahead)
        trust.append(float(np.hypot(*(left - right))) * max(0.0, 1 - blink / SHUT))
    if sum(trust) < 0.02:
        return None
    x, y, z = np.average(directions, axis=0, weights=trust)
    return float(np.degrees(np.arctan2(x, z))), float(np.degrees(np.arctan2(y, np.hypot(x, z))))
