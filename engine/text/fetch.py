"""Weights from the Hugging Face hub, only when the user asks: first what would come (size, licence, hash), then the
file.
"""

import hashlib
import json
import os
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import MediaError, ResourceError
from engine.events import Finished, Progress

HUB = "https://huggingface.co"
_CHUNK = 1 << 20
_PATIENCE = 30  # seconds without an answer


@dataclass(frozen=True)
class Offer:
    """A file that can be fetched: show `described()` and ask before `fetch_weights`."""

    url: str
    file: str
    size: int
    licence: str
    sha256: str

    def described(self) -> str:
        """One line for a dialog or a terminal."""
        return f"{self.url} ({self.size / 1e6:.0f} MB, licence {self.licence}, SHA-256 {self.sha256})"


def offer(repository: str, file: str, hub: str | None = None) -> Offer:
    """What the hub says about `file` of `repository`; asks the network, fetches nothing.

    `hub` None: the mirror in HF_ENDPOINT, which other programs of the hub honour too, or the hub itself.

    Raises:
        ResourceError: no answer, no such file, or no hash to check it by.
    """
    hub = hub or os.environ.get("HF_ENDPOINT") or HUB
    address = f"{hub}/api/models/{urllib.parse.quote(repository)}?blobs=true"
    try:
        with urllib.request.urlopen(address, timeout=_PATIENCE) as answer:
            about = json.load(answer)
    except (OSError, ValueError) as error:
        raise ResourceError(
            f"{address} does not answer ({error}): check the network, or give a file by hand"
        ) from error
    entry = next((item for item in about.get("siblings", ()) if item.get("rfilename") == file), None)
    sha256 = ((entry or {}).get("lfs") or {}).get("sha256")
    if entry is None or not sha256:
        raise ResourceError(f"{repository} on {hub} has no file {file!r} with a SHA-256: give a file by hand")
    licence = str((about.get("cardData") or {}).get("license") or "not stated")
    url = f"{hub}/{urllib.parse.quote(repository)}/resolve/main/{urllib.parse.quote(file)}"
    return Offer(url, file, int(entry.get("size") or entry["lfs"].get("size") or 0), licence, sha256)


def fetch_weights(wanted: Offer, folder: Path) -> Iterator[Progress | Finished]:
    """Fetch into `folder`, checking the hash; a job. Finished: the path. Stopped or failed, it leaves nothing behind.

    Raises:
        ResourceError: the file that came is not the one offered.
        MediaError: the network or the disk gave up.
    """
    target = folder / wanted.file
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
    digest, done = hashlib.sha256(), 0
    try:
        with os.fdopen(handle, "wb") as output, urllib.request.urlopen(wanted.url, timeout=_PATIENCE) as answer:
            while chunk := answer.read(_CHUNK):
                output.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                yield Progress(done, max(wanted.size, done), f"Fetching {wanted.file}")
        if digest.hexdigest() != wanted.sha256:
            raise ResourceError(f"{wanted.url} sent another file than offered (SHA-256 {digest.hexdigest()}): not kept")
        Path(name).replace(target)
    except OSError as error:
        raise MediaError(f"{wanted.url} could not be fetched into {folder}: {error}") from error
    finally:
        Path(name).unlink(missing_ok=True)
    yield Finished(target)
