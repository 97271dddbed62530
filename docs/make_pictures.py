"""Makes pictures for README and docs from the samples: `python docs/make_pictures.py` (in the project's environment)."""

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from engine.cli import main  # noqa: E402
from engine.media.video import read_frames  # noqa: E402
from engine.training.emotion_sheet import labels, row  # noqa: E402

PROMPTS = (
    ("happy", "laughing out loud", "sad", "grieving, but trying to smile", "absolutely furious", "contempt"),
    ("terrified", "surprised", "disgusted", "confused", "tired", "in pain"),
)
MOMENTS = (0.9, 1.4, 2.8, 5.2, 5.7)  # seconds of the demo


def talking() -> None:
    """Frames of the demo side by side."""
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "demo.mp4"
        main(["demo", "-o", str(video)])
        frames = list(read_frames(video))
    (DOCS / "pictures").mkdir(exist_ok=True)
    strip = np.concatenate([frames[round(25 * moment)][40:440, 110:430] for moment in MOMENTS], axis=1)
    Image.fromarray(strip).resize((1200, 300), Image.Resampling.LANCZOS).save(DOCS / "pictures/talking.jpg", quality=85)


def prompts() -> None:
    """The sample portraits under a dozen prompts."""
    portraits = [DOCS.parent / "resources" / "samples" / name for name in ("hopper.jpg", "astronaut.jpg")]
    bands = [part for some in PROMPTS for part in (labels(some), *(row(path, some) for path in portraits))]
    sheet = Image.fromarray(np.concatenate(bands))
    sheet.resize((1200, 1200 * sheet.height // sheet.width), Image.Resampling.LANCZOS).save(
        DOCS / "pictures/prompts.jpg", quality=85
    )


if __name__ == "__main__":
    talking()
    prompts()
