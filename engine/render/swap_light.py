"""The light and skin of one face given to another: a smooth gain over the face, robust against beards and glasses."""

import cv2
import numpy as np

from engine.face.head_model import LANDMARKS, HeadModel
from engine.render.topology import EYES, MOUTH

BLUR = 0.09  # eye distances over which colours are averaged
DARK = 6.0  # levels added before ratios are taken, lest black noise count
ROBUST = 0.15  # of the log ratio, and ...
SPREAD = 1.2  # ... times the usual miss: landmarks that miss by more count ever less (Geman & McClure 1987)
LOOSE = 0.003  # ridge on all but the mean gain, a landmark
FREE, SOFTER = 0.4, 1.2  # log gain up to which contrast stays, and how much it falls above
FREE_HUE, PALER = 0.15, 2.0  # the same for differences of colour, which fall as channels' gains differ, too
BEYOND = 5  # percent of the gains and colours seen that lie beyond those given
COVERED = 75  # percent of the colours seen are darker than what covered skin may be, for it lies in a shadow
MOST = 3.5  # natural log of the largest gain
SEEN = 0.25  # cosine; landmarks turned further away do not count
FEATURES = (  # landmarks that are no skin: brows, lips and nostrils
    *(46, 53, 52, 65, 55, 70, 63, 105, 66, 107, 276, 283, 282, 295, 285, 300, 293, 334, 296, 336),
    *(61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146),
    *(98, 97, 2, 326, 327, 99, 328, 60, 290, 75, 305, 20, 250, 238, 458),
)


