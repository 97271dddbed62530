"""Weights of one face: a change of low rank to each of the denoiser's layers (after Hu et al. 2022, LoRA), in a small file.

W' = W + up @ down, W being taken as a matrix [outputs, inputs x kernel]; of low rank, so that little can be unlearnt.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn.utils import parametrize

from engine.errors import InputError
from engine.project.atomic import replacing
from engine.project.media_ref import file_sha256

KIND = "portrayal-personal"
RANK = 8


class LowRank(nn.Module):
    """A parametrisation of a layer's weight: at first it changes nothing."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        outputs, inputs = weight.flatten(1).shape
        rank = min(rank, outputs, inputs)
        self.down = nn.Parameter(torch.randn(rank, inputs, device=weight.device) / inputs**0.5)
        self.up = nn.Parameter(torch.zeros(outputs, rank, device=weight.device))

    def forward(self, weight: Tensor) -> Tensor:
        return weight + (self.up @ self.down).reshape(weight.shape)


def adapt(net: nn.Module, rank: int = RANK) -> list[nn.Parameter]:
    """Freeze the network and give each of its layers a change of low rank to learn; what is to be learnt."""
    net.requires_grad_(False)
    learnt: list[nn.Parameter] = []
    for _, layer in list(_layers(net)):
        change = LowRank(layer.weight, rank)
        parametrize.register_parametrization(layer, "weight", change)
        learnt += change.parameters()
    return learnt


def changes(net: nn.Module) -> dict[str, Tensor]:
    """The changes of an adapted network, by layer, as they are kept in a file."""
    found: dict[str, Tensor] = {}
    for name, layer in _layers(net):
        change: Any = layer.parametrizations["weight"][0]  # type: ignore[index]
        found |= {f"{name}.up": change.up.detach().cpu(), f"{name}.down": change.down.detach().cpu()}
    return found


def write_personal(path: Path, found: dict[str, Tensor], base: Path, notes: dict[str, str]) -> None:
    """Write changes to the denoiser whose weights are in `base`; an older file stays whole until the new one is.

    Raises:
        ExportError: the file cannot be written.
    """
    halves = {name: value.half().contiguous() for name, value in found.items()}
    about = {"kind": KIND, "base": file_sha256(base)} | notes
    with replacing(path) as file:
        file.write(save(halves, metadata=about))


def apply_personal(net: nn.Module, path: Path, base: Path) -> None:
    """Change a network, loaded from the file `base`, to that of one face.

    Raises:
        InputError: no such file, or one made for other weights.
    """
    try:
        with safe_open(path, "pt") as file:
            notes = file.metadata() or {}
            found = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
        if notes.get("kind") != KIND:
            raise KeyError(f"kind {notes.get('kind')!r}")
        if notes.get("base") != file_sha256(base):
            raise InputError(f"{path} was made for other weights than {base.name}: personalise anew")
        with torch.no_grad():
            for name, layer in _layers(net):
                weight = layer.weight
                weight += (found[f"{name}.up"] @ found[f"{name}.down"]).reshape(weight.shape).to(weight)
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path} holds no personal weights ({reason}): make them with `personalise`") from error


def _layers(net: nn.Module) -> Iterator[tuple[str, nn.Conv2d | nn.Linear]]:
    """Every layer that multiplies by a matrix."""
    for name, layer in net.named_modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            yield name, layer
