"""Feeling on top of speech: envelopes, small life, and a blend that leaves the phones their mouth.

The face above the mouth belongs to the feeling; the mouth is shared. While someone speaks, feeling shapes corners,
width and tension, and speech opens and closes: whatever would part the lips is withheld as far as a phone closes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.project.channels import BY_NAME, INDEX, NAMES
from engine.text.emotion import Dynamics, Emotion

_PARTING = ("jawOpen", "mouthLowerDown", "mouthUpperUp", "mouthFunnel")  # what opens the lips
_CLOSING = ("mouthClose", "mouthPress", "mouthRoll")  # what brings them together
_CORNERS = ("mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch")  # what lips can wear while they speak
_WEARING = {
    "corners": 0.9,
    "sneer": 0.15,
    "tension": 0.35,
    "parting": 0.2,
}  # how much of the feeling's mouth speech leaves, by kind
_ROOM = 0.5  # what corners may wear at most while someone speaks: above it speech has no room to widen the mouth
_STILLER = 0.9  # how much less a mouth breathes while it speaks: slow changes of its width would blur the phones
_SPREAD = {"mouthSmile": 0.3, "mouthStretch": 0.3}  # how far a closing phone narrows what pulls the lips apart sideways
_ROUND = ("mouthPucker", "mouthFunnel")
_SOUR = {"mouthFrown": 2.0, "mouthPress": 1.0, "noseSneer": 0.3, "mouthSmile": -2.0}  # what keeps speech from smiling
_LIDS = np.char.startswith(NAMES, "eyeBlink")
_STAYS_SHUT = 0.67  # of a feeling's weight, from which eyes that it closes are shut
_OFFSET = ("gazeYaw", "gazePitch", "headYaw", "headPitch", "headRoll", "headScale")
_SWAY = (0.11, 0.19, 0.31, 0.53)  # Hz; slow, and no multiples of each other: it does not repeat within a clip


@dataclass(frozen=True)
class Feeling:
    """An emotion over a clip: `weight` float [T], 0..1 (above 1 up to 2: more than described)."""

    emotion: Emotion
    weight: np.ndarray


def envelope(times: np.ndarray, start: float, end: float, onset: float, release: float) -> np.ndarray:
    """Weight [T] of a feeling from `start` to `end` seconds: a smooth rise, an apex, a smooth fall that ends at `end`.

    Where the range is too short for both, rise and fall share it. After the rise the apex settles to 0.9 over two
    seconds: felt expressions peak and ease (Schmidt et al. 2006), only posed ones stay.
    """
    room = max(end - start, 1e-6)
    shrink = min(1.0, room / max(onset + release, 1e-6))
    rise = _smooth((times - start) / max(onset * shrink, 1e-6))
    fall = _smooth((end - times) / max(release * shrink, 1e-6))
    settled = 1 - 0.1 * _smooth((times - start - onset) / 2)
    return np.minimum(rise, fall) * settled


def targets(emotion: Emotion) -> np.ndarray:
    """Face channel targets, float32 [C]; head and gaze are where the person rests, as offsets from neutral."""
    values = np.zeros(len(NAMES), np.float32)
    for name, value in emotion.channels.items():
        values[INDEX[name]] = value
    for name in _OFFSET:
        values[INDEX[name]] = getattr(emotion.dynamics, name) - BY_NAME[name].neutral
    return values


def liveliness(times: np.ndarray, seed: int, size: float = 0.07) -> np.ndarray:
    """Factors [T, C] around 1 by which a held expression breathes: slow, of a few percent, sides together but not
    quite.
    """
    dice = np.random.default_rng(seed)
    shared, own = _slow(times, len(NAMES), dice), _slow(times, len(NAMES), dice)
    partner = [min(INDEX[name], INDEX[BY_NAME[name].partner or name]) for name in NAMES]
    return 1 + size * (0.85 * shared[:, partner] + 0.5 * own)


def blend(
    values: np.ndarray,
    times: np.ndarray,
    feelings: Sequence[Feeling],
    closed: np.ndarray,
    speaking: np.ndarray,
    seed: int,
) -> np.ndarray:
    """`values` float32 [T, C] of speech and idle motion with `feelings` on top, float32 [T, C].

    `closed` [T] 0..1: how firmly a phone closes the lips; `speaking` [T] 0..1. Feelings that overlap cross-fade: where
    their weights sum to more than the heaviest may reach, they share.
    """
    heaviest = np.max([np.ones(len(times)), *(feeling.weight for feeling in feelings)], axis=0)
    total = np.sum([feeling.weight for feeling in feelings] or [np.zeros(len(times))], axis=0)
    share = heaviest / np.maximum(total, heaviest)
    wanted = np.zeros_like(values)
    for feeling in feelings:
        weight = (feeling.weight * share)[:, None]
        wanted += _strengthened(targets(feeling.emotion), weight)
    still = _among("mouth", "jaw") * _STILLER * np.asarray(speaking)[:, None]
    still = np.maximum(still, _LIDS * np.clip(wanted, 0, 1) ** 4)  # a lid that rests on the other one does not breathe
    wanted *= np.where(_among("head", "gaze"), 1, 1 + (liveliness(times, seed) - 1) * (1 - still))
    moving = _energised(values, [(feeling.emotion.dynamics, feeling.weight * share) for feeling in feelings])
    moving = _unsmiling(moving, wanted)
    worn = _roomy(wanted, speaking) * _worn(values, closed, speaking)
    joined = moving + worn - np.where(_among("brows", "eyes"), np.clip(moving, 0, 1) * worn, 0)
    low, high = np.array([[BY_NAME[name].low, BY_NAME[name].high] for name in NAMES]).T
    return np.clip(joined, low, high).astype(np.float32)


def held(emotion: Emotion, rest: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """The feeling at its apex in a pause, float32 [C], on a portrait whose own face is `rest` [C]."""
    feeling, nobody = Feeling(emotion, np.array([strength])), np.zeros(1)
    return blend(resting(rest, [feeling]), np.zeros(1), [feeling], nobody, nobody, seed=0)[0]


def resting(rest: np.ndarray, feelings: Sequence[Feeling]) -> np.ndarray:
    """The portrait's own face `rest` [C] at every frame, [T, C]: it yields as far as a feeling that is understood takes over."""
    cover = np.sum([feeling.weight * feeling.emotion.confidence for feeling in feelings], axis=0)
    neutral = np.array([BY_NAME[name].neutral for name in NAMES])
    return (neutral + (rest - neutral) * (1 - np.clip(cover, 0, 1))[:, None]).astype(np.float32)


