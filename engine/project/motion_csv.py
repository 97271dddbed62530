"""Motion as a table that other programs can read: one row a frame, `time` in seconds, then every channel by name."""

import csv
import io
import math
from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine.errors import InputError, ProjectError
from engine.project.atomic import replacing
from engine.project.channels import CHANNELS, INDEX, NAMES
from engine.project.timing import DEFAULT_RATE, frame_to_seconds, parse_rate

DIGITS = 12
"""Digits after the point of a time: with these, any rate with a denominator up to 1001 comes back from two rows."""


def write_motion_csv(path: Path, values: np.ndarray, rate: Fraction) -> None:
    """Write `values`, float32 [T, C] in table order, so that reading gives the very same values and rate.

    Raises:
        ExportError: the file cannot be written.
    """
    with replacing(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        table = csv.writer(text, lineterminator="\n")
        table.writerow(["time", *NAMES])
        for frame, row in enumerate(values.astype(np.float32)):
            table.writerow([_decimal(frame_to_seconds(frame, rate)), *map(str, row)])
        text.flush()
        text.detach()


def read_motion_csv(path: Path) -> tuple[np.ndarray, Fraction]:
    """Values, float32 [T, C] in table order, and their frame rate. Channels without a column are neutral.

    Raises:
        ProjectError: no such file, or not such a table; names file, line and column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            _check_header(path, header)
            rows = [(reader.line_num, row) for row in reader if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ProjectError(f"{path} cannot be read as a motion table ({error}): give a CSV file") from error
    if not rows:
        raise ProjectError(f"{path} has no rows below its header: nothing moves")
    values = np.tile(np.array([channel.neutral for channel in CHANNELS], np.float32), (len(rows), 1))
    columns = [i for i, name in enumerate(header) if name in INDEX]
    targets = [INDEX[header[i]] for i in columns]
    for frame, (line, row) in enumerate(rows):
        if len(row) != len(header):
            raise ProjectError(f"{path}, line {line}: {len(row)} columns where the header has {len(header)}")
        values[frame, targets] = [_number(row[i], f"{path}, line {line}, column {header[i]}") for i in columns]
    at = header.index("time")
    return values, _rate(path, [row[at].strip() for _, row in rows], [line for line, _ in rows])


def _decimal(seconds: Fraction) -> str:
    with localcontext() as context:
        context.prec = 40
        return f"{Decimal(seconds.numerator) / Decimal(seconds.denominator):.{DIGITS}f}"


def _check_header(path: Path, header: Sequence[str]) -> None:
    if "time" not in header:
        raise ProjectError(f"{path}, line 1: there is no column 'time': the first column must hold seconds")
    for name in header:
        if name != "time" and name not in INDEX:
            raise ProjectError(f"{path}, line 1, column {name!r}: no channel has this name; remove or rename it")
        if header.count(name) > 1:
            raise ProjectError(f"{path}, line 1, column {name!r}: it is there twice; remove one")


def _number(text: str, where: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not abs(number) <= float(np.finfo(np.float32).max):
        raise ProjectError(f"{where}: {text.strip()!r} is not a finite number")
    return number


def _rate(path: Path, times: Sequence[str], lines: Sequence[int]) -> Fraction:
    """The rate that explains every time within its own rounding: the plainest one, if there are several."""
    seconds = [_number(text, f"{path}, line {line}, column time") for text, line in zip(times, lines, strict=True)]
    if len(times) == 1:
        return DEFAULT_RATE
    steps, length = len(times) - 1, Fraction(seconds[-1]) - Fraction(seconds[0])
    if length <= 0:
        raise ProjectError(f"{path}, line {lines[-1]}, column time: the times must rise from row to row")
    digits = max(len(text.partition(".")[2]) for text in times)
    rounding = Fraction(1, 10**digits) + Fraction(2 * math.ulp(seconds[-1]))
    slack = min(rounding, length / steps / 4)
    low, high = steps / (length + slack), steps / (length - slack)
    try:
        rate = _plainest(low, steps / length, high)
    except InputError as error:
        raise ProjectError(f"{path}, column time: {error}") from error
    even = np.arange(len(times)) / float(rate) + seconds[0]
    off = np.abs(np.array(seconds) - even) > 2 * float(slack) + 1e-9
    if off.any():
        raise ProjectError(f"{path}, line {lines[int(off.argmax())]}, column time: the rows are not evenly spaced")
    return rate


def _plainest(low: Fraction, likely: Fraction, high: Fraction) -> Fraction:
    """A whole rate in [low, high] if there is one, else one of broadcast, else the fraction with the smallest terms."""
    whole = Fraction(round(likely))
    broadcast = Fraction(math.ceil(likely) * 1000, 1001)
    for rate in (whole, broadcast):
        if low <= rate <= high:
            return parse_rate(rate)
    return parse_rate(_simplest(low, high))


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction with the smallest denominator in [low, high], by continued fractions (Stern-Brocot tree)."""
    whole = math.floor(low)
    if whole == low or whole + 1 <= high:
        return Fraction(whole if whole == low else whole + 1)
    return whole + 1 / _simplest(1 / (high - whole), 1 / (low - whole))
