"""Where networks run: which processor, and whether it is quick with bfloat16. torch is loaded when asked, not before."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    import torch

COMPILE = "PORTRAYAL_COMPILE"  # set to 1 in the environment, networks are compiled before they are used
_P = ParamSpec("_P")
_R = TypeVar("_R")


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


def compiled(network: Callable[_P, _R]) -> Callable[_P, _R]:
    """`network` by torch.compile if COMPILE asks for it, which takes a minute or two when it is first used and needs a C++
    compiler or Triton; where that fails, and otherwise, as it is."""
    if os.environ.get(COMPILE, "0") == "0":
        return network
    import torch
    import torch._dynamo

    torch._dynamo.config.suppress_errors = True
    quicker: Callable[_P, _R] = torch.compile(network)
    return quicker
