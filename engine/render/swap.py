"""The face swap: one portrait's face drawn into frames of another person's, in their pose, expression and light."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from engine.face.fit import Fit
from engine.face.head_model import EXPRESSIONS, LANDMARKS, HeadModel
from engine.face.raster import rasterise
from engine.face.unwrap import Unwrapper
from engine.project.channels import CHANNELS, INDEX
from engine.render.outline import Box, soft_polygon
from engine.render.paint import sample
from engine.render.renderers import Renderer
from engine.render.swap_cover import Cover
from engine.render.swap_light import Light, relit
from engine.render.swap_outline import reshaped
from engine.render.swap_shade import evened, shading
from engine.render.topology import EYES, MOUTH, OVAL

AROUND = 0.9  # eye distances of the portrait kept around its face
FINER = 1.2  # the portrait is brought to this many times the target's size, if it is larger
OWN_SHAPE = 0.42  # eye distances from the outline at which the shape is the portrait's own; on it, the target's ...
OWN = 0.84  # ... and how far it is: features that sit low in another's outline read as a nod
OUTLINE = 0.0  # how far the outline goes to the portrait's, unless told
OWN_LIPS, LIPS_REACH = 0.2, 0.3  # how far lips have the portrait's own shape; and how far around them, eye distances
INSET = 0.03  # eye distances: how far inside the outline the mask ends ...
SHARPER, SOFTEST = 1.3, 1.0  # how much more detail than the video's is left alone; the widest blur, pixels
STEADY = 0.7  # how much of the last frame's light stays
UNLIT = 0.6  # how much less than skin eyes and teeth take on the other's skin
PROFILE = (25.0, 45.0)  # degrees of yaw from which, and at which fully, the middle of the face lies on its outline
RIDGE = 0.35  # eye distances from the middle of the face that it takes to do so
NOSE = 0.1  # how far so what stands out from the outline must be to be drawn
CRISP = 0.04  # eye distances: how soft the mask's edge is there
NEUTRAL = np.array([channel.neutral for channel in CHANNELS], np.float32)
LIT = 0.35  # share of landmarks' cover from which they do not tell the light


@dataclass(frozen=True)
class SwapLook:
    """How a frame is swapped: strength 0..1; the mask's edge moved out by `grow` and softened over `feather`, eye
    distances; `cover`: whether hands, hair and glasses stay in front; `outline` 0..1: how far the head's outline goes
    from the target's to the portrait's."""

    strength: float = 1.0
    grow: float = 0.0
    feather: float = 0.14
    cover: bool = True
    outline: float = OUTLINE


class Swapper:
    """One portrait onto one person of a video. Frames come in order; `new_shot` after cuts."""

    def __init__(
        self,
        rgb: np.ndarray,
        alpha: np.ndarray | None,
        fit: Fit,
        renderer: Renderer,
        cover: Cover,
        unit: float,
    ) -> None:
        """The portrait rgb [H, W, 3] uint8, its opacity and fit; `unit`: px an eye distance of the target's face."""
        model = fit.person.model
        rgb, alpha, self._fit = _cropped(rgb, alpha, fit, unit)
        self._renderer, self._cover = renderer, cover
        self._light, self._unwrapper = Light(model), Unwrapper(model)
        flat = self._unwrapper.flat(rgb, self._fit.landmarks)
        own = Cover(model, [flat])
        self._own_hair = own.own_hair()
        renderer.set_portrait(_softened(rgb, own.detail, cover.detail), alpha, self._fit)
        self._colours = self._light.colours(rgb, self._fit.landmarks, self._fit.pose.scale)
        self._skin = self._light.skin(self._colours, self._fit.landmarks)
        apart = (np.maximum(self._own_hair, own.still) > 0.3) | own.features
        self._shade = shading(flat, self._unwrapper.spread(self._skin), apart, self._unwrapper)
        self._triangles = np.concatenate([model.triangles, model.mouth_triangles, *model.eye_triangles])
        self._own, self._lips = _own_shape(model)
        self._ridge = _ridge(model)
        self._gain: np.ndarray | None = None

    def new_shot(self) -> None:
        """Forget what the frames before looked like."""
        self._gain = None
        self._cover.forget()

    def swap(self, rgb: np.ndarray, target: Fit, look: SwapLook) -> np.ndarray:
        """The frame rgb [H, W, 3] uint8 with the portrait's face in place of `target`: a new array.

        `target.landmarks` [478, 3] px are where the face is seen, its expression, gaze and pose what it does. What the
        mask leaves out comes through untouched.
        """
        if look.strength <= 0:
            return rgb
        values = self.performed(target)
        shown = self._fit.points(values)
        outline = look.outline * look.strength
        points = self.placed(shown, target, outline)
        box = Box.around(points[:, :2], 2, rgb.shape)
        out = rgb.copy()
        if box.empty:
            return out
        if outline:
            rim = list(OVAL)
            reshaped(out, self.placed(shown, target)[rim, :2], points[rim, :2], target.pose.scale)
        layer, mask = self._drawn(rgb, target, self._renderer.render(values), shown, points, box, look)
        part = box.of(out)
        mixed = part + (look.strength * mask)[..., None] * (layer - part)
        np.copyto(part, np.clip(np.rint(mixed), 0, 255).astype(np.uint8), where=(mask > 0)[..., None])
        return out

    def performed(self, target: Fit) -> np.ndarray:
        """Channel values [C] with which the portrait, in its own pose, does what the target does."""
        values = NEUTRAL.copy()
        values[: len(EXPRESSIONS)] = target.expression
        values[INDEX["gazeYaw"]] = np.clip(target.gaze[0] - self._fit.gaze[0], -40, 40)
        values[INDEX["gazePitch"]] = np.clip(target.gaze[1] - self._fit.gaze[1], -30, 30)
        return values

    def placed(self, shown: np.ndarray, target: Fit, outline: float = 0.0) -> np.ndarray:
        """Where the portrait's points [478, 3], drawn at `shown`, go in the frame: in the target's pose; the features in
        their own proportions, the outline the target's for 0, its own for 1. In profile, nose and lips are outline."""
        pose = self._fit.pose
        head = (shown[:LANDMARKS] - [pose.x, pose.y, 0]) * [1, -1, -1] / pose.scale @ pose.matrix()
        own = target.pose.project(head.astype(np.float32))
        seen = target.landmarks
        profile = turned(target.pose.yaw)
        rim = outline * (1 - profile)  # of a head in profile the portrait does not show the outline
        weight = (self._own + rim * (self._lips - self._own)) * (1 - profile * self._ridge)
        share = self._own / self._own.sum()
        own_middle, seen_middle = share @ own[:, :2], share @ seen[:, :2]
        own[:, :2] += seen_middle - own_middle
        own[:, :2] += (1 - weight[:, None]) * (seen[:, :2] - own[:, :2])
        return own

    def _drawn(
        self,
        rgb: np.ndarray,
        target: Fit,
        face: np.ndarray,
        shown: np.ndarray,
        points: np.ndarray,
        box: Box,
        look: SwapLook,
    ) -> tuple[np.ndarray, np.ndarray]:
        """The face in the box, lit as the target, [h, w, 3] float32, and where it goes, [h, w] float32 0..1."""
        cover = self._cover.covered(rgb, target.landmarks) if look.cover else np.zeros((2, 2), np.float32)
        log_gain = self._lit(rgb, target, cover)
        ridge = turned(target.pose.yaw) * self._ridge[:, None]
        attributes = np.concatenate(
            [shown[:LANDMARKS, :2], log_gain, self._unwrapper.places, self._skin, ridge], axis=1
        )
        image, covering = rasterise(points - np.append(box.origin, 0), self._triangles, attributes, *box.shape)
        layer = sample(face, np.ascontiguousarray(image[..., :2]), cv2.INTER_CUBIC, cv2.BORDER_REPLICATE)
        open_parts = [soft_polygon(points[list(slit.ring), :2], box) for slit in (*EYES, MOUTH)]
        gain = image[..., 2:5] * (1 - UNLIT * np.clip(sum(open_parts), 0, 1)[..., None])
        flat = np.ascontiguousarray(image[..., 5:7])
        shade, skin = sample(self._shade, flat, outside=cv2.BORDER_REPLICATE), np.maximum(image[..., 7:10], 1)
        lit = relit(evened(layer.astype(np.float32), shade, skin), gain, skin)
        mask = edge(covering >= 0, points, box, target.pose.scale, look, image[..., 10])
        if look.cover:
            cover = np.maximum(cover, self._own_hair)
            mask *= 1 - sample(cover, flat, outside=cv2.BORDER_REPLICATE)
        return lit, mask

    def _lit(self, rgb: np.ndarray, target: Fit, cover: np.ndarray) -> np.ndarray:
        """Log gain [478, 3] from the portrait's colours to the target's, steady over time."""
        want = self._light.colours(rgb, target.landmarks, target.pose.scale)
        x, y = np.clip(np.rint(self._unwrapper.places).astype(int), 0, np.array(cover.shape[::-1]) - 1).T
        shown = cover[y, x] < LIT
        found = self._light.fit(self._colours, want, target.landmarks, shown.astype(float))
        self._gain = found if self._gain is None else STEADY * self._gain + (1 - STEADY) * found
        return self._light.gains(self._gain, shown, self._skin)


