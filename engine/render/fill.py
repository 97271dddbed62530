"""Holes in a picture, filled with what is around them, structure included."""

import cv2
import numpy as np
from numba import njit

from engine.render.soften import softened

PATCH = 2  # half a patch: 5 x 5
COARSEST = 90  # pixels; shorter side of the smallest level
LARGEST = 800  # pixels; larger pictures are filled at this size
SEARCH_SIDE = 420  # pixels; levels larger than this only refine what the smaller ones found
FADING = 1.3  # a patch one pixel deeper in the hole is trusted this much less: the rim decides first
GRAIN = 1.0  # pixels; finer than this is noise, which a mean of patches lacks ...
LOUDEST = 25  # ... unless it is stronger than this
ROUNDS = 6  # of searching and voting at each level


def fill(rgb: np.ndarray, hole: np.ndarray, unusable: np.ndarray | None = None) -> np.ndarray:
    """Complete rgb ([H, W, 3] uint8) where hole ([H, W] bool), copying patches from elsewhere in the picture.

    Space-time completion of Wexler et al. 2007 in one picture, with the search of Barnes et al. 2009 (PatchMatch):
    coarse to fine, find for each patch of the hole the most similar one outside, then let all overlapping patches vote.
    A patch far away must be a better match than a near one. Seams are softened. Deterministic.

    Args:
        unusable: [H, W] bool, pixels neither to fill nor to copy from.

    Returns:
        [H, W, 3] uint8; equals rgb outside the hole.
    """
    unusable = np.zeros_like(hole) if unusable is None else unusable
    shrink = LARGEST / max(hole.shape)
    if shrink < 1:
        size = (round(hole.shape[1] * shrink), round(hole.shape[0] * shrink))
        small = fill(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), _shrunk(hole, size), _shrunk(unusable, size))
        return np.where(hole[..., None], cv2.resize(small, hole.shape[::-1], interpolation=cv2.INTER_CUBIC), rgb)
    filled = cv2.inpaint(rgb, (hole | unusable).astype(np.uint8), 3, cv2.INPAINT_TELEA)
    places = None
    for scale in _scales(*hole.shape):
        size = (max(8, round(hole.shape[1] * scale)), max(8, round(hole.shape[0] * scale)))
        small_hole, small_unusable = (_shrunk(mask, size) for mask in (hole, unusable))
        small_unusable &= ~small_hole
        known = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        guess = cv2.resize(filled, size, interpolation=cv2.INTER_AREA if places is None else cv2.INTER_LINEAR)
        guess = np.where(small_hole[..., None], guess, known).astype(np.float32)
        usable = _whole_patches(~(small_hole | small_unusable))
        targets = cv2.dilate(small_hole.astype(np.uint8), np.ones((2 * PATCH + 1,) * 2)) > 0
        depth = cv2.distanceTransform(small_hole.astype(np.uint8), cv2.DIST_L2, 5)
        trust = FADING ** -np.minimum(depth, 40).astype(np.float32)
        if not usable.any() or not small_hole.any():
            continue
        places = _grown(places, size, usable) if places is not None else _scattered(usable)
        rounds = ROUNDS if max(size) <= SEARCH_SIDE else 1
        for seed in range(rounds):
            cost = _search(guess, targets, usable, ~small_unusable, places, seed, 2 if rounds > 1 else 1)
            _vote(guess, targets, small_hole, places, cost, trust)
        filled = guess
    if places is not None:
        filled = np.where(hole[..., None], filled + _grain(rgb)[places[..., 0], places[..., 1]], rgb)
    filled = np.where(hole[..., None], np.clip(np.round(filled), 0, 255), rgb).astype(np.uint8)
    return softened(filled, hole, ~(hole | unusable))


def _grain(rgb: np.ndarray) -> np.ndarray:
    """What votes average away: [H, W, 3] float32, the picture's noise without its edges."""
    sharp = rgb.astype(np.float32)
    return np.clip(sharp - cv2.GaussianBlur(sharp, (0, 0), GRAIN), -LOUDEST, LOUDEST)


def _scales(height: int, width: int) -> list[float]:
    count = max(0, int(np.log2(min(height, width) / COARSEST)))
    return [0.5**level for level in range(count, -1, -1)]


