"""What a prompt asks of the face. First form: a few words are known, each a face from the literature.

Anything else leaves the face neutral and says which words would do. Whatever reads prompts later answers with the same
`Emotion`. The faces are combinations of facial action units after EMFACS (Friesen and Ekman 1983) for the basic emotions,
Keltner (1995) for pride and embarrassment, Du, Tao and Martinez (2014) for awe, Craig et al. (1992) for pain, and
observation for states such as tired; units are written as ARKit channels by their muscles.
"""

import re
from dataclasses import dataclass, field

_BOTH_SIDES = "browDown browOuterUp eyeBlink eyeSquint eyeWide cheekSquint noseSneer mouthSmile mouthFrown mouthDimple "
_BOTH_SIDES += "mouthStretch mouthPress mouthLowerDown mouthUpperUp"

_FACES: dict[str, str] = {
    "happy joyful cheerful glad": "mouthSmile .65 cheekSquint .5 eyeSquint .15",
    "amused playful": "mouthSmile .5 cheekSquint .4 mouthDimple .2 browOuterUp .15",
    "excited enthusiastic delighted": "mouthSmile .7 cheekSquint .35 browInnerUp .35 browOuterUp .4 eyeWide .3",
    "sad unhappy sorrowful": "browInnerUp .75 browDown .2 mouthFrown .55 mouthShrugLower .25 eyeBlink .12",
    "grieving desperate": "browInnerUp .95 browDown .35 mouthFrown .75 mouthShrugLower .4 cheekSquint .2 eyeSquint .3",
    "angry annoyed": "browDown .8 eyeSquint .4 eyeWide .25 mouthPress .4 noseSneer .2",
    "furious enraged": "browDown 1 eyeSquint .5 eyeWide .4 noseSneer .5 mouthUpperUp .15 mouthStretch .2 mouthPress .35",
    "surprised amazed astonished": "browInnerUp .8 browOuterUp .8 eyeWide .65 jawOpen .15",
    "afraid scared frightened fearful": "browInnerUp .85 browOuterUp .35 browDown .35 eyeWide .7 mouthStretch .4",
    "worried anxious nervous": "browInnerUp .6 browDown .3 mouthStretch .15 mouthPress .2 eyeWide .15",
    "disgusted revolted": "noseSneer .75 browDown .45 mouthFrown .3 mouthUpperUp .3 cheekSquint .3 eyeSquint .35",
    "contemptuous scornful smug": "mouthSmileLeft .4 mouthDimpleLeft .5 cheekSquintLeft .15 eyeBlink .12",
    "tired sleepy exhausted": "eyeBlink .38 browInnerUp .2 mouthFrown .15",
    "calm relaxed serene": "mouthSmile .12 eyeBlink .08",
    "serious stern focused": "browDown .35 eyeSquint .2 mouthPress .15",
    "confused puzzled": "browDown .45 browOuterUpLeft .5 eyeSquint .2 mouthFrown .15",
    "proud confident": "mouthSmile .3 mouthShrugLower .1 eyeBlink .08 browOuterUp .1",
    "embarrassed shy ashamed": "mouthSmile .25 mouthPress .35 mouthDimple .2 eyeBlink .2 browInnerUp .25",
    "loving tender warm": "mouthSmile .4 cheekSquint .3 browInnerUp .25 eyeSquint .1",
    "pained hurt": "browDown .7 cheekSquint .5 eyeSquint .5 noseSneer .3 mouthStretch .3",
    "neutral": "",
}  # fmt: skip


@dataclass(frozen=True)
class Emotion:
    """What was understood of a prompt.

    `channels`: offsets from the neutral face at full strength, by channel name, only those that move; `dynamics`: manners
    of moving by name, 1 as usual; `confidence` 0..1; `nearest`: known words with their likeness 0..1, best first; `note`: one
    line for the user where something was not understood, or empty.
    """

    channels: dict[str, float]
    dynamics: dict[str, float] = field(default_factory=dict)
    confidence: float = 1.0
    nearest: tuple[tuple[str, float], ...] = ()
    note: str = ""


def read_emotion(text: str) -> Emotion:
    """The face that `text` asks for: the mean of the known words in it; none known is a neutral face, and says so."""
    faces = {word: face for words, face in _FACES.items() for word in words.split()}
    words = re.findall(r"[a-z]+", text.lower())
    known = [word for word in words if word in faces]
    if not known:
        note = f"prompt {text!r} is not understood and leaves the face neutral; known words: {', '.join(sorted(faces))}"
        return Emotion({}, confidence=0.0, note=note)
    channels: dict[str, float] = {}
    for word in known:
        for name, value in _channels(faces[word]).items():
            channels[name] = channels.get(name, 0.0) + value / len(known)
    return Emotion(channels, confidence=len(known) / len(words), nearest=tuple((word, 1.0) for word in known))


def _channels(face: str) -> dict[str, float]:
    parts = face.split()
    values: dict[str, float] = {}
    for name, value in zip(parts[::2], parts[1::2], strict=True):
        sides = ("Left", "Right") if name in _BOTH_SIDES.split() else ("",)
        values |= {name + side: float(value) for side in sides}
    return values
