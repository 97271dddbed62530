"""Files that ship with the program, found by name and checked against the table in `resources/README.md`."""

import hashlib
import re
import sys
from functools import cache
from pathlib import Path

from engine.errors import ResourceError


def folder() -> Path:
    """The `resources` folder of this checkout, or of the frozen program."""
    frozen = getattr(sys, "_MEIPASS", None)
    root = Path(frozen) if frozen else Path(__file__).resolve().parent.parent
    return root / "resources"


@cache
def table() -> dict[str, str]:
    """File name -> SHA-256, read from the rows of `resources/README.md`.

    Raises:
        ResourceError: the table itself is missing.
    """
    path = folder() / "README.md"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ResourceError(f"{path} is missing: reinstall Portrayal") from error
    return dict(re.findall(r"^\|\s*`([^`]+)`.*`([0-9a-f]{64})`\s*\|\s*$", text, flags=re.MULTILINE))


@cache
def resource(name: str) -> Path:
    """Path of the shipped file `name` (as in the table), after checking that it is the file this version was made with.

    Raises:
        ResourceError: the file is missing, not in the table, or its SHA-256 differs.
    """
    path = folder() / name
    if name not in table():
        raise ResourceError(f"resources/{name} has no row in resources/README.md: every shipped file needs one")
    if not path.is_file():
        raise ResourceError(f"{path} is missing: reinstall Portrayal, or restore the file from its repository")
    if hashlib.sha256(path.read_bytes()).hexdigest() != table()[name]:
        raise ResourceError(f"{path} is not the file this version was made with (SHA-256 differs): restore it")
    return path