def _shrunk(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.01


def _whole_patches(clean: np.ndarray) -> np.ndarray:
    """[H, W] bool: centres of patches that lie inside the picture and hold nothing but clean pixels."""
    framed = np.pad(clean, PATCH).astype(np.uint8)
    return (cv2.erode(framed, np.ones((2 * PATCH + 1,) * 2)) > 0)[PATCH:-PATCH, PATCH:-PATCH]


def _scattered(usable: np.ndarray) -> np.ndarray:
    """[H, W, 2] int32: for every pixel the nearest usable patch centre (row, column)."""
    _, labels = cv2.distanceTransformWithLabels(
        (~usable).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    rows, columns = np.nonzero(usable)
    table = np.zeros((labels.max() + 1, 2), np.int32)
    table[labels[rows, columns]] = np.column_stack([rows, columns])
    return table[labels]


def _grown(places: np.ndarray, size: tuple[int, int], usable: np.ndarray) -> np.ndarray:
    """The places found at the level below, carried to this one as offsets and moved onto usable centres."""
    height, width = usable.shape
    rows, columns = np.mgrid[:height, :width]
    factor = np.array([height / places.shape[0], width / places.shape[1]])
    from_rows = np.minimum(rows / factor[0], places.shape[0] - 1).astype(int)
    from_columns = np.minimum(columns / factor[1], places.shape[1] - 1).astype(int)
    offsets = places[from_rows, from_columns] - np.stack([from_rows, from_columns], -1)
    wanted = np.round(np.stack([rows, columns], -1) + offsets * factor).astype(int)
    wanted = np.clip(wanted, 0, (height - 1, width - 1))
    return _scattered(usable)[wanted[..., 0], wanted[..., 1]]


@njit(cache=True, nogil=True)
def _cost(picture, weight, y, x, sy, sx, enough, nearness):  # type: ignore[no-untyped-def]
    """Mean squared difference of two patches, over the target's weighted pixels, plus a little for distance."""
    height, width = weight.shape
    total = nearness * ((y - sy) ** 2 + (x - sx) ** 2)
    limit = enough * (2 * PATCH + 1) ** 2
    count = 0
    for dy in range(-PATCH, PATCH + 1):
        if y + dy < 0 or y + dy >= height:
            continue
        for dx in range(-PATCH, PATCH + 1):
            if 0 <= x + dx < width and weight[y + dy, x + dx]:
                count += 1
                for k in range(3):
                    difference = picture[y + dy, x + dx, k] - picture[sy + dy, sx + dx, k]
                    total += difference * difference
        if total > limit:
            return np.float32(np.inf)
    return np.float32(total / max(count, 1))


@njit(cache=True, nogil=True)
def _search(picture, targets, usable, weight, places, seed, passes):  # type: ignore[no-untyped-def]
    """Improve `places` in place by propagation and random search; returns the cost of each target's place."""
    height, width = targets.shape
    cost = np.full((height, width), np.float32(np.inf), np.float32)
    nearness = np.float32(2e4 / max(height, width) ** 2)
    state = np.uint64(seed * 7919 + 12345)
    for y in range(height):
        for x in range(width):
            if targets[y, x]:
                cost[y, x] = _cost(
                    picture, weight, y, x, places[y, x, 0], places[y, x, 1], np.float32(np.inf), nearness
                )
    for turn in range(passes):
        step = 1 if turn % 2 == 0 else -1
        for i in range(height):
            y = i if step > 0 else height - 1 - i
            for j in range(width):
                x = j if step > 0 else width - 1 - j
                if not targets[y, x]:
                    continue
                for axis in range(2):
                    ny, nx = (y - step, x) if axis == 0 else (y, x - step)
                    if 0 <= ny < height and 0 <= nx < width and targets[ny, nx]:
                        sy, sx = places[ny, nx, 0] + y - ny, places[ny, nx, 1] + x - nx
                        if 0 <= sy < height and 0 <= sx < width and usable[sy, sx]:
                            new = _cost(picture, weight, y, x, sy, sx, cost[y, x], nearness)
                            if new < cost[y, x]:
                                cost[y, x], places[y, x, 0], places[y, x, 1] = new, sy, sx
                reach = max(height, width)
                while reach >= 1:
                    state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
                    dy = np.int64((state >> np.uint64(33)) % np.uint64(2 * reach + 1)) - reach
                    state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
                    dx = np.int64((state >> np.uint64(33)) % np.uint64(2 * reach + 1)) - reach
                    sy, sx = places[y, x, 0] + dy, places[y, x, 1] + dx
                    if 0 <= sy < height and 0 <= sx < width and usable[sy, sx]:
                        new = _cost(picture, weight, y, x, sy, sx, cost[y, x], nearness)
                        if new < cost[y, x]:
                            cost[y, x], places[y, x, 0], places[y, x, 1] = new, sy, sx
                    reach //= 2
    return cost


def _vote(
    picture: np.ndarray, targets: np.ndarray, hole: np.ndarray, places: np.ndarray, cost: np.ndarray, trust: np.ndarray
) -> None:
    """Give every pixel of the hole the mean of what the patches over it say; good and outer ones count more."""
    spread = max(float(np.quantile(cost[targets], 0.5)), 1.0)
    _add_votes(picture, targets, hole, places, trust * np.exp(-cost / (2 * spread)).astype(np.float32))


@njit(cache=True, nogil=True)
def _add_votes(picture, targets, hole, places, weights):  # type: ignore[no-untyped-def]
    height, width = targets.shape
    total = np.zeros((height, width, 4), np.float32)
    for y in range(height):
        for x in range(width):
            if not targets[y, x]:
                continue
            sy, sx, weight = places[y, x, 0], places[y, x, 1], weights[y, x] + np.float32(1e-12)
            for dy in range(-PATCH, PATCH + 1):
                for dx in range(-PATCH, PATCH + 1):
                    ty, tx = y + dy, x + dx
                    if 0 <= ty < height and 0 <= tx < width and hole[ty, tx]:
                        for k in range(3):
                            total[ty, tx, k] += weight * picture[sy + dy, sx + dx, k]
                        total[ty, tx, 3] += weight
    for y in range(height):
        for x in range(width):
            if hole[y, x] and total[y, x, 3] > 0:
                for k in range(3):
                    picture[y, x, k] = total[y, x, k] / total[y, x, 3]
