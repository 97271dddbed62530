"""ICT-FaceKit's whole surface moved by the head model: what its landmarks do, with the folds and curves between them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from engine.face.head_model import HeadModel, Person, eye_turns, load_head_model, with_gaze
from engine.project.channels import INDEX
from engine.training.build_head_model import IDENTITIES, SKULL_JOINT
from engine.training.ict import Ict, load_ict
from engine.training.mouth_interior import Insides, load_insides
from engine.training.register_landmarks import Anchors, snap
from engine.training.synthetic_head import eye_centre

AJAR = 0.35  # jawOpen at which nearness is measured, so that one lip's landmarks do not move the other
IRISES = range(468, 478)
SCLERAS = ("M_ScleraRight", "M_ScleraLeft")


@dataclass(frozen=True)
class DenseHead:
    """The mesh, and how the head model's points move it. N vertices, head space (`engine.face.head_model`)."""

    ict: Ict
    neutral: np.ndarray  # [N, 3]
    expression: np.ndarray  # [52, N, 3]
    identity: np.ndarray  # [IDENTITIES, N, 3]
    anchors: Anchors  # of the model's points but the irises
    spread: np.ndarray  # [N, points] how far each vertex follows each of them
    insides: Insides
    mouth: np.ndarray  # ICT vertices of the insides, in their order
    eyes: tuple[np.ndarray, np.ndarray]  # vertices of both eyeballs, the subject's right first
    eye_centres: np.ndarray  # [2, 3] as ICT has them

    def shape(self, person: Person, expression: np.ndarray, gaze: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
        """All vertices [N, 3] float32 of a person under `expression` [52], looking by `gaze` (yaw, pitch) degrees."""
        weights = with_gaze(expression, gaze)
        points = self.neutral + np.tensordot(person.identity[:IDENTITIES], self.identity, 1)
        points += np.tensordot(weights, self.expression, 1)
        wanted = np.delete(person.shape(expression, gaze), IRISES, axis=0)
        points += self.spread @ (wanted - self.anchors.on(points))
        points[self.mouth] = self.insides.placed(person.teeth(expression))
        for eye, centre, there, turn in zip(
            self.eyes, self.eye_centres, person.eye_centres, eye_turns(weights), strict=True
        ):
            points[eye] = there + (self.neutral[eye] - centre) @ turn.T
        return points.astype(np.float32)


@cache
def load_dense_head(data: Path) -> DenseHead:
    """From the folders head_model and train/mouth_parts of the data."""
    ict = load_ict(data / "head_model")
    model = load_head_model()
    unit = model.centimetres
    anchors = _anchors(ict, model)
    skin = np.unique(ict.triangles[ict.of("M_Face", "M_BackHead")])
    ajar = ict.neutral + AJAR * ict.row("jawOpen")
    spread = np.zeros((len(ict.neutral), len(anchors.vertices)), np.float32)
    spread[skin] = interpolation(anchors.on(ajar), ajar[skin])
    return DenseHead(
        ict,
        ((ict.neutral - SKULL_JOINT) / unit).astype(np.float32),
        ict.expression / unit,
        ict.identity[:IDENTITIES] / unit,
        anchors,
        spread,
        load_insides(data),
        np.unique(ict.triangles[ict.of("M_Teeth", "M_GumsTongue")]),
        tuple(np.unique(ict.triangles[ict.of(name)]) for name in SCLERAS),
        np.stack([(eye_centre(ict, name) - SKULL_JOINT) / unit for name in SCLERAS]),
    )


def interpolation(centres: np.ndarray, points: np.ndarray) -> np.ndarray:
    """[N, C]: weights with which values at centres [C, 3] give those at points [N, 3]: the biharmonic spline of space,
    |r| and an affine part (Duchon 1977), exact at the centres but for a trace of smoothing."""
    count = len(centres)
    ends = np.column_stack([np.ones(count), centres])
    system = np.zeros((count + 4, count + 4))
    system[:count, :count] = np.linalg.norm(centres[:, None] - centres[None], axis=2) - 1e-3 * np.eye(count)
    system[:count, count:], system[count:, :count] = ends, ends.T
    apart = np.linalg.norm(points[:, None] - centres[None], axis=2)
    rows = np.column_stack([apart, np.ones(len(points)), points])
    return np.asarray(np.linalg.solve(system.T, rows.T).T[:, :count], np.float32)


def _anchors(ict: Ict, model: HeadModel) -> Anchors:
    """Where the head model's points, but the irises, are on ICT-FaceKit: the nearest places on a mean head, jaw ajar."""
    from scipy.spatial import cKDTree

    jaw = np.zeros(len(model.expression), np.float32)
    jaw[INDEX["jawOpen"]] = AJAR
    points = model.person(np.zeros(len(model.identity))).shape(jaw) * model.centimetres + SKULL_JOINT
    ajar = ict.neutral + AJAR * ict.row("jawOpen")
    face = snap(ict, ajar, points[: IRISES.start])
    outside = np.unique(ict.triangles[ict.of("M_Face", "M_BackHead")])
    around = outside[cKDTree(ajar[outside]).query(points[IRISES.stop :])[1]]
    return Anchors(
        np.concatenate([face.vertices, np.repeat(around[:, None], 3, 1)]),
        np.concatenate([face.weights, np.tile(np.array([1, 0, 0], np.float32), (len(around), 1))]),
    )
