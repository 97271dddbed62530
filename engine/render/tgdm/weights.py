"""The denoiser's weights in a file: safetensors, whose notes say what shape of network they belong to."""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from engine.errors import ResourceError
from engine.render.tgdm.network import Denoiser, Shape


def load_denoiser(path: Path, device: torch.device) -> Denoiser:
    """The network in a file written by `engine.training.train_tgdm`, ready to be asked.

    Raises:
        ResourceError: the file is not one.
    """
    try:
        with safe_open(path, "pt") as file:
            notes = json.loads((file.metadata() or {})["shape"])
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
        net = Denoiser(Shape(**notes | {"channels": tuple(notes["channels"])}))
        net.load_state_dict(tensors)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ResourceError(
            f"{path} holds no weights of this renderer ({reason}): train it, or choose another"
        ) from error
    return net.to(device).to(memory_format=torch.channels_last).eval()
