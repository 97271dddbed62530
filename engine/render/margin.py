"""A person who is cut off by the picture's border, continued beyond it."""

import cv2
import numpy as np

STRIP = 0.1  # IOD; what lies within this of the top is repeated above it, forth and back: hair, not forehead
OUTLINE = 0.12  # IOD; how far below the top it is looked how fast a cut head narrows
SURE = 200  # opacity from which it is the head itself, not its halo
SPECKS = 0.03  # IOD; what is smaller is no part of a head's outline
SOFT = 0.03  # IOD; how soft a crown's edge is, and within how much its halo fades
HIGHEST = 0.25  # a crown is at most so high, as a share of the cut's width


def continued(person: np.ndarray, pad: int, unit: float) -> np.ndarray:
    """person [H, W, 4] uint8 (RGB already multiplied by the opacity) with `pad` more pixels on each side.

    Its colours are mirrored, its outline is not: a head cut off at the top would get ears. It gets a crown instead.

    Args:
        unit: the eye distance, pixels.
    """
    depth = np.arange(pad, 0, -1)
    strip = max(1, min(round(STRIP * unit), len(person) - 1))
    rows = np.abs((depth + strip) % (2 * strip) - strip)
    top = np.broadcast_to(person[:1], (pad, *person.shape[1:]))
    domes = _domes(person[..., 3], depth, unit)[..., None]
    fading = np.clip(1 - depth / (SOFT * unit), 0, 1)[:, None, None] * domes.any()
    crown = np.rint(_held(person[rows], top) * domes + top * fading * (1 - domes)).astype(np.uint8)
    whole = np.concatenate([crown, person])
    mirrored, outermost = (
        cv2.copyMakeBorder(whole, 0, pad, pad, pad, how) for how in (cv2.BORDER_REFLECT_101, cv2.BORDER_REPLICATE)
    )
    texture = np.rint(_held(mirrored, outermost)).astype(np.uint8)
    texture[: len(whole), pad : pad + whole.shape[1]] = whole
    return texture


def _held(mirrored: np.ndarray, outermost: np.ndarray) -> np.ndarray:
    """[H, W, 4] float32: colours as mirrored where there are any, else as outermost; opacity as outermost."""
    opacity = outermost[..., 3:] * np.float32(1 / 255)
    seen = mirrored[..., 3:] * np.float32(1 / 255)
    return mirrored * opacity + outermost * (1 - seen)


def _domes(opacity: np.ndarray, depth: np.ndarray, unit: float) -> np.ndarray:
    """[D, W] float32 in 0..1: where there is a head at so many pixels (depth [D]) above a person of opacity [H, W] uint8.

    Each part that the border cuts goes on narrowing as it does below the cut.
    """
    strip = np.ascontiguousarray(opacity[: round(OUTLINE * unit) + 1])
    solid = cv2.medianBlur(strip, 2 * round(SPECKS * unit) + 1) > SURE
    domes = np.zeros((len(depth), opacity.shape[1]), np.float32)
    edges = np.flatnonzero(np.diff(np.pad(solid[0].astype(np.int8), 1)))
    for left, right in edges.reshape(-1, 2):
        domes = np.maximum(domes, _dome(solid, (left + right) // 2, depth, SOFT * unit))
    return domes


def _dome(solid: np.ndarray, column: int, depth: np.ndarray, soft: float) -> np.ndarray:
    """[D, W] in 0..1: the dome over what is solid ([H, W] bool) around a column, its edge `soft` pixels wide.

    The width of a round head, squared, and its middle change evenly with height: a line through each, below the cut,
    says how wide the dome begins, how it narrows and how it leans. It is a parabola, or an ellipse where that is lower.
    """
    rows, columns = np.flatnonzero(solid[:, column]), np.arange(solid.shape[1])
    left = np.where(solid[rows] | (columns > column), -1, columns).max(1)
    right = np.where(solid[rows] | (columns < column), len(columns), columns).min(1)
    if left[0] < 0 and right[0] == len(columns):
        return np.ones((len(depth), len(columns)))
    if len(rows) < 2:
        return np.zeros((len(depth), len(columns)))
    if left[0] < 0:  # cut off at the side too: taken for half a head
        left = -1 - right
    elif right[0] == len(columns):
        right = 2 * len(columns) - 1 - left
    widths = right - left - 1.0
    growth, cut = np.polyfit(rows, widths**2, 1)
    cut = max(cut, widths[0] ** 2 / 4)
    lean, middle = np.polyfit(rows, (left + right) / 2, 1)
    half, narrowing = np.sqrt(cut) / 2, max(growth, 0) / cut
    high = min(1 / max(narrowing, 1e-6), 2 * HIGHEST * half)
    lean = np.clip(lean, -narrowing * half / 2, narrowing * half / 2)  # leaning more, one side would go outwards
    up, aside = depth[:, None] / high, (columns - middle + lean * depth[:, None]) / half
    start = narrowing * high
    inside = 1 - start * up - (1 - start) * up**2 - aside**2
    steep = np.hypot((start + 2 * (1 - start) * up) / high, 2 * aside / half)
    return np.clip(inside / steep / soft + 0.5, 0, 1)
