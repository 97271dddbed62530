"""A sheet to look at: portraits in many poses, as the warp draws them and below as the diffusion renderer does.

python -m engine.training.tgdm_sheet --weights ../cache/tgdm/run1/tgdm.safetensors -o sheet.png PICTURE ...
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from engine.face.fit import Fit, fit_face
from engine.face.head_model import load_head_model
from engine.face.landmarks import choose_face
from engine.media.image import read_image
from engine.project.channels import INDEX
from engine.render.tgdm.renderer import TgdmRenderer

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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    drawn = TgdmRenderer(arguments.weights, arguments.steps)
    cv2.imwrite(str(arguments.output), np.vstack([strip(path, drawn) for path in arguments.pictures])[..., ::-1])
