"""What lies over a face in a video: hands and things that pass (against how the face usually looks), hair and glasses
that stay (against its skin)."""

import cv2
import numpy as np

from engine.face.head_model import HeadModel
from engine.face.unwrap import SIDE, Unwrapper
from engine.render.swap_light import Light
from engine.render.topology import EYES, MOUTH

SOFT = 1.6  # pixels of the square; blur before comparing, for landmarks are not exact
NOISE = 9.0  # levels, and ...
SHARE = 0.13  # ... of the brightness, that a covered place must at least differ by
USUAL = 2.5  # times how much the place differs most of the time
SMALLEST = 0.006  # of the square; smaller spots are wrinkles and highlights
DARKER, OTHER = 36.0, 18.0  # Lab; hair and frames are that much darker than skin, or of that much another colour
BROWS = ((70, 63, 105, 66, 107, 55, 65, 52, 53, 46), (300, 293, 334, 296, 336, 285, 295, 282, 283, 276))
SURE, STRAND = 1.6, 18.0  # of it is certainly hair, as far from the outline, in pixels of the square, as strands fall
AROUND, LIDS = 13, 17  # pixels of the square, half of them on either side, that go with brows, and with eyes
SHADED = (  # under and between the brows there is shadow
    *((133, 173, 157, 158, 159, 160, 161, 246, 33, 46, 53, 52, 65, 55), (55, 285, 362, 133)),
    (362, 398, 384, 385, 386, 387, 388, 466, 263, 276, 283, 282, 295, 285),
)
COLOURED = 1.2  # times as much of another colour as hair is at least, and it is hair, not a brow or a shadow
CHIN = (199, 208, 428, 200, 201, 421, 171, 396)
OWN = 0.8  # of that difference makes a portrait's hair be left behind
FRAME = 14  # levels by which a frame of glasses is darker than what is beside it
BRIDGE = 0.6  # of the width of the nose's bridge that a frame goes over
STEADY = 0.5  # how much of the last frame's cover stays