class Light:
    """Fits and applies gains between faces of one topology."""

    def __init__(self, model: HeadModel) -> None:
        x, y, _ = (model.neutral[:LANDMARKS] - model.neutral[:468].mean(0)).T
        powers = [(i, j) for i in range(4) for j in range(4 - i)]
        self.basis = np.stack([(1.2 * x) ** i * (1.2 * y) ** j for i, j in powers], axis=1)
        """[478, 10] smooth functions over the face: cubic polynomials, the first of them 1."""
        rims = [i for slit in (*EYES, MOUTH) for i in (*slit.ring, *slit.above[0], *slit.below[0])]
        self._skin = np.ones(LANDMARKS)
        self._skin[[*FEATURES, *rims, *range(468, LANDMARKS)]] = 0
        self._triangles = model.triangles

    def colours(self, rgb: np.ndarray, landmarks: np.ndarray, unit: float) -> np.ndarray:
        """[478, 3] float32: what rgb [H, W, 3] shows around each landmark [478, 2+], averaged; `unit` px an eye distance."""
        low = np.floor(landmarks[:, :2].min(0) - unit / 4).astype(int)
        high = np.ceil(landmarks[:, :2].max(0) + unit / 4).astype(int)
        low, high = np.clip(low, 0, [s - 1 for s in rgb.shape[1::-1]]), np.clip(high, 1, rgb.shape[1::-1])
        crop = rgb[low[1] : high[1], low[0] : high[0]]
        size = 2 * round(BLUR * unit) + 1
        soft = cv2.blur(crop, (size, size), borderType=cv2.BORDER_REPLICATE)
        x, y = np.clip(np.rint(landmarks[:, :2] - low).astype(int), 0, [s - 1 for s in crop.shape[1::-1]]).T
        return soft[y, x].astype(np.float32)

    def fit(self, have: np.ndarray, want: np.ndarray, landmarks: np.ndarray, shown: np.ndarray) -> np.ndarray:
        """Coefficients [10, 3] of the log gain that takes colours `have` [478, 3] to `want` [478, 3].

        `landmarks` [478, 3] px say which are turned our way, `shown` [478] 0..1 which are not covered.
        """
        ratio = np.log((want + DARK) / (have + DARK))
        weights = self._skin * shown * (self._towards(landmarks) > SEEN)
        if weights.sum() < 20:
            weights = self._skin + 1e-3
        bound = np.diag([0.0, *[LOOSE * weights.sum()] * (self.basis.shape[1] - 1)])
        left = ratio - np.average(ratio, axis=0, weights=weights)
        for _ in range(4):
            miss = np.abs(left).mean(1)
            usual = SPREAD * float(np.median(miss[weights > 0]))
            trust = weights / (1 + (miss / max(ROBUST, usual)) ** 2) ** 2
            normal = (self.basis * trust[:, None]).T
            found = np.linalg.solve(normal @ self.basis + bound, normal @ ratio)
            left = ratio - self.basis @ found
        return found

    def skin(self, colours: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
        """[478, 3] float32: skin colour all over a face that shows `colours` [478, 3], brows, lips and the like spanned."""
        flat = np.full_like(colours, 255 - DARK)
        return ((255) * np.exp(self.gains(self.fit(flat, colours, landmarks, np.ones(LANDMARKS)))) - DARK).clip(1, 254)

    def gains(
        self, coefficients: np.ndarray, shown: np.ndarray | None = None, skin: np.ndarray | None = None
    ) -> np.ndarray:
        """Log gain at each landmark, [478, 3] float32; where they are not `shown` ([478] bool) hardly beyond what they are
        where they are, for a cubic knows no bounds; and there they make the portrait's `skin` [478, 3] no lighter than
        what shows is half of the time: skin under a fringe lies in its shadow."""
        gains = np.clip(self.basis @ coefficients, -MOST, MOST)
        if shown is None or skin is None or (seen := (self._skin > 0) & shown).sum() <= 20:
            return gains.astype(np.float32)
        low, high = np.percentile(gains[seen], (BEYOND, 100 - BEYOND), axis=0)
        gains = np.clip(gains, low, high)
        lit = np.log(skin + DARK) + gains
        usual, most = np.percentile(lit[seen], (COVERED, 100 - BEYOND), axis=0)
        return np.asarray(gains - np.maximum(lit - np.where(shown[:, None], most, usual), 0), np.float32)

    def _towards(self, landmarks: np.ndarray) -> np.ndarray:
        """Cosine between each landmark's normal and the view, [478]."""
        a, b, c = (landmarks[self._triangles[:, k]] for k in range(3))
        normals = np.cross(b - a, c - a)
        total = np.zeros((LANDMARKS, 3))
        for k in range(3):
            np.add.at(total, self._triangles[:, k], normals)
        length = np.maximum(np.linalg.norm(total, axis=1), 1e-9)
        cosine = total[:, 2] / length
        return np.asarray(cosine * np.sign(cosine[4] or 1.0))  # the tip of the nose looks our way


def relit(layer: np.ndarray, log_gain: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """layer [h, w, 3] float32 in another light: its `skin` [h, w, 3] times the gain, and around that what it shows.

    Each pixel keeps its ratio to the skin there, so that brows and nostrils stay dark. A face that is made much lighter
    keeps less of it, for in the dark light falls harder and colours are noise; and nothing lighter than the skin burns
    out, as a shoulder leads it towards white.
    """
    wanted = np.minimum((skin + DARK) * np.exp(log_gain), 250 + DARK)
    red, green, blue = (log_gain[..., k : k + 1] for k in range(3))  # sums along an axis of 3 take longer
    more = np.maximum((red + green + blue) / 3 - FREE, 0)
    differs = np.log((np.maximum(layer, 0) + DARK) / (skin + DARK))
    level = (differs[..., :1] + differs[..., 1:2] + differs[..., 2:]) / 3
    apart = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    hue = np.maximum(apart - FREE_HUE, 0)
    ratio = np.exp(level / (1 + SOFTER * more) + (differs - level) / (1 + PALER * (more + hue)))
    room = 255 + DARK - wanted
    above = np.maximum(ratio - 1, 0) * wanted
    return np.asarray(np.minimum(ratio, 1) * wanted + room * (1 - np.exp(-above / room)) - DARK)
