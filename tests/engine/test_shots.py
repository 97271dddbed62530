"""Cuts are found between real clips, and nowhere inside them, whatever moves."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from engine.face.shots import CutFinder
from engine.media.image import read_image, resized
from engine.media.video import read_frames


def starts(frames: list[np.ndarray]) -> list[int]:
    cuts = CutFinder()
    return [index for index, frame in enumerate(frames) if cuts.begins(frame)]


def test_a_change_of_portrait_is_a_cut_and_noise_and_a_pan_are_not(samples: Path) -> None:
    hopper, astronaut = (resized(read_image(samples / name), 300).rgb for name in ("hopper.jpg", "astronaut.jpg"))
    astronaut = astronaut[: hopper.shape[0], : hopper.shape[1]]
    pan = [np.roll(hopper, 3 * k, axis=1) for k in range(10)]
    noise = np.random.default_rng(0).integers(0, 12, (5, *astronaut.shape), dtype=np.uint8)
    still = [np.minimum(astronaut, 243) + one for one in noise]
    assert starts(pan + still) == [0, 10]
    assert starts([hopper] * 3) == [0]


@pytest.mark.parametrize("name", ["voxceleb2_681100216.mp4", "motion_lp_d6.mp4"])
def test_fast_heads_are_no_cuts(shared_data: Path, name: str) -> None:
    assert starts(list(islice(read_frames(shared_data / "video" / name), 150))) == [0]


def test_a_real_cut_is_found_in_its_frame(shared_data: Path) -> None:
    frames = list(islice(read_frames(shared_data / "video" / "wav2lip_history_bald_20s.mov"), 310, 325))
    assert starts(frames) == [0, 8]
