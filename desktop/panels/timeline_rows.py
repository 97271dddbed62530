"""From a project to the rows of its timeline."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction

import numpy as np

from desktop.document import Edit
from desktop.widgets.curve_shapes import CurveShapes
from desktop.widgets.track_items import AudioRow, ClipItem, ClipRow, CurveRow, GroupRow, PhoneRow, Row, Spoken
from desktop.widgets.waveform import Waveform
from desktop.widgets.words import readable
from engine.project.channels import GROUPS, in_group
from engine.project.curve_edits import with_lock, with_mute, without_lock, without_mute
from engine.project.key_edits import KeyRef
from engine.project.project import SWAP_KEYS, AudioClip, Clip, DriveClip, Project, PromptClip, SwapClip
from engine.project.swap_curves import swap_curve_name, swap_curves
from engine.project.timing import ALWAYS, TimeRange

TRACKS = {"prompts": "Prompts", "drives": "Drives", "swaps": "Swaps"}
_HINTS = {
    "prompts": "Double-click to say how it should feel here",
    "drives": "Drop a picture or video whose motion is to be taken",
    "swaps": "Drop a video that is to get this face",
}
_GUARDS = {"lock": ("Lock", with_lock, "Unlock", without_lock), "mute": ("Mute", with_mute, "Unmute", without_mute)}
STRONGEST = {"prompts": 2.0, "swaps": 1.0}
"""The strength that fills a clip's whole height."""


def clip_item(track: str, clip: Clip) -> ClipItem:
    """The clip as it is drawn."""
    if isinstance(clip, DriveClip):
        return ClipItem(clip.span, clip.media.name)
    if isinstance(clip, SwapClip) and clip.keys:
        return ClipItem(clip.span, clip.media.name, clip.fade_in, clip.fade_out, 1.0, True, _strength(clip))
    text = (clip.text or "…") if isinstance(clip, PromptClip) else clip.media.name
    return ClipItem(clip.span, text, clip.fade_in, clip.fade_out, clip.strength / STRONGEST[track])


def _strength(clip: SwapClip) -> Callable[[np.ndarray], np.ndarray]:
    return lambda times: swap_curves(clip, times)["strength"]


def audio_row(audio: AudioClip | None, waveform: Waveform | None) -> AudioRow:
    """The speech."""
    if not audio:
        return AudioRow("audio", "Speech")
    return AudioRow(
        "audio", "Speech", waveform, audio.media.name, float(audio.duration), float(audio.part.start), audio.gain
    )


def rows_of(
    project: Project,
    shapes: CurveShapes,
    waveform: Waveform | None,
    phones: Sequence[Spoken],
    opened: Collection[str],
    channels: Collection[str],
    clip: tuple[str, int] | None,
    swap: int = 0,
    keys: frozenset[KeyRef] = frozenset(),
) -> list[Row]:
    """All rows: speech, phones where known, clips, and the channel groups, with the channels of the opened ones.

    Opened swaps show the curves of swap clip number `swap`, with the selected `keys`.
    """
    rows: list[Row] = [audio_row(project.audio, waveform)]
    if phones:
        rows.append(PhoneRow("phones", "Sounds", phones))
    for track, title in TRACKS.items():
        clips = tuple(clip_item(track, one) for one in getattr(project, track))
        selected = clip[1] if clip and clip[0] == track else None
        opens = track in opened if track == "swaps" and clips else None
        rows.append(ClipRow(track, title, clips, selected, _HINTS[track], open=opens))
        if opens:
            curves = (swap_curve_name(swap, key) for key in SWAP_KEYS)
            rows += [CurveRow(f"curve:{n}", readable(n), shapes[n], n in channels, keys) for n in curves]
    for group in GROUPS:
        names = in_group(group)
        rows.append(GroupRow(f"group:{group}", group.capitalize(), names, shapes, group in opened))
        if group in opened:
            rows += [CurveRow(f"curve:{name}", readable(name, group), shapes[name], name in channels) for name in names]
    return rows


def names_of(key: str) -> tuple[str, ...]:
    """The channels of a row: its own, or those of its group."""
    kind, _, name = key.partition(":")
    return {"curve": (name,), "group": in_group(name)}.get(kind, ())


def is_swap_curve(key: str) -> bool:
    """Whether this is the row of a swap clip's curve."""
    return key.startswith("curve:swap:")


def guard_states(project: Project) -> dict[str, dict[str, float]]:
    """For each channel and group row, how much of it is locked and muted: 0 not at all, 1 all of it, else a part."""
    states: dict[str, dict[str, float]] = {}
    curves, duration = project.motion.curves, project.duration
    for group in GROUPS:
        names = in_group(group)
        for name in names:
            states[f"curve:{name}"] = {
                "lock": _covered(curves[name].locks, duration),
                "mute": _covered(curves[name].mutes, duration),
            }
        states[f"group:{group}"] = {guard: _share(states, names, guard) for guard in ("lock", "mute")}
    return states


def _covered(ranges: Sequence[TimeRange], duration: Fraction) -> float:
    if not ranges:
        return 0.0
    whole = any(span.start <= 0 and (span.end == math.inf or span.end >= duration) for span in ranges)
    return 1.0 if whole else 0.5


def _share(states: Mapping[str, Mapping[str, float]], names: Collection[str], guard: str) -> float:
    found = [states[f"curve:{name}"][guard] for name in names]
    return 1.0 if min(found) == 1 else 0.5 if max(found) else 0.0


def edges(project: Project) -> list[Fraction]:
    """Times that drags stick to: markers, in and out, the beginning and the end."""
    found = [Fraction(0), project.duration, *(marker.time for marker in project.markers)]
    if project.in_out != ALWAYS:
        found += [Fraction(end) for end in (project.in_out.start, project.in_out.end) if end != math.inf]
    return found


def toggled_guard(project: Project, names: Sequence[str], guard: str, span: TimeRange) -> tuple[str, Edit]:
    """Lock or mute these channels inside `span`, or free them if all of it is: the step's name and its edit."""
    on, guarded, off, freed = _GUARDS[guard]
    curves = [project.motion[name] for name in names]
    held = [curve.locks if guard == "lock" else curve.mutes for curve in curves]
    done = all(any(r.start <= span.start and span.end <= r.end for r in ranges) for ranges in held)
    change = freed if done else guarded
    return off if done else on, lambda p: change(p, names, span)