def turned(yaw: float) -> float:
    """0..1: how far a head with this yaw, degrees, is in profile."""
    low, high = PROFILE
    share = min(max((abs(yaw) - low) / (high - low), 0.0), 1.0)
    return share * share * (3 - 2 * share)


def edge(drawn: np.ndarray, points: np.ndarray, box: Box, unit: float, look: SwapLook, crisp: np.ndarray) -> np.ndarray:
    """The mask [h, w] float32 of what is drawn ([h, w] bool): 0 at its border, 1 further in, as the look asks; where
    `crisp` [h, w] 0..1 is 1 the border is that of a nose against what is behind it, and hardly soft."""
    outline = soft_polygon(points[list(OVAL), :2], box) > 0.5
    inside = np.pad((drawn & (outline | (crisp > NOSE))).astype(np.uint8), 1)
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5)[1:-1, 1:-1] / unit
    soft = np.maximum(look.feather + crisp * (min(CRISP, look.feather) - look.feather), 1e-3)
    ramp = np.clip((depth - INSET * (1 - crisp) + look.grow) / soft, 0, 1) * (depth > 0)
    return np.asarray(ramp * ramp * (3 - 2 * ramp), np.float32)


def _ridge(model: HeadModel) -> np.ndarray:
    """[478] 1 along the middle of the face, which is its outline in profile: from the brows to the chin, not beyond."""
    flat = model.neutral[:LANDMARKS, :2]
    middle = np.exp(-((flat[:, 0] / RIDGE) ** 2))
    away = np.linalg.norm(flat[:, None] - flat[None, list(OVAL)], axis=2).min(1)
    return np.asarray(middle * np.clip(away / RIDGE, 0, 1))


