"""What is read of a head that turns away: its far half is guessed, and made to do what the near half does.

Lids are led by the nearer eye before that, in the fit itself (`engine.face.eyes`).
"""

import numpy as np

from engine.face.head_model import EXPRESSIONS

TURNED = (18.0, 36.0)  # degrees of yaw: from where on the far half is doubted, and from where on not believed at all
SIDEWAYS = ("jawLeft", "jawRight", "mouthLeft", "mouthRight")  # seen from the side, these cannot be told from a turn
RIGHT = [
    i
    for i, name in enumerate(EXPRESSIONS)
    if name.endswith("Right") and not name.startswith("eyeLook") and name not in SIDEWAYS
]
LEFT = [EXPRESSIONS.index(EXPRESSIONS[i].removesuffix("Right") + "Left") for i in RIGHT]


def from_the_side(expression: np.ndarray, yaw: np.ndarray) -> np.ndarray:
    """Expressions [T, 52] of heads turned by yaw [T], degrees, in which the far half follows the near one as far as a
    head is turned, and mouth and jaw are not pushed sideways; those seen from in front stay bit for bit."""
    part = np.clip((np.abs(yaw) - TURNED[0]) / (TURNED[1] - TURNED[0]), 0, 1)[:, None]
    share = part * part * (3 - 2 * part)
    found = expression.copy()
    near = np.where(yaw[:, None] > 0, expression[:, RIGHT], expression[:, LEFT])  # the nose points away from it
    for side in (RIGHT, LEFT):
        found[:, side] += share * (near - expression[:, side])
    found[:, [EXPRESSIONS.index(name) for name in SIDEWAYS]] *= 1 - share
    return found