def manner(times: np.ndarray, feelings: Sequence[Feeling]) -> tuple[np.ndarray, np.ndarray]:
    """Factors [T] of a calm speaker's blink rate, and of how restless gaze is."""
    blinks, wander = np.ones(len(times)), np.ones(len(times))
    for feeling in feelings:
        blinks += feeling.weight * (feeling.emotion.dynamics.blinks - 1)
        wander += feeling.weight * (feeling.emotion.dynamics.wander - 1)
    return np.maximum(blinks, 0), np.maximum(wander, 0)


def arousal(level: np.ndarray, pitch: np.ndarray, rate: float) -> np.ndarray:
    """How strongly the voice is moved, [T], a factor of 0.75 to 1.3 for a prompt's strength.

    `level` [T] 0..1 and `pitch` [T] in semitones about the voice's median, at `rate` frames a second. Aroused voices
    are higher, wider in pitch and louder (Banse & Scherer 1996); two to three semitones of spread are a neutral
    speaker's.
    """
    if not len(level):
        return np.zeros(0, np.float32)
    height, loud = _window(pitch, 2 * rate), _window(level, 2 * rate)
    spread = np.sqrt(np.maximum(_window(pitch**2, 2 * rate) - height**2, 0))
    louder = loud - loud.mean()
    return np.clip(1 + 0.06 * (spread - 2.5) + 0.03 * height + 0.4 * louder, 0.75, 1.3).astype(np.float32)


def _smooth(x: np.ndarray) -> np.ndarray:
    """0 to 1 with least jerk (Flash & Hogan 1985)."""
    x = np.clip(x, 0, 1)
    return x**3 * (10 - 15 * x + 6 * x * x)


def _slow(times: np.ndarray, count: int, dice: np.random.Generator) -> np.ndarray:
    """Sums of slow sines, [T, count], of unit size."""
    phase = dice.uniform(0, 2 * np.pi, (len(_SWAY), count))
    pace = np.array(_SWAY)[:, None] * dice.uniform(0.8, 1.25, (len(_SWAY), count))
    waves = np.sin(2 * np.pi * times[:, None, None] * pace + phase)
    return waves.sum(axis=1) / np.sqrt(len(_SWAY) / 2)