def _softened(rgb: np.ndarray, own: float, wanted: float) -> np.ndarray:
    """The portrait, no sharper than the video: blurred as its detail exceeds what is seen there."""
    excess = own / max(SHARPER * wanted, 1e-4)
    return rgb if excess <= 1 else np.asarray(cv2.GaussianBlur(rgb, (0, 0), min(SOFTEST, float(np.sqrt(excess - 1)))))


def _own_shape(model: HeadModel) -> tuple[np.ndarray, np.ndarray]:
    """[478] 0 on the outline of the face, OWN further in than OWN_SHAPE; around the lips OWN_LIPS, for they must meet where
    the target's do even if the portrait was pictured laughing. And [478] the same without the outline."""
    flat = model.neutral[:LANDMARKS, :2]

    def away(points: list[int]) -> np.ndarray:
        return np.asarray(np.linalg.norm(flat[:, None] - flat[None, points], axis=2).min(1))

    ramp = np.clip(away(list(OVAL)) / OWN_SHAPE, 0, 1)
    lips = 1 - (1 - OWN_LIPS) * np.exp(-((away(list(MOUTH.ring)) / LIPS_REACH) ** 2))
    return np.asarray(OWN * ramp * ramp * (3 - 2 * ramp) * lips), np.asarray(lips)


def _cropped(
    rgb: np.ndarray, alpha: np.ndarray | None, fit: Fit, unit: float
) -> tuple[np.ndarray, np.ndarray | None, Fit]:
    """The portrait around its face, no larger than the target needs."""
    box = Box.around(fit.landmarks[:, :2], AROUND * fit.pose.scale, rgb.shape)
    x, y = map(float, box.origin)
    moved = replace(fit.pose, x=fit.pose.x - x, y=fit.pose.y - y)
    fit = replace(fit, landmarks=fit.landmarks - np.array([x, y, 0], np.float32), pose=moved)
    rgb, alpha = np.ascontiguousarray(box.of(rgb)), None if alpha is None else np.ascontiguousarray(box.of(alpha))
    factor = min(1.0, FINER * unit / fit.pose.scale)
    if factor < 1:
        size = (max(round(rgb.shape[1] * factor), 1), max(round(rgb.shape[0] * factor), 1))
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        alpha = alpha if alpha is None else cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
        fit = fit.scaled(factor)
    return rgb, alpha, fit
