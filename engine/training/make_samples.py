"""Makes `resources/samples` from public-domain material: two portraits and a sentence of speech.

python -m engine.training.make_samples --data ../shared/data -o resources/samples
"""

import argparse
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

SPEECH = ("LJ001-0007", "LJ001-0008")
TEXT = (
    "The earliest book printed with movable types, the Gutenberg, or forty-two line Bible "
    "of about fourteen fifty-five, has never been surpassed.\n"
)


def make_samples(data: Path, output: Path) -> None:
    """Write hopper.jpg (512x512), astronaut.jpg (512x512), speech.flac (mono) and speech.txt into `output`."""
    output.mkdir(parents=True, exist_ok=True)
    hopper = Image.open(data / "portraits" / "real_pd_grace_hopper.jpg").convert("RGB")
    hopper.crop((0, 0, 512, 512)).save(output / "hopper.jpg", quality=95)
    astronaut = Image.open(data / "portraits" / "odd_webp.webp").convert("RGB")
    astronaut.save(output / "astronaut.jpg", quality=95)
    parts = [soundfile.read(data / "train" / "speech" / "lj" / f"{name}.ogg", dtype="float32") for name in SPEECH]
    rate = parts[0][1]
    silence = [np.zeros(int(seconds * rate), np.float32) for seconds in (0.25, 0.5)]
    speech = np.concatenate([silence[0], *(sound for sound, _ in parts), silence[1]])
    soundfile.write(output / "speech.flac", speech, rate, subtype="PCM_16")
    (output / "speech.txt").write_text(TEXT, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    make_samples(arguments.data, arguments.output)
