"""Advice on portraits, from real pictures and from the same pictures spoilt on purpose."""

from pathlib import Path

import numpy as np
import pytest

from engine.errors import MediaError
from engine.events import Finished
from engine.face.fit import fit_face
from engine.face.head_model import load_head_model
from engine.face.landmarks import detect_faces
from engine.face.portrait_check import report
from engine.jobs import PortraitReport, inspect_portrait
from engine.media.image import read_image, write_image
from engine.project.media_ref import refer_to
from engine.project.project import Portrait


def inspected(path: Path) -> PortraitReport:
    *_, last = inspect_portrait(Portrait(refer_to(path)))
    assert isinstance(last, Finished)
    return last.result


def advice(rgb: np.ndarray) -> str:
    """What is said of the largest face."""
    return " ".join(report(rgb, fit_face(detect_faces(rgb)[0], load_head_model())).advice)


@pytest.mark.parametrize("name", ["hopper.jpg", "astronaut.jpg"])
def test_good_portraits_are_left_in_peace(samples: Path, name: str):
    found = inspected(samples / name)
    assert [face.advice for face in found.faces] == [()]
    assert found.triangles.max() < 478


def test_a_small_face_is_told_its_size(samples: Path):
    rgb = read_image(samples / "hopper.jpg").rgb[::3, ::3]
    assert "small (40 pixels" in advice(rgb) or "small (39 pixels" in advice(rgb)


def test_a_face_that_the_picture_cuts_is_noticed(samples: Path):
    rgb = read_image(samples / "hopper.jpg").rgb
    chin = int(detect_faces(rgb)[0][152, 1])
    assert "cuts the face off" in advice(rgb[: chin - 25])


@pytest.mark.parametrize("colour", [(170, 200, 220), (40, 40, 45)])
def test_a_mask_is_noticed(samples: Path, colour: tuple[int, int, int]):
    rgb = read_image(samples / "hopper.jpg").rgb.copy()
    face = detect_faces(rgb)[0].astype(int)
    rgb[face[4, 1] : face[152, 1] + 5, face[172, 0] - 10 : face[397, 0] + 10] = colour
    assert "cover the mouth" in advice(rgb)


@pytest.mark.parametrize("colour", [(128, 128, 128), (40, 40, 45), (205, 160, 140)])
def test_a_block_over_the_mouth_alone_is_noticed(samples: Path, colour: tuple[int, int, int]):
    rgb = read_image(samples / "hopper.jpg").rgb.copy()
    face = detect_faces(rgb)[0].astype(int)
    rgb[face[2, 1] + 3 : face[200, 1] + 3, face[61, 0] - 8 : face[291, 0] + 8] = colour
    assert "cover the mouth" in advice(rgb)


def test_a_patterned_cloth_over_the_mouth_is_noticed(samples: Path):
    rgb = read_image(samples / "hopper.jpg").rgb.copy()
    face = detect_faces(rgb)[0].astype(int)
    cloth = rgb[face[2, 1] + 3 : face[200, 1] + 3, face[61, 0] - 8 : face[291, 0] + 8]
    weave = np.random.default_rng(1).normal(0, 25, (*cloth.shape[:2], 1))
    cloth[:] = np.clip((110, 150, 190) + weave, 0, 255)
    assert "cover the mouth" in advice(rgb)


def test_no_face_is_a_report_too_but_no_file_is_an_error(tmp_path: Path):
    write_image(tmp_path / "grey.png", np.full((90, 120, 3), 128, np.uint8))
    portrait = Portrait(refer_to(tmp_path / "grey.png"))
    assert inspected(tmp_path / "grey.png").faces == ()
    (tmp_path / "grey.png").unlink()
    with pytest.raises(MediaError):
        list(inspect_portrait(portrait))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ai_FLUX1_dev_0006827.jpg", "turned 6"),
        ("ai_FLUX1_dev_0002658.jpg", "looks up"),
        ("real_nc_lpd_d9.jpg", "mouth is open"),
        ("ai_FLUX1_dev_0002487.jpg", "eyes are shut"),
        ("real_pd_partial_left.jpg", "cuts the face off"),
        ("real_pd_partial_right.jpg", "cuts the face off"),
        ("real_pd_obama_openmouth.jpg", "mouth is open"),
        ("real_pd_obama_240p.jpg", "face is small (33 pixels"),
        ("real_pd_grace_hopper.jpg", ""),
        ("ai_FLUX1_dev_0004228.jpg", ""),
        ("real_nc_joy_joyvasa_005.png", ""),
    ],
)
def test_real_pictures_get_the_advice_a_person_would_give(shared_data: Path, name: str, said: str):
    text = " ".join(inspected(shared_data / "portraits" / name).faces[0].advice)
    assert said in text if said else text == ""


@pytest.mark.parametrize(
    "name",
    [
        *("real_pd_congress_I000025.jpg", "real_pd_congress_D000355.jpg", "ai_FLUX1_dev_0003626.jpg"),
        *("ai_FLUX1_dev_0004228.jpg", "art_lp_s9.jpg", "real_pd_congress_T000474.jpg", "real_pd_two_people.jpg"),
    ],
)  # beards, dark skin, paintings, black and white, soft light
def test_no_mouth_is_taken_for_a_cover(shared_data: Path, name: str):
    assert "cover" not in " ".join(inspected(shared_data / "portraits" / name).faces[0].advice)


def test_faces_are_listed_largest_first(shared_data: Path):
    faces = inspected(shared_data / "portraits" / "real_pd_two_people.jpg").faces
    widths = [np.ptp(face.landmarks[:, 0]) for face in faces]
    assert len(faces) == 2 and widths == sorted(widths, reverse=True)
