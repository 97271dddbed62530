"""What can be dragged on a face, and what follows: a table of landmarks and the channels that each may move."""

from __future__ import annotations

from typing import NamedTuple

from engine.project.channels import BY_NAME, NAMES

CORNER = ("mouthSmile", "mouthFrown", "mouthStretch", "mouthDimple", "mouthPucker", "mouthLeft", "mouthRight")


class FaceHandle(NamedTuple):
    """A landmark of MediaPipe's, the stems or names of the channels it moves, and the handle on the other side."""

    id: str
    label: str
    landmark: int
    moves: tuple[str, ...]
    side: str = ""
    whole: bool = False

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels that a drag may change."""
        sided = [stem if stem in BY_NAME else f"{stem}{self.side}" for stem in self.moves]
        return tuple(name for name in NAMES if name in sided)

    @property
    def partner(self) -> str:
        """The id of the handle on the other side, its own for those in the middle."""
        return self.id.replace(self.side, "Left" if self.side == "Right" else "Right") if self.side else self.id


def _both(stem: str, label: str, right: int, left: int, moves: tuple[str, ...]) -> tuple[FaceHandle, FaceHandle]:
    return (
        FaceHandle(f"{stem}Right", f"{label}, right", right, moves, "Right"),
        FaceHandle(f"{stem}Left", f"{label}, left", left, moves, "Left"),
    )


HANDLES: tuple[FaceHandle, ...] = (
    *_both("corner", "Mouth corner", 61, 291, CORNER),
    FaceHandle(
        "upperLip",
        "Upper lip",
        0,
        ("mouthUpperUpLeft", "mouthUpperUpRight", "mouthShrugUpper", "mouthRollUpper", "mouthFunnel"),
    ),
    FaceHandle(
        "lowerLip",
        "Lower lip",
        17,
        ("mouthLowerDownLeft", "mouthLowerDownRight", "mouthShrugLower", "mouthRollLower", "mouthFunnel"),
    ),
    FaceHandle("chin", "Chin", 152, ("jawOpen", "jawLeft", "jawRight")),
    *_both("innerBrow", "Inner brow", 107, 336, ("browInnerUp", "browDown")),
    *_both("outerBrow", "Outer brow", 70, 300, ("browOuterUp", "browDown")),
    *_both("upperLid", "Upper lid", 159, 386, ("eyeBlink", "eyeWide")),
    *_both("lowerLid", "Lower lid", 145, 374, ("eyeSquint", "cheekSquint")),
    *_both("pupil", "Gaze", 468, 473, ("gazeYaw", "gazePitch")),
    FaceHandle("turn", "Turn the head", 1, ("headYaw", "headPitch"), whole=True),
    FaceHandle("tilt", "Tilt the head", 10, ("headRoll",), whole=True),
    FaceHandle("move", "Move the head", 168, ("headX", "headY"), whole=True),
)
BY_ID: dict[str, FaceHandle] = {handle.id: handle for handle in HANDLES}
