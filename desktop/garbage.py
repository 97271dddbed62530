"""Python's cycle collector, kept to the GUI thread and to short visits.

Left to itself it runs in whatever thread allocates, and there destroys widgets and timers, which Qt does not survive;
and one full round over all that the numerical libraries bring along holds every thread up for a third of a second.
"""

from __future__ import annotations

import ctypes
import gc
import sys

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1000
YOUNG = 700  # objects made since the last visit for which it is worth a look, as Python itself has it
FULL_AFTER = 15  # visits between two full rounds
MANY = 20_000  # objects at once; where modules came with them, a library has been loaded: they stay, and are left out

_ARENA_MAX, _ARENAS = -8, 2  # mallopt's name for it (malloc.h)


def share_heaps() -> None:
    """Let all threads take memory from two heaps, where the C library would give each its own and hardly get it back.

    Call it before there are threads. Only glibc has this; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        getattr(ctypes.CDLL(None), "mallopt", lambda *_: 0)(_ARENA_MAX, _ARENAS)


class Garbage(QObject):
    """Collects from a timer, from now until `stop`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()
        self._visits, self._modules = 0, len(sys.modules)
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.visit)
        self._timer.start()

    def visit(self) -> None:
        """Collect what is young; now and then, everything."""
        self._visits += 1
        young = gc.get_count()[0]
        if young > MANY and len(sys.modules) > self._modules:
            self._modules = len(sys.modules)
            gc.freeze()
        elif self._visits % FULL_AFTER == 0:
            gc.collect()
        elif young > YOUNG:
            gc.collect(1)

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
