"""Faces in pictures and video as MediaPipe's 478 landmarks, and the person's matte. The only user of mediapipe.

Landmarks are [478, 3] float32 in pixels of the picture given: x right, y down, z smaller = nearer the camera; the
centre of the first pixel is (0, 0).
Points 468-472 are the iris on the left of the picture of an unmirrored face (the subject's right), 473-477 the other.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from types import ModuleType, TracebackType
from typing import Any

import numpy as np

from engine.errors import FaceError

COUNT = 478
OUTER_EYE_CORNERS = (33, 263)
SEARCH_SIDE = 2048  # longer sides are reduced to this before searching, pixels
SMALLEST_TILE = 160  # pixels; a face must fill a fair part of a tile to be found
CROP_SIDE = 512  # what FaceMesh sees around one face; it samples 192 pixels of it
VIEWS = (1.5, 2.0, 2.5)  # widths of the crops in which a find must look the same, in widths of the face
AGREE = 0.08  # how far two views of one face may differ on average, in half widths of the face


def eye_distance(landmarks: np.ndarray) -> float:
    """Distance of the outer eye corners, pixels: the unit of every error figure (IOD).

    Measured in three dimensions, so that it does not shrink as the head turns.
    """
    right, left = landmarks[list(OUTER_EYE_CORNERS)]
    return float(np.linalg.norm(left - right))


def detect_faces(rgb: np.ndarray, max_faces: int = 50) -> list[np.ndarray]:
    """All faces of a picture, largest first.

    The picture is searched whole and, by both of MediaPipe's detectors, in overlapping tiles of halving size, so that
    small faces are found; each find is then looked at again in crops of its own, where the landmarks come from. What
    does not look the same in all of them is no face: this is what turns clouds and lettering away.

    Args:
        rgb: [H, W, 3] uint8.

    Returns:
        Up to `max_faces` arrays [478, 3] float32 of landmarks; empty when there is no face.
    """
    with FaceFinder() as finder:
        return finder.find(rgb)[:max_faces]


def choose_face(rgb: np.ndarray, index: int | None = None, name: str = "the picture") -> np.ndarray:
    """Landmarks of the largest face, or of face `index` (0 = largest, counting down in size).

    Raises:
        FaceError: no face, or fewer faces than `index` asks for; the message calls the picture `name`.
    """
    faces = detect_faces(rgb)
    if not faces:
        height, width = rgb.shape[:2]
        raise FaceError(f"no face found in {name} ({width}x{height}): use a picture in which a face is plainly visible")
    if index is not None and not 0 <= index < len(faces):
        some = "1 face" if len(faces) == 1 else f"{len(faces)} faces"
        raise FaceError(f"face {index} asked for, {name} has {some}: number them from 0, the largest")
    return faces[index or 0]


@dataclass(frozen=True)
class Box:
    """An upright square around a face: centre and half of the face's width, pixels."""

    x: float
    y: float
    half: float

    @classmethod
    def around(cls, landmarks: np.ndarray) -> "Box":
        low, high = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
        centre = (low + high) / 2
        return cls(float(centre[0]), float(centre[1]), float((high - low).max()) / 2)

    def distance(self, other: "Box") -> float:
        """Between the centres, pixels."""
        return float(np.hypot(self.x - other.x, self.y - other.y))

    def same_face(self, other: "Box") -> bool:
        """True if the two can only be one face: centres closer than half a face, sizes within a factor of two."""
        larger, smaller = max(self.half, other.half), min(self.half, other.half)
        return self.distance(other) < larger < 2.5 * smaller


