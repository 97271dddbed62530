"""Compiled networks: the same pictures, or the network as it is where it cannot be compiled."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch._dynamo.testing import CompileCounter

from engine.device import COMPILE
from engine.face.fit import fit_face
from engine.face.head_model import load_head_model
from engine.face.landmarks import choose_face
from engine.media.image import read_image
from engine.render.tgdm.renderer import TgdmRenderer
from tests.tiny_denoiser import write_weights


def broken(*_: object) -> None:
    raise RuntimeError("no compiler")


@pytest.mark.parametrize("works", [True, False])
def test_a_compiled_network_draws_the_same(samples: Path, tmp_path: Path, monkeypatch, works: bool):
    rgb = read_image(samples / "hopper.jpg").rgb
    fit = fit_face(choose_face(rgb), load_head_model())
    weights = write_weights(tmp_path / "tiny.safetensors", loud=True)

    def drawn() -> np.ndarray:
        renderer = TgdmRenderer(weights)
        renderer.set_portrait(rgb, None, fit)
        return renderer.render(fit.values())

    plain = drawn()
    asked = CompileCounter()
    monkeypatch.setenv(COMPILE, "1")
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend=asked if works else broken))
    assert np.abs(drawn().astype(int) - plain).max() <= 1
    assert (asked.frame_count > 0) == works
