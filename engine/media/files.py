"""What every reader of a media file checks first, and names that replace nothing."""

from pathlib import Path

from engine.errors import MediaError


def require_file(path: Path | str) -> Path:
    """`path` as a Path, once it names a file with something in it.

    Raises:
        MediaError: nothing there, a folder, or a file of 0 bytes.
    """
    path = Path(path)
    if not path.exists():
        raise MediaError(f"{path}: no such file")
    if not path.is_file():
        raise MediaError(f"{path}: not a file")
    if path.stat().st_size == 0:
        raise MediaError(f"{path}: empty (0 bytes); copy or download it again")
    return path


def free_name(path: Path) -> Path:
    """The path, or the first of "name 2", "name 3" ... that is free."""
    number, free = 2, path
    while free.exists():
        free, number = path.with_name(f"{path.stem} {number}{path.suffix}"), number + 1
    return free
