"""A driving video or picture to a portrait's performance: what the driver's face does, told as this portrait's channels."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from engine.face.fit import Fit
from engine.face.head_model import EXPRESSIONS
from engine.face.tracking import Track
from engine.motion.generate import OPENS, lips_at_rest
from engine.project.channels import CHANNELS, GROUPS, INDEX
from engine.project.curve import envelope
from engine.project.motion import Motion, sample
from engine.project.project import DriveClip
from engine.project.timing import TimeRange, frame_times

LOW, HIGH, NEUTRAL = (
    np.array([getattr(channel, end) for channel in CHANNELS], np.float32) for end in ("low", "high", "neutral")
)
COUNT = len(EXPRESSIONS)
AT_REST = 0.15  # share of its calm frames in which a driver shows less of a channel than at rest
CALM = 0.6  # share of the frames that count as calm
REST_AT_MOST = 0.6  # what a face may always show and still have room to show more
SHORTEST = 1.0  # seconds; who is seen for less has shown no rest: what they do is taken as it is
JOIN = 0.3  # seconds over which motion goes on after a cut, or after the face was out of sight
LET_GO = Fraction(1, 4)  # seconds in which a driver who leaves before the clip ends gives the face back
TURNS = {"headYaw": 0, "headPitch": 1, "headRoll": 2}  # head channel -> column of Track.poses
LOOKS = {"gazeYaw": 0, "gazePitch": 1}


def resting_face(track: Track) -> np.ndarray:
    """What the driver's face [52] shows even when it does nothing: a low quantile of each channel over calm frames.

    So a driver who smiles from first to last has that smile at rest, and one who smiles at times does not.
    """
    expression = track.values[track.visible, :COUNT]
    if len(expression) < SHORTEST * track.rate:
        return np.zeros(COUNT, np.float32)
    speed = np.abs(np.gradient(expression, axis=0)).sum(1)
    calm = expression[speed <= np.quantile(speed, CALM)]
    return np.clip(np.quantile(calm, AT_REST, axis=0), 0, REST_AT_MOST).astype(np.float32)


def transfer(track: Track, fit: Fit, clip: DriveClip) -> np.ndarray:
    """Channel values [T, C] float32 of the portrait `fit`, a row for each frame of the track, with the clip's gains.

    Relative: the portrait's own face with the driver's change from rest on it, each change filling as much of what the
    portrait has left as it filled of the driver's, so that lids and lips which close close. Lips part as the
    driver's do, whatever the portrait's show. Absolute: the driver's face, head and gaze as seen. Where the head
    is in the picture, and how large, is always counted from rest.
    """
    values = _joined(track)
    base = lips_at_rest(fit.values())
    gains = np.array([clip.gain * clip.gains.get(channel.group, 1.0) for channel in CHANNELS], np.float32)
    rest = resting_face(track) if clip.relative else np.zeros(COUNT, np.float32)
    own = base[:COUNT] if clip.relative else np.zeros(COUNT, np.float32)
    change = values[:, :COUNT] - rest
    room = np.where(change > 0, (1 - own) / (1 - rest), 1.0)
    out = NEUTRAL + (values - NEUTRAL) * gains
    out[:, :COUNT] = own + gains[:COUNT] * change * room
    out[:, OPENS] = gains[OPENS] * np.maximum(change[:, OPENS], 0) / (1 - rest[OPENS])
    if not clip.relative or len(values) == 1:
        for name, size in _stance(track, fit, clip.relative).items():
            out[:, INDEX[name]] += gains[INDEX[name]] * size
    return np.clip(out, LOW, HIGH).astype(np.float32)


def _stance(track: Track, fit: Fit, relative: bool) -> dict[str, np.ndarray]:
    """What to add to head and gaze channels counted from a shot's median: how the driver holds head and eyes.

    A portrait that takes motion relative to its own stance takes a single picture's as a turn away from the front.
    """
    poses, gazes = (_by_shot(track, columns) for columns in (track.poses, track.gazes))
    pose, look = fit.pose, fit.gaze
    against = (0.0, 0.0, 0.0) if relative else (pose.yaw, pose.pitch, pose.roll)
    gazing = (0.0, 0.0) if relative else look
    turns = {name: poses[:, k] - against[k] for name, k in TURNS.items()}
    return turns | {name: gazes[:, k] - gazing[k] for name, k in LOOKS.items()}


def _by_shot(track: Track, columns: np.ndarray) -> np.ndarray:
    """columns [T, A] with every row replaced by its shot's median over visible frames."""
    medians = np.empty_like(columns)
    for start, end in track.shots:
        seen = track.visible[start:end] if track.visible[start:end].any() else slice(None)
        medians[start:end] = np.median(columns[start:end][seen], axis=0)
    return medians


def _joined(track: Track) -> np.ndarray:
    """The track's values [T, C] without leaps: after a cut, or once the face is back, motion sets out from where it was
    and eases into what is seen (the inertial blending of D. Bollo, GDC 2018, with a smoothstep for the decay)."""
    values = track.values.copy()
    joins = sorted({start for start, _ in track.shots if start} | {end for _, end in track.gaps if end < len(values)})
    steps = max(1, round(JOIN * track.rate))
    share = np.arange(1, steps + 1) / (steps + 1)
    left = (1 - share * share * (3 - 2 * share))[:, None]
    for join in joins:
        if track.visible[:join].any():
            part = values[join : join + steps]
            part += (values[join - 1] - part[0]) * left[: len(part)]
    return values


def playing(clip: DriveClip, track: Track) -> DriveClip:
    """The clip with the span in which its driver really acts: a picture for as long as asked, a video to its end."""
    if len(track.values) == 1:
        return clip
    end = clip.span.start + (len(track.values) / track.rate - clip.offset) / clip.speed
    if end >= clip.span.end:
        return clip
    span = TimeRange(clip.span.start, max(end, clip.span.start + 1 / track.rate))
    return replace(clip, span=span, fade_out=max(clip.fade_out, min(LET_GO, Fraction(span.duration) / 2)))


def driven(values: np.ndarray, rate: Fraction, track: Track, fit: Fit, clip: DriveClip) -> np.ndarray:
    """A performance [T, C] at `rate` with the clip's groups taken from the driver, over the clip's time, faded."""
    times = frame_times(range(len(values)), rate)
    acting = playing(clip, track)
    if acting.span.end >= len(values) / rate:
        acting = replace(acting, fade_out=clip.fade_out)
    weight = envelope(acting, times).astype(np.float32)[:, None]
    media = float(clip.offset) + (times - float(clip.span.start)) * float(clip.speed)
    theirs = sample(Motion.from_dense(transfer(track, fit, clip), track.rate), np.maximum(media, 0))
    chosen = [channel.group in clip.groups for channel in CHANNELS]
    return np.where(chosen, values * (1 - weight) + theirs * weight, values).astype(np.float32)


def drives_all(clip: DriveClip, track: Track, seconds: Fraction) -> bool:
    """Whether nothing but this clip decides the performance over so many seconds."""
    span = playing(clip, track).span
    return set(clip.groups) == set(GROUPS) and span.start == 0 and span.end >= seconds and not clip.fade_in
