"""Where networks run: which processor, and whether it is quick with bfloat16. torch is loaded when asked, not before."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def best_device() -> torch.device:
    """An NVIDIA card, else Apple's, else the processor."""
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def half_precision(device: torch.device) -> AbstractContextManager[object]:
    """A context in which networks run in bfloat16 where that is quicker, and as they are elsewhere."""
    import torch

    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    if device.type == "cuda" or (device.type == "cpu" and supported()):
        return torch.autocast(device.type, torch.bfloat16)
    return nullcontext()
