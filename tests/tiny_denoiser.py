"""A diffusion renderer small enough for tests: weights of Portrayal's own kind, and a pipeline of diffusers'."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from engine.render.tgdm.network import Denoiser, Shape

TINY = Shape((8, 16, 16), 1, 2)


def write_weights(path: Path, loud: bool) -> Path:
    """Weights of a tiny network: untrained, or such that it changes everything it is given."""
    torch.manual_seed(0)
    net = Denoiser(TINY)
    if loud:
        torch.nn.init.normal_(net.out[2].weight, std=0.1)  # type: ignore[arg-type]
    save_file(net.state_dict(), path, metadata={"shape": json.dumps(vars(TINY)), "pixels": "96"})
    return path


def write_pipeline(folder: Path, channels: int = 3) -> Path:
    """An unconditional diffusion model of pictures of 32 x 32 pixels, as diffusers saves one."""
    from diffusers import DDPMPipeline, DDPMScheduler, UNet2DModel  # seconds, of which most tests have no use

    torch.manual_seed(0)
    net = UNet2DModel(
        sample_size=32,
        in_channels=channels,
        out_channels=channels,
        layers_per_block=1,
        block_out_channels=(8, 16),
        norm_num_groups=4,
        down_block_types=("DownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "UpBlock2D"),
    )
    DDPMPipeline(net, DDPMScheduler()).save_pretrained(folder)
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\nA tiny model.\n", encoding="utf-8")
    return folder
