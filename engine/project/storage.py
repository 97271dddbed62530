"""`.portrayal` files: a zip of `project.json`, the generated samples as .npy, and the media that is embedded.

`project.json` is {"format", "version": [major, minor], "project"}. A new minor version only adds fields, which older
programs keep; a new major version changes meaning and comes with a function in `UPGRADES`.
"""

import io
import json
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from engine.errors import InputError, MediaError, ProjectError
from engine.project.atomic import replacing
from engine.project.edits import with_media
from engine.project.media_ref import MediaRef, file_sha256
from engine.project.project import Project
from engine.project.record import decode, encode

SUFFIX = ".portrayal"
FORMAT = "portrayal-project"
VERSION = (1, 2)
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""Major version -> what makes its "project" JSON into that of the next major version."""

_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, InputError, MemoryError, RuntimeError),
    *(LookupError, TypeError, ValueError, AttributeError, ArithmeticError),
)


def save_project(project: Project, path: Path) -> None:
    """Write the project; whatever happens on the way, an older file of this name stays whole until the new one is.

    Raises:
        MediaError: a file to embed is gone or has changed.
        ExportError: the file cannot be written.
    """
    arrays: list[np.ndarray] = []
    project_json = encode(with_media(project, lambda ref: _to_file(ref, path)), arrays)
    content = {"format": FORMAT, "version": VERSION, "project": project_json}
    embedded = {ref.sha256: ref.locate() for ref in project.media if ref.embedded}
    with replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.json", json.dumps(content, indent=1, allow_nan=False))
        for i, array in enumerate(arrays):
            with archive.open(f"arrays/{i}.npy", "w") as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)
        for sha256, source in embedded.items():
            archive.write(source, f"media/{sha256}", zipfile.ZIP_STORED)


def load_project(path: Path, unpack_to: Path) -> Project:
    """Read a project. Embedded media is unpacked below the folder `unpack_to`, which must outlive the project.

    Media that is referred to is not looked for here: see `check_media`.

    Raises:
        ProjectError: not a project, damaged, or written by a newer version of Portrayal.
    """
    try:
        with path.open("rb") as file:
            return _read(file, path, unpack_to)
    except OSError as error:
        raise ProjectError(f"{path} cannot be read ({error.strerror or error}): check that it is there") from error
    except _DAMAGE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ProjectError(f"{path} is not a whole project file ({reason}): open its autosave or a backup") from error


def check_media(project: Project) -> None:
    """Raise MediaError, naming all of them, if files the project refers to are gone or have changed."""
    problems = []
    for ref in project.media:
        try:
            ref.locate()
        except MediaError as error:
            problems.append(str(error))
    if problems:
        raise MediaError("; ".join(problems))


def autosave_path(path: Path) -> Path:
    """Where the work since the last save is kept: beside the project."""
    return path.with_name(f"{path.stem}.autosave{SUFFIX}")


def recoverable(path: Path) -> Path | None:
    """The autosave of this project if it is newer than the project, as after a crash."""
    autosave = autosave_path(path)
    if not autosave.exists():
        return None
    newer = not path.exists() or autosave.stat().st_mtime_ns > path.stat().st_mtime_ns
    return autosave if newer else None


def _read(file: BinaryIO, path: Path, unpack_to: Path) -> Project:
    with zipfile.ZipFile(file) as archive:
        project_json = _upgraded(json.loads(archive.read("project.json")), path)
        arrays: list[np.ndarray] = []
        while f"arrays/{len(arrays)}.npy" in archive.namelist():
            data = archive.read(f"arrays/{len(arrays)}.npy")
            arrays.append(np.lib.format.read_array(io.BytesIO(data), allow_pickle=False))
            arrays[-1].setflags(write=False)
        project = decode(Project, project_json, arrays)
        return with_media(project, lambda ref: _from_file(ref, path, archive, unpack_to))


def _upgraded(content: dict[str, Any], path: Path) -> dict[str, Any]:
    if content["format"] != FORMAT:
        raise ValueError(f"format {content['format']!r}")
    major, _minor = content["version"]
    if major > VERSION[0]:
        raise ProjectError(f"{path} was saved by a newer Portrayal (file version {major}): update to open it")
    project_json = content["project"]
    for version in range(major, VERSION[0]):
        project_json = UPGRADES[version](project_json)
    return project_json


def _to_file(ref: MediaRef, path: Path) -> MediaRef:
    """The reference as the file holds it: relative to the project where it can be; its name alone if embedded."""
    if ref.embedded:
        return replace(ref, path=ref.name)
    media, folder = Path(ref.path).absolute(), path.absolute().parent
    return replace(ref, path=media.relative_to(folder).as_posix() if media.is_relative_to(folder) else str(media))


def _from_file(ref: MediaRef, path: Path, archive: zipfile.ZipFile, unpack_to: Path) -> MediaRef:
    if not ref.embedded:
        return replace(ref, path=str(path.absolute().parent / ref.path))
    folder = unpack_to / ref.sha256  # by content, so that opening twice unpacks once
    target = folder / (ref.name if ref.name not in ("", "..") else "media")
    if not (target.is_file() and file_sha256(target) == ref.sha256):
        folder.mkdir(parents=True, exist_ok=True)
        with archive.open(f"media/{ref.sha256}") as source, replacing(target) as out:
            shutil.copyfileobj(source, out)
        if file_sha256(target) != ref.sha256:
            raise ValueError(f"embedded {ref.name} has changed")
    return replace(ref, path=str(target))
