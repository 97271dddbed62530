"""Which of MediaPipe's 478 landmarks outline what: the rims of eyes and mouth, the oval of the face."""

from dataclasses import dataclass

import numpy as np

LANDMARKS = 478
FACE_POINTS = 468  # the skin; 468..477 are the irises

OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)


@dataclass(frozen=True)
class Slit:
    """Two rims that meet at common corners: an eye's lids, or the inner lips. Left to right in the picture.

    `upper[i]` and `lower[i]` close onto each other. `above[k]` and `below[k]` are the rings of skin behind the rims,
    nearest first, point for point beside them (corners excluded).
    """

    upper: tuple[int, ...]
    lower: tuple[int, ...]
    above: tuple[tuple[int, ...], ...]
    below: tuple[tuple[int, ...], ...]

    @property
    def corners(self) -> tuple[int, int]:
        """Left and right corner."""
        return self.upper[0], self.upper[-1]

    @property
    def ring(self) -> tuple[int, ...]:
        """Around the hole: along the upper rim to the right corner, back along the lower."""
        return (*self.upper, *self.lower[-2:0:-1])


MOUTH = Slit(
    upper=(78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
    lower=(78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
    above=((183, 42, 41, 38, 12, 268, 271, 272, 407), (184, 74, 73, 72, 11, 302, 303, 304, 408)),
    below=((96, 89, 179, 86, 15, 316, 403, 319, 325), (77, 90, 180, 85, 16, 315, 404, 320, 307)),
)
LIPS = (  # all that is lip, ring by ring: the inner rim, what lies behind it with its corners, the outline
    *MOUTH.ring,
    *(v for row in (*MOUTH.above, *MOUTH.below) for v in row),
    *(62, 76, 292, 306),
    *(61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146),
)
EYE_ON_LEFT = Slit(  # of the picture: the subject's right
    upper=(33, 246, 161, 160, 159, 158, 157, 173, 133),
    lower=(33, 7, 163, 144, 145, 153, 154, 155, 133),
    above=((247, 30, 29, 27, 28, 56, 190), (113, 225, 224, 223, 222, 221, 189)),
    below=((25, 110, 24, 23, 22, 26, 112), (31, 228, 229, 230, 231, 232, 233)),
)
EYE_ON_RIGHT = Slit(
    upper=(362, 398, 384, 385, 386, 387, 388, 466, 263),
    lower=(362, 382, 381, 380, 374, 373, 390, 249, 263),
    above=((414, 286, 258, 257, 259, 260, 467), (413, 441, 442, 443, 444, 445, 342)),
    below=((341, 256, 252, 253, 254, 339, 255), (453, 452, 451, 450, 449, 448, 261)),
)
EYES = (EYE_ON_LEFT, EYE_ON_RIGHT)
IRISES = ((468, 469, 470, 471, 472), (473, 474, 475, 476, 477))  # centre, then four points of the rim


def inside(triangles: np.ndarray, slit: Slit) -> np.ndarray:
    """[F] bool: the triangles [F, 3] that span the hole between the slit's rims."""
    return np.isin(triangles, slit.ring).all(1)
