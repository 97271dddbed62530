"""How values come from another thread: of each kind only the newest waits, so that nothing piles up."""

from __future__ import annotations

from collections.abc import Hashable
from threading import Lock
from typing import Any


class Mailbox:
    """Holds one value a key. A frame that nobody has fetched is replaced by the next one and its memory is free."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[Hashable, Any] = {}

    def put(self, key: Hashable, value: Any) -> bool:
        """Leave a value; True if the box was empty, so that the other side has to be told once."""
        with self._lock:
            was_empty = not self._waiting
            self._waiting.pop(key, None)  # so that the newest is also the last
            self._waiting[key] = value
            return was_empty

    def take(self) -> list[tuple[Any, Any]]:
        """Everything that waits, as (key, value), in the order it was left."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        return list(waiting.items())
