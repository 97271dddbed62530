"""Being alive: blinks, glances, head and brows, from a seed and tied to the voice; the mouth is not touched.

Amplitudes are those of a calm speaker facing the viewer. Sources: blink rate 15-20 a minute with skewed intervals, lids
closing about twice as fast as they open (Bentivoglio et al. 1997; Guitton et al. 1991); glances away while speech halts
(Kendon 1967); nods and brow raises on accents (Hadar et al. 1983; Cave et al. 1996).
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from engine.motion.features import Prosody
from engine.project.channels import INDEX, NAMES

_HELD = 0.8  # share of the head's turn that the eyes make good (the vestibulo-ocular reflex)


@dataclass(frozen=True)
class _Clip:
    """What every part needs: the voice, where it pauses (bool [T]), frames per second, the dice, and the factors [T] by
    which a feeling makes blinks more frequent and gaze more restless."""

    voice: Prosody
    pausing: np.ndarray
    rate: float
    dice: np.random.Generator
    blinks: np.ndarray
    wander: np.ndarray

    @property
    def frames(self) -> int:
        return len(self.pausing)

    def onsets(self, seconds: float) -> np.ndarray:
        """First frames of the pauses at least this long."""
        edges = np.flatnonzero(np.diff(np.concatenate([[False], self.pausing, [False]]).astype(int)))
        starts, ends = edges[::2], edges[1::2]
        return starts[ends - starts >= seconds * self.rate]


def idle(
    voice: Prosody,
    pausing: np.ndarray,
    rate: Fraction,
    dice: np.random.Generator,
    manner: tuple[np.ndarray, np.ndarray] | None = None,
) -> np.ndarray:
    """What to *add* to a face at rest: float32 [T, C], zero in all mouth and jaw channels.

    `pausing` bool [T]: nobody speaks. `manner`: factors [T] of the blink rate and of how restless gaze is, 1 a calm
    speaker's. The same dice give the same motion. Frame 0 is the portrait as pictured.
    """
    streams = [np.random.default_rng(seed) for seed in dice.integers(2**63, size=4)]
    often, restless = manner or (np.ones(len(pausing)), np.ones(len(pausing)))
    blinks, gaze, head, brows = (_Clip(voice, pausing, float(rate), stream, often, restless) for stream in streams)
    motion = np.zeros((len(pausing), len(NAMES)), np.float32)
    for part in (_gaze(gaze), _head(head), _brows(brows)):
        for name, values in part.items():
            motion[:, INDEX[name]] = values
    for way in ("Yaw", "Pitch"):  # eyes stay on the viewer while the head moves under them
        motion[:, INDEX[f"gaze{way}"]] -= _HELD * motion[:, INDEX[f"head{way}"]]
    lids = _blinks(blinks)
    motion[:, INDEX["eyeBlinkLeft"]] = motion[:, INDEX["eyeBlinkRight"]] = lids
    return motion


def _blinks(clip: _Clip) -> np.ndarray:
    """Closed lids are 1; a blink is due every 3.4 s or so, and waits for a nearby pause if there is one."""
    lids = np.zeros(clip.frames)
    pauses = clip.onsets(0.15) / clip.rate
    due = clip.dice.uniform(0.6, 2.5)
    while due * clip.rate < clip.frames:
        near = pauses[np.abs(pauses + 0.1 - due) < 0.7]
        at = near[0] + clip.dice.uniform(0, 0.2) if len(near) and clip.dice.random() < 0.7 else due
        shut = round(at * clip.rate)  # on a frame, so that the lids are seen to meet at any rate
        after = (np.arange(clip.frames) - shut) / clip.rate
        width = np.where(after < 0, 0.10, 0.20) * clip.dice.uniform(0.85, 1.15)
        lids = np.maximum(lids, np.cos(np.clip(after / width, -1, 1) * np.pi / 2) ** 2)
        twice = clip.dice.random() < 0.08
        often = max(float(clip.blinks[min(shut, clip.frames - 1)]), 0.05)
        due = at + (0.35 if twice else max(clip.dice.lognormal(np.log(3.2), 0.5) / often, 0.8))
    return lids


def _gaze(clip: _Clip) -> dict[str, np.ndarray]:
    """Fixations on the viewer's face with small steps between them; now and then, where speech halts, a glance away."""
    yaw, pitch = np.zeros(clip.frames), np.zeros(clip.frames)
    start, target = 0, (0.0, 0.0)
    while start < clip.frames:
        lasts = clip.dice.lognormal(np.log(0.9), 0.6)
        stop = start + max(round(lasts * clip.rate), 2)
        yaw[start:stop], pitch[start:stop] = target
        restless = clip.wander[min(stop, clip.frames - 1)]
        start, target = stop, (restless * clip.dice.normal(0, 1.0), restless * clip.dice.normal(0, 0.6))
    for onset in clip.onsets(0.3):
        if clip.dice.random() < 0.3 * clip.wander[onset]:
            away = slice(onset, onset + round(clip.dice.uniform(0.4, 1.0) * clip.rate))
            yaw[away] = clip.dice.choice([-1, 1]) * clip.dice.uniform(5, 10)
            pitch[away] = clip.dice.normal(0, 3)
    return {"gazeYaw": _glide(yaw, 0.03 * clip.rate), "gazePitch": _glide(pitch, 0.03 * clip.rate)}


