"""Speech to a whole performance: phones to the mouth, the seed to blinks, gaze, head and brows, prompts over both."""

from collections.abc import Callable, Generator, Sequence
from fractions import Fraction

import numpy as np

from engine.events import Progress, in_one_go
from engine.face.head_model import load_head_model
from engine.motion.atom.face_space import SPOKEN
from engine.motion.expression import Feeling, arousal, blend, manner, resting
from engine.motion.expression import envelope as onset_and_release
from engine.motion.features import prosody
from engine.motion.idle import idle
from engine.motion.kept import Kept
from engine.motion.models import Speak, by_table, listening, speaker
from engine.motion.phones import SILENCE, Phone
from engine.motion.visemes import LIP_CONTACT, TEETH_CONTACT, contact
from engine.project.channels import CHANNELS, INDEX, in_group
from engine.project.curve import envelope
from engine.project.project import Delivery, PromptClip
from engine.project.timing import frame_times
from engine.text.emotion import Emotion, from_channels, read_emotion

Reader = Callable[[str], Emotion]
_OPENS = ("jawOpen", "mouthClose", "mouthFunnel", "mouthLowerDown", "mouthUpperUp")  # both sides, where there are two
OPENS = [INDEX[name] for name in in_group("jaw", "mouth") if name.removesuffix("Left").removesuffix("Right") in _OPENS]
_INNER_LIPS = (13, 14)  # landmarks at the middle of the upper and the lower lip
_SHORT = 0.8  # seconds; a pause no feeling uses to take the mouth
_SOFT = 0.25  # seconds in which it takes the mouth, or gives it back

_LONG = 1e6  # seconds; beyond any clip
_TEETH_GAP = 0.3  # what is left of the lips' opening where the lower lip touches the upper teeth


def generate_motion(
    mono: np.ndarray,
    rate: Fraction,
    rest: np.ndarray,
    text: str | None = None,
    prompts: Sequence[PromptClip] = (),
    seed: int = 0,
    read: Reader = read_emotion,
    how: Delivery | None = None,
) -> np.ndarray:
    """Channel values float32 [T, C] for every frame that is needed to cover `mono` (float32 [N], 16 kHz, noise taken out).

    `rest` [C] is the portrait's own face (`Fit.values()`): its brows, eyes, smile and all that does not open the mouth are
    kept, and speech moves away from them; what opens the mouth comes from speech alone, so that lips close. `text` is what
    is said, if known. `prompts` act over their time ranges, their words understood by `read`. `how` says what moves the
    mouth. The same arguments give the same values, bit for bit.
    """
    average = load_head_model().person(np.zeros(len(load_head_model().identity)))
    delivery = how or Delivery()
    speak = speaker(delivery, average, seed, bool(text))
    return perform(in_one_go(listening)(delivery.model, mono, text), mono, rate, rest, prompts, seed, read, speak)


def performing(
    phones: list[Phone],
    mono: np.ndarray,
    rate: Fraction,
    rest: np.ndarray,
    prompts: Sequence[PromptClip] = (),
    seed: int = 0,
    read: Reader = read_emotion,
    speak: Speak | None = None,
    kept: Kept | None = None,
) -> Generator[Progress, None, np.ndarray]:
    """As `generate_motion`, with the phones known, and with progress and places to stop.

    `speak` moves mouth and jaw, or the phone table; what is `kept` (of the finished motion) speech is drawn to meet.
    """
    voice = prosody(mono, rate)
    times = frame_times(range(len(voice.level)), rate)
    silent = np.array([phone.label == SILENCE for phone in phones])
    pausing = silent[np.searchsorted([phone.end for phone in phones[:-1]], times, side="right")]
    feelings = [_felt(clip, times, arousal(voice.level, voice.pitch, float(rate)), read) for clip in prompts]
    values = resting(lips_at_rest(rest), feelings) if feelings else np.tile(lips_at_rest(rest), (len(times), 1))
    values += idle(voice, pausing, rate, np.random.default_rng(seed), manner(times, feelings))
    if kept:
        quiet, talking = np.zeros(len(times)), 1 - _eased(pausing, rate)
        kept = kept.beyond(blend(values, times, feelings, quiet, talking, seed) if feelings else values)
    spoken = np.zeros_like(values)
    done = 0
    for piece in (speak or by_table(Delivery()))(phones, mono, voice.level, rate, kept):
        spoken[done : done + len(piece)] = piece
        done += len(piece)
        yield Progress(done, len(times), "Performing")
    opening = _opening(spoken)
    values += spoken
    closed = contact(phones, times, LIP_CONTACT, opening)
    if kept:
        closed[kept.holds(SPOKEN)] = 0  # they have been closed already
    if feelings:
        values = blend(values, times, feelings, closed, 1 - _eased(pausing, rate), seed)
    _bring_together(values, closed, contact(phones, times, TEETH_CONTACT, opening))
    for side in ("Left", "Right"):
        values[:, INDEX[f"eyeWide{side}"]] *= 1 - np.clip(values[:, INDEX[f"eyeBlink{side}"]], 0, 1)
    low, high = np.array([[channel.low, channel.high] for channel in CHANNELS], np.float32).T
    return np.clip(values, low, high).astype(np.float32)


