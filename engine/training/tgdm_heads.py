"""Pairs whose truth is a mouth wide open with a real inside: portraits, opened by the warp, ICT-FaceKit's mouth in them.

Portraits with teeth, tongue and throat in view are rare, and two pictures of one person rarer. So the skin of the truth
is the warp's, which the denoiser can do little about, and what lies between the lips is `mouth_interior`'s.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from engine.face.fit import Fit
from engine.project.channels import INDEX
from engine.render.deform import clip
from engine.render.tgdm.pairs import Pair, Portrayer, _fit_of
from engine.render.tgdm.regions import PIXELS
from engine.render.topology import OVAL
from engine.render.warp import WarpRenderer
from engine.training.mouth_interior import Insides, Interior, Look, Pictured

MOUTH = slice(0, 1)  # of the regions: eyes would be the warp's own
TURNED = 28.0  # degrees; faces pictured further from the side are left out
SPOKEN = ("jawOpen", "mouthUpperUp", "mouthLowerDown", "mouthFunnel", "mouthClose", "mouthPucker", "tongueOut")
TEETH_PICTURED = 0.4  # share of portraits that come to show their modelled teeth in a smile or a word
SIDES = ("Left", "Right")


@dataclass(frozen=True)
class _Often:
    """A movement of the lips: in which share of mouths, how strong at most."""

    names: tuple[str, ...]
    share: float
    most: float


def _both(name: str) -> tuple[str, ...]:
    return tuple(name + side for side in SIDES)


WITH_IT = (
    _Often(("mouthFunnel",), 0.25, 0.8),
    _Often(("mouthPucker",), 0.12, 0.5),
    _Often(_both("mouthSmile"), 0.35, 0.9),
    _Often(_both("mouthStretch"), 0.15, 0.7),
    _Often(_both("mouthFrown"), 0.1, 0.6),
    _Often(_both("mouthUpperUp"), 0.3, 0.8),
    _Often(_both("mouthLowerDown"), 0.3, 0.8),
    _Often(("jawLeft",), 0.05, 0.4),
    _Often(("jawRight",), 0.05, 0.4),
)


def head_pairs(
    rgb: np.ndarray, fit: Fit, insides: Insides, each: int, rng: np.random.Generator, pixels: int = PIXELS
) -> Iterator[Pair]:
    """`each` pairs of one picture [H, W, 3] uint8, of the mouth alone; none if the face is seen from the side or cut off."""
    outline = fit.landmarks[list(OVAL), :2]
    if abs(fit.pose.yaw) > TURNED or outline.min() < 0 or (outline.max(0) > rgb.shape[1::-1]).any():
        return
    portrayer = Portrayer(rgb, fit, pixels)
    pictured = Pictured.of(rgb, fit, portrayer.warp.geometry(fit.values()))
    look = Look.random(rng, fit.pose.scale)
    interior = Interior(pictured, insides, look, int(rng.integers(1 << 30)))
    if rng.random() < TEETH_PICTURED:
        values = clip(_parted(fit, rng))
        with drawn_with(portrayer.warp, interior):
            shown = portrayer.warp.render(values)
        other = _fit_of(portrayer.warp.geometry(values), fit, values)
        portrayer = Portrayer(shown, other, pixels)
        again = Pictured.of(shown, other, portrayer.warp.geometry(other.values()))
        again = replace(again, palette=pictured.palette, white=pictured.white)
        interior = Interior(again, insides, look, int(rng.integers(1 << 30)), own=False)
        fit = other
    for _ in range(each):
        values = clip(_opened(fit, rng))
        with drawn_with(portrayer.warp, interior):
            truth = portrayer.warp.render(values)
        pair = portrayer.pair(values, truth)
        yield Pair(pair.source[MOUTH], pair.warped[MOUTH], pair.truth[MOUTH], None)


@contextmanager
def drawn_with(warp: WarpRenderer, interior: Interior) -> Iterator[None]:
    """The warp draws this inside of the mouth instead of its own."""
    portrait = warp._portrait
    assert portrait is not None
    before = portrait._mouth._interior
    portrait._mouth._interior = interior
    try:
        yield
    finally:
        portrait._mouth._interior = before


def _shut(fit: Fit) -> np.ndarray:
    """The portrait's channel values [C] with its lips together."""
    values = fit.values()
    for name, index in INDEX.items():
        if name.startswith(SPOKEN):
            values[index] = 0
    return values


def _parted(fit: Fit, rng: np.random.Generator) -> np.ndarray:
    """A smile that shows teeth, or a word."""
    values = _shut(fit)
    values[INDEX["jawOpen"]] = rng.uniform(0.0, 0.25)
    for name, most in (("mouthSmile", 0.7), ("mouthUpperUp", 0.6), ("mouthLowerDown", 0.6)):
        values[[INDEX[side] for side in _both(name)]] += rng.uniform(0.1, most)
    return values


def _opened(fit: Fit, rng: np.random.Generator) -> np.ndarray:
    """A mouth open wide, or less, in some shape, on a head a little turned."""
    values = _shut(fit)
    kept = rng.uniform(0.3, 1.0)
    for name, index in INDEX.items():
        if name.startswith("mouth"):
            values[index] *= kept
    values[INDEX["jawOpen"]] = 0.1 + 0.9 * rng.beta(1.3, 1.1)
    for often in WITH_IT:
        if rng.random() < often.share:
            strength = rng.uniform(0, often.most)
            for name in often.names:
                values[INDEX[name]] += strength * rng.uniform(0.8, 1.2)
    for name, size, most in (("Yaw", 7, 20), ("Pitch", 4, 12), ("Roll", 4, 10)):
        values[INDEX[f"head{name}"]] = np.clip(rng.normal(0, size), -most, most)
    values[INDEX["headScale"]] = rng.uniform(0.95, 1.08)
    return values
