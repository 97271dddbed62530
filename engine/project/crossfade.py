"""Clips that meet fade into each other: placing a clip so that it overlaps its neighbour makes the cross-fade."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from engine.project.edits import clip_at, with_clip_changed, with_clip_resized
from engine.project.project import Project, PromptClip, SwapClip
from engine.project.timing import TimeRange

_Fading = PromptClip | SwapClip


# |A|  |B| -> |A-x-B|    over the time that both share, one fades out while the other fades in
def with_clip_placed(project: Project, track: str, index: int, span: TimeRange) -> Project:
    """The project with this clip over another range, cross-fading with each neighbour that it now overlaps in part.

    A fade that was a cross-fade ends with it; every other fade stays as long as the clip has room for it.
    """
    before = clip_at(project, track, index)
    moved = with_clip_resized(project, track, index, span)
    if isinstance(before, _Fading):
        after = clip_at(moved, track, index)
        for other, neighbour in enumerate(getattr(project, track)):
            if other != index:
                after, changed = _joined(_parted(after, before.span, neighbour), neighbour, before.span)
                moved = with_clip_changed(moved, track, other, fade_in=changed.fade_in, fade_out=changed.fade_out)
        after = _within(after)
        moved = with_clip_changed(moved, track, index, fade_in=after.fade_in, fade_out=after.fade_out)
    return moved


def _parted(clip: _Fading, was: TimeRange, neighbour: _Fading) -> _Fading:
    """The clip without the fades that it had in common with this neighbour when it was at `was`."""
    if _tail(neighbour.span, was) == clip.fade_in > 0:
        clip = replace(clip, fade_in=Fraction(0))
    if _tail(was, neighbour.span) == clip.fade_out > 0:
        clip = replace(clip, fade_out=Fraction(0))
    return clip


def _joined(clip: _Fading, neighbour: _Fading, was: TimeRange) -> tuple[_Fading, _Fading]:
    """Clip and neighbour, fading over what they share."""
    if _tail(neighbour.span, was) == neighbour.fade_out > 0:
        neighbour = replace(neighbour, fade_out=Fraction(0))
    if _tail(was, neighbour.span) == neighbour.fade_in > 0:
        neighbour = replace(neighbour, fade_in=Fraction(0))
    if shared := _tail(neighbour.span, clip.span):
        return replace(clip, fade_in=shared), replace(neighbour, fade_out=shared)
    if shared := _tail(clip.span, neighbour.span):
        return replace(clip, fade_out=shared), replace(neighbour, fade_in=shared)
    return clip, neighbour


def _tail(first: TimeRange, second: TimeRange) -> Fraction:
    """How long the end of the first range overlaps the beginning of the second; 0 if they do not meet like that."""
    if first.start < second.start < first.end < second.end and first.end != math.inf:
        return Fraction(first.end) - second.start
    return Fraction(0)


def _within(clip: _Fading) -> _Fading:
    """The clip with fades that fit into it one after the other."""
    if clip.span.end == math.inf:
        return clip
    room = Fraction(clip.span.duration)
    fade_in = min(clip.fade_in, room)
    return replace(clip, fade_in=fade_in, fade_out=min(clip.fade_out, room - fade_in))
