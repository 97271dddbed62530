"""Which media file a project means: the bytes by their SHA-256, and where to find them."""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import InputError, MediaError
from engine.project.record import Record


@dataclass(frozen=True)
class MediaRef(Record):
    """A file, wherever it lies: references to the same bytes are equal. `embedded`: saved inside the project."""

    path: str = field(compare=False)
    sha256: str
    embedded: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise InputError(f"SHA-256 {self.sha256!r} of {self.path}: give 64 hexadecimal digits")

    @property
    def name(self) -> str:
        """The file's own name, for people."""
        return Path(self.path).name

    def locate(self) -> Path:
        """The file, after checking that it is the one that was meant.

        Raises:
            MediaError: it is gone or has changed.
        """
        if file_sha256(Path(self.path)) != self.sha256:
            raise MediaError(f"{self.path} is not the file it was: bring back the old one, or import it anew")
        return Path(self.path)


def refer_to(path: Path, embedded: bool = False) -> MediaRef:
    """A reference to the file as it is now; its content is read once for the hash."""
    return MediaRef(str(path.absolute()), file_sha256(path), embedded)


def file_sha256(path: Path) -> str:
    """SHA-256 of the file's bytes.

    Raises:
        MediaError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise MediaError(f"{path} cannot be read ({error.strerror}): put it back, or choose another file") from error
