"""Edits of everything but curves. Each takes a project and returns another one; to undo, keep the old one.

A clip is named by its track ("prompts", "drives", "swaps") and its index there, which only removing a clip shifts.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeVar

from engine.errors import InputError
from engine.project.media_ref import MediaRef
from engine.project.motion import Motion
from engine.project.project import AudioClip, Clip, DriveClip, Marker, Portrait, Project, PromptClip, Rights, SwapClip
from engine.project.timing import ALWAYS, TimeRange

TRACKS: dict[str, type[Clip]] = {"prompts": PromptClip, "drives": DriveClip, "swaps": SwapClip}
_User = TypeVar("_User", Portrait, AudioClip, DriveClip, SwapClip)


# |A| -> |B|    None takes it away
def with_portrait(project: Project, portrait: Portrait | None) -> Project:
    """The project with another picture; the motion stays, since channels say how a face looks, not whose it is."""
    return replace(project, portrait=portrait)


# |A| -> |B|    None takes it away
def with_audio(project: Project, audio: AudioClip | None) -> Project:
    """The project with other speech, or the same trimmed or louder; the motion waits to be regenerated."""
    return replace(project, audio=audio)


# |-----motion-----| -> |--other--|
def with_motion(project: Project, motion: Motion) -> Project:
    """The project with another performance, edits and locks included."""
    return replace(project, motion=motion)


# |A| |B| -> |A| |B| |new|
def with_clip(project: Project, clip: Clip) -> Project:
    """The project with one more clip, last (uppermost) on the track of its kind."""
    track = next(name for name, kind in TRACKS.items() if isinstance(clip, kind))
    return _with_track(project, track, (*_track(project, track), clip))


# |A| |B| |C| -> |A| |C|
def without_clip(project: Project, track: str, index: int) -> Project:
    """The project without this clip."""
    clip_at(project, track, index)
    clips = _track(project, track)
    return _with_track(project, track, clips[:index] + clips[index + 1 :])


# |A| |B| |C| -> |A| |B'| |C|
def with_clip_changed(project: Project, track: str, index: int, **changes: Any) -> Project:
    """The project with some fields of this clip changed."""
    changed = replace(clip_at(project, track, index), **changes)
    clips = _track(project, track)
    return _with_track(project, track, (*clips[:index], changed, *clips[index + 1 :]))


# |A|----- -> ---|A|--
def with_clip_moved(project: Project, track: str, index: int, start: Fraction) -> Project:
    """The project with this clip beginning at `start`, as long as it was."""
    span = clip_at(project, track, index).span
    return with_clip_changed(project, track, index, span=span.shifted(start - span.start))


# |--A--|-- -> --|A-|--    what a moment of a drive or swap clip shows stays at that moment
def with_clip_resized(project: Project, track: str, index: int, span: TimeRange) -> Project:
    """The project with this clip's ends moved; its media stays where it was in time."""
    clip = clip_at(project, track, index)
    if isinstance(clip, PromptClip):
        return with_clip_changed(project, track, index, span=span)
    later = span.start - clip.span.start
    if isinstance(clip, DriveClip):
        return with_clip_changed(project, track, index, span=span, offset=clip.offset + later * clip.speed)
    keys = {name: tuple(replace(key, time=key.time - later) for key in keys) for name, keys in clip.keys.items()}
    return with_clip_changed(project, track, index, span=span, offset=clip.offset + later, keys=keys)


def clip_at(project: Project, track: str, index: int) -> Any:
    """The clip with this index on this track; InputError if there is none."""
    clips = _track(project, track)
    if not 0 <= index < len(clips):
        raise InputError(f"there is no clip {index} among the {len(clips)} {track}")
    return clips[index]


# |---[--------]---| -> |------[--]------|
def with_in_out(project: Project, in_out: TimeRange = ALWAYS) -> Project:
    """The project with another part to export; without one, all of it."""
    return replace(project, in_out=in_out)


# --v-----v-- -> --v--v--v--    one marker a time: a new one replaces the old
def with_marker(project: Project, marker: Marker) -> Project:
    """The project with this marker, in order of time."""
    others = without_marker(project, marker.time).markers
    return replace(project, markers=tuple(sorted((*others, marker), key=lambda m: m.time)))


# --v--v--v-- -> --v-----v--
def without_marker(project: Project, time: Fraction) -> Project:
    """The project without the marker at this time, if there is one."""
    return replace(project, markers=tuple(marker for marker in project.markers if marker.time != time))


# 25 fps, source size -> 30 fps, 512
def with_settings(project: Project, **changes: Any) -> Project:
    """The project with some render settings changed."""
    return replace(project, settings=replace(project.settings, **changes))


# AToM, plain -> AToM, livelier
def with_delivery(project: Project, **changes: Any) -> Project:
    """The project with another delivery of its speech; the motion waits to be regenerated."""
    return replace(project, delivery=replace(project.delivery, **changes))


# seed 0 -> seed 7
def with_seed(project: Project, seed: int) -> Project:
    """The project with another seed: the next generated motion is another take."""
    return replace(project, seed=seed)


# -, A may be used -> A may be used    a new statement about a picture replaces the old one
def with_rights(project: Project, rights: Rights) -> Project:
    """The project with the user's word that they may use a picture."""
    others = tuple(one for one in project.rights if one.sha256 != rights.sha256)
    return replace(project, rights=(*others, rights))


# a.png, b.wav -> change(a.png), change(b.wav)
def with_media(project: Project, change: Callable[[MediaRef], MediaRef]) -> Project:
    """The project with every media reference changed: found again elsewhere, or embedded."""

    def changed(user: _User) -> _User:
        return replace(user, media=change(user.media))

    return replace(
        project,
        portrait=project.portrait and changed(project.portrait),
        audio=project.audio and changed(project.audio),
        drives=tuple(map(changed, project.drives)),
        swaps=tuple(map(changed, project.swaps)),
        settings=replace(project.settings, personal=project.settings.personal and change(project.settings.personal)),
    )


def _track(project: Project, track: str) -> tuple[Any, ...]:
    if track not in TRACKS:
        raise InputError(f"there is no track {track!r}: choose from {', '.join(TRACKS)}")
    return getattr(project, track)


def _with_track(project: Project, track: str, clips: tuple[Any, ...]) -> Project:
    return replace(project, **{track: clips})  # type: ignore[arg-type]
