"""What a prompt asks of a face: free text (or a face picture's channels) to channel targets and a person's manner."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from engine.project.channels import BY_NAME, INDEX, NAMES
from engine.text.anchors import MANNERS, anchors, faces
from engine.text.grammar import HELD, TRIED, Clause, clauses, shuts_eyes, whole, winks
from engine.text.mapping import Mapping, Reading, TextEncoder, mapping
from engine.text.plain import emphasis, legible, plain
from engine.text.small_encoder import shipped_encoder

_FULL = 0.93  # what an anchor's 100 % comes to: "absolutely furious" must have somewhere to go
_SURE = 0.45  # confidence from which a part of a prompt speaks for itself
_DOUBT = 0.25  # confidence below which the user is told
_STRANGE = 0.25  # what is left of a reading that rests on unknown words alone
_LONGEST = 600  # characters that are read
_SLIGHT = 0.08  # of a channel fitted to a picture
_FACE = np.array([BY_NAME[name].group not in ("gaze", "head") for name in NAMES])
_MOUTH = np.array([BY_NAME[name].group in ("mouth", "jaw") for name in NAMES])
_WINKING = INDEX["eyeBlinkLeft"]  # the eye that an anchor's wink closes
_LEAK = 0.5  # of what is felt, in a mouth that tries to show something else: brows and lids obey less (Ekman 1985)
_SHOWN = ("smile", "grin", "polite", "laughing", "smirk", "stifled-laugh", "friendly")  # seen rather than felt
_RIVALS = (("mouthSmile", "mouthFrown"), ("eyeWide", "eyeBlink"), ("eyeWide", "eyeSquint"), ("browOuterUp", "browDown"))


@dataclass(frozen=True)
class Dynamics:
    """How the person moves. `speech`, `head`, `blinks`, `wander` (gaze leaving the viewer) are factors of a neutral
    speaker; `onset` and `release` seconds; gaze and head are where they rest, degrees (`headScale` a ratio), signs as
    in the channel table.
    """

    speech: float = 1.0
    head: float = 1.0
    blinks: float = 1.0
    wander: float = 1.0
    onset: float = 0.4
    release: float = 0.5
    gazeYaw: float = 0.0
    gazePitch: float = 0.0
    headYaw: float = 0.0
    headPitch: float = 0.0
    headRoll: float = 0.0
    headScale: float = 1.0


_POSTURE = ("gazeYaw", "gazePitch", "headYaw", "headPitch", "headRoll", "headScale")


@dataclass(frozen=True)
class Emotion:
    """`channels` {ARKit channel: 0..1 at full strength, those that move}, `dynamics`, `confidence` 0..1, and `nearest`
    (anchor, similarity), best first: what was understood, in words."""

    channels: dict[str, float]
    dynamics: Dynamics
    confidence: float
    nearest: tuple[tuple[str, float], ...] = ()
    note: str = ""


def read_emotion(text: str) -> Emotion:
    """What `text` asks for, read with the encoder that ships."""
    return understand(text, shipped_encoder())


def understand(text: str, encoder: TextEncoder) -> Emotion:
    """What `text` asks for. Unknown text gives the neutral face with low confidence."""
    known, text = mapping(encoder), text[:_LONGEST]
    parts, readings = _parts(plain(text), encoder, known)
    sense = _sense(text, encoder)
    readings = [replace(one, strength=one.strength * sense, confidence=one.confidence * sense) for one in readings]
    doubt = f"{text!r} is not understood: the face stays as good as neutral"
    if not parts:
        return Emotion({}, Dynamics(), 0.0, note=doubt if text.strip() else "")
    loud = emphasis(text)
    strengths = [_strength(part, reading, loud) for part, reading in zip(parts, readings, strict=True)]
    values, manner = _mixed(parts, readings, strengths)
    confidence = float(np.mean([reading.confidence for reading in readings]))
    return _emotion(values, manner, confidence, _nearest(parts, readings), "" if confidence >= _DOUBT else doubt)


def from_face(values: np.ndarray) -> Emotion:
    """The emotion that a face shows: `values` float32 [C], the channels fitted to a picture.

    Head and gaze are left out, and what is so slight that it may be the shape of the face. A face is like another one if it
    moves the same channels, and about as far.
    """
    shown = np.where(_FACE & (values >= _SLIGHT), values, 0)
    table = anchors()
    likeness = _likeness(shown, table.faces @ faces().values)
    plainly = likeness + [0.05 * faces().sources[row.argmax()].startswith("EMFACS") for row in table.faces]
    plainly -= [0.001 * len(text) for text in table.texts]  # the common faces first, and of their names the short ones
    share = np.exp((plainly - plainly.max()) / 0.03) @ table.faces
    size = float(np.clip(np.linalg.norm(shown) / 0.8, 0, 1))
    best = {int(np.argmax(table.faces[i])): i for i in np.argsort(plainly)}  # of each face the phrase that fits best
    order = sorted(best.values(), key=lambda i: -plainly[i])[:5]
    nearest = [(table.texts[i], round(min(float(plainly[i]), 1.0), 3)) for i in order]
    if size < 0.25:
        nearest.insert(0, ("neutral", round(1 - size, 3)))
    manner = _manner(share / share.sum(), size)
    return _emotion(shown, manner, max(float(likeness[order[0]]) * size, 1 - size), nearest)


def _likeness(shown: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """How like the face `shown` [C] is to each of `wanted` [N, C], at most 1."""
    seen = np.where(  # what landmarks tell less surely counts less
        _FACE, 1 - 0.6 * _named("cheekSquint", "eyeWide", "jaw", "mouthRoll"), 0
    )
    shown, wanted = shown * seen, wanted * seen
    length, lengths = max(float(np.linalg.norm(shown)), 1e-6), np.maximum(np.linalg.norm(wanted, axis=1), 1e-6)
    return wanted @ shown / (lengths * length) * np.minimum(length / lengths, lengths / length) ** 0.25


def from_channels(channels: dict[str, float]) -> Emotion:
    """As `from_face`, of channels by name."""
    values = np.zeros(len(NAMES), np.float32)
    for name, value in channels.items():
        values[INDEX[name]] = value
    return from_face(values)


def described(emotion: Emotion) -> dict[str, object]:
    """The object that `emotion --json` prints."""
    dynamics = {name: round(value, 3) for name, value in asdict(emotion.dynamics).items()}
    nearest = [[word, similarity] for word, similarity in emotion.nearest]
    return {
        "channels": emotion.channels,
        "dynamics": dynamics,
        "confidence": round(emotion.confidence, 3),
        "nearest": nearest,
    }


def answer(texts: Sequence[str], encoder: TextEncoder | None = None) -> object:
    """What `emotion "TEXT" ... --json` prints: an object for one text, a list of them for several."""
    found = [described(understand(text, encoder or shipped_encoder())) for text in texts]
    return found[0] if len(found) == 1 else found


def _sense(text: str, encoder: TextEncoder) -> float:
    """0..1: code, numbers and unknown words are embedded somewhere too, as near to a feeling as chance has it."""
    if plain(text) in _phrases():
        return 1.0
    written = (legible(text) - 0.2) / 0.35
    return float(np.clip(written, 0, 1) * np.clip(_STRANGE + encoder.familiar(text) ** 2, 0, 1))


def _parts(text: str, encoder: TextEncoder, known: Mapping) -> tuple[list[Clause], list[Reading]]:
    """The parts that will be mixed: those of the grammar when each can be understood alone, else the prompt as one."""
    if not any(character.isalnum() for character in text):
        return [], []
    one = whole(text)
    parts = [one] if text in _phrases() else clauses(text)
    readings = _read([*parts, one], encoder, known)
    sure = [i for i in range(len(parts)) if readings[i].confidence >= _SURE]
    denied = any(parts[i].negated for i in sure)
    if not denied and (not sure or max(readings[i].confidence for i in sure) + 0.1 < readings[-1].confidence):
        return [one], [readings[-1]]
    return [parts[i] for i in sure], [readings[i] for i in sure]


def _read(parts: Sequence[Clause], encoder: TextEncoder, known: Mapping) -> list[Reading]:
    """Each part bare or as it was said ("feeling blue"), whichever is the better known."""
    bare = known.read(encoder.embed([part.text for part in parts]))
    framed = [i for i, part in enumerate(parts) if part.said not in ("", part.text)]
    if framed:
        for i, other in zip(framed, known.read(encoder.embed([parts[i].said for i in framed])), strict=True):
            if other.confidence > bare[i].confidence + 0.15:
                bare[i] = other
    return bare


def _phrases() -> frozenset[str]:
    return frozenset(anchors().texts)


def _strength(part: Clause, reading: Reading, loud: float) -> float:
    """Share of the full face, 0..1: below 1 a degree scales, above 1 it closes part of what is left to the full face."""
    plainly = min(reading.strength, 1.0) * _FULL
    degree = part.degree * loud if part.degree >= 1 else part.degree
    return plainly * degree if degree < 1 else 1 - (1 - plainly) ** degree


def _mixed(
    parts: Sequence[Clause], readings: Sequence[Reading], strengths: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Values [C] (offsets from neutral) and manners [6] of all parts together."""
    felt = [i for i, part in enumerate(parts) if not part.negated]
    denied = [i for i, part in enumerate(parts) if part.negated]
    share = 1.0 if len(felt) < 2 else 0.85
    faced = {i: _values(parts[i], readings[i], strengths[i] * (share if i in felt else 1)) for i in range(len(parts))}
    tried = any(parts[i].manner == TRIED for i in felt)
    values = np.zeros(len(NAMES), np.float32)
    for i in felt:
        leaks = tried and parts[i].manner != TRIED
        values = _joined(values, faced[i] * np.where(_MOUTH, _LEAK, 1) if leaks else faced[i])
    for i in denied:
        values = np.where(_FACE, values * (1 - np.clip(faced[i] * 1.3, 0, 1)), values)
    if not felt:
        values = _joined(values, _opposite([(readings[i], strengths[i], faced[i]) for i in denied]))
    manners = [_manner(readings[i].faces, strengths[i]) for i in felt] or [faces().manners[0]]
    values = _settled(values)
    if any(shuts_eyes(part) for part in parts):
        values[_named("eyeBlink")] = 1  # eyes that are closed have no degree
    elif any(winks(part) for part in parts):
        values[_WINKING] = 1
    return values, np.mean(manners, axis=0)


