"""What is drawn of a motion: each channel's values, generated samples, keys, locks and mutes, made once a change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

import numpy as np

from desktop.widgets.peaks import Peaks
from engine.project.channels import BY_NAME, Channel
from engine.project.curve import Curve, Keyframe, evaluate
from engine.project.key_edits import KeyRef
from engine.project.motion import Motion
from engine.project.project import SWAP_KEYS, Project
from engine.project.swap_curves import channel_of, curve_of, swap_curve_name
from engine.project.timing import ALWAYS, frame_count, frame_times, without


def share(channel: Channel, value: np.ndarray | float) -> np.ndarray:
    """A value as a share of the channel's way up: 0 at neutral, 1 at the upper end. Draws all units on one scale."""
    return (np.asarray(value) - channel.neutral) / (channel.high - channel.neutral)


def unshare(channel: Channel, shared: float) -> float:
    """The value that has this share."""
    return shared * (channel.high - channel.neutral) + channel.neutral


class SetKeys(NamedTuple):
    """Keys with their references, float64 seconds [K] and float64 shares [K]."""

    refs: tuple[KeyRef, ...]
    keys: tuple[Keyframe, ...]
    seconds: np.ndarray
    shares: np.ndarray


@dataclass(frozen=True, eq=False)
class CurveShape:
    """One channel of one motion, as shares (see `share`); parts are worked out when first drawn."""

    channel: Channel
    curve: Curve
    rate: Fraction
    frames: int

    @cached_property
    def values(self) -> Peaks:
        """What is shown: float32 [frames], layers and mutes included."""
        curve, channel = self.curve, self.channel
        if curve.layers or curve.mutes or not len(curve.generated):
            values = evaluate(curve, channel, frame_times(range(self.frames), self.rate), self.rate)
        else:
            values = np.clip(curve.generated, channel.low, channel.high)
        return Peaks(share(channel, values).astype(np.float32))

    @cached_property
    def generated(self) -> Peaks | None:
        """What lies beneath the edits, None where that is all there is to see."""
        if not (self.curve.layers or self.curve.mutes) or not len(self.curve.generated):
            return None
        return Peaks(share(self.channel, self.curve.generated).astype(np.float32))

    @cached_property
    def moves(self) -> bool:
        """Whether there is anything but neutral."""
        samples = self.values.samples
        return bool(len(samples)) and bool(np.any(np.abs(samples) > 0.002))

    @cached_property
    def set_keys(self) -> SetKeys:
        """The keys that set values: those of replacing layers, where the layer has not been taken out again."""
        found = [(KeyRef(self.channel.name, i, key.time), key) for i, key in self._keys()]
        values = np.array([key.value for _, key in found], dtype=np.float64)
        return SetKeys(
            tuple(ref for ref, _ in found),
            tuple(key for _, key in found),
            np.array([float(key.time) for _, key in found], dtype=np.float64),
            share(self.channel, values),
        )

    def _keys(self) -> Iterator[tuple[int, Keyframe]]:
        for i, layer in enumerate(self.curve.layers):
            for key in layer.keys if layer.blend == "replace" else ():
                if not any(key.time in cut for cut in layer.cuts):
                    yield i, key


class CurveShapes:
    """The shapes of the current motion, and of swap clips; after an edit only changed curves are worked out again."""

    def __init__(self) -> None:
        self.motion = Motion()
        self._shapes: dict[str, CurveShape] = {}
        self._swaps: dict[str, CurveShape] = {}
        self._swapped: tuple[object, ...] = ()

    def set_project(self, project: Project) -> None:
        """Take a project's motion and its swap clips' curves, each of which is muted outside its clip."""
        self.set_motion(project.motion)
        swapped = (project.swaps, project.duration, project.motion.rate)
        if swapped == self._swapped:
            return
        self._swapped, self._swaps = swapped, {}
        frames = frame_count(project.duration, project.motion.rate)
        for index, clip in enumerate(project.swaps):
            for name in (swap_curve_name(index, key) for key in SWAP_KEYS):
                curve = replace(curve_of(project, name), mutes=without((ALWAYS,), clip.span))
                self._swaps[name] = CurveShape(channel_of(name), curve, project.motion.rate, frames)

    def set_motion(self, motion: Motion) -> bool:
        """Take another motion; whether any curve differs."""
        old = self.motion
        if motion is old:
            return False
        self.motion = motion
        if (motion.rate, motion.frames) != (old.rate, old.frames):
            self._shapes.clear()
            return True
        changed = [name for name, curve in motion.curves.items() if curve is not old.curves[name]]
        for name in changed:
            self._shapes.pop(name, None)
        return bool(changed)

    def __contains__(self, name: str) -> bool:
        return name in BY_NAME or name in self._swaps

    def __getitem__(self, name: str) -> CurveShape:
        if name in self._swaps:
            return self._swaps[name]
        if name not in self._shapes:
            motion = self.motion
            self._shapes[name] = CurveShape(BY_NAME[name], motion[name], motion.rate, motion.frames)
        return self._shapes[name]
