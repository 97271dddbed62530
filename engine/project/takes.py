"""Bringing a newly generated performance into a project: layers stay, locks hold, whatever frame rate it comes at."""

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction

from engine.project.channels import BY_NAME, NAMES
from engine.project.curve import Curve, evaluate
from engine.project.motion import Motion, dense, regenerate
from engine.project.project import Project
from engine.project.timing import ALWAYS, TimeRange, frame_count, frame_times


# ~~~old~~~ -> ~~|take|~~    locked times come out as they were
def with_take(
    project: Project,
    take: Motion,
    span: TimeRange = ALWAYS,
    names: Collection[str] = NAMES,
    fade: Fraction = Fraction(0),
) -> Project:
    """The project whose generated samples of `names` inside `span` come from `take`, a whole performance.

    At the range's edges new meets old over `fade` seconds. A project at another frame rate takes over the take's. Where
    nothing has been generated yet, all of the take is used, so that there is never half a performance.
    """
    motion = project.motion
    if not any(len(curve.generated) for curve in motion.curves.values()):
        span, names = ALWAYS, NAMES
        motion = replace(motion, rate=take.rate)
    elif motion.rate != take.rate:
        motion = at_rate(motion, take.rate)
    return replace(project, motion=regenerate(motion, dense(take), span, names, fade))


# 25 samples a second -> 30, same shape
def at_rate(motion: Motion, rate: Fraction) -> Motion:
    """The motion with its generated samples interpolated to another frame rate; all else keeps its times."""
    frames = frame_count(motion.duration, rate)
    times = frame_times(range(frames), rate)

    def converted(name: str, curve: Curve) -> Curve:
        bare = Curve(curve.generated)
        return (
            replace(curve, generated=evaluate(bare, BY_NAME[name], times, motion.rate))
            if len(bare.generated)
            else curve
        )

    return Motion(rate, frames, {name: converted(name, curve) for name, curve in motion.curves.items()})
