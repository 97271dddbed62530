"""Facial action units (FACS, Ekman, Friesen & Hager 2002) as channels: literature speaks one, the face the other."""

import re

import numpy as np

from engine.errors import ResourceError
from engine.project.channels import INDEX

INTENSITY = {"A": 0.12, "B": 0.35, "C": 0.55, "D": 0.78, "E": 1.0}  # FACS: trace, slight, marked, severe, maximum

_SIDED = {  # action unit -> channels of one side at full intensity, named without their side
    2: {"browOuterUp": 1.0},
    4: {"browDown": 0.85},  # beyond it the brow of a picture sinks into the lid
    5: {"eyeWide": 0.65},  # beyond it white shows all around the iris, which no fear does
    6: {"cheekSquint": 1.0, "eyeSquint": 0.4},
    7: {"eyeSquint": 1.0},
    9: {"noseSneer": 1.0, "mouthUpperUp": 0.15},
    10: {"mouthUpperUp": 0.8, "noseSneer": 0.15},
    12: {"mouthSmile": 1.0},
    14: {"mouthDimple": 1.0, "mouthPress": 0.1},
    15: {"mouthFrown": 1.0},
    16: {"mouthLowerDown": 1.0},
    20: {"mouthStretch": 1.0},
    23: {"mouthPress": 0.5},
    24: {"mouthPress": 1.0},
    25: {"mouthLowerDown": 0.2, "mouthUpperUp": 0.12},
    43: {"eyeBlink": 1.0},
    46: {"eyeBlink": 1.0, "cheekSquint": 0.3},
}
_MIDDLE = {  # channels that have no side; those of head and gaze in degrees
    1: {"browInnerUp": 1.0},
    17: {"mouthShrugLower": 1.0, "mouthShrugUpper": 0.4},
    18: {"mouthPucker": 1.0},
    19: {"tongueOut": 1.0, "jawOpen": 0.3},
    22: {"mouthFunnel": 1.0},
    23: {"mouthRollLower": 0.3, "mouthRollUpper": 0.3},
    24: {"mouthRollLower": 0.1, "mouthRollUpper": 0.1},
    25: {"jawOpen": 0.12},
    26: {"jawOpen": 0.45},
    27: {"jawOpen": 0.9},
    28: {"mouthRollLower": 0.9, "mouthRollUpper": 0.8},
    31: {"jawForward": 0.3},
    32: {"mouthRollLower": 0.9},
    34: {"cheekPuff": 1.0},
    51: {"headYaw": 18.0},  # to the subject's left, which is the right of the picture
    53: {"headPitch": 12.0},
    54: {"headPitch": -12.0},
    55: {"headRoll": 12.0},
    56: {"headRoll": -12.0},
    57: {"headScale": 0.06},
    61: {"gazeYaw": 20.0},
    63: {"gazePitch": 18.0},
    64: {"gazePitch": -18.0},
}


def units_to_values(units: str) -> np.ndarray:
    """Channel values, float32 [C] in table order as offsets from neutral, of units such as `"1D 4C L12B"`.

    A leading `L` or `R` keeps a unit to that side, the subject's own.

    Raises:
        ResourceError: a unit or an intensity that this table does not know.
    """
    values = np.zeros(len(INDEX), np.float32)
    for unit in units.split():
        match = re.fullmatch(r"([LR]?)(\d+)([A-E])", unit)
        number = int(match[2]) if match else 0
        if match is None or (number not in _SIDED and number not in _MIDDLE):
            raise ResourceError(f"unknown action unit {unit!r}: write a side (L, R or none), a number, and A to E")
        strength = INTENSITY[match[3]]
        sides = {"L": ("Left",), "R": ("Right",), "": ("Left", "Right")}[match[1]]
        parts = [(name + side, share) for name, share in _SIDED.get(number, {}).items() for side in sides]
        middle = 0.5 if match[1] else 1.0  # one side of a middle channel moves it half
        parts += [(name, share * middle) for name, share in _MIDDLE.get(number, {}).items()]
        for name, share in parts:
            values[INDEX[name]] = _joined(float(values[INDEX[name]]), share * strength)
    return values


def _joined(one: float, other: float) -> float:
    """Two pulls on one control: as probabilities add for 0..1, plainly for degrees."""
    return one + other - one * other if min(one, other) >= 0 and max(one, other) <= 1 else one + other
