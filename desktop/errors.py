"""What goes wrong reaches the user as a sentence that says what to do; a fault of ours never costs them their work."""

from __future__ import annotations

import re
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.widgets.message_bar import MessageBar
from engine.errors import EngineError


class ErrorPresenter(QObject):
    """An EngineError becomes a message in the bar; anything else is written to the log and shown with its details."""

    _raised = Signal(object)

    def __init__(self, window: QWidget, bar: MessageBar, log: Path, keep_safe: Callable[[], Path | None]) -> None:
        """`log` is a folder; `keep_safe` saves the work aside and tells where."""
        super().__init__(window)
        self._window, self._bar, self._log, self._keep_safe = window, bar, log, keep_safe
        self._known: set[str] = set()
        self._showing = False
        self._raised.connect(self.show, Qt.ConnectionType.QueuedConnection)  # from whatever thread it comes

    def install(self) -> None:
        """From now on show every exception nobody catches, in any thread."""
        sys.excepthook = self._hook
        threading.excepthook = lambda args: self._raised.emit(args.exc_value)

    def show(self, error: BaseException) -> None:
        """Tell the user about it, the way that fits."""
        if isinstance(error, EngineError):
            self._bar.say(sentence(str(error)), "error")
            return
        details = "".join(traceback.format_exception(error))
        if self._showing or details in self._known:  # the same fault in every repaint must not bury the user
            return
        self._known.add(details)
        self._write(details)
        self._showing = True
        try:
            self._ask(details)
        finally:
            self._showing = False

    def _ask(self, details: str) -> None:
        from desktop.dialogs.crash import CrashDialog

        CrashDialog(details, self._keep_safe(), self._window).exec()

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            self._raised.emit(error.with_traceback(trace))

    def _write(self, details: str) -> None:
        try:
            self._log.mkdir(parents=True, exist_ok=True)
            with (self._log / "faults.txt").open("a", encoding="utf-8") as file:
                file.write(f"{datetime.now():%Y-%m-%d %H:%M:%S}\n{details}\n")
        except OSError:
            pass  # a full disk must not hide the fault itself


def sentence(message: str) -> str:
    """The engine's one-line message as people write: a capital first, a full stop last."""
    message = message.strip()
    begun = message if re.search(r"[/\\.]", message.split(" ")[0]) else message[:1].upper() + message[1:]
    return begun if begun.endswith((".", "!", "?")) else f"{begun}."
