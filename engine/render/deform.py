"""Channel values to moved landmarks, in the pictured pose: the portrait's own face, its lips and lids shut."""

from dataclasses import replace

import numpy as np

from engine.face.fit import Fit
from engine.face.pose import Pose
from engine.project.channels import CHANNELS, INDEX
from engine.render.glasses import held_back
from engine.render.slits import gaps, limit_opening, shut_rims, widest_opening
from engine.render.topology import EYES, FACE_POINTS, MOUTH, OVAL
from engine.render.turn import Turn
from engine.render.unfold import unfolded

LOW = np.array([channel.low for channel in CHANNELS], np.float32)
HIGH = np.array([channel.high for channel in CHANNELS], np.float32)
NEUTRAL = np.array([channel.neutral for channel in CHANNELS], np.float32)
HEAD = [i for i, channel in enumerate(CHANNELS) if channel.group == "head"]
BLINKS = (INDEX["eyeBlinkRight"], INDEX["eyeBlinkLeft"])  # of the eye on the left of the picture, on the right
UPPER_LIP = (0, 11, 12, 37, 267, 2, 164, 39, 269)
CHIN = (17, 18, 200, 199, 175, 83, 313)
TEETH_SHOWN = 0.025  # IOD; upper teeth hang this much lower than the head model's, which hide behind the lip
CUT = 0.03  # IOD; a face that the picture's border cuts by more can hardly move
FLIP = np.diag([1.0, -1.0, -1.0])  # between head space (y up, z to the viewer) and pixels (y down, z away)


def clip(values: np.ndarray) -> np.ndarray:
    """Channel values [C] held within the ranges of the channel table."""
    return np.clip(np.asarray(values, np.float32), LOW, HIGH)


class Deformer:
    """Moves one face. `rest` [478 + ..., 3] are its landmarks as pictured (depth from the head model), pixels."""

    def __init__(self, fit: Fit, shape: tuple[int, ...], glasses: float | None = None) -> None:
        """`shape` (H, W, ...) of the picture that the face was found in; `glasses`: where those it wears begin."""
        self.unit = fit.pose.scale
        self.down = FLIP @ fit.pose.matrix() @ np.array([0.0, -1.0, 0.0])
        flat = unfolded(fit.landmarks, fit.person.model.triangles, self.unit)
        self._fit = replace(fit, landmarks=shut_rims(flat, MOUTH, self.down, self.unit))
        outline = fit.landmarks[list(OVAL), :2]
        beyond = np.maximum(-outline, outline - (shape[1], shape[0])).max() / self.unit
        self._freedom = 1.0 if beyond < CUT else 0.15
        self.values = clip(fit.values())
        self.rest = self._fit.points(self.values)
        self._held = None if glasses is None else held_back(self.rest, glasses, self.down, self.unit)
        usual = self._fit.modelled(NEUTRAL)
        self._teeth_shift = self._shift_teeth()
        self._widest = [widest_opening(gaps(self.rest, eye, self.down), gaps(usual, eye, self.down)) for eye in EYES]

    def landmarks(self, values: np.ndarray) -> np.ndarray:
        """Points as `rest` [478 + ..., 3], under channel values [C] (clipped), the head not turned."""
        still = values.copy()
        still[HEAD] = NEUTRAL[HEAD]
        points = self._fit.points(still)
        if self._held is not None:
            points[:FACE_POINTS] += self._held * (self.rest[:FACE_POINTS] - points[:FACE_POINTS])
        for eye, blink, widest in zip(EYES, BLINKS, self._widest, strict=True):
            share = min(1.0, (1 - values[blink]) / max(1 - self.values[blink], 0.05))
            limit_opening(points, eye, self.down, share * widest)
        return points

    def turn(self, values: np.ndarray) -> Turn:
        """What the head channels of the values [C] (clipped) do."""
        pose = self._fit.pose
        moved = pose.moved(_within_reach(values, pose, self._freedom))
        rotation = FLIP @ moved.matrix() @ pose.matrix().T @ FLIP
        shift = np.array([moved.x - pose.x, moved.y - pose.y, 0.0])
        return Turn.from_matrix(rotation, np.array([pose.x, pose.y, 0.0]), moved.scale / pose.scale, shift)

    def teeth(self, values: np.ndarray) -> np.ndarray:
        """Teeth, gums and tongue [M, 3], pixels, the head not turned."""
        points = self._fit.pose.project(self._fit.person.teeth(values[: len(self._fit.expression)]))
        return points + self._teeth_shift

    def _shift_teeth(self) -> np.ndarray:
        """[M, 3]: what the model misses of this face's upper lip and of its chin, shared by what belongs to each."""
        model = self._fit.person.model
        missed = self.rest - self._fit.modelled(self.values)
        skull, jaw = missed[list(UPPER_LIP)].mean(0), missed[list(CHIN)].mean(0)
        with_jaw = np.linalg.norm(model.teeth_jaw[0], axis=1, keepdims=True)
        with_jaw = np.clip(with_jaw / np.quantile(with_jaw, 0.9), 0, 1)
        shown = (1 - with_jaw) * TEETH_SHOWN * self.unit * self.down
        return (1 - with_jaw) * skull + with_jaw * jaw + shown


def _within_reach(values: np.ndarray, pose: Pose, freedom: float) -> np.ndarray:
    """Channel values [C] whose turns stop softly before they would show what the picture does not.

    A face pictured from the front may turn far either way; one pictured from the side hardly back to the front. Less
    `freedom` (0..1) narrows all of it.
    """
    back = values[INDEX["headYaw"]] * pose.yaw < 0
    yaw = 5 + 38 * np.exp(-abs(pose.yaw) / 9) if back else max(8.0, 43 - 0.6 * abs(pose.yaw))
    reach = {"headYaw": yaw, "headPitch": 32.0, "headRoll": 80.0, "headX": 3.0 * freedom, "headY": 3.0 * freedom}
    values = values.copy()
    for name, limit in reach.items():
        values[INDEX[name]] = _eased(float(values[INDEX[name]]), freedom * limit)
    return values


def _eased(value: float, limit: float) -> float:
    """value itself up to half the limit, then ever slower towards it."""
    knee = limit / 2
    beyond = abs(value) - knee
    return value if beyond <= 0 else float(np.copysign(knee + knee * np.tanh(beyond / knee), value))
