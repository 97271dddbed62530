"""Eyes and mouths that shut exactly, whatever else a face does: what the picture and the head model leave to mend."""

import numpy as np

from engine.render.topology import Slit

SHUT = 0.02  # IOD; lips pictured closer than this are closed
ASLEEP = 0.3  # of the usual opening; eyes pictured less open than this are closed
WIDEST = 1.6  # times the larger of the pictured opening and the usual one
UPPER_SHARE = 0.9  # of closing an eye, the upper lid's part
FOLLOWING = (0.6, 0.2)  # how much of that the rings of skin behind a lid follow


def gaps(points: np.ndarray, slit: Slit, down: np.ndarray) -> np.ndarray:
    """How far the lower rim lies below the upper, pair by pair: [N, 3] -> [P]; `down` is a unit vector [3]."""
    return (points[list(slit.lower[1:-1])] - points[list(slit.upper[1:-1])]) @ down


def shut_rims(points: np.ndarray, slit: Slit, down: np.ndarray, unit: float) -> np.ndarray:
    """Landmarks of a picture, cleaned: no pair of rims crossed, and lips that are all but closed exactly closed."""
    gap = gaps(points, slit, down)
    together = (gap <= 0) | (gap.mean() < SHUT * unit)
    cleaned = points.copy()
    upper, lower = np.array(slit.upper[1:-1])[together], np.array(slit.lower[1:-1])[together]
    cleaned[upper] = cleaned[lower] = (points[upper] + points[lower]) / 2
    return cleaned


def limit_opening(points: np.ndarray, slit: Slit, down: np.ndarray, widest: np.ndarray) -> None:
    """Bring an eye's lids in `points` [N, 3] together (in place) to gaps of at most `widest` [P]; skin follows."""
    upper, lower = list(slit.upper[1:-1]), list(slit.lower[1:-1])
    apart = points[lower] - points[upper]
    gap = apart @ down
    excess = 1 - np.clip(widest / np.maximum(gap, 1e-6), 0, 1)
    change = np.where(gap > widest, excess, 0)[:, None] * apart
    points[upper] += UPPER_SHARE * change
    points[lower] -= (1 - UPPER_SHARE) * change
    for above, below, share in zip(slit.above, slit.below, FOLLOWING, strict=True):
        points[list(above)] += share * UPPER_SHARE * change
        points[list(below)] -= share * (1 - UPPER_SHARE) * change
    if not widest.any():
        points[lower] = points[upper]


def widest_opening(pictured: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """[P] how far an eye may open, from the pictured gaps and the neutral model's."""
    if pictured.mean() < ASLEEP * usual.mean():
        return np.maximum(pictured, 0)  # there is no eye to show
    return WIDEST * np.maximum(pictured, usual)
