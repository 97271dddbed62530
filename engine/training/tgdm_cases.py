"""What pairs are made of, small enough to travel: pictures as JPEG, the faces in them as landmarks and fits.

With a file of these, packs can be made where there is neither the data nor a landmark model.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from engine.face.fit import Fit
from engine.face.head_model import HeadModel
from engine.face.pose import Pose

FINE = 32.0  # landmarks are kept in units of 1/32 pixel
LIMIT = 24 << 20  # bytes of a file
TONGUES_OUT = (210, 259, 412, 562, 701, 747, 772, 818, 854, 943, 1586, 1685, 1771, 1961)  # pictures, found by eye: no
# channel moves a tongue over a lip, so from these the denoiser would learn to invent tongues


@dataclass(frozen=True)
class Case:
    """One picture, or some frames of one clip: the portrait first, then pairs of neighbouring frames."""

    number: int
    jpegs: list[bytes]
    landmarks: np.ndarray  # [N, 478, 3] float32 px
    expression: np.ndarray  # [N, 52] float32
    gaze: np.ndarray  # [N, 2] degrees
    pose: np.ndarray  # [N, 6] as Pose
    identity: np.ndarray  # [K] standard deviations

    @classmethod
    def of(cls, number: int, jpegs: list[bytes], fits: list[Fit]) -> "Case":
        """Of pictures and the fit of the same person in each."""
        poses = [[fit.pose.yaw, fit.pose.pitch, fit.pose.roll, fit.pose.scale, fit.pose.x, fit.pose.y] for fit in fits]
        return cls(
            number,
            jpegs,
            np.array([fit.landmarks for fit in fits], np.float32),
            np.array([fit.expression for fit in fits], np.float32),
            np.array([fit.gaze for fit in fits], np.float32),
            np.array(poses, np.float64),
            np.asarray(fits[0].identity, np.float32),
        )

    def frame(self, index: int) -> np.ndarray:
        """[H, W, 3] uint8 RGB."""
        return np.ascontiguousarray(
            cv2.imdecode(np.frombuffer(self.jpegs[index], np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
        )

    def fits(self, model: HeadModel) -> list[Fit]:
        """The face in every frame."""
        person = model.person(self.identity)
        rows = zip(self.landmarks, self.expression, self.gaze, self.pose, strict=True)
        return [
            Fit(face, person, shape, (float(g[0]), float(g[1])), Pose(*map(float, p))) for face, shape, g, p in rows
        ]


def jpeg_of(rgb: np.ndarray) -> bytes:
    """[H, W, 3] uint8 as a JPEG of high quality."""
    return bytes(cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1])


class CaseWriter:
    """Collects cases and writes a file whenever there are LIMIT bytes of pictures; the last, shorter one on leaving."""

    def __init__(self, folder: Path, stem: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._stem = folder, stem
        self._waiting: list[Case] = []
        self._written = 0

    def __enter__(self) -> "CaseWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._write()

    def add(self, case: Case) -> None:
        """One more."""
        self._waiting.append(case)
        if sum(len(jpeg) for case in self._waiting for jpeg in case.jpegs) > LIMIT:
            self._write()

    def _write(self) -> None:
        if not self._waiting:
            return
        jpegs = [jpeg for case in self._waiting for jpeg in case.jpegs]
        rows = {
            "number": np.array([case.number for case in self._waiting]),
            "frames": np.array([len(case.jpegs) for case in self._waiting]),
            "identity": np.stack([case.identity for case in self._waiting]),
            "bytes": np.array([len(jpeg) for jpeg in jpegs]),
            "jpegs": np.frombuffer(b"".join(jpegs), np.uint8),
            "landmarks": np.concatenate([np.round(case.landmarks * FINE) for case in self._waiting]).astype(np.int16),
        }
        for name in ("expression", "gaze", "pose"):
            rows[name] = np.concatenate([getattr(case, name) for case in self._waiting])
        with (self._folder / f"{self._stem}-{self._written:02d}.npz").open("wb") as file:
            np.savez_compressed(file, **rows)
        self._written += 1
        self._waiting = []


def read_cases(path: Path) -> Iterator[Case]:
    """The cases in a file."""
    with np.load(path) as file:
        rows = {name: file[name] for name in file.files}
    ends = np.cumsum(rows["bytes"])
    blob = rows["jpegs"].tobytes()
    first = 0
    for number, count, identity in zip(rows["number"], rows["frames"], rows["identity"], strict=True):
        part = slice(first, first + int(count))
        jpegs = [blob[end - size : end] for end, size in zip(ends[part], rows["bytes"][part], strict=True)]
        landmarks = rows["landmarks"][part].astype(np.float32) / FINE
        yield Case(
            int(number), jpegs, landmarks, rows["expression"][part], rows["gaze"][part], rows["pose"][part], identity
        )
        first += int(count)
