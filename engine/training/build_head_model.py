"""Make `resources/head_model.npz` from ICT-FaceKit and MediaPipe's canonical mesh.

    python -m engine.training.build_head_model --data ../shared/data/head_model \\
        --faces ../shared/data/train/congress ../shared/data/train/sfhq -o resources/head_model.npz

The units are eye distances (outer corner to outer corner of the neutral head = 1), the origin is the joint of skull and
neck, x to the subject's left, y up, z out of the face. `engine.face.head_model` documents every array.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.face.landmarks import FaceFinder
from engine.media.image import read_image
from engine.training.adapt_basis import adapt
from engine.training.closing import with_closed_lips, with_smooth_lips
from engine.training.head_parts import PARTS, anchored, build_mouth, build_shell, iris_points, neck_follow
from engine.training.ict import EXPRESSIONS, Ict, load_ict
from engine.training.register_landmarks import register

IDENTITIES = 40
SKULL_JOINT = np.array([0, -1.5, -0.5], np.float32)  # cm, about the atlas: heads turn and nod around it
LIP_RING = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
RIGHT_EYE_RING = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)
JAW = ("jawOpen", "jawForward", "jawLeft", "jawRight")
PART_COLOURS = np.array(
    [[0.9, 0.86, 0.78], [0.87, 0.83, 0.74], [0.72, 0.36, 0.36], [0.68, 0.33, 0.33], [0.7, 0.35, 0.36]], np.float32
)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with ict_facekit.npz and the canonical mesh")
    parser.add_argument("--faces", type=Path, nargs="*", default=[], help="folders of portraits to adapt the basis to")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=80, help="heads to picture for the registration")
    options = parser.parse_args()
    ict = load_ict(options.data)
    points, faces = read_mesh(options.data / "canonical_face_model.obj")
    arrays = build(ict, points, faces, options.pictures)
    if options.faces:
        arrays = adapt(arrays, list(seen_in(options.faces)))
    np.savez_compressed(options.output, **arrays)
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.1f} MB")


def seen_in(folders: list[Path]) -> Iterator[np.ndarray]:
    """Landmarks [478, 3] of the largest face of every picture in the folders, where there is one."""
    with FaceFinder() as finder:
        for path in sorted(path for folder in folders for path in folder.glob("*.jpg")):
            yield from finder.find(read_image(path).rgb, tiles=False)[:1]


def build(ict: Ict, canonical: np.ndarray, faces: np.ndarray, pictures: int) -> dict[str, np.ndarray]:
    """All arrays of the model, from ICT, the canonical mesh's vertices [468, 3] and triangles [898, 3]."""
    mirror = mirror_of(canonical)
    irises, centres, radius = iris_points(ict)
    marks = register(ict, mirror, pictures)
    outline = boundary(faces)
    count = len(canonical) + len(irises)
    shell = build_shell(ict, outline, marks.on(ict.neutral)[outline], count)
    mouth = build_mouth(ict)
    eye_mirror = np.array([473, 476, 475, 474, 477, 468, 471, 470, 469, 472])

    anchors = anchored(marks, shell)
    still = np.zeros((len(irises), 3), np.float32)

    def place(values: np.ndarray, iris: np.ndarray) -> np.ndarray:
        every = anchors.on(values)
        return np.concatenate([every[:468], iris, every[468:]])

    neutral = place(ict.neutral, irises)
    unit = float(np.linalg.norm(neutral[33] - neutral[263]))
    eyes = [np.unique(ict.triangles[ict.of(f"M_Sclera{side}")]) for side in ("Right", "Left")]
    eye_shift = np.stack([[mode[eye].mean(0) for eye in eyes] for mode in ict.identity[:IDENTITIES]])
    identity = np.stack(
        [place(mode, np.repeat(shift, 5, axis=0)) for mode, shift in zip(ict.identity, eye_shift, strict=False)]
    )
    expression = np.stack([place(row, still) for row in ict.expression])
    neutral, expression = with_closed_lips(neutral, with_smooth_lips(expression))
    holes = {"mouth": LIP_RING, "right_eye": RIGHT_EYE_RING, "left_eye": tuple(mirror[list(RIGHT_EYE_RING)])}
    inside = {name: faces[np.isin(faces, ring).all(1)] for name, ring in holes.items()}
    skin = faces[~np.any([np.isin(faces, ring).all(1) for ring in holes.values()], axis=0)]
    return {
        "centimetres": np.array(unit, np.float32),
        "neutral": ((neutral - SKULL_JOINT) / unit).astype(np.float32),
        "identity": (identity / unit).astype(np.float16),
        "expression": (expression / unit).astype(np.float16),
        "expression_names": np.array(EXPRESSIONS),
        "mirror": np.concatenate([mirror, eye_mirror, count + shell.mirror]).astype(np.int32),
        "follow": neck_follow(neutral),
        "triangles": skin.astype(np.int32),
        "mouth_triangles": inside["mouth"].astype(np.int32),
        "eye_triangles": np.stack([inside["right_eye"], inside["left_eye"]]).astype(np.int32),
        "shell_triangles": shell.triangles,
        "outline": outline.astype(np.int32),
        "eye_centres": ((centres - SKULL_JOINT) / unit).astype(np.float32),
        "eye_identity": (eye_shift / unit).astype(np.float16),
        "eye_radius": np.array(radius / unit, np.float32),
        "teeth_neutral": ((ict.neutral[mouth.vertices] - SKULL_JOINT) / unit).astype(np.float32),
        "teeth_identity": (ict.identity[:IDENTITIES, mouth.vertices] / unit).astype(np.float16),
        "teeth_jaw": (np.stack([ict.row(name)[mouth.vertices] for name in JAW]) / unit).astype(np.float16),
        "teeth_triangles": mouth.triangles,
        "teeth_part": mouth.part,
        "teeth_colour": PART_COLOURS[mouth.part],
        "part_names": np.array(PARTS),
    }


def read_mesh(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Vertices [V, 3] and triangles [F, 3] of a Wavefront file; texture coordinates are ignored."""
    lines = [line.split() for line in path.read_text().splitlines()]
    vertices = [[float(x) for x in line[1:4]] for line in lines if line[:1] == ["v"]]
    faces = [[int(corner.split("/")[0]) - 1 for corner in line[1:4]] for line in lines if line[:1] == ["f"]]
    return np.array(vertices), np.array(faces)


def mirror_of(vertices: np.ndarray) -> np.ndarray:
    """[V] the vertex on the other side of x = 0."""
    flipped = vertices * np.array([-1, 1, 1])
    return np.linalg.norm(flipped[:, None] - vertices[None], axis=2).argmin(1)


def boundary(faces: np.ndarray) -> np.ndarray:
    """The mesh's outer edge as a closed loop of vertices, in order."""
    edges = {(a, b) for face in faces.tolist() for a, b in zip(face, face[1:] + face[:1], strict=True)}
    after = {a: b for a, b in edges if (b, a) not in edges}
    loop = [min(after)]
    while after[loop[-1]] != loop[0]:
        loop.append(after[loop[-1]])
    return np.array(loop)


if __name__ == "__main__":
    main()
