"""The project: everything that decides what the finished video looks like, as one immutable value."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from engine.errors import InputError
from engine.project.channels import BY_NAME, GROUPS
from engine.project.curve import Keyframe, check_fades
from engine.project.media_ref import MediaRef
from engine.project.motion import Motion
from engine.project.record import Record
from engine.project.timing import ALWAYS, DEFAULT_RATE, TimeRange, parse_rate, to_seconds

SWAP_KEYS = ("on", "strength", "grow", "feather")


def _check_face(face: int | None) -> None:
    if face is not None and face < 0:
        raise InputError(f"face {face}: give 0 for the largest face, 1 for the next, or leave it out")


def _check_within(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:  # false for nan too
        raise InputError(f"{what} {value:g}: give a value from {low:g} to {high:g}")


@dataclass(frozen=True)
class Portrait(Record):
    """The picture that is to talk. `face` counts faces from the largest; None: there should be one plain choice."""

    media: MediaRef
    face: int | None = None

    def __post_init__(self) -> None:
        _check_face(self.face)


@dataclass(frozen=True)
class AudioClip(Record):
    """The speech: `part` of a recording of `seconds` s, played from time 0. `words` is what is said, if known."""

    media: MediaRef
    seconds: Fraction
    part: TimeRange = ALWAYS
    gain: float = 1.0
    words: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "seconds", to_seconds(self.seconds))
        _check_within("gain", self.gain, 0, 100)
        if not 0 <= self.part.start < self.seconds:
            raise InputError(
                f"part from {float(self.part.start):g} s of a recording of {float(self.seconds):g} s: start inside it"
            )

    @property
    def duration(self) -> Fraction:
        """Seconds that are heard."""
        return Fraction(min(self.part.end, self.seconds)) - self.part.start


@dataclass(frozen=True)
class PromptClip(Record):
    """An emotion over a time range, in words; strength 1 is as described, 2 the most.

    `shown` holds (channel, value) of a face in a picture, if that is what is meant; then `text` is only a name. A clip that
    `follows_voice` grows and shrinks with how moved the voice is.
    """

    text: str
    span: TimeRange = ALWAYS
    strength: float = 1.0
    fade_in: Fraction = Fraction(0)
    fade_out: Fraction = Fraction(0)
    shown: tuple[tuple[str, float], ...] = ()
    follows_voice: bool = False

    def __post_init__(self) -> None:
        check_fades(self)
        _check_within("strength", self.strength, 0, 2)
        for name, value in self.shown:
            if name not in BY_NAME:
                raise InputError(f"prompt {self.text!r} moves {name!r}: there is no such channel")
            _check_within(name, value, BY_NAME[name].low, BY_NAME[name].high)


@dataclass(frozen=True)
class DriveClip(Record):
    """A picture or video whose motion is taken. `offset` is the media time at the clip's start, `speed` how fast it runs.

    Relative motion adds the driver's change from rest to the portrait's own face; otherwise the portrait takes the
    driver's values. `gain` scales the change of all `groups`, `gains` that of single ones besides.
    """

    media: MediaRef
    span: TimeRange = ALWAYS
    offset: Fraction = Fraction(0)
    groups: tuple[str, ...] = GROUPS
    gain: float = 1.0
    relative: bool = True
    face: int | None = None
    gains: Mapping[str, float] = field(default_factory=dict, hash=False)
    speed: Fraction = Fraction(1)
    fade_in: Fraction = Fraction(0)
    fade_out: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        check_fades(self)
        _check_face(self.face)
        for gain in (self.gain, *self.gains.values()):
            _check_within("gain", gain, 0, 4)
        _check_within("offset", float(self.offset), 0, math.inf)
        _check_within("speed", float(self.speed), 0.1, 10)
        if unknown := {*self.groups, *self.gains} - set(GROUPS):
            raise InputError(f"group {min(unknown)!r}: choose from {', '.join(GROUPS)}")


@dataclass(frozen=True)
class FacePart(Record):
    """Frames [first, end) of face track number `track` of a video, as they are found and numbered shot by shot."""

    track: int
    first: int
    end: int


@dataclass(frozen=True)
class SwapClip(Record):
    """A target video in which the portrait's face replaces face number `face`. `offset` as in a drive clip.

    Faces are counted from the largest, at the media time `face_at`, or else in the first shot that has so many. `parts`
    choose face tracks one by one instead. The mask's edge moves out by `grow` and softens over `feather`, both in eye
    distances; `cover` keeps hands, hair and glasses in front; `outline`, 0 to 1, leads the head's outline from the
    video's to the portrait's. `keys` (of SWAP_KEYS, times from the clip's start) take the place of these numbers over
    time; "on" is above a half where there is a swap. The video sounds by `gain`. If the media is a picture, its face is
    put onto the performance.
    """

    media: MediaRef
    span: TimeRange = ALWAYS
    offset: Fraction = Fraction(0)
    face: int | None = None
    strength: float = 1.0
    fade_in: Fraction = Fraction(0)
    fade_out: Fraction = Fraction(0)
    grow: float = 0.0
    feather: float = 0.14
    cover: bool = True
    face_at: Fraction | None = None
    parts: tuple[FacePart, ...] = ()
    keys: Mapping[str, tuple[Keyframe, ...]] = field(default_factory=dict, hash=False)
    gain: float = 1.0
    outline: float = 0.0

    def __post_init__(self) -> None:
        check_fades(self)
        _check_face(self.face)
        _check_within("strength", self.strength, 0, 1)
        _check_within("outline", self.outline, 0, 1)
        _check_within("gain", self.gain, 0, 4)
        _check_within("offset", float(self.offset), 0, math.inf)
        _check_within("grow", self.grow, -1, 1)
        _check_within("feather", self.feather, 0, 1)
        if unknown := set(self.keys) - set(SWAP_KEYS):
            raise InputError(f"curve {min(unknown)!r}: choose from {', '.join(SWAP_KEYS)}")


@dataclass(frozen=True)
class Rights(Record):
    """The user's word that this person's picture (by its SHA-256) may be animated: on what ground, and when (ISO date)."""

    sha256: str
    ground: str
    date: str = ""

    def __post_init__(self) -> None:
        if not self.ground.strip():
            raise InputError("on what ground may this picture be used? Say so in a few words, as: it is me")


Clip = PromptClip | DriveClip | SwapClip


@dataclass(frozen=True)
class Checkpoint(Record):
    """A denoiser of the user's own: a file, a folder or a name on the Hugging Face hub; its architecture (a row of
    engine.render.checkpoints), its licence as its author states it, and the SHA-256 of its files."""

    source: str
    architecture: str
    licence: str
    sha256: str


MOTION_MODELS = ("atom", "phones")  # the first is the default


@dataclass(frozen=True)
class Delivery(Record):
    """What moves the mouth (`model`, one of MOTION_MODELS), and how: `intensity` times the size of its motion, 0..2;
    `smoothness` 0..1 takes away haste; `expressiveness` -2..2 in standard deviations between speakers, AToM's alone."""

    model: str = MOTION_MODELS[0]
    intensity: float = 1.0
    smoothness: float = 0.0
    expressiveness: float = 0.0

    def __post_init__(self) -> None:
        _check_within("intensity", self.intensity, 0, 2)
        _check_within("smoothness", self.smoothness, 0, 1)
        _check_within("expressiveness", self.expressiveness, -2, 2)