def _values(part: Clause, reading: Reading, strength: float) -> np.ndarray:
    """Channel offsets [C] of one part, bent by its manner: a tried smile lacks the eyes, what is held back shows in the
    lips.
    """
    values = reading.faces @ faces().values * strength
    if part.manner == TRIED:
        values = values * np.where(_named("cheekSquint", "eyeSquint"), 0.3, 0.75)
    if part.manner == HELD:
        tight = faces().values[faces().names.index("tight-lips")] * 0.5
        values = _joined(values * np.where(_named("jawOpen", "mouthLowerDown", "mouthUpperUp"), 0.15, 0.6), tight)
    return values


def _opposite(denied: Sequence[tuple[Reading, float, np.ndarray]]) -> np.ndarray:
    """The face of "not X" alone: nothing but for a denied joy, which is a mild displeasure, and a denied smile, which
    is none.
    """
    good = [item for item in denied if _valence(item[2]) > 0.15]
    if len(good) < len(denied):
        return np.zeros(len(NAMES), np.float32)
    reading, strength, _ = good[0]
    name = "serious" if faces().names[int(np.argmax(reading.faces))] in _SHOWN else "disappointed"
    return faces().values[faces().names.index(name)] * min(strength, 0.75) * 0.8


def _valence(values: np.ndarray) -> float:
    glad = values[_named("mouthSmile")].mean() + 0.5 * values[_named("cheekSquint")].mean()
    sorry = [
        values[_named(stem)].mean() for stem in ("mouthFrown", "browDown", "noseSneer", "mouthStretch", "mouthPress")
    ]
    return float(glad - sum(sorry))


