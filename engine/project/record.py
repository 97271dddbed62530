"""Frozen values that become JSON and come back equal, keeping fields that a newer version wrote."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from engine.project.timing import TimeRange


@dataclass(frozen=True, kw_only=True)
class Record:
    """Base of all project data. `extra` holds JSON fields that this version does not know, to save them again."""

    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)


def encode(value: Any, arrays: list[np.ndarray]) -> Any:
    """The value as JSON. Arrays are appended to `arrays` and stand in the JSON as their index (null: empty)."""
    match value:
        case Record():
            known = {f.name: encode(getattr(value, f.name), arrays) for f in fields(value) if f.name != "extra"}
            return {**value.extra, **known}
        case TimeRange():
            return [encode(value.start, arrays), encode(value.end, arrays)]
        case np.ndarray():
            if not value.size:
                return None
            arrays.append(value)
            return len(arrays) - 1
        case Fraction():
            return str(value)
        case float() if value == math.inf:
            return "inf"
        case tuple():
            return [encode(item, arrays) for item in value]
        case Mapping():
            return {key: encode(item, arrays) for key, item in value.items()}
        case _:
            return value


def decode(hint: Any, data: Any, arrays: list[np.ndarray]) -> Any:
    """What `encode` made into JSON, as the type that `hint` says.

    Raises:
        TypeError, ValueError, LookupError, InputError: the JSON does not describe such a value.
    """
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return None if data is None else decode(parts[0], data, arrays)
    if origin is tuple:
        hints = parts[:1] * len(data) if parts[-1] is ... else parts
        return tuple(decode(part, item, arrays) for part, item in zip(hints, data, strict=True))
    if origin is Mapping:
        return {key: decode(parts[1], item, arrays) for key, item in data.items()}
    if hint is np.ndarray:
        return np.zeros(0, np.float32) if data is None else arrays[data]
    if hint is Fraction:
        return _fraction(data)
    if hint is TimeRange:
        start, end = data
        return TimeRange(_fraction(start), math.inf if end == "inf" else _fraction(end))
    if isinstance(hint, type) and issubclass(hint, Record):
        return _decode_record(hint, data, arrays)
    kinds: Any = (int, float) if hint is float else str if origin is Literal else hint
    if not isinstance(data, kinds):
        raise TypeError(f"{data!r} where {hint} belongs")
    return data


def _fraction(text: str) -> Fraction:
    above, _, below = text.partition("/")  # not Fraction(text), which takes "1e999999999" at its word
    return Fraction(int(above), int(below or 1))


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return {name: hint for name, hint in get_type_hints(kind).items() if name != "extra"}


def _decode_record(kind: Any, data: dict[str, Any], arrays: list[np.ndarray]) -> Record:
    hints = _hints(kind)
    known = {name: decode(hint, data[name], arrays) for name, hint in hints.items() if name in data}
    return kind(**known, extra={name: item for name, item in data.items() if name not in hints})
