"""A sheet to look at: portraits in many poses, as the warp draws them and below as the diffusion renderer does.

python -m engine.training.tgdm_sheet --weights ../cache/tgdm/run1/tgdm.safetensors -o sheet.png PICTURE ...

Or patches of packs: the portrait, the warp, the network, the truth; the widest mouths of each pack.

python -m engine.training.tgdm_sheet --weights W -o sheet.png --packs ../cache/tgdm/packs_heads/held-heads-00?-000.npz
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch

from engine.face.fit import Fit, fit_face
from engine.face.head_model import load_head_model
from engine.face.landmarks import choose_face
from engine.media.image import read_image
from engine.project.channels import INDEX
from engine.render.tgdm.renderer import TgdmRenderer
from engine.render.tgdm.sampling import as_tensor, denoise
from engine.render.tgdm.schedule import STEPS
from engine.render.tgdm.weights import Weights, load_weights
from engine.training.tgdm_pack import read_packs

IMAGES = ("source", "source_geometry", "warp", "geometry", "trust", "truth")
FACE = 200  # pixels of a face on the sheet
SHUT_LIPS = ("jawOpen", "mouthUpperUp", "mouthLowerDown", "mouthFunnel", "mouthClose")
BLINKS = ("eyeBlinkLeft", "eyeBlinkRight")
SMILES = ("mouthSmileLeft", "mouthSmileRight")
LOOKS: tuple[dict[str, float], ...] = (
    {},
    {"jawOpen": 0.15, "mouthLowerDownLeft": 0.2, "mouthLowerDownRight": 0.2},
    {"jawOpen": 0.35},
    {"jawOpen": 0.8},
    {"jawOpen": 0.25, **dict.fromkeys(SMILES, 0.8)},
    {"jawOpen": 0.3, "mouthFunnel": 0.6},
    {"jawOpen": 0.3, "headYaw": 15.0},
    {"jawOpen": 0.3, "headYaw": -30.0},
    dict.fromkeys(BLINKS, 0.5),
    dict.fromkeys(BLINKS, 1.0),
    {"eyeWideLeft": 1.0, "eyeWideRight": 1.0, "gazeYaw": 20.0},
)


def looked(fit: Fit, look: dict[str, float]) -> np.ndarray:
    """Channel values [C]: the portrait's with its lips shut, and then the look's."""
    values = fit.values()
    for name, index in INDEX.items():
        if name.startswith(SHUT_LIPS):
            values[index] = 0
    for name, value in look.items():
        values[INDEX[name]] = value
    return values


def strip(path: Path, renderer: TgdmRenderer) -> np.ndarray:
    """Two rows of faces, [2 * FACE, looks * FACE, 3]: the warp's, the diffusion renderer's."""
    rgb = read_image(path).rgb
    fit = fit_face(choose_face(rgb), load_head_model())
    renderer.set_portrait(rgb, None, fit)
    middle, half = fit.landmarks[:468, :2].mean(0), 1.15 * fit.pose.scale
    scale = FACE / (2 * half)
    crop = np.array([[scale, 0, -scale * (middle[0] - half)], [0, scale, -scale * (middle[1] - half)]])
    rows: list[list[np.ndarray]] = [[], []]
    for look in LOOKS:
        values = looked(fit, look)
        for row, picture in zip(rows, (renderer.warp.render(values), renderer.render(values)), strict=True):
            row.append(np.asarray(cv2.warpAffine(picture, crop, (FACE, FACE), flags=cv2.INTER_AREA)))
    return np.vstack([np.hstack(row) for row in rows])


def patches(path: Path, weights: Weights, steps: int, count: int) -> np.ndarray:
    """[count * P, 4 * P, 3] of a pack: the portrait, the warp, the network's and the truth of its widest mouths."""
    rows = next(read_packs([path]))
    opening = rows["geometry"][..., 6].mean((1, 2)) * (rows["region"] == 0)
    picked = np.argsort(-opening)[: 3 * count : 3]
    rows = {name: _sized(rows[name][picked], weights.pixels) for name in IMAGES}

    def tensor(*names: str) -> torch.Tensor:
        maps = [np.dstack([rows[name][i] for name in names]) for i in range(len(picked))]
        return as_tensor(maps, torch.device("cpu"))

    known = tensor("warp", "geometry", "trust")
    conditions = torch.cat([known, known.new_zeros(len(known), 4, *known.shape[2:])], 1)
    torch.manual_seed(0)
    with torch.inference_mode():
        memory = weights.net.remember(tensor("source", "source_geometry"))
        clean = list(denoise(weights.net, memory, conditions, torch.randn_like(known[:, :3]), steps))[-1]
    drawn = ((clean.permute(0, 2, 3, 1).numpy() + 1) * 127.5).clip(0, 255).astype(np.uint8)
    columns = (rows["source"], rows["warp"], drawn, rows["truth"])
    return np.vstack([np.hstack([column[i] for column in columns]) for i in range(len(picked))])


def _sized(images: np.ndarray, pixels: int) -> np.ndarray:
    return np.stack([cv2.resize(image, (pixels, pixels), interpolation=cv2.INTER_AREA) for image in images])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, nargs="*")
    parser.add_argument("--packs", type=Path, nargs="*", default=[])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--face", type=Path, help="weights for the whole face")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.packs:
        known = load_weights(arguments.weights, torch.device("cpu"))
        parts = [patches(path, known, arguments.steps, 6) for path in arguments.packs]
        sheet = np.hstack([np.pad(part, ((0, max(map(len, parts)) - len(part)), (0, 8), (0, 0))) for part in parts])
    else:
        renderer = TgdmRenderer(arguments.weights, arguments.steps, face=arguments.face)
        sheet = np.vstack([strip(path, renderer) for path in arguments.pictures])
    cv2.imwrite(str(arguments.output), sheet[..., ::-1])