class FaceFinder:
    """Finds faces in still pictures; holds MediaPipe's graphs, so make one, use it for many pictures, and close it."""

    def __init__(self) -> None:
        self._graphs = ExitStack()
        self._many = self._graphs.enter_context(closing(_Mesh(still=True, faces=20)))
        self._one = self._graphs.enter_context(closing(_Mesh(still=True, faces=1)))
        self._near = self._graphs.enter_context(_detector(0))
        self._far = self._graphs.enter_context(_detector(1))

    def __enter__(self) -> "FaceFinder":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Free the graphs; using the finder afterwards is an error."""
        self._graphs.close()

    def find(self, rgb: np.ndarray, tiles: bool = True) -> list[np.ndarray]:
        """Landmarks of every face in rgb ([H, W, 3] uint8), largest first; without `tiles` small ones may be missed."""
        faces: list[np.ndarray] = []
        for box in self._candidates(rgb, tiles):
            if any(box.same_face(Box.around(face)) for face in faces):
                continue
            face = self.in_box(rgb, box)
            if face is not None and not any(Box.around(face).same_face(Box.around(other)) for other in faces):
                faces.append(face)
        return sorted(faces, key=lambda face: -Box.around(face).half)

    def in_box(self, rgb: np.ndarray, box: Box) -> np.ndarray | None:
        """Landmarks of the face that fills `box`, the mean of the views in VIEWS; None unless they agree."""
        views = [face for factor in VIEWS for face in self._view(rgb, box, factor)]
        middle = np.mean(views, axis=0) if len(views) == len(VIEWS) else None
        alike = middle is not None and all(_differ(face, middle) < AGREE * box.half for face in views)
        return middle if alike else None

    def _view(self, rgb: np.ndarray, box: Box, factor: float) -> list[np.ndarray]:
        crop, back = crop_around(rgb, box, factor)
        faces = [back(face) for face in self._one(crop)]
        return [face for face in faces if box.same_face(Box.around(face))]

    def _candidates(self, rgb: np.ndarray, tiles: bool) -> Iterator[Box]:
        """Where faces may be, most trustworthy first."""
        shrink = min(1.0, SEARCH_SIDE / max(rgb.shape[:2]))
        small = _resize(rgb, shrink) if shrink < 1 else rgb
        for margin in (0, max(small.shape[:2]) // 3):  # the margin: faces cut by the border, or filling the picture
            padded = _squared(small, margin)
            finds = [Box.around(face) for face in self._many(padded)]
            finds += [box for detector in (self._far, self._near) for box in _boxes(detector, padded)]
            yield from (_scaled(Box(box.x - margin, box.y - margin, box.half), 1 / shrink) for box in finds)
        for x, y, side in _tiles(*small.shape[:2]) if tiles else ():
            tile = np.ascontiguousarray(small[y : y + side, x : x + side])
            for detector in (self._far, self._near):
                for box in _boxes(detector, tile):
                    yield _scaled(Box(box.x + x, box.y + y, box.half), 1 / shrink)


class FaceFollower:
    """Follows one face, once it is told where, from frame to frame; says None when it is gone, and then waits.

    Every frame is cropped around the last known place of the face and scaled, so that small faces keep their precision
    and large ones are not aliased. Owns one or two FaceMeshes: close it.
    """

    def __init__(self, mirror: np.ndarray | None = None) -> None:
        """`mirror` [478]: each landmark's partner on the other side of the face. If given, every frame is also seen
        mirrored and both views are averaged: a fifth less jitter for twice the time."""
        self.box: Box | None = None
        self._mirror = mirror
        self._graphs = ExitStack()
        self._follow = self._graphs.enter_context(closing(_Mesh(still=False, faces=1)))
        if mirror is not None:
            self._follow_mirrored = self._graphs.enter_context(closing(_Mesh(still=False, faces=1)))

    def close(self) -> None:
        """Free the graphs; following afterwards is an error."""
        self._graphs.close()

    def follow(self, rgb: np.ndarray) -> np.ndarray | None:
        """Landmarks [478, 3] of the face near `box` in rgb ([H, W, 3] uint8), or None; the box moves along."""
        if self.box is None:
            return None
        crop, back = crop_around(rgb, self.box, VIEWS[1])
        face = _twice(self._follow, crop)
        if face is not None and self._mirror is not None:
            other = _twice(self._follow_mirrored, np.ascontiguousarray(crop[:, ::-1]))
            if other is not None:
                other[:, 0] = crop.shape[1] - 1 - other[:, 0]
                face = (face + other[self._mirror]) / 2
        face = back(face) if face is not None else None
        if face is None or not self.box.same_face(Box.around(face)):
            return None
        self.box = Box.around(face)
        return face


class LandmarkTracker:
    """One face through a video: `track` each frame in order. Follows from frame to frame, looks again when it is lost.

    A context manager; owns a FaceFollower and a FaceFinder.
    """

    def __init__(self, index: int | None = None, mirror: np.ndarray | None = None) -> None:
        """Follow one face.

        Args:
            index: which face of the first frame with that many faces, largest first; None = the largest.
            mirror: as for FaceFollower.
        """
        self._index = index
        self._graphs = ExitStack()
        self._finder = self._graphs.enter_context(FaceFinder())
        self._follower = self._graphs.enter_context(closing(FaceFollower(mirror)))

    def __enter__(self) -> "LandmarkTracker":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Free the graphs; tracking afterwards is an error."""
        self._graphs.close()

    def look_again(self) -> None:
        """Choose the face anew in the next frame, as after a cut."""
        self._follower.box = None

    def track(self, rgb: np.ndarray) -> np.ndarray | None:
        """Landmarks [478, 3] of the followed face in the next frame ([H, W, 3] uint8), or None where it is not seen."""
        face = self._follower.follow(rgb)
        if face is None:
            face = self._found_again(rgb)
        if face is not None:
            self._follower.box = Box.around(face)
        return face

    def _found_again(self, rgb: np.ndarray) -> np.ndarray | None:
        last = self._follower.box
        if last is None:
            faces, index = self._finder.find(rgb), self._index or 0
            return faces[index] if index < len(faces) else None
        face = self._finder.in_box(rgb, last)
        if face is not None:
            return face
        faces = self._finder.find(rgb, tiles=False)
        return min(faces, key=lambda face: last.distance(Box.around(face)), default=None)


