"""Finished frames on disk, each under a key of what it depends on: rendered once, shown and exported many times."""

import hashlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.project.motion import sample
from engine.project.project import Project
from engine.project.timing import times_of
from engine.render.renderers import SHIPPED, SHIPPED_FACE
from engine.resources import table

LIMIT = 4 << 30  # bytes on disk; what has not been used for longest goes first
LOOK = 4  # raise it when the renderer draws otherwise
_SPARE = 0.9  # share of the limit that is left after making room


def frame_keys(project: Project, frames: Sequence[int]) -> list[str]:
    """A key of everything that decides what the diffusion renderer makes of each of these frames, face swaps included."""
    settings, portrait = project.settings, project.portrait
    weights = settings.denoiser.sha256 if settings.denoiser else table().get(SHIPPED, ""), table().get(SHIPPED_FACE, "")
    personal = settings.personal.sha256 if settings.personal else ""
    face = (portrait.media.sha256, portrait.face) if portrait else ()
    look = repr((LOOK, face, settings.size, weights, personal, settings.steps, project.seed)).encode()
    rows = sample(project.motion, times_of(frames, settings.rate))
    told = [row.tobytes() for row in rows]
    if project.swaps:
        from engine.export.layers import told_of

        told = told_of(project, frames, told)
    return [hashlib.sha256(look + content).hexdigest() for content in told]


class FrameFiles:
    """Pictures as PNG files in one folder, which is this program's own. May be used by several threads."""

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self._folder, self._limit = folder, limit
        self._lock = threading.Lock()
        self._sizes: dict[str, int] | None = None  # by key, last used last; None: the folder has not been looked into

    def __contains__(self, key: str) -> bool:
        with self._lock:
            return key in self._known()

    def any(self) -> bool:
        """Whether there is any picture at all."""
        with self._lock:
            return bool(self._known())

    def get(self, key: str) -> np.ndarray | None:
        """The picture [H, W, 3] uint8 RGB, if it is there and whole."""
        import cv2

        if key not in self:
            return None
        path = self._path(key)
        try:
            data = np.frombuffer(path.read_bytes(), np.uint8)
            os.utime(path)
        except OSError:
            data = np.zeros(0, np.uint8)
        found = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
        with self._lock:
            size = self._known().pop(key, 0)
            if found is not None:
                self._known()[key] = size
        return None if found is None else np.ascontiguousarray(found[..., ::-1])

    def put(self, key: str, image: np.ndarray) -> None:
        """Keep a picture. A disk that is full keeps none; the next time it is rendered again."""
        import cv2

        data = cv2.imencode(".png", image[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()
        path = self._path(key)
        part = path.with_name(f".{key}.{os.getpid()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            return
        with self._lock:
            self._known()[key] = len(data)
            self._make_room()

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.png"

    def _known(self) -> dict[str, int]:
        if self._sizes is None:
            files = [(path, path.stat()) for path in self._folder.glob("*.png")] if self._folder.is_dir() else []
            files.sort(key=lambda item: item[1].st_mtime)
            self._sizes = {path.stem: stat.st_size for path, stat in files}
        return self._sizes

    def _make_room(self) -> None:
        known = self._known()
        used = sum(known.values())
        if used <= self._limit:
            return
        for key in list(known):
            if used <= _SPARE * self._limit:
                return
            used -= known.pop(key)
            self._path(key).unlink(missing_ok=True)


def fitted_to(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A picture at another size, (height, width, ...)."""
    import cv2

    height, width = shape[:2]
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))
