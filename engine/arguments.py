"""What is written on the command line, as values: a type for each kind of argument."""

import math
from pathlib import Path

from engine.errors import InputError
from engine.project.project import PromptClip
from engine.project.timing import TimeRange, to_seconds


def prompt_clip(text: str) -> PromptClip:
    """`TEXT` or `TEXT@START-END` (seconds) as a prompt clip.

    Raises:
        InputError: empty text, or what follows the @ is no range, or ends before it begins.
    """
    words, at, times = text.rpartition("@") if "@" in text else (text, "", "")
    words = words.strip()
    if not words:
        raise InputError(f'--prompt {text!r} has no words: write "TEXT" or "TEXT@START-END" with seconds')
    if not at:
        return PromptClip(words)
    try:
        start, end = times.split("-")
        return PromptClip(words, TimeRange(to_seconds(start), to_seconds(end)))
    except (ValueError, InputError) as error:
        right = 'write "TEXT@START-END" with seconds, the end after the start, as "sad@2-4.5"'
        raise InputError(f"--prompt {text!r}: {times!r} is no range: {right}") from error


def video_file(text: str) -> Path:
    """Where a video is to be written.

    Raises:
        InputError: it is named as another kind of file.
    """
    path = Path(text)
    if path.suffix.lower() not in ("", ".mp4") and not path.is_dir():
        raise InputError(f"-o {text}: only MP4 is written: name it {path.with_suffix('.mp4').name}, not {path.suffix}")
    return path


def drive_groups(text: str) -> tuple[str, ...]:
    """`mouth,head` as groups of channels; the jaw goes with the mouth."""
    names = [name.strip() for name in text.split(",")]
    return tuple(dict.fromkeys(names + ["jaw"] * ("mouth" in names)))


def drive_gain(text: str) -> dict[str, float]:
    """`1.2`, or `mouth=1.2,head=0.5`, as group -> gain; the name of all is empty.

    Raises:
        InputError: not numbers.
    """
    try:
        pairs = [part.rpartition("=") for part in text.split(",")]
        gains = {name.strip(): float(number) for name, _, number in pairs}
    except ValueError as error:
        raise InputError(f"--drive-gain {text}: give a number, or numbers by group as mouth=1.2,head=0.5") from error
    return gains | ({"jaw": gains["mouth"]} if "mouth" in gains and "jaw" not in gains else {})


def time_range(text: str) -> TimeRange:
    """`START-END` or `START-`, seconds."""
    start, _, end = text.partition("-")
    return TimeRange(to_seconds(start), to_seconds(end) if end else math.inf)


def picture_side(text: str) -> int | None:
    """Pixels of the longer side; None for `source`.

    Raises:
        InputError: neither a number nor that word.
    """
    if text == "source":
        return None
    if not text.isdigit():
        raise InputError(f"--size {text}: give the longer side in pixels, or the word source")
    return int(text)
