"""Short work off the GUI thread: hashing, reading, finding faces. Long work belongs in the render thread's queue."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Qt, QThreadPool, Signal

T = TypeVar("T")


class Background(QObject):
    """A pool of two threads whose results come back to the GUI thread."""

    busy = Signal(bool)
    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(2)
        self._newest: dict[str, int] = {}
        self._running = 0
        self._closed = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def start(
        self,
        work: Callable[[], T],
        done: Callable[[T], object],
        failed: Callable[[Exception], object],
        key: str | None = None,
    ) -> None:
        """Run `work` in a thread, then `done(result)` or `failed(error)` here.

        Of several with the same `key` only the newest is answered.
        """
        ticket = 0
        if key is not None:
            ticket = self._newest[key] = self._newest.get(key, 0) + 1

        def answer(call: Callable[[], object]) -> Callable[[], object]:
            return lambda: call() if key is None or self._newest[key] == ticket else None

        def run() -> None:
            try:
                result = work()
            except Exception as error:  # handed on, whatever it is
                reason = error
                self._send(answer(lambda: failed(reason)))
            else:
                self._send(answer(lambda: done(result)))

        self._running += 1
        self.busy.emit(True)
        self._pool.start(run)

    def close(self, milliseconds: int = 5000) -> None:
        """Forget what has not begun, wait for what has, and answer nobody any more: they may be gone."""
        self._closed = True
        self._pool.clear()
        if not self._pool.waitForDone(milliseconds):
            # Else the pool would go with this, and wait, Python held, for a thread that waits for Python.
            self._pool.setParent(QCoreApplication.instance())

    def _send(self, call: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # a dialog that was closed meanwhile has taken this along: nobody waits
            self._arrived.emit(call)

    def _deliver(self, call: Callable[[], object]) -> None:
        self._running -= 1
        if not self._running:
            self.busy.emit(False)
        if not self._closed:
            call()
