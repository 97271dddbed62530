"""Dragging a clip by its body, ends, fades or strength: what the mouse holds, and what the clip becomes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt

from desktop.widgets.snapping import snapped, snapped_move
from desktop.widgets.time_view import TimeView
from desktop.widgets.track_items import ClipItem
from engine.project.timing import TimeRange, frame_to_seconds

Part = Literal["body", "start", "end", "fade_in", "fade_out", "level"]
_EDGE = 6  # pixels inside a clip's end that hold the end
_HANDLE = 7  # pixels around a fade's handle that hold the fade
_LINE = 4  # pixels above and below the strength line that hold it

CURSORS: dict[Part, Qt.CursorShape] = {
    "body": Qt.CursorShape.ArrowCursor,
    "start": Qt.CursorShape.SizeHorCursor,
    "end": Qt.CursorShape.SizeHorCursor,
    "fade_in": Qt.CursorShape.PointingHandCursor,
    "fade_out": Qt.CursorShape.PointingHandCursor,
    "level": Qt.CursorShape.SizeVerCursor,
}


def fade_handles(clip: ClipItem, rect: QRectF) -> dict[Part, QPointF]:
    """Where the handles of a clip's fades lie, when it is drawn in `rect`."""
    if clip.level is None or rect.width() < 40:
        return {}
    left = rect.left() + _share(clip, clip.fade_in) * rect.width()
    handles: dict[Part, QPointF] = {"fade_in": QPointF(left, rect.top())}
    if clip.span.end != math.inf:
        handles["fade_out"] = QPointF(rect.right() - _share(clip, clip.fade_out) * rect.width(), rect.top())
    return handles


def _share(clip: ClipItem, fade: Fraction) -> float:
    return min(float(fade / clip.span.duration), 1.0) if clip.span.end != math.inf else 0.0


def part_at(clip: ClipItem, rect: QRectF, at: QPointF) -> Part:
    """What of the clip lies under the mouse."""
    for part, handle in fade_handles(clip, rect).items():
        if abs(handle.x() - at.x()) <= _HANDLE and abs(handle.y() + 1 - at.y()) <= _HANDLE:
            return part
    edge = min(_EDGE, rect.width() / 4)
    if at.x() <= rect.left() + edge:
        return "start"
    if at.x() >= rect.right() - edge and clip.span.end != math.inf:
        return "end"
    if clip.level is not None and not clip.fixed and abs(level_y(clip.level, rect) - at.y()) <= _LINE:
        return "level"
    return "body"


def level_y(level: float, rect: QRectF) -> float:
    """How high the strength line of a clip drawn in `rect` lies."""
    return rect.bottom() - 1.5 - (rect.height() - 3) * level


@dataclass(frozen=True)
class ClipDrag:
    """A drag in progress: which clip, by which part, as it was, and where it was taken hold of."""

    track: str
    index: int
    part: Part
    clip: ClipItem
    rect: QRectF
    grabbed: QPointF

    def changes(
        self, at: QPointF, view: TimeView, width: float, targets: Iterable[Fraction], snap: bool
    ) -> tuple[dict[str, object], Fraction | None]:
        """The fields of the clip that change when the mouse is here, and the time it sticks to, if any."""
        clip, span = self.clip, self.clip.span
        by = view.at(at.x(), width) - view.at(self.grabbed.x(), width)
        shortest = frame_to_seconds(1, view.rate)
        match self.part:
            case "level":
                share = (self.rect.bottom() - 1.5 - at.y()) / (self.rect.height() - 3)
                return {"level": min(max(round(share, 2), 0.0), 1.0)}, None
            case "fade_in":
                inside = min(max(view.at(at.x(), width) - float(span.start), 0.0), float(span.duration - clip.fade_out))
                return {"fade_in": view.nearest_frame(inside)}, None
            case "fade_out":
                inside = min(max(float(span.end) - view.at(at.x(), width), 0.0), float(span.duration - clip.fade_in))
                return {"fade_out": view.nearest_frame(inside)}, None
            case "start":
                snap_to = snapped(float(span.start) + by, targets, view, width, snap)
                return {"span": TimeRange(Fraction(min(snap_to.time, span.end - shortest)), span.end)}, snap_to.stuck
            case "end":
                snap_to = snapped(float(span.end) + by, targets, view, width, snap)
                return {"span": TimeRange(span.start, max(snap_to.time, span.start + shortest))}, snap_to.stuck
        start = max(float(span.start) + by, 0.0)
        snap_to = snapped_move(start, start + float(span.duration), targets, view, width, snap)
        return {"span": span.shifted(snap_to.time - span.start)}, snap_to.stuck