def _head(clip: _Clip) -> dict[str, np.ndarray]:
    """A new posture for every phrase, a slow sway under it, and nods on the accents; all of it ends where it began."""
    home = np.minimum(1, np.minimum(np.arange(clip.frames), np.arange(clip.frames)[::-1]) / clip.rate / 0.8)
    home = home * home * (3 - 2 * home)
    spread = {"headYaw": 2.2, "headPitch": 1.1, "headRoll": 1.2, "headX": 0.012, "headY": 0.006}
    phrases = np.searchsorted(clip.onsets(0.2), np.arange(clip.frames), side="right")
    energy = 0.5 + 0.5 * _glide(np.where(clip.pausing, 0, clip.voice.level), 0.8 * clip.rate)
    motion = {}
    for name, size in spread.items():
        posture = clip.dice.normal(0, 0.6 * size, phrases.max(initial=0) + 1)[phrases]
        motion[name] = home * (_glide(posture, 0.35 * clip.rate) + size * energy * _sway(clip))
    nods = np.zeros(clip.frames)
    for accent, weight in _accents(clip):
        nods[accent] -= weight * clip.dice.uniform(0.6, 1.4)
    motion["headPitch"] = motion["headPitch"] + home * _pulse(nods, 0.12 * clip.rate) * 2.5
    return motion


def _brows(clip: _Clip) -> dict[str, np.ndarray]:
    """Raised a little on the accents where the voice goes up."""
    raised = np.zeros(clip.frames)
    for accent, weight in _accents(clip):
        if clip.dice.random() < 0.6:
            raised[accent] = max(raised[accent], weight * clip.dice.uniform(0.5, 1.0))
    lift = np.clip(_pulse(raised, 0.14 * clip.rate), 0, 1) * np.minimum(np.arange(clip.frames) / clip.rate / 0.3, 1)
    return {"browInnerUp": 0.30 * lift, "browOuterUpLeft": 0.22 * lift, "browOuterUpRight": 0.20 * lift}


def _accents(clip: _Clip) -> list[tuple[int, float]]:
    """Frames where the voice is loud and high for its surroundings, at least 0.5 s apart, with a weight from 0 to 1."""
    stress = np.where(clip.pausing, 0, clip.voice.level * (1 + np.clip(clip.voice.pitch, -4, 6) / 8))
    relief = _glide(stress, 0.06 * clip.rate) - _glide(stress, 0.5 * clip.rate)
    from scipy.signal import find_peaks

    peaks, _ = find_peaks(relief, height=0.12, distance=max(0.5 * clip.rate, 1))
    return [(int(frame), float(np.clip(relief[frame] / 0.4, 0.2, 1))) for frame in peaks]


def _sway(clip: _Clip) -> np.ndarray:
    """Slow noise of unit size: a few sines from 0.07 to 0.45 Hz."""
    seconds = np.arange(clip.frames) / clip.rate
    hertz = np.exp(clip.dice.uniform(np.log(0.07), np.log(0.45), 5))
    phase = clip.dice.uniform(0, 2 * np.pi, 5)
    return np.sin(2 * np.pi * np.outer(seconds, hertz) + phase).sum(axis=1) / np.sqrt(5 / 2)


def _pulse(impulses: np.ndarray, frames: float) -> np.ndarray:
    """Each impulse as a smooth bump of its own height, `frames` wide (standard deviation)."""
    return _glide(impulses, frames) * max(frames, 0.4) * np.sqrt(2 * np.pi)


def _glide(values: np.ndarray, frames: float) -> np.ndarray:
    """Smoothed by a Gaussian of this standard deviation in frames."""
    from scipy.ndimage import gaussian_filter1d

    return gaussian_filter1d(values, max(frames, 0.4), mode="nearest") if len(values) else values
