"""Edits of the face as a whole at one moment: what shall show there, whatever layers lie over the keys."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np

from engine.project.channels import BY_NAME
from engine.project.curve import Curve, Keyframe, evaluate
from engine.project.key_edits import with_key
from engine.project.motion import Motion
from engine.project.project import Project
from engine.project.takes import with_take
from engine.project.timing import frame_count

ROUNDS = 3  # layers over the keys may add to them or scale them: one round for each, one to be sure
UNGENERATED = Fraction(5)  # seconds of motion given to a project without speech, to have something to edit


# ~~~~~~~ -> ~~-o-~~    on each channel
def with_values(project: Project, time: Fraction, values: Mapping[str, float]) -> Project:
    """The project with keys at `time` on these channels, so that what shows there are these values.

    A key that is there already keeps its interpolation and handles. A muted channel gets its key and stays neutral.

    Raises:
        InputError: no such channel, or it is locked there.
    """
    for name, value in values.items():
        aimed = value
        for _ in range(ROUNDS):
            project = with_key(project, name, _key(project.motion[name], time, aimed))
            missing = value - _shown(project, name, time)
            if abs(missing) < 1e-6 * (BY_NAME[name].high - BY_NAME[name].low):
                break
            aimed += missing
    return project


# (nothing) -> ----------    the portrait's own face, held
def with_rest(project: Project, rest: np.ndarray) -> Project:
    """The project with a motion to edit: where nothing has been generated, the values `rest` [C] all along."""
    if any(len(curve.generated) for curve in project.motion.curves.values()):
        return project
    rate = project.settings.rate
    frames = frame_count(project.duration or UNGENERATED, rate)
    return with_take(project, Motion.from_dense(np.tile(np.asarray(rest, np.float32), (frames, 1)), rate))


def _key(curve: Curve, time: Fraction, value: float) -> Keyframe:
    there = [key for layer in curve.layers if layer.blend == "replace" for key in layer.keys if key.time == time]
    return replace(there[-1], value=value) if there else Keyframe(time, value)


def _shown(project: Project, name: str, time: Fraction) -> float:
    curve = replace(project.motion[name], mutes=())
    return float(evaluate(curve, BY_NAME[name], np.array([float(time)]), project.motion.rate)[0])
