"""Curves of lips over the sound and its phones: real ones, the phone table's, and three takes by AToM.

python -m engine.training.plot_atom --data ../shared/data --cache ../cache/atom -o docs/pictures/atom-curves.png
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from engine.motion.atom.hearing import heard_phones
from engine.motion.atom.model import Model, load_model
from engine.motion.phones import SILENCE
from engine.training.atom_faces import Hearing
from engine.training.evaluate_atom import Heard, atom, dev_clips, table
from engine.training.lip_figures import FPS, Lips

CLIPS = ("pd_obama_weekly_20s", "videoretalking_face2", "voxceleb2_00473", "grid_lrwp9a", "vidtimit_fadg0_sa2")
SECONDS = 5.0
_WIDTH, _CURVE, _SOUND, _LEFT = 1500, 70, 34, 10
_REAL, _TABLE, _TAKES = (0, 0, 0), (205, 120, 20), ((40, 110, 200), (90, 150, 220), (140, 185, 235))
_VOWEL, _LABIAL, _GREY = (110, 110, 110), (190, 0, 90), (215, 215, 215)


def drawn(one: Heard, model: Model) -> Image.Image:
    """One clip: loudness and phones below, opening in the middle, width on top; each curve from its 2nd to 98th percentile."""
    frames = min(int(SECONDS * FPS), len(one.clip.level))
    takes = atom(model, len(_TAKES))(one.clip.mono, one.alone, False)
    curves = [(table(one.clip.mono, one.alone, False)[0], _TABLE, 1)]
    curves += [(take, colour, 1) for take, colour in zip(takes, _TAKES, strict=True)] + [(one.clip.lips, _REAL, 2)]
    image = Image.new("RGB", (_WIDTH, 2 * _CURVE + _SOUND + 34), "white")
    pen = ImageDraw.Draw(image)
    wide = (_WIDTH - 2 * _LEFT) / frames
    bottom = image.height - 14
    for i in range(frames):
        pen.rectangle(
            (_LEFT + i * wide, bottom - _SOUND * one.clip.level[i], _LEFT + (i + 1) * wide, bottom), fill=_GREY
        )
    for phone in heard_phones(model.network, one.clip.mono, one.alone):
        if phone.start < frames / FPS and phone.label != SILENCE:
            colour = _LABIAL if phone.label in ("P", "B", "M") else _VOWEL
            pen.text((_LEFT + phone.start * FPS * wide, bottom + 1), phone.label, fill=colour)
    for part, top in (("width", 16), ("opening", 20 + _CURVE)):
        pen.text((_LEFT, top - 2), part, fill=_VOWEL)
        for lips, colour, thick in curves:
            pen.line(_points(lips, part, frames, wide, top), fill=colour, width=thick, joint="curve")
    pen.text((_LEFT, 2), f"{one.clip.name}: real black, phone table orange, AToM's takes blue", fill=_REAL)
    return image


def _points(lips: Lips, part: str, frames: int, wide: float, top: int) -> list[tuple[float, float]]:
    values = getattr(lips, part)
    low, high = np.nanpercentile(values, [2, 98])
    heights = np.clip((values[:frames] - low) / max(high - low, 1e-6), -0.1, 1.1)
    return [(_LEFT + (i + 0.5) * wide, top + _CURVE * (1 - h)) for i, h in enumerate(heights) if np.isfinite(h)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--weights", type=Path, help="not those that ship")
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    hearing = Hearing(arguments.cache / "phones_dev.pkl")
    known = {one.clip.name: one for one in dev_clips(arguments.data, arguments.cache, hearing)}
    used = load_model(arguments.weights)
    rows = [drawn(known[name], used) for name in CLIPS]
    sheet = Image.new("RGB", (_WIDTH, sum(row.height for row in rows)), "white")
    for i, row in enumerate(rows):
        sheet.paste(row, (0, i * row.height))
    sheet.quantize(32).save(arguments.output, optimize=True)
