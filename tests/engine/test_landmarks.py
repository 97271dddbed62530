"""Faces are found whatever their size, and only where there are any."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import FaceError
from engine.face.landmarks import LandmarkTracker, choose_face, detect_faces, eye_distance, person_matte
from engine.media.image import read_image


@pytest.fixture(scope="module")
def astronaut(samples: Path) -> np.ndarray:
    return read_image(samples / "astronaut.jpg").rgb


@pytest.fixture(scope="module")
def face(astronaut: np.ndarray) -> np.ndarray:
    return choose_face(astronaut)


def test_landmarks_lie_on_the_face(face: np.ndarray, astronaut: np.ndarray) -> None:
    assert face.shape == (478, 3)
    assert face.dtype == np.float32
    height, width = astronaut.shape[:2]
    assert (face[:, :2] > 0).all() and (face[:, :2] < [width, height]).all()
    right_eye, left_eye, chin = face[33], face[263], face[152]
    assert right_eye[0] < left_eye[0] and chin[1] > right_eye[1]
    assert np.hypot(*(face[468] - (face[33] + face[133]) / 2)[:2]) < 0.2 * eye_distance(face)


@pytest.mark.parametrize("scale", [0.5, 0.25])
def test_a_face_is_found_where_it_is_in_a_large_picture(astronaut: np.ndarray, face: np.ndarray, scale: float) -> None:
    """The sample's face is put, shrunk to 55 and 27 px, into the corner of a wide grey picture."""
    import cv2

    small = cv2.resize(astronaut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    canvas = np.full((900, 1600, 3), 120, np.uint8)
    canvas[600 : 600 + len(small), 1000 : 1000 + small.shape[1]] = small
    found = choose_face(canvas)
    expected = (face[:, :2] + 0.5) * scale - 0.5 + [1000, 600]
    assert np.abs(found[:, :2] - expected).mean() < 0.05 * scale * eye_distance(face)


def test_faces_come_largest_first_and_are_chosen_by_index(astronaut: np.ndarray) -> None:
    import cv2

    half = cv2.resize(astronaut, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    picture = np.full((len(astronaut), astronaut.shape[1] + half.shape[1], 3), 90, np.uint8)
    picture[: len(half), : half.shape[1]] = half
    picture[:, half.shape[1] :] = astronaut
    faces = detect_faces(picture)
    assert len(faces) == 2
    assert eye_distance(faces[0]) > 1.8 * eye_distance(faces[1])
    assert np.allclose(choose_face(picture, 1), faces[1], atol=1)
    with pytest.raises(FaceError, match=r"face 3 asked for, group\.jpg has 2 faces"):
        choose_face(picture, 3, "group.jpg")


@pytest.mark.parametrize("picture", [np.zeros((1, 1, 3), np.uint8), np.full((640, 480, 3), 128, np.uint8)])
def test_no_face_is_an_error_that_names_the_picture(picture: np.ndarray) -> None:
    with pytest.raises(FaceError, match=r"no face found in wall\.png"):
        choose_face(picture, name="wall.png")


def test_pictures_without_people_are_refused(shared_data: Path) -> None:
    for pattern in ("neg_noface_*", "neg_animal_*"):
        for path in (shared_data / "portraits").glob(pattern):
            assert not detect_faces(read_image(path).rgb), path.name


def test_a_group_photograph_gives_every_face(shared_data: Path) -> None:
    crowd = detect_faces(read_image(shared_data / "portraits" / "real_pd_solvay1927_crowd.jpg").rgb)
    assert len(crowd) == 29


def test_painted_portraits_pass(shared_data: Path) -> None:
    for path in (shared_data / "portraits").glob("art_*"):
        assert len(detect_faces(read_image(path).rgb)) == 1, path.name


def test_a_tracked_face_is_followed_lost_and_found_again(astronaut: np.ndarray, face: np.ndarray) -> None:
    shifts = [0, 4, 8, 12, 16, 20]
    frames = [np.roll(astronaut, shift, axis=1) for shift in shifts]
    empty = np.full_like(astronaut, 100)
    with LandmarkTracker() as tracker:
        seen = [tracker.track(frame) for frame in [*frames, empty, frames[-1]]]
    assert seen[6] is None
    for shift, found in zip([*shifts, 20], seen[:6] + seen[7:], strict=True):
        assert found is not None
        assert np.abs(found[:, :2] - (face[:, :2] + [shift, 0])).mean() < 0.04 * eye_distance(face)


def test_the_matte_covers_the_person_only(astronaut: np.ndarray, face: np.ndarray) -> None:
    matte = person_matte(astronaut)
    assert matte.shape == astronaut.shape[:2] and matte.dtype == np.float32
    assert matte.min() >= 0 and matte.max() <= 1
    nose = face[1].astype(int)
    assert matte[nose[1], nose[0]] > 0.95
    assert matte[:20, :20].mean() < 0.3


def test_finding_a_face_prints_nothing_and_leaves_the_qt_environment(samples: Path) -> None:
    code = (
        "import os\n"
        "from engine.face.landmarks import LandmarkTracker, choose_face\n"
        "from engine.media.image import read_image\n"
        f"rgb = read_image({str(samples / 'hopper.jpg')!r}).rgb\n"
        "choose_face(rgb)\n"
        "with LandmarkTracker() as tracker:\n"
        "    assert tracker.track(rgb) is not None\n"
        "assert not [key for key in os.environ if key.startswith('QT_')]\n"
    )
    clean = {key: value for key, value in os.environ.items() if not key.startswith("QT_")}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=clean, check=True)
    assert run.stdout == "" and run.stderr == ""
