"""The denoiser's weights in a file: safetensors, whose notes say what shape of network they belong to."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from engine.device import compiled
from engine.errors import ResourceError
from engine.render.tgdm.network import Denoiser, Shape
from engine.render.tgdm.personal import apply_personal
from engine.render.tgdm.regions import REGIONS

SIDES = (
    96,
    128,
    192,
    256,
)  # pixels of a patch's side: of a small face's, which has no more in its mouth, up to a large
# one's; so the whole face would be 192 to 512


@dataclass(frozen=True)
class Weights:
    """A network, ready to be asked, and the side in pixels of the largest patches that it was trained on."""

    net: Denoiser
    pixels: int

    def side(self, unit: float) -> int:
        """Pixels a side of the patches of a face with this eye distance, pixels: they follow the picture."""
        needed = REGIONS[0].width * unit
        return min([side for side in SIDES if side >= needed] + [self.pixels])


def load_weights(path: Path, device: torch.device, personal: Path | None = None) -> Weights:
    """What is in a file written by `engine.training.train_tgdm`, changed to one face's by personal weights.

    Raises:
        ResourceError: the file is not one. InputError: the personal weights are none of its.
    """
    try:
        with safe_open(path, "pt") as file:
            notes = file.metadata() or {}
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
        shape, pixels = json.loads(notes["shape"]), int(notes["pixels"])
        net = Denoiser(Shape(**shape | {"channels": tuple(shape["channels"])}))
        net.load_state_dict(tensors)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ResourceError(
            f"{path} holds no weights of this renderer ({reason}): train it, or choose another"
        ) from error
    if personal:
        apply_personal(net, personal, path)
    net = net.to(device).to(memory_format=torch.channels_last).eval()
    net.forward = compiled(net.forward)  # type: ignore[method-assign]
    return Weights(net, pixels)