def _strengthened(target: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Target times weight up to 1; beyond, the way that is left to the full face is closed rather than overshot.

    Eyes that are closed stay so while an expression eases or a voice is calm.
    """
    more = np.where(_among("head", "gaze"), target * weight, 1 - (1 - np.clip(target, 0, 1)) ** np.maximum(weight, 1))
    shut = _LIDS & (target >= 1)
    return np.where(shut, np.minimum(weight / _STAYS_SHUT, 1), np.where(weight <= 1, target * weight, more))


def _worn(values: np.ndarray, closed: np.ndarray, speaking: np.ndarray) -> np.ndarray:
    """Share [T, C] of the wanted face that shows beside speech."""
    share = np.ones_like(values)
    rounded = np.clip(values[:, [INDEX[name] for name in _ROUND]].max(axis=1), 0, 1)
    for i, name in enumerate(NAMES):
        if name.startswith("noseSneer"):  # it lifts the upper lip, and rendered lips show it
            share[:, i] = 1 - (1 - _WEARING["sneer"]) * speaking
        if BY_NAME[name].group not in ("mouth", "jaw"):
            continue
        kind = "parting" if name.startswith(_PARTING) else "corners" if name.startswith(_CORNERS) else "tension"
        share[:, i] = 1 - (1 - _WEARING[kind]) * speaking
        if kind == "corners":
            share[:, i] *= 1 - 0.5 * rounded
        if kind == "parting":
            share[:, i] *= 1 - closed
        share[:, i] *= 1 - next((part for stem, part in _SPREAD.items() if name.startswith(stem)), 0.0) * closed
    return share


def _roomy(wanted: np.ndarray, speaking: np.ndarray) -> np.ndarray:
    """`wanted` [T, C] with the corners of a speaking mouth pressed softly under _ROOM."""
    pressed = _ROOM * np.tanh(wanted / _ROOM)
    corners = np.array([name.startswith(_CORNERS) for name in NAMES])
    return wanted + corners * np.asarray(speaking)[:, None] * (pressed - wanted)


def _energised(values: np.ndarray, parts: Sequence[tuple[Dynamics, np.ndarray]]) -> np.ndarray:
    """Speech and idle motion with the size that the feelings give them; a closed mouth stays closed at any size."""
    speech, head = np.ones(len(values)), np.ones(len(values))
    for dynamics, weight in parts:
        speech += weight * (dynamics.speech - 1)
        head += weight * (dynamics.head - 1)
    moved = values.copy()
    for i, name in enumerate(NAMES):
        if BY_NAME[name].group in ("mouth", "jaw") and not name.startswith(_CLOSING):
            moved[:, i] *= speech  # all of it: opening alone would change the mouth's width out of step with the phones
        if BY_NAME[name].group == "head":
            moved[:, i] = BY_NAME[name].neutral + (values[:, i] - BY_NAME[name].neutral) * head
    return moved


def _unsmiling(moving: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Speech [T, C] whose lips widen without a smile, as far as what is `wanted` is sour: the corners go out, not up."""
    moved = moving.copy()
    for side in ("Left", "Right"):
        sour = np.clip(sum(part * wanted[:, INDEX[stem + side]] for stem, part in _SOUR.items()), 0, 1)
        smile, stretch = INDEX[f"mouthSmile{side}"], INDEX[f"mouthStretch{side}"]
        moved[:, stretch] += sour * moving[:, smile]
        moved[:, smile] -= sour * moving[:, smile]
    return moved


def _among(*groups: str) -> np.ndarray:
    """Which channels are of these groups, bool [C]."""
    return np.array([BY_NAME[name].group in groups for name in NAMES])


def _window(values: np.ndarray, frames: float) -> np.ndarray:
    """Mean over a window of this many frames around each, shorter at the ends."""
    half = max(int(frames / 2), 1)
    total = np.concatenate([[0.0], np.cumsum(values)])
    low, high = np.arange(len(values)) - half, np.arange(len(values)) + half + 1
    low, high = np.maximum(low, 0), np.minimum(high, len(values))
    return (total[high] - total[low]) / (high - low)
