"""The diffusion renderer: what the warp draws, with mouth and eyes denoised. The same interface as the warp's."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch

from engine.device import best_device, half_precision
from engine.errors import InputError
from engine.face.fit import Fit
from engine.render.palette import LUMA
from engine.render.tgdm.conditions import noise_on
from engine.render.tgdm.network import Memory
from engine.render.tgdm.portrait import PatchedPortrait, View
from engine.render.tgdm.regions import REGIONS
from engine.render.tgdm.sampling import as_tensor, denoise
from engine.render.tgdm.schedule import STEPS
from engine.render.tgdm.weights import load_weights
from engine.render.warp import WarpRenderer

SEEN_WIDE = (0.05, 0.09)  # share of a patch that a mouth covers: as wide as there is truth to learn from, and beyond
RIM = 1 / 15  # of a patch: how far around mouth and eyes the warp is as little to be trusted as in them
SKIN = 0.25  # how much of the change is taken beyond: folds and shading, but the skin keeps its own grain
COLOUR = 0.3  # how much of it in the mouth may be colour: where lips or teeth may be, it is the mean of both, and pink
FADE = (0.62, 0.94)  # of half a patch: from where to where the denoised gives way to the warp
TOGETHER = {"cuda": 8, "mps": 4, "cpu": 1}  # frames at once: more gain nothing on a processor


class TgdmRenderer:
    """`set_portrait` once, then `render` for any channel values."""

    def __init__(
        self,
        weights: Path,
        steps: int = STEPS,
        seed: int = 0,
        device: torch.device | None = None,
        personal: Path | None = None,
    ) -> None:
        """`weights`: a file of `engine.training.train_tgdm`; `personal`: one of `personalise`, made for them.

        The seed's noise is the same for every frame.

        Raises:
            ResourceError: the weights are none. InputError: the personal ones are none, or not for them.
        """
        self.warp = WarpRenderer()
        self._device = device or best_device()
        self.together = TOGETHER[self._device.type]
        self._weights = load_weights(weights, self._device, personal)
        self._steps, self._seed = steps, seed
        self._portrait: tuple[PatchedPortrait, Memory, np.ndarray] | None = None

    def set_portrait(self, rgb: np.ndarray, alpha: np.ndarray | None, fit: Fit) -> None:
        """As WarpRenderer's; besides, its patches are encoded."""
        self.warp.set_portrait(rgb, alpha, fit)
        pixels = self._weights.side(fit.pose.scale)
        patches = PatchedPortrait(rgb, fit, self.warp.geometry(fit.values()), pixels)
        noise = np.random.default_rng(self._seed).standard_normal((len(REGIONS), pixels, pixels, 3), np.float32)
        source = as_tensor([np.dstack([view.rgb, view.maps.geometry]) for view in patches.source], self._device)
        with torch.inference_mode(), half_precision(self._device):
            memory = self._weights.net.remember(source)
        self._portrait = (patches, memory, noise)

    def render(self, values: np.ndarray) -> np.ndarray:
        """The portrait for channel values [C]: [H, W, 3] uint8 RGB.

        Raises:
            InputError: no portrait is set, or the values are not one for each channel.
        """
        return self.render_batch([values])[0]

    def render_batch(self, rows: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Several frames at once, which a graphics card does in less time."""
        return list(self.refine(rows))[-1]

    def refine(self, rows: Sequence[np.ndarray]) -> Iterator[list[np.ndarray]]:
        """The frames as they look after each step of denoising."""
        if self._portrait is None:
            raise InputError("no portrait to render: call set_portrait first")
        patches, memory, noise = self._portrait
        warped = [self.warp.render(values) for values in rows]
        views = [
            view
            for values, picture in zip(rows, warped, strict=True)
            for view in patches.views(picture, self.warp.geometry(values))
        ]
        lain = [noise_on(view.maps.source, noise[i % len(REGIONS)]) for i, view in enumerate(views)]
        with torch.inference_mode(), half_precision(self._device):
            start = torch.from_numpy(np.stack(lain)).permute(0, 3, 1, 2).to(self._device)
            conditions = conditions_of(views, self._device)
            steps = denoise(self._weights.net, memory.repeated(len(rows)), conditions, start, self._steps)
            for clean in steps:
                patch = ((clean - conditions[:, :3]) * 127.5).permute(0, 2, 3, 1).float().cpu().numpy()
                yield _pasted(warped, views, patch)


def conditions_of(views: Sequence[View], device: torch.device) -> torch.Tensor:
    """[B, TARGET - 3, P, P] as the denoiser takes them; no previous frame is told, so that any frame stands alone."""
    known = as_tensor([np.dstack([view.rgb, view.maps.geometry, view.maps.trust]) for view in views], device)
    return torch.cat([known, known.new_zeros(len(known), 4, *known.shape[2:])], 1)


def _pasted(warped: list[np.ndarray], views: Sequence[View], changes: np.ndarray) -> list[np.ndarray]:
    """Copies of the warped pictures with the changes [B, P, P, 3], grey levels, laid on: every region of each."""
    found = []
    for number, picture in enumerate(warped):
        sums = picture.astype(np.float32)
        mine = slice(number * len(REGIONS), (number + 1) * len(REGIONS))
        for region, view, change in zip(REGIONS, views[mine], changes[mine], strict=True):
            taken = region.share * _trust(view)[..., None] * _shaded(change, view)
            laid, where = view.patch.back(taken, picture.shape)
            sums[where] += laid
        found.append(np.clip(np.round(sums), 0, 255).astype(np.uint8))
    return found


def _shaded(change: np.ndarray, view: View) -> np.ndarray:
    """A change [P, P, 3] that in the mouth is mostly one of light: the warp's teeth and tongue keep their colour."""
    grey = (change @ LUMA)[..., None]
    mouth = cv2.GaussianBlur(view.maps.geometry[..., 6] / np.float32(255), (0, 0), view.patch.pixels / 85)[..., None]
    return np.asarray(change - (1 - COLOUR) * mouth * (change - grey))


def _trust(view: View) -> np.ndarray:
    """[P, P] in 0..1: how much of the denoiser's change is taken: most in mouth and eyes and around their rims, inside
    the face, away from the patch's border.

    What lies in a mouth that is open wider than any it has learned from stays as the warp draws it.
    """
    side = view.patch.pixels
    axis = np.abs(np.linspace(-1, 1, side, dtype=np.float32))
    edge = np.clip((FADE[1] - axis) / (FADE[1] - FADE[0]), 0, 1)
    edge = edge * edge * (3 - 2 * edge)
    hole = (view.maps.geometry[..., 6:8] > 0).any(2)
    face = (view.maps.trust[..., 0] > 0) | hole
    rim = 2 * round(RIM * side) + 1
    near = cv2.dilate(hole.astype(np.float32), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (rim, rim)))
    needed = SKIN + (1 - SKIN) * cv2.GaussianBlur(near, (0, 0), RIM * side / 3)
    mouth = view.maps.geometry[..., 6] / np.float32(255)
    known = 1 - mouth * np.clip((mouth.mean() - SEEN_WIDE[0]) / (SEEN_WIDE[1] - SEEN_WIDE[0]), 0, 1)
    size = side // 24
    inside = cv2.erode(face.astype(np.float32), np.ones((2 * size, 2 * size), np.uint8), borderValue=[1])
    return np.asarray(edge[:, None] * edge * needed * cv2.GaussianBlur(inside * known, (0, 0), size / 2))