@dataclass(frozen=True)
class RenderSettings(Record):
    """How to render: frames per second, the longer side in pixels (None: as the portrait), and which renderer.

    The rest is for the diffusion renderer: its `steps`, how many seconds of work a second of video may cost before
    renderer `auto` takes the warp (`patience`), weights of the user's own, and `personal` weights of this very face.
    """

    rate: Fraction = DEFAULT_RATE
    size: int | None = None
    renderer: str = "auto"
    steps: int = 1
    patience: float = 20.0
    denoiser: Checkpoint | None = None
    personal: MediaRef | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", parse_rate(self.rate))
        if self.size is not None:
            _check_within("size", self.size, 64, 8192)
        _check_within("steps", self.steps, 1, 8)
        _check_within("patience", self.patience, 0, 1e6)


@dataclass(frozen=True)
class Marker(Record):
    """A named time."""

    time: Fraction
    text: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", to_seconds(self.time))
        _check_within("marker at", float(self.time), 0, math.inf)


@dataclass(frozen=True)
class Project(Record):
    """All of it. Clips of one track may overlap; the later one lies on top. `in_out` is the part to export."""

    portrait: Portrait | None = None
    audio: AudioClip | None = None
    prompts: tuple[PromptClip, ...] = ()
    drives: tuple[DriveClip, ...] = ()
    swaps: tuple[SwapClip, ...] = ()
    motion: Motion = field(default_factory=Motion)
    settings: RenderSettings = field(default_factory=RenderSettings)
    in_out: TimeRange = ALWAYS
    markers: tuple[Marker, ...] = ()
    seed: int = 0
    rights: tuple[Rights, ...] = ()
    delivery: Delivery = field(default_factory=Delivery)

    def __post_init__(self) -> None:
        _check_within("seed", self.seed, 0, 2**63 - 1)

    @property
    def duration(self) -> Fraction:
        """Seconds of the whole: the speech, the motion and the face swaps, whichever ends last."""
        swaps = (Fraction(clip.span.end) for clip in self.swaps if clip.span.end != math.inf)
        return max(self.audio.duration if self.audio else Fraction(0), self.motion.duration, *swaps)

    @property
    def media(self) -> tuple[MediaRef, ...]:
        """Every file the project needs, once."""
        users = (self.portrait, self.audio, *self.drives, *self.swaps)
        personal = (self.settings.personal,) if self.settings.personal else ()
        return tuple(dict.fromkeys([*(user.media for user in users if user), *personal]))
