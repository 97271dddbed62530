"""Fitting reads faces as a person would, and what it reads puts the landmarks back where they were."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.face.eyes import BLINKS, lid_gaps, read_blinks
from engine.face.fit import Fit, fit_face, fit_frame, rms_error, solve_drag
from engine.face.head_model import EXPRESSIONS, LANDMARKS, LIPS, HeadModel, load_head_model
from engine.face.landmarks import FaceFinder, choose_face, eye_distance
from engine.face.pose import Pose, angles, rotation
from engine.media.image import read_image
from engine.project.channels import BY_NAME, INDEX, NAMES


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return load_head_model()


@pytest.fixture(scope="module")
def smiling(samples: Path, model: HeadModel) -> Fit:
    return fit_face(choose_face(read_image(samples / "astronaut.jpg").rgb), model)


def value(fit: Fit, name: str) -> float:
    return float(fit.expression[INDEX[name]])


@pytest.mark.parametrize("wanted", [(0, 0, 0), (30, -10, 5), (-45, 20, -30), (10, 40, 90)])
def test_angles_undo_rotation(wanted: tuple[float, float, float]) -> None:
    assert np.allclose(angles(rotation(*wanted)), wanted, atol=1e-6)


def test_pose_signs_are_those_of_the_channel_table() -> None:
    ahead, crown = np.array([[0.0, 0, 1]]), np.array([[0.0, 1, 0]])
    assert Pose(yaw=20).project(ahead)[0, 0] > 0  # the nose goes to the right of the picture
    assert Pose(pitch=20).project(ahead)[0, 1] < 0  # the nose goes up
    assert Pose(roll=20).project(crown)[0, 0] > 0  # the crown tilts clockwise as seen
    values = np.zeros(len(NAMES))
    values[[INDEX["headX"], INDEX["headY"], INDEX["headScale"]]] = 0.5, 0.25, 2
    moved = Pose(scale=100, x=10, y=10).moved(values)
    assert (moved.x, moved.y, moved.scale) == (60, -15, 200)


def test_a_made_face_is_read_back(model: HeadModel) -> None:
    rng = np.random.default_rng(0)
    identity = rng.normal(0, 0.4, len(model.identity))
    wanted = {"jawOpen": 0.5, "mouthSmileLeft": 0.6, "eyeBlinkRight": 1.0, "browInnerUp": 0.5}
    weights = np.zeros(len(EXPRESSIONS), np.float32)
    for name, size in wanted.items():
        weights[INDEX[name]] = size
    pose = Pose(25, -10, 8, 150, 300, 250)
    landmarks = pose.project(model.person(identity).shape(weights, (10.0, 5.0))[:LANDMARKS])
    fit = fit_face(landmarks + rng.normal(0, 0.5, landmarks.shape).astype(np.float32), model)
    assert rms_error(fit) < 0.01
    assert np.allclose([fit.pose.yaw, fit.pose.pitch, fit.pose.roll], [25, -10, 8], atol=3)
    assert np.allclose(fit.gaze, (10, 5), atol=5)
    for name, size in wanted.items():
        assert value(fit, name) == pytest.approx(size, abs=0.3), name
    assert value(fit, "mouthSmileRight") < 0.2 and value(fit, "eyeBlinkLeft") < 0.1


def test_a_smile_reads_as_a_smile_and_rest_as_rest(samples: Path, model: HeadModel, smiling: Fit) -> None:
    assert min(value(smiling, "mouthSmileLeft"), value(smiling, "mouthSmileRight")) > 0.6
    calm = fit_face(choose_face(read_image(samples / "hopper.jpg").rgb), model)
    assert max(value(calm, "mouthSmileLeft"), value(calm, "mouthSmileRight")) < 0.5
    assert value(calm, "jawOpen") < 0.12
    for fit in (smiling, calm):
        assert max(value(fit, "eyeBlinkLeft"), value(fit, "eyeBlinkRight")) < 0.1
        assert rms_error(fit) < 0.015


def test_a_mirrored_picture_swaps_sides_and_flips_yaw_and_roll(shared_data: Path, model: HeadModel) -> None:
    rgb = read_image(shared_data / "portraits" / "real_pd_obama_openmouth.jpg").rgb
    one = fit_face(choose_face(rgb), model)
    other = fit_face(choose_face(np.ascontiguousarray(rgb[:, ::-1])), model)
    assert one.pose.yaw < -10 and one.pose.roll > 3  # turned to the left of the picture, head tilted clockwise
    assert other.pose.yaw == pytest.approx(-one.pose.yaw, abs=4)
    assert other.pose.roll == pytest.approx(-one.pose.roll, abs=2)
    assert other.pose.pitch == pytest.approx(one.pose.pitch, abs=4)
    assert other.gaze[0] == pytest.approx(-one.gaze[0], abs=4)
    for name in ("mouthSmileLeft", "jawOpen", "browDownRight", "eyeBlinkLeft"):
        assert value(other, BY_NAME[name].partner or name) == pytest.approx(value(one, name), abs=0.2), name


def test_points_put_the_landmarks_back_exactly_and_close_lips_exactly(smiling: Fit) -> None:
    values = smiling.values()
    assert np.abs(smiling.points(values)[:LANDMARKS, :2] - smiling.landmarks[:, :2]).max() < 0.05
    values[: len(EXPRESSIONS)] = 0
    shut = smiling.points(values)
    upper, lower = (list(row) for row in LIPS)
    assert np.abs(shut[upper, :2] - shut[lower, :2]).max() < 0.02 * eye_distance(smiling.landmarks)


def test_head_channels_move_everything_that_follows_the_head(smiling: Fit) -> None:
    values = smiling.values()
    before = smiling.points(values)
    values[INDEX["headX"]] += 0.5
    after = smiling.points(values)
    assert np.allclose(after[:, 0] - before[:, 0], 0.5 * smiling.pose.scale, atol=0.01)


def test_shut_eyes_read_as_shut(shared_data: Path, model: HeadModel) -> None:
    landmarks = choose_face(read_image(shared_data / "portraits" / "ai_FLUX1_dev_0002487.jpg").rgb)
    assert (read_blinks(landmarks) > 0.8).all()
    assert value(fit_face(landmarks, model), "eyeBlinkLeft") > 0.8


def lids_read(seen: Fit, yaw: float, **blinks: float) -> np.ndarray:
    """What a frame's fit makes of this person's right and left lid with the head turned so far, [2]."""
    fit = replace(seen, pose=replace(seen.pose, yaw=yaw))
    values = fit.values()
    values[BLINKS] = 0
    rest = lid_gaps(fit.modelled(values)[:LANDMARKS])
    for name, blink in blinks.items():
        values[INDEX[name]] = blink
    return fit_frame(fit.modelled(values)[:LANDMARKS], fit.person, open_gaps=rest).expression[BLINKS]


def test_on_a_turned_head_the_nearer_eye_says_how_far_both_are_shut(smiling: Fit) -> None:
    for right, left in ((0.1, 0.7), (0.7, 0.1)):
        blinks = {"eyeBlinkRight": right, "eyeBlinkLeft": left}
        turned = [lids_read(smiling, yaw, **blinks) for yaw in (-35, 35)]  # at -35 the left eye is nearer
        assert [read[0] for read in turned] == pytest.approx([read[1] for read in turned], abs=0.01)
        assert np.sign(turned[0].mean() - turned[1].mean()) == np.sign(left - right)


def test_a_wink_seen_from_in_front_stays_a_wink(smiling: Fit) -> None:
    for yaw in (-10, 0, 10):
        right, left = lids_read(smiling, yaw, eyeBlinkLeft=0.9)
        assert right < 0.1 and left > 0.7


def test_portraits_fit_within_two_and_a_half_percent(shared_data: Path, model: HeadModel) -> None:
    errors = []
    with FaceFinder() as finder:
        for path in sorted((shared_data / "portraits").glob("*.[jp][pn]g")):
            if path.name[:4] in ("real", "ai_F", "ai_s", "ai_S"):
                faces = finder.find(read_image(path).rgb, tiles=False)
                errors += [rms_error(fit_face(face, model)) for face in faces[:1]]
    assert len(errors) >= 33
    assert np.median(errors) < 0.025


def test_a_frame_is_fitted_alike_with_and_without_a_previous_one(smiling: Fit) -> None:
    fresh = fit_frame(smiling.landmarks, smiling.person, rounds=6)
    warm = fit_frame(smiling.landmarks, smiling.person, fresh)
    assert np.abs(warm.expression - fresh.expression).max() < 0.08
    assert rms_error(warm) == pytest.approx(rms_error(smiling), abs=0.004)


def test_dragging_a_landmark_moves_it_there_and_little_else(smiling: Fit) -> None:
    values = smiling.values()
    before = smiling.points(values)
    chin = (float(before[152, 0]), float(before[152, 1] + 0.15 * smiling.pose.scale))
    dragged = solve_drag(smiling, values, {152: chin})
    after = smiling.points(dragged)
    assert np.hypot(*(after[152, :2] - chin)) < 0.03 * smiling.pose.scale
    assert dragged[INDEX["jawOpen"]] > values[INDEX["jawOpen"]] + 0.1
    assert np.abs(after[[105, 334, 10], :2] - before[[105, 334, 10], :2]).max() < 0.02 * smiling.pose.scale
    assert (dragged[INDEX["headYaw"] :] == values[INDEX["headYaw"] :]).all()


def test_dragging_a_pupil_turns_the_gaze(smiling: Fit) -> None:
    values = smiling.values()
    before = smiling.points(values)
    wished = (float(before[468, 0] + 0.05 * smiling.pose.scale), float(before[468, 1]))
    dragged = solve_drag(smiling, values, {468: wished})
    assert dragged[INDEX["gazeYaw"]] > 5
    assert np.hypot(*(smiling.points(dragged)[468, :2] - wished)) < 0.02 * smiling.pose.scale
