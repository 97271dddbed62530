"""How the command line shows a running job: a bar with the time left, or for programs one JSON object a line."""

import json
import sys
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from engine.errors import InputError
from engine.events import Chosen, Event, Finished, Heard, Noted, Progress
from engine.export.rights import BY_USE, QUESTION, needing_word
from engine.project.edits import with_rights
from engine.project.project import Project, Rights

BAR = 28


def run(job: Iterator[Event], as_json: bool, told: set[str] | None = None) -> Any:
    """Drive a job to its end, showing its progress, and return the result of its `Finished` event.

    `told` holds the notes that the user has had already, from jobs before; those of this job are added to it. An
    exception or Ctrl-C closes the job, so that its own clean-up runs before this returns.
    """
    started, stage = time.monotonic(), ""
    result, chosen = None, None
    told = set() if told is None else told
    try:
        for event in job:
            if isinstance(event, Finished):
                result = event.result
            elif isinstance(event, Chosen):
                if event != chosen:
                    _tell_chosen(event, as_json)
                chosen = event
            elif isinstance(event, Noted):
                if event.note not in told:
                    tell(event.note, as_json)
                told.add(event.note)
            elif isinstance(event, Progress):
                if isinstance(event, Heard) and event.voiceless:
                    tell("no voice is heard in the recording: the lips rest", as_json)
                if event.text != stage:
                    started, stage = time.monotonic(), event.text
                show(event, time.monotonic() - started, as_json)
    finally:
        job.close()  # type: ignore[attr-defined]
        if not as_json:
            _clear_bar()
    return result


def tell(note: str, as_json: bool) -> None:
    """Tell the user of something that is no error."""
    if as_json:
        emit("note", text=note)
    else:
        _say(note)


def show(event: Progress, elapsed: float, as_json: bool) -> None:
    """Print one step: `elapsed` is the seconds since this stage of the job began."""
    left = elapsed * (event.total - event.done) / event.done if event.done else None
    if as_json:
        seconds = None if left is None else round(left, 1)
        emit("progress", done=event.done, total=event.total, text=event.text, seconds_left=seconds)
    elif sys.stderr.isatty():
        share = event.done / max(event.total, 1)
        bar = "#" * round(share * BAR)
        clock = "" if left is None else f"{int(left) // 60}:{int(left) % 60:02d} left"
        sys.stderr.write(f"\r\033[K[{bar:-<{BAR}}] {share:4.0%}  {event.text}  {clock}")
        sys.stderr.flush()


def _tell_chosen(event: Chosen, as_json: bool) -> None:
    if as_json:
        emit("renderer", name=event.name, why=event.why)
    else:
        _say(f"renderer {event.name}: {event.why}")


def _say(words: str) -> None:
    _clear_bar()
    print(f"portrayal: {words}", file=sys.stderr)


def _clear_bar() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")


def with_word(project: Project, ground: str | None = None) -> Project:
    """The project with the user's word that they may animate its portrait, where none is needed or given yet unchanged.

    `ground` is that word; without it a person at the terminal is asked, and a script is told what it states.

    Raises:
        InputError: the answer was no.
    """
    for media in needing_word(project) if project.portrait and not ground else []:
        if sys.stdin.isatty() and sys.stderr.isatty():
            print(f"{media.name}: {QUESTION} [y/N] ", end="", file=sys.stderr, flush=True)
            if input().strip().lower() not in ("y", "yes"):
                raise InputError(f"{media.name} is not used without the right to do so")
            ground = "stated when asked"
        else:
            print(f"portrayal: by going on you state that you may use {media.name}; --rights says why", file=sys.stderr)
            ground = BY_USE
    if not ground or not project.portrait:
        return project
    return with_rights(project, Rights(project.portrait.media.sha256, ground, date.today().isoformat()))


def emit(kind: str, **fields: Any) -> None:
    """Print one JSON object on a line of its own to stdout."""
    print(json.dumps({"event": kind, **fields}, ensure_ascii=False), flush=True)
