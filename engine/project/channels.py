"""The channel table: the only place that names facial controls.

Expression channels carry ARKit's 51 blendshape names (plus `tongueOut`) and say how the face shall *look*:
0 is the neutral face, 1 the full expression, whatever the portrait shows. Head and gaze channels say how it *moves*:
0 (for `headScale` 1) is the portrait as pictured. Left and right are the subject's own, as in ARKit.
"""

from dataclasses import dataclass

GROUPS = ("jaw", "mouth", "brows", "eyes", "gaze", "head")


@dataclass(frozen=True)
class Channel:
    """One facial control. `partner` is the channel on the other side of the face, or None for a middle one."""

    name: str
    group: str
    low: float = 0.0
    high: float = 1.0
    neutral: float = 0.0
    partner: str | None = None
    unit: str = ""


def _pair(stem: str, group: str) -> list[Channel]:
    left, right = f"{stem}Left", f"{stem}Right"
    return [Channel(left, group, partner=right), Channel(right, group, partner=left)]


def _table() -> tuple[Channel, ...]:
    rows = [Channel("jawOpen", "jaw"), Channel("jawForward", "jaw"), *_pair("jaw", "jaw")]
    rows += [Channel(name, "mouth") for name in ("mouthClose", "mouthFunnel", "mouthPucker")]
    rows += [Channel(f"mouth{part}{side}", "mouth") for part in ("Roll", "Shrug") for side in ("Lower", "Upper")]
    for stem in ("mouth", "mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch", "mouthPress"):
        rows += _pair(stem, "mouth")
    rows += [*_pair("mouthLowerDown", "mouth"), *_pair("mouthUpperUp", "mouth")]
    rows += [Channel("cheekPuff", "mouth"), Channel("tongueOut", "mouth")]
    rows += [Channel("browInnerUp", "brows"), *_pair("browDown", "brows"), *_pair("browOuterUp", "brows")]
    for stem in ("eyeBlink", "eyeSquint", "eyeWide", "cheekSquint", "noseSneer"):
        rows += _pair(stem, "eyes")
    for direction in ("In", "Out", "Up", "Down"):
        rows += _pair(f"eyeLook{direction}", "gaze")
    degrees = "degrees"
    rows += [
        Channel("gazeYaw", "gaze", -40, 40, unit=degrees),  # both eyes; positive looks to the right of the picture
        Channel("gazePitch", "gaze", -30, 30, unit=degrees),  # positive looks up
        Channel("headYaw", "head", -60, 60, unit=degrees),  # positive turns to the right of the picture
        Channel("headPitch", "head", -45, 45, unit=degrees),  # positive looks up
        Channel("headRoll", "head", -45, 45, unit=degrees),  # positive tilts clockwise as seen
        Channel("headX", "head", -2, 2, unit="eye distances"),  # positive moves right in the picture
        Channel("headY", "head", -2, 2, unit="eye distances"),  # positive moves up in the picture
        Channel("headScale", "head", 0.5, 2, neutral=1, unit="ratio"),
    ]
    return tuple(rows)


CHANNELS: tuple[Channel, ...] = _table()
NAMES: tuple[str, ...] = tuple(channel.name for channel in CHANNELS)
INDEX: dict[str, int] = {name: i for i, name in enumerate(NAMES)}
BY_NAME: dict[str, Channel] = {channel.name: channel for channel in CHANNELS}


def in_group(*groups: str) -> tuple[str, ...]:
    """Names of the channels of these groups, in table order."""
    return tuple(channel.name for channel in CHANNELS if channel.group in groups)
