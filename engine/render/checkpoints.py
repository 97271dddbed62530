"""Denoisers of the user's own: a table of the architectures that can be used, and rows that say what a file is.

Nothing is fetched while rendering: a name on the Hugging Face hub has to be on this machine already (`fetch`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import InputError, ResourceError
from engine.project.media_ref import file_sha256
from engine.project.project import Checkpoint

if TYPE_CHECKING:
    from engine.render.renderers import Drawing, Renderer

UNSTATED = "not stated"


def describe(source: str) -> Checkpoint:
    """The row of a checkpoint: a file, a folder of diffusers', or a hub name whose files are on this machine.

    Raises:
        ResourceError: there is nothing there, or nothing that can be used.
    """
    path = located(source)
    return Checkpoint(source, _architecture(path), _licence(path), _sha256(path))


def fetch(name: str) -> Path:
    """Fetch a pipeline of the Hugging Face hub, which takes the network; only when the user has asked for it.

    Raises:
        ResourceError: it cannot be had.
    """
    return _of_hub(name, offline=False)


def located(source: str) -> Path:
    """Where the checkpoint's file or folder is.

    Raises:
        ResourceError: nowhere on this machine.
    """
    if Path(source).exists():
        return Path(source)
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", source):
        raise ResourceError(f"denoiser {source}: there is no such file or folder; put it back, or choose another")
    return _of_hub(source, offline=True)


def own_renderer(drawing: Drawing) -> Renderer:
    """The renderer that the row `drawing.denoiser` asks for, after checking that its files are those it names.

    Raises:
        InputError: an architecture that is not in the table. ResourceError: files are gone, changed or of another kind.
    """
    row = drawing.denoiser
    assert row
    if row.architecture not in ARCHITECTURES:
        raise InputError(
            f"denoiser {row.source}: architecture {row.architecture!r}; choose from {', '.join(ARCHITECTURES)}"
        )
    path = located(row.source)
    if _sha256(path) != row.sha256:
        raise ResourceError(
            f"denoiser {row.source} is not what it was when it was chosen (SHA-256 differs): choose it anew"
        )
    if _architecture(path) != row.architecture:
        raise ResourceError(
            f"denoiser {row.source} holds {_architecture(path)}, not {row.architecture}: choose it anew"
        )
    return ARCHITECTURES[row.architecture](path, drawing)


def _of_hub(name: str, offline: bool) -> Path:
    from diffusers import DiffusionPipeline

    loader: Any = DiffusionPipeline
    try:
        return Path(loader.download(name, local_files_only=offline, use_safetensors=True))
    except Exception as error:  # the hub's library raises whatever it meets
        reason = " ".join(str(error).split())[:160]
        remedy = "give --fetch to get it" if offline else "check the name and the network"
        raise ResourceError(f"denoiser {name} is not on this machine ({reason}): {remedy}") from error


def _architecture(path: Path) -> str:
    """What a file or folder holds, by its own word."""
    if path.is_file():
        return "tgdm"
    try:
        index = json.loads((path / "model_index.json").read_text(encoding="utf-8"))
        return str(index["unet"][1])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ResourceError(
            f"denoiser {path} is no pipeline of diffusers' (model_index.json names no unet): choose another folder"
        ) from error


def _licence(path: Path) -> str:
    """As the model card beside the weights states it."""
    card = (path if path.is_dir() else path.parent) / "README.md"
    if path.is_file() or not card.is_file():
        return UNSTATED
    found = re.search(r"^license:\s*(\S+)\s*$", card.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    return found[1] if found else UNSTATED


def _sha256(path: Path) -> str:
    """Of a file; of a folder's configurations and weights, with their names."""
    if path.is_file():
        return file_sha256(path)
    files = sorted(file for kind in ("*.json", "*.safetensors") for file in path.rglob(kind))
    named = [f"{file_sha256(file)}  {file.relative_to(path).as_posix()}\n" for file in files]
    return hashlib.sha256("".join(named).encode()).hexdigest()


def _tgdm(path: Path, drawing: Drawing) -> Renderer:
    from engine.render.renderers import shipped_face
    from engine.render.tgdm.renderer import TgdmRenderer

    return TgdmRenderer(path, drawing.steps, drawing.seed, personal=drawing.personal, face=shipped_face())


def _unconditional(path: Path, drawing: Drawing) -> Renderer:
    from engine.render.tgdm.faces import FacesRenderer

    if drawing.personal:
        raise InputError("personal weights belong to Portrayal's own denoiser: leave out either them or --denoiser")
    return FacesRenderer(path, drawing.steps, drawing.seed)


ARCHITECTURES: dict[str, Callable[[Path, Drawing], Renderer]] = {"tgdm": _tgdm, "UNet2DModel": _unconditional}
"""What a row may name: Portrayal's own denoiser (`train_tgdm` writes it), or diffusers' unconditional U-Net of faces."""
