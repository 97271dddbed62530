"""A contact sheet to be looked at: prompts as columns of faces, portraits as rows.

python -m engine.training.emotion_sheet --data ../shared/data -o sheet.jpg [--prompts "grieving" "smug" ...]
"""

import argparse
from pathlib import Path

import numpy as np

from engine.face.fit import fit_face
from engine.face.head_model import load_head_model
from engine.face.landmarks import choose_face
from engine.media.image import read_image, write_image
from engine.motion.expression import held
from engine.project.channels import CHANNELS
from engine.render.warp import WarpRenderer
from engine.text.emotion import read_emotion

PORTRAITS = (  # dark skin, glasses, beard or stubble, old, young, painted
    "real_pd_congress_P000610.jpg",
    "real_pd_congress_N000147.jpg",
    "real_nc_joy_joyvasa_005.png",
    "real_pd_grace_hopper.jpg",
    "ai_sfhq_900px_3.jpg",
    "art_lp_s9.jpg",
)
PROMPTS = (
    "happy",
    "laughing out loud",
    "a faint smile",
    "sad",
    "grieving, but trying to smile",
    "crying her eyes out",
    "annoyed",
    "absolutely furious",
    "holding back anger",
    "afraid",
    "terrified",
    "surprised",
    "disgusted",
    "contempt",
    "smug",
    "sarcastic",
    "confused",
    "tired",
    "drunk",
    "in pain",
    "flirting",
    "embarrassed",
    "proud",
    "happy yet nervous",
)
_TILE = 220  # pixels of a face
_LABEL = 22
_REACH = 2.6  # eye distances from the middle of the eyes to the edge of a tile


def row(path: Path, prompts: tuple[str, ...]) -> np.ndarray:
    """One portrait under every prompt, uint8 [_TILE, len(prompts) * _TILE, 3]."""
    picture = read_image(path)
    landmarks = choose_face(picture.rgb, name=path.name)
    fit = fit_face(landmarks, load_head_model())
    renderer = WarpRenderer()
    renderer.set_portrait(picture.rgb, picture.alpha, fit)
    return np.concatenate([_tile(renderer.render(faced(prompt)), landmarks) for prompt in prompts], axis=1)


def faced(prompt: str) -> np.ndarray:
    """Channel values [C] at the apex of a prompt in a pause, the portrait's own expression gone from under it."""
    return held(read_emotion(prompt), np.array([channel.neutral for channel in CHANNELS], np.float32))


def _tile(image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    import cv2

    eyes = landmarks[[33, 263], :2]
    reach = float(np.linalg.norm(eyes[1] - eyes[0])) * _REACH / 2
    x, y = eyes.mean(axis=0) + [0, 0.35 * reach]
    corners = np.array([[x - reach, y - reach], [x + reach, y - reach], [x - reach, y + reach]], np.float32)
    square = np.array([[0, 0], [_TILE, 0], [0, _TILE]], np.float32)
    move = cv2.getAffineTransform(corners, square)
    return np.asarray(cv2.warpAffine(image, move, (_TILE, _TILE), borderMode=cv2.BORDER_REPLICATE))


def labels(prompts: tuple[str, ...]) -> np.ndarray:
    """The prompts as a strip of headings, uint8 [_LABEL, len(prompts) * _TILE, 3]."""
    import cv2

    strip = np.full((_LABEL, _TILE * len(prompts), 3), 255, np.uint8)
    for i, prompt in enumerate(prompts):
        cv2.putText(strip, prompt, (i * _TILE + 4, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
    return strip


def main() -> None:
    """Parse the command line and write the sheet, eight prompts to a band."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--prompts", nargs="+", default=list(PROMPTS))
    parser.add_argument("--portraits", nargs="+", default=list(PORTRAITS))
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    prompts = tuple(arguments.prompts)
    rows = [row(arguments.data / "portraits" / name, prompts) for name in arguments.portraits]
    sheet = np.concatenate([labels(prompts), *rows])
    bands = [sheet[:, first : first + 8 * _TILE] for first in range(0, sheet.shape[1], 8 * _TILE)]
    width = max(band.shape[1] for band in bands)
    padded = [np.pad(band, ((0, 0), (0, width - band.shape[1]), (0, 0))) for band in bands]
    write_image(arguments.output, np.concatenate(padded))


if __name__ == "__main__":
    main()