def _named(*stems: str) -> np.ndarray:
    return np.array([name.startswith(stems) for name in NAMES])


def _joined(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Both at once: face channels as probabilities add, head and gaze plainly."""
    return np.where(_FACE, one + other - one * other, one + other)


def _settled(values: np.ndarray) -> np.ndarray:
    """Channels that pull against each other give way, the weaker more."""
    for one, other in _RIVALS:
        for side in ("Left", "Right"):
            a, b = INDEX[one + side], INDEX[other + side]
            weaker, stronger = (a, b) if values[a] < values[b] else (b, a)
            values[weaker] *= 1 - 0.35 * values[stronger]
    return values


def _manner(shares: np.ndarray, strength: float) -> np.ndarray:
    neutral = faces().manners[0]
    return neutral + strength * (shares @ faces().manners + (1 - shares.sum()) * neutral - neutral)


def _nearest(parts: Sequence[Clause], readings: Sequence[Reading], count: int = 5) -> list[tuple[str, float]]:
    found: dict[str, float] = {}
    for part, reading in zip(parts, readings, strict=True):
        for word, similarity in reading.nearest:
            found.setdefault(f"not {word}" if part.negated else word, similarity)
    return sorted(found.items(), key=lambda item: -item[1])[:count]


def _emotion(
    values: np.ndarray, manner: np.ndarray, confidence: float, nearest: Sequence[tuple[str, float]], note: str = ""
) -> Emotion:
    channels = {
        name: round(float(np.clip(value, 0, 1)), 3)
        for name, value, face in zip(NAMES, values, _FACE, strict=True)
        if face and value > 0.01
    }
    posture = {name: round(float(values[INDEX[name]]) + BY_NAME[name].neutral, 3) for name in _POSTURE}
    manners = {name: round(float(value), 3) for name, value in zip(MANNERS, manner, strict=True)}
    return Emotion(
        channels, Dynamics(**manners, **posture), round(float(np.clip(confidence, 0, 1)), 3), tuple(nearest), note
    )