class Cover:
    """Knows one person's face from samples, and says for a frame of theirs how much of it is covered, and where."""

    def __init__(self, model: HeadModel, samples: list[np.ndarray]) -> None:
        """`samples`: faces laid flat, [SIDE, SIDE, 3] uint8, from all over the clip."""
        self._unwrapper, self._light = Unwrapper(model), Light(model)
        self._places = np.clip(np.rint(self._unwrapper.places).astype(int), 0, SIDE - 1)
        smooth = np.stack([cv2.GaussianBlur(sample, (0, 0), SOFT) for sample in samples]).astype(np.float32)
        level = smooth[:, self._unwrapper.inside].mean(1)[:, None, None]
        even = smooth * (level.mean(0) / np.maximum(level, 1))
        self._usual = np.median(even, axis=0)
        self._sharp = np.median(np.stack(samples), axis=0)
        differ = np.abs(even - self._usual).max(-1)
        self._spread = cv2.GaussianBlur(np.median(differ, axis=0), (0, 0), 2)
        self._features = _around(self._unwrapper.places)
        self.features = self._features > 0
        """[SIDE, SIDE] bool: eyes, brows, mouth and what is close to them."""
        self.hair = self._hair(1.0, (50, 280))  # below the cheekbones it is beard
        """[SIDE, SIDE] 0..1: hair that always lies over the face, and what else reaches in from its outline."""
        self.still = np.maximum(self.hair, self._glasses())
        """[SIDE, SIDE] 0..1: what always covers the face, with the frame of its glasses."""
        self.detail = float(np.median([_detail(sample, self._features == 0) for sample in samples]))
        """How sharp its skin is seen: fine changes of brightness, as a share of it."""
        self._last = np.zeros((SIDE, SIDE), np.float32)

    def forget(self) -> None:
        """Begin a new shot."""
        self._last = np.zeros((SIDE, SIDE), np.float32)

    def covered(self, rgb: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
        """[SIDE, SIDE] float32, 0..1: where the face with landmarks [478, 3] px in rgb [H, W, 3] uint8 is covered."""
        flat = cv2.GaussianBlur(self._unwrapper.flat(rgb, landmarks), (0, 0), SOFT).astype(np.float32)
        x, y = self._places.T
        gain = self._light.fit(self._usual[y, x], flat[y, x], landmarks, np.ones(len(x)))
        expected = self._usual * np.exp(self._unwrapper.spread(self._light.gains(gain)))
        differ = np.abs(flat - expected).max(-1)
        bound = NOISE + SHARE * expected.max(-1) + USUAL * self._spread
        bound *= 1 + self._features
        over = np.clip(differ / bound - 1, 0, 1) * (self._unwrapper.facing(landmarks) > 0.5)
        self._last = np.maximum(_blobs(over), STEADY * self._last).astype(np.float32)
        return np.maximum(self._last, self.still)

    def _unlike_skin(self) -> tuple[np.ndarray, np.ndarray]:
        """How much darker than skin, and of how much another colour, the face usually is: [SIDE, SIDE], 1 where hair
        would be."""
        lab = cv2.cvtColor(np.clip(self._usual, 0, 255).astype(np.uint8), cv2.COLOR_RGB2LAB).astype(np.float32)
        x, y = self._places[[50, 280, 36, 266, 205, 425, 101, 330, 5, 4, 195]].T
        differ = lab - np.median(lab[y, x], axis=0)
        return np.asarray(-differ[..., 0] / DARKER), np.asarray(np.hypot(differ[..., 1], differ[..., 2]) / OTHER)

    def _hair(self, from_share: float, lowest: tuple[int, ...]) -> np.ndarray:
        """What is unlike skin, from this share on, above some landmarks, and grows in from the outline. It ends at brows
        and eyes; but what is of quite another colour than skin lies on brows, too."""
        inside = self._unwrapper.inside.astype(np.uint8)
        height = np.arange(SIDE)[:, None]
        darker, other = self._unlike_skin()
        unlike = np.where(self._hulls(BROWS, AROUND), other / COLOURED, np.maximum(darker, other) / from_share)
        over = np.clip(2 * (unlike - 1), 0, 1)
        over = over * (height < self._places[list(lowest), 1].mean()) * inside
        over[self._hulls(SHADED, 1) | self._hulls(tuple(slit.ring for slit in EYES), LIDS)] = 0
        border = (inside > 0) & (cv2.erode(inside, np.ones((13, 13), np.uint8)) == 0)
        return _blobs(over, touching=border)

    def _hulls(self, parts: tuple[tuple[int, ...], ...], wider: int) -> np.ndarray:
        """[SIDE, SIDE] bool: the hulls of these landmarks, and `wider` / 2 pixels around them."""
        zone = np.zeros((SIDE, SIDE), np.uint8)
        for part in parts:
            cv2.fillConvexPoly(zone, cv2.convexHull(self._places[list(part)].astype(np.int32)), (1,))
        return np.asarray(cv2.dilate(zone, np.ones((wider, wider), np.uint8)) > 0)

    def own_hair(self) -> np.ndarray:
        """[SIDE, SIDE] 0..1: hair that a portrait should leave behind; rather too much, but for glasses around the eyes.

        What is most unlike skin beside the outline is hair down to the jaw, too, if the chin bears none.
        """
        chin = np.maximum(*self._unlike_skin())[tuple(self._places[list(CHIN)].T[::-1])]
        hair = self._hair(OWN, (50, 280))
        sure = self._hair(SURE, (152,) if np.median(chin) < SURE / 3 else (50, 280))
        inside = cv2.distanceTransform(self._unwrapper.inside.astype(np.uint8), cv2.DIST_L2, 5)
        sure *= np.clip(2 - inside / STRAND, 0, 1)
        worn = bool(self._glasses().any())
        plain = self._unlike_skin()[1] < COLOURED
        y, x = np.mgrid[:SIDE, :SIDE]
        away = np.min([np.hypot(*((x, y) - self._places[list(eye.ring)].mean(0)[:, None, None])) for eye in EYES], 0)
        hair[plain & (away <= SIDE // 6)] = 0
        sure[plain & (away <= (SIDE // 6 if worn else SIDE // 10))] = 0
        if worn:
            lenses = (away <= SIDE // 5) & (y >= self._places[[105, 334], 1].min())
            hair[lenses] = sure[lenses] = 0
        return np.asarray(cv2.GaussianBlur(np.maximum(hair, sure), (0, 0), 3.0))

    def _glasses(self) -> np.ndarray:
        """The frame of a pair of glasses: thin dark lines around the eyes and over the nose, if there are enough of them."""
        grey = cv2.cvtColor(np.clip(self._sharp, 0, 255).astype(np.uint8), cv2.COLOR_RGB2GRAY)
        lines = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9)))
        places = self._places
        zone = np.zeros((SIDE, SIDE), np.uint8)
        top, bottom = places[[105, 334], 1].mean(), places[[118, 347], 1].mean()
        zone[round(top) : round(bottom) + 4, places[127, 0] : places[356, 0]] = 1
        for slit in EYES:
            eye = cv2.convexHull(places[[*slit.ring, *slit.above[0], *slit.below[0]]].astype(np.int32))
            cv2.fillConvexPoly(zone, eye, (0,))
        for brow in BROWS:
            cv2.fillConvexPoly(zone, cv2.convexHull(places[list(brow)].astype(np.int32)), (0,))
        frame = (lines > FRAME) & (zone > 0)
        x, y = places[[168, 6, 197, 122, 351]].T
        over_nose = frame[y.min() : y.max() + 1, x.min() : x.max() + 1]
        if over_nose.any(1).sum() == 0 or over_nose.any(0).mean() < BRIDGE:
            return np.zeros((SIDE, SIDE), np.float32)
        thin = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((5, 5), np.uint8)) > FRAME / 2
        return np.asarray(np.clip(2 * cv2.GaussianBlur((frame & thin).astype(np.float32), (0, 0), 0.8), 0, 1))


def _blobs(over: np.ndarray, touching: np.ndarray | None = None) -> np.ndarray:
    """Patches of some size, all or those touching a place, closed and a little larger: [SIDE, SIDE] float32 0..1."""
    firm = cv2.morphologyEx((over > 0.3).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(firm, connectivity=8)
    large = [k for k in range(1, count) if stats[k, cv2.CC_STAT_AREA] > SMALLEST * SIDE * SIDE]
    if touching is not None:
        large = [k for k in large if (touching & (labels == k)).any()]
    kept = np.isin(labels, large).astype(np.uint8)
    return cv2.GaussianBlur(cv2.dilate(kept, np.ones((5, 5), np.uint8)).astype(np.float32), (0, 0), 1.5)


def _detail(flat: np.ndarray, where: np.ndarray) -> float:
    grey = cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY).astype(np.float32)
    soft = cv2.GaussianBlur(grey, (0, 0), 2.0)
    inner = cv2.erode(((grey > 0) & where).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    return float(np.median(np.abs((grey - soft) / (soft + 4))[inner])) if inner.any() else 0.0


def _around(places: np.ndarray) -> np.ndarray:
    """[SIDE, SIDE] float32: 2 where eyes, brows and mouth move and change by themselves, falling to 0 around."""
    features = np.zeros((SIDE, SIDE), np.float32)
    outlines = [slit.ring for slit in EYES] + [(*MOUTH.above[-1], *MOUTH.below[-1][::-1])] + list(BROWS)
    for outline in outlines:
        hull = cv2.convexHull(np.rint(places[list(outline)]).astype(np.int32))
        cv2.fillConvexPoly(features, hull, (1.0,))
    wide = cv2.dilate(features, np.ones((7, 7), np.uint8))
    return np.asarray(2 * cv2.GaussianBlur(wide, (0, 0), 1.5) * (wide > 0), np.float32)
