"""Lips that meet: at rest, and under every channel that has no business opening them."""

import numpy as np

from engine.face.head_model import EXPRESSIONS, LIPS

OPENERS = (
    "jawOpen",
    "mouthClose",
    "mouthFunnel",
    *(f"mouth{way}{side}" for way in ("UpperUp", "LowerDown") for side in ("Left", "Right")),
)


CHAINS = (  # along the lips from corner to corner: four rows of the upper lip, four of the lower, innermost first
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
    (62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292),
    (76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306),
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
    (62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292),
    (76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306),
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
)


def with_smooth_lips(expression: np.ndarray, passes: int = 3) -> np.ndarray:
    """Expressions [52, V, 3] whose changes vary smoothly along the lips: single registered points make them pointed."""
    smooth = expression.copy()
    for _ in range(passes):
        for chain in (list(chain) for chain in CHAINS):
            row = smooth[:, chain]
            smooth[:, chain[1:-1]] = (row[:, :-2] + 2 * row[:, 1:-1] + row[:, 2:]) / 4
    return smooth


def with_closed_lips(neutral: np.ndarray, expression: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Neutral lips that touch, mouthClose shutting exactly what jawOpen opens, and no channel but OPENERS opening.

    The landmarks were registered on an open mouth; when it shuts, upper and lower inner lip meet in the middle.
    """
    upper, lower = list(LIPS[0]), list(LIPS[1])
    neutral, expression = neutral.copy(), expression.copy()
    neutral[upper] = neutral[lower] = (neutral[upper] + neutral[lower]) / 2
    open_, close = EXPRESSIONS.index("jawOpen"), EXPRESSIONS.index("mouthClose")
    gap = (expression[open_] + expression[close])[upper] - (expression[open_] + expression[close])[lower]
    expression[close][upper] -= gap / 2
    expression[close][lower] += gap / 2
    for name in (name for name in EXPRESSIONS if name not in OPENERS):
        row = expression[EXPRESSIONS.index(name)]
        row[upper] = row[lower] = (row[upper] + row[lower]) / 2
    return neutral, expression