perform = in_one_go(performing)
"""The same arguments and values as `performing`, without progress or places to stop."""


def lips_at_rest(rest: np.ndarray) -> np.ndarray:
    """The portrait's own face with its lips together: smile, brows and the like as pictured, head and gaze unmoved."""
    values = np.array([channel.neutral for channel in CHANNELS], np.float32)
    expressions = INDEX["gazeYaw"]
    values[:expressions] = rest[:expressions]
    values[OPENS] = 0
    return values


def _felt(clip: PromptClip, times: np.ndarray, moved: np.ndarray, read: Reader) -> Feeling:
    """What the prompt asks for and how much of it shows, by how `moved` [T] the voice is if it shall follow that."""
    emotion = from_channels(dict(clip.shown)) if clip.shown else read(clip.text)
    weight = _weight(clip, emotion, times)
    return Feeling(emotion, np.minimum(weight * moved, 2) if clip.follows_voice else weight)


def _weight(clip: PromptClip, emotion: Emotion, times: np.ndarray) -> np.ndarray:
    """How much of the prompt shows, [T]: its fades where it has them, else the tempo of the feeling itself."""
    weight = clip.strength * envelope(clip, times)
    if clip.fade_in or clip.fade_out:
        return weight
    tempo = emotion.dynamics
    start = float(clip.span.start) if clip.span.start > 0 else -_LONG  # from the beginning means already there
    end = min(float(clip.span.end), _LONG)
    return weight * onset_and_release(times, start, end, tempo.onset, tempo.release)


def _eased(pausing: np.ndarray, rate: Fraction) -> np.ndarray:
    """The longer pauses of bool [T], with soft edges inside them, [T] 0..1: in a short one the mouth keeps its speaking face."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], pausing, [False]]).astype(int))).reshape(-1, 2)
    long = np.zeros(len(pausing))
    half = max(round(float(rate) * _SOFT), 1)
    for start, end in edges:
        first, last = start + half * (start > 0), end - half * (end < len(pausing))
        long[first:last] = end - start >= _SHORT * rate
    window = np.hanning(2 * half + 3)[1:-1]
    return np.convolve(np.pad(long, half, mode="edge"), window / window.sum(), "valid")


def _bring_together(values: np.ndarray, lips: np.ndarray, teeth: np.ndarray) -> None:
    """Close what opens the mouth in `values` [T, C] as far as there is contact, [T] 0..1, of lip and lip, lip and teeth.

    What still parts the lips then, such as a sneer over a /p/, is taken back by mouthClose.
    """
    values[:, OPENS] *= (1 - lips[:, None]) * (1 - (1 - _TEETH_GAP) * teeth[:, None])
    for name in ("mouthPressLeft", "mouthPressRight", "mouthRollLower", "mouthRollUpper"):
        values[:, INDEX[name]] += 0.1 * lips
    values[:, INDEX["mouthRollLower"]] += 0.3 * teeth
    values[:, INDEX["mouthClose"]] += lips * _opening(values) / -_gaps()[INDEX["mouthClose"]]


def _opening(values: np.ndarray) -> np.ndarray:
    """How far the middles of the lips are apart, [T], 0 or more, under channel values [T, C]."""
    gaps = _gaps()
    return np.maximum(np.clip(values[:, : len(gaps)], 0, 1) @ gaps, 0)


def _gaps() -> np.ndarray:
    """What each expression at its full parts the middles of the lips by."""
    upper, lower = _INNER_LIPS
    expression = load_head_model().expression
    return np.asarray(expression[:, upper, 1] - expression[:, lower, 1])
