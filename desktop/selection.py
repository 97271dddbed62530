"""What the user looks at and has picked: shared by the panels, never saved in the project."""

from fractions import Fraction

from PySide6.QtCore import QObject, Signal

from engine.project.key_edits import KeyRef
from engine.project.timing import TimeRange


class Selection(QObject):
    """Playhead, picked channels, keys and time range. Each setter emits its signal only when something changed."""

    playhead_changed = Signal(object)  # Fraction seconds
    channels_changed = Signal(object)  # tuple of channel names, in the order they were picked
    keys_changed = Signal(object)  # frozenset of KeyRef
    span_changed = Signal(object)  # TimeRange or None
    clip_changed = Signal(object)  # (track, index) or None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.playhead = Fraction(0)
        self.channels: tuple[str, ...] = ()
        self.keys: frozenset[KeyRef] = frozenset()
        self.span: TimeRange | None = None
        self.clip: tuple[str, int] | None = None

    def set_playhead(self, seconds: Fraction) -> None:
        """Move the playhead, not before 0."""
        self._set("playhead", max(Fraction(seconds), Fraction(0)), self.playhead_changed)

    def set_channels(self, names: tuple[str, ...]) -> None:
        """Pick these channels and no others."""
        self._set("channels", tuple(names), self.channels_changed)

    def set_keys(self, keys: frozenset[KeyRef]) -> None:
        """Pick these keyframes and no others."""
        self._set("keys", frozenset(keys), self.keys_changed)

    def set_span(self, span: TimeRange | None) -> None:
        """Pick a time range, or none."""
        self._set("span", span, self.span_changed)

    def set_clip(self, clip: tuple[str, int] | None) -> None:
        """Pick a clip by its track and index, or none."""
        self._set("clip", clip, self.clip_changed)

    def clear(self) -> None:
        """As at first: playhead at 0, nothing picked."""
        self.set_playhead(Fraction(0))
        self.set_channels(())
        self.set_keys(frozenset())
        self.set_span(None)
        self.set_clip(None)

    def _set(self, name: str, value: object, signal: object) -> None:
        if value != getattr(self, name):
            setattr(self, name, value)
            signal.emit(value)  # type: ignore[attr-defined]
