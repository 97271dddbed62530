"""What the commands of the timeline do: clips, in and out, markers, zoom."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.actions import Actions
from desktop.document import Document, Edit
from desktop.panels.prompt_words import new_prompt
from desktop.selection import Selection
from engine.errors import EngineError, InputError
from engine.project.curve import Keyframe
from engine.project.edits import (
    clip_at,
    with_clip,
    with_clip_changed,
    with_clip_resized,
    with_in_out,
    with_marker,
    without_clip,
)
from engine.project.key_edits import KeyRef, with_key, without_keys
from engine.project.project import Clip, DriveClip, Marker, Project, PromptClip
from engine.project.swap_curves import value_at
from engine.project.timing import TimeRange, frame_to_seconds

if TYPE_CHECKING:
    from desktop.panels.timeline_panel import TimelinePanel

_ZOOM = 1.5


class ClipCommands(QObject):
    """Connects the timeline's rows of the action table."""

    def __init__(self, panel: TimelinePanel, document: Document, selection: Selection, actions: Actions) -> None:
        super().__init__(panel)
        self._panel, self._document, self._selection = panel, document, selection
        self._copied: Clip | None = None
        for id, handler in {
            "add_prompt": lambda: self.add_prompt(selection.playhead),
            "add_marker": self.add_marker,
            "mark_in": self.mark_in,
            "mark_out": self.mark_out,
            "clear_in_out": lambda: self.edit("Clear in and out", with_in_out),
            "split": self.split,
        }.items():
            actions.connect(id, handler)
        for id, handler in {
            "delete": self.delete,
            "cut": self.cut,
            "copy": self.copy,
            "paste": self.paste,
            "duplicate": self.duplicate,
            "select_none": self.select_none,
            "zoom_in": lambda: self._zoom(_ZOOM),
            "zoom_out": lambda: self._zoom(1 / _ZOOM),
            "zoom_fit": panel.time_view.fit,
            "zoom_selection": self.zoom_selection,
        }.items():
            actions.connect(id, handler, panel)
        actions["snap"].toggled.connect(self._set_snapping)
        actions.connect("snap", lambda: None)
        actions["snap"].setChecked(True)

    def edit(self, name: str, edit: Edit) -> bool:
        """One step of undo; what the engine refuses is told, and changes nothing."""
        try:
            self._document.edit(name, edit)
        except EngineError as error:
            self._panel.refuse(error)
            return False
        return True

    # --- clips

    def add_prompt(self, at: Fraction) -> None:
        """A new prompt from here on, or over the picked range, ready to be typed."""
        clip = new_prompt(self._document.project, "", at, self._selection.span)
        if self.edit("Add prompt", lambda p: with_clip(p, clip)):
            index = len(self._document.project.prompts) - 1
            self._selection.set_clip(("prompts", index))
            self._panel.edit_text(index)

    def delete(self) -> None:
        """Delete the picked clip, or else the selected keys."""
        if picked := self._selection.clip:
            self._selection.set_clip(None)
            self.edit("Delete clip", lambda p: without_clip(p, *picked))
        elif keys := self._selection.keys:
            self.edit("Delete keyframes", lambda p: without_keys(p, keys))

    def add_swap_key(self, name: str, at: Fraction) -> None:
        """A key here on a swap clip's curve, with the value that it has here; where the swap is on it ends here."""
        value = value_at(self._document.project, name, at)
        key = Keyframe(at, float(value <= 0.5) if name.endswith(":on") else value)
        if self.edit("Add keyframe", lambda p: with_key(p, name, key)):
            self._selection.set_channels((name,))
            self._selection.set_keys(frozenset({KeyRef(name, 0, at)}))

    def copy(self) -> None:
        """Remember the picked clip."""
        if picked := self._selection.clip:
            self._copied = clip_at(self._document.project, *picked)
        else:
            self._panel.refuse(InputError("nothing to copy: pick a clip first"))

    def cut(self) -> None:
        """Remember the picked clip and delete it."""
        self.copy()
        self.delete()

    def paste(self) -> None:
        """Put the remembered clip at the playhead."""
        if self._copied:
            self._put(self._copied, self._selection.playhead, "Paste clip")
        else:
            self._panel.refuse(InputError("nothing to paste: copy a clip first"))

    def duplicate(self) -> None:
        """Put the same clip once more, right after the picked one."""
        if picked := self._selection.clip:
            clip: Clip = clip_at(self._document.project, *picked)
            if clip.span.end != math.inf:
                self._put(clip, Fraction(clip.span.end), "Duplicate clip")

    def split(self) -> None:
        """Cut the picked clip in two at the playhead."""
        picked, at = self._selection.clip, self._selection.playhead
        if not picked:
            self._panel.refuse(InputError("nothing to split: pick a clip first"))
            return
        clip: Clip = clip_at(self._document.project, *picked)
        if clip.span.start < at < clip.span.end:
            self.edit("Split clip", lambda p: _split(p, *picked, at))
        else:
            self._panel.refuse(InputError("the playhead is outside the clip: move it to where the clip shall be split"))

    def _put(self, clip: Clip, at: Fraction, name: str) -> None:
        placed = replace(clip, span=clip.span.shifted(at - clip.span.start))
        track = self._track(clip)
        if self.edit(name, lambda p: with_clip(p, placed)):
            self._selection.set_clip((track, len(getattr(self._document.project, track)) - 1))

    @staticmethod
    def _track(clip: Clip) -> str:
        return "prompts" if isinstance(clip, PromptClip) else "drives" if isinstance(clip, DriveClip) else "swaps"

    # --- times

    def mark_in(self) -> None:
        """The part to export begins at the playhead."""
        at, end = self._selection.playhead, self._document.project.in_out.end
        self.edit("Mark in", lambda p: with_in_out(p, TimeRange(at, end if end > at else math.inf)))

    def mark_out(self) -> None:
        """The part to export ends with the frame at the playhead."""
        rate = self._panel.time_view.rate
        end = self._selection.playhead + frame_to_seconds(1, rate)
        start = self._document.project.in_out.start
        self.edit("Mark out", lambda p: with_in_out(p, TimeRange(start if start < end else Fraction(0), end)))

    def add_marker(self) -> None:
        """Mark the playhead's time."""
        marker = Marker(self._selection.playhead, "")
        self.edit("Add marker", lambda p: with_marker(p, marker))

    # --- what shows

    def select_none(self) -> None:
        """Let clip and range go."""
        self._selection.set_clip(None)
        self._selection.set_span(None)

    def zoom_selection(self) -> None:
        """Show the picked range, else the picked clip, else the part between in and out."""
        project, view = self._document.project, self._panel.time_view
        picked = self._selection.clip
        span = self._selection.span or (clip_at(project, *picked).span if picked else project.in_out)
        view.fit(float(span.start), view.duration if span.end == math.inf else float(span.end))

    def _zoom(self, factor: float) -> None:
        view, at = self._panel.time_view, float(self._selection.playhead)
        view.zoom(factor, at if view.start <= at <= view.end else (view.start + view.end) / 2)

    def _set_snapping(self, on: bool) -> None:
        self._panel.view.canvas.snapping = on
        self._panel.view.ruler.set(snapping=on)


# |---A---| -> |-A-|-A'-|    the cut itself does not fade
def _split(project: Project, track: str, index: int, at: Fraction) -> Project:
    clip: Clip = clip_at(project, track, index)
    parts = [(index, TimeRange(clip.span.start, at), "fade_out")]
    parts += [(len(getattr(project, track)), TimeRange(at, clip.span.end), "fade_in")]
    project = with_clip(project, clip)
    for which, span, fade in parts:
        project = with_clip_resized(project, track, which, span)
        if not isinstance(clip, DriveClip):
            project = with_clip_changed(project, track, which, **{fade: Fraction(0)})
    return project
