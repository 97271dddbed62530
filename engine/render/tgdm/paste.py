"""Changes of patches laid on the pictures they belong to, each as far as it is to be trusted."""

from collections.abc import Sequence

import cv2
import numpy as np

from engine.render.palette import LUMA
from engine.render.tgdm.light import FaceLight
from engine.render.tgdm.portrait import View
from engine.render.tgdm.regions import REGIONS

SEEN_WIDE = (0.05, 0.09)  # share of a patch that a mouth covers: as wide as there is truth to learn from, and beyond
RIM = 1 / 15  # of a patch: how far around mouth and eyes the warp is as little to be trusted as in them
SKIN = 0.25  # how much of the change is taken beyond: folds and shading, but the skin keeps its own grain
COLOUR = 0.3  # how much of it in the mouth may be colour: where lips or teeth may be, it is the mean of both, and pink
LEARNT = 0.5  # share of the learnt change of light; the rest is reckoned
FADE = (0.62, 0.94)  # of half a patch: from where to where the denoised gives way to the warp


def with_parts(warped: Sequence[np.ndarray], views: Sequence[View], changes: np.ndarray) -> list[np.ndarray]:
    """Copies of the warped pictures with the changes [B, P, P, 3], grey levels, laid on: every region of each."""
    found = []
    for number, picture in enumerate(warped):
        sums = picture.astype(np.float32)
        mine = slice(number * len(REGIONS), (number + 1) * len(REGIONS))
        for region, view, change in zip(REGIONS, views[mine], changes[mine], strict=True):
            lay_change(sums, view, region.share * _trust(view)[..., None] * _shaded(change, view))
        found.append(np.clip(np.round(sums), 0, 255).astype(np.uint8))
    return found


def with_face(
    warped: Sequence[np.ndarray], views: Sequence[View], changes: np.ndarray, rest: np.ndarray, light: FaceLight
) -> list[np.ndarray]:
    """Copies of the warped pictures with the changes of the whole face [B, P, P, 3], grey levels, laid on: its light and
    folds, coarser than the skin's grain, which stays; mouth and eyes are left to their own patches.

    `rest` [P, P, 3]: what would be changed of the portrait itself. It goes with the skin and is not changed, so that at
    rest the portrait stays as it is. `light`: the portrait's, whose own change is the other half of what is done.
    """
    found = []
    for picture, view, change in zip(warped, views, changes, strict=True):
        size = view.patch.pixels / 21
        skin = np.isfinite(view.maps.source[..., 0]).astype(np.float32)
        face = np.maximum(skin, (view.maps.geometry[..., 6:8] > 0).any(2))
        inside = cv2.erode(face, np.ones((round(size),) * 2, np.uint8), borderValue=[0])
        apart = skin * cv2.GaussianBlur(cv2.erode(skin, np.ones((3, 3), np.uint8)), (0, 0), size / 5)
        taken = (apart * cv2.GaussianBlur(inside, (0, 0), size / 2.5))[..., None]
        x, y = np.nan_to_num(view.maps.source, nan=-9).transpose(2, 0, 1)
        own = cv2.remap(rest, x, y, cv2.INTER_LINEAR)
        sums = picture.astype(np.float32)
        lay_change(sums, view, taken * (LEARNT * (change - own) + (1 - LEARNT) * light.change(view)))
        found.append(np.clip(np.round(sums), 0, 255).astype(np.uint8))
    return found


def lay_change(picture: np.ndarray, view: View, change: np.ndarray) -> None:
    """Change a picture [H, W, 3] float32 by what a patch [P, P, 3], coarser than it, is to be changed by.

    What gets darker is multiplied: it loses light, and what is fine in it as much as what is coarse. The rest is added.
    """
    darker = np.maximum(-change, 0) / np.maximum(view.rgb, 1)
    both = np.dstack([np.maximum(change, 0), np.minimum(darker, 1)]).astype(np.float32)
    laid, where = view.patch.back(both, picture.shape)
    picture[where] = picture[where] * (1 - laid[..., 3:]) + laid[..., :3]


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