def person_matte(rgb: np.ndarray) -> np.ndarray:
    """How much of each pixel belongs to people, [H, W] float32 in 0..1 for rgb [H, W, 3] uint8.

    MediaPipe's selfie segmentation (256 pixels) brought to the picture's resolution by a guided filter (He et al. 2010,
    "Guided image filtering"), so that the edge follows hair and shoulders.
    """
    import cv2

    with quiet():
        from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation

        with SelfieSegmentation(model_selection=0) as segmenter:
            coarse = segmenter.process(np.ascontiguousarray(rgb)).segmentation_mask
    coarse = np.asarray(coarse, np.float32)
    radius = max(2, round(max(rgb.shape[:2]) / 64))
    fine = cv2.ximgproc.guidedFilter(rgb.astype(np.float32) / 255, coarse, radius, 1e-4)
    return np.clip((fine - 0.1) / 0.8, 0, 1).astype(np.float32)


def crop_around(rgb: np.ndarray, box: Box, factor: float) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """A square `factor` times the box, resized to CROP_SIDE, and the map of landmarks from there to the picture."""
    import cv2

    half = box.half * factor
    scale = CROP_SIDE / (2 * half)
    # Here pixels are squares from k to k + 1; outside, as for warpAffine, points with their centres at whole numbers.
    left, top = box.x + 0.5 - half, box.y + 0.5 - half
    source, step = rgb, scale
    while step < 0.5:  # shrinking by more than two without averaging would alias: halve first
        source, step = cv2.resize(source, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), step * 2
    affine = np.array([[step, 0, step / 2 - left * scale - 0.5], [0, step, step / 2 - top * scale - 0.5]])
    crop = cv2.warpAffine(
        source, affine, (CROP_SIDE, CROP_SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    shift = np.array([left - 0.5 + 0.5 / scale, top - 0.5 + 0.5 / scale, 0], np.float32)
    return crop, lambda landmarks: (landmarks / np.float32(scale) + shift).astype(np.float32)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what C++ meanwhile writes to file descriptor 2 off the terminal: MediaPipe's graphs announce themselves."""
    with _QUIET:
        sys.stderr.flush()
        saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            os.close(nowhere)


_QUIET = threading.RLock()


def _solutions() -> tuple[ModuleType, ModuleType]:
    """MediaPipe's face mesh and face detection; undoes what its import of cv2 does to Qt's environment."""
    before = {key: value for key, value in os.environ.items() if key.startswith("QT_")}
    os.environ.setdefault("GLOG_minloglevel", "3")
    with quiet():
        from mediapipe.python.solutions import face_detection, face_mesh
    for key in [key for key in os.environ if key.startswith("QT_")]:
        del os.environ[key]
    os.environ.update(before)
    return face_mesh, face_detection


class _Mesh:
    """FaceMesh as a function from a picture to the landmarks of its faces; kept silent until it has seen its first."""

    def __init__(self, still: bool, faces: int) -> None:
        solution = _solutions()[0]
        self._graph = _started(lambda: solution.FaceMesh(still, faces, True, min_detection_confidence=0.5))
        self._hush: Callable[[], AbstractContextManager] = quiet
        self.close = self._graph.close

    def __call__(self, rgb: np.ndarray) -> list[np.ndarray]:
        with self._hush():
            found = self._graph.process(np.ascontiguousarray(rgb)).multi_face_landmarks or []
        if found:
            self._hush = nullcontext
        height, width = rgb.shape[:2]
        size = np.array([width, height, width], np.float32)  # MediaPipe's z has the scale of x
        corner = np.array([0.5, 0.5, 0], np.float32)  # it counts from the corner of the first pixel, we from its centre
        return [np.array([(p.x, p.y, p.z) for p in face.landmark], np.float32) * size - corner for face in found]


def _twice(mesh: _Mesh, rgb: np.ndarray) -> np.ndarray | None:
    """The face in rgb: a first look moves FaceMesh's region of interest onto it, so that the second is independent of
    where the face was in the frame before."""
    mesh(rgb)
    found = mesh(rgb)
    return found[0] if found else None


def _detector(reach: int) -> Any:
    """Face detection, 0 = within two metres, 1 = within five."""
    solution = _solutions()[1]
    return _started(lambda: solution.FaceDetection(0.5, reach))


def _started(make: Callable[[], Any]) -> Any:
    """A graph that has run once and so said what it has to say: its parts open, and log, in threads of their own."""
    with quiet():
        graph = make()
        graph.process(np.zeros((64, 64, 3), np.uint8))
    return graph


def _differ(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.sqrt(((one - other)[:, :2] ** 2).sum(1).mean()))


def _boxes(detector: Any, rgb: np.ndarray) -> list[Box]:
    height, width = rgb.shape[:2]
    boxes = [found.location_data.relative_bounding_box for found in detector.process(rgb).detections or []]
    return [
        Box((box.xmin + box.width / 2) * width, (box.ymin + box.height / 2) * height, box.width * width / 2)
        for box in boxes
    ]


def _scaled(box: Box, factor: float) -> Box:
    return Box(box.x * factor, box.y * factor, box.half * factor)


def _resize(rgb: np.ndarray, factor: float) -> np.ndarray:
    import cv2

    return cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def _squared(rgb: np.ndarray, margin: int) -> np.ndarray:
    """rgb with its borders continued to a square plus a margin: FaceMesh's detector sees a square in any case."""
    height, width = rgb.shape[:2]
    side = max(height, width)
    pads = ((margin, margin + side - height), (margin, margin + side - width), (0, 0))
    return np.pad(rgb, pads, mode="edge")


def _tiles(height: int, width: int) -> Iterator[tuple[int, int, int]]:
    """Squares (x, y, side) with half overlap: as large as fit, then half that, down to SMALLEST_TILE."""
    side = min(height, width)
    while side >= SMALLEST_TILE:
        for y in _starts(height, side):
            for x in _starts(width, side):
                yield x, y, side
        side //= 2


def _starts(length: int, side: int) -> list[int]:
    count = 1 + -(-(length - side) // (side // 2))
    return [round(i * (length - side) / max(1, count - 1)) for i in range(count)]
