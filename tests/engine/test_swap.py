"""The swap: another's face where the target's was, doing what the target did; everything else as it was."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine import jobs, swap_jobs
from engine.errors import ExportError, FaceError, InputError
from engine.events import Finished, FrameReady
from engine.export.provenance import read_provenance
from engine.export.swap_target import bridged, entering
from engine.export.swap_video import working_folder
from engine.face.fit import Fit, fit_face
from engine.face.head_model import load_head_model
from engine.face.landmarks import choose_face
from engine.face.unwrap import Unwrapper
from engine.media.audio import read_mono
from engine.media.image import read_image, resized
from engine.media.video import probe, read_frames
from engine.media.video_writer import VideoWriter
from engine.project.channels import INDEX
from engine.project.curve import Keyframe
from engine.project.edits import with_clip_resized, with_settings
from engine.project.media_ref import refer_to
from engine.project.motion import Motion, dense
from engine.project.project import Project, SwapClip
from engine.project.swap_curves import swap_curves
from engine.project.timing import TimeRange
from engine.render.swap import SwapLook, Swapper
from engine.render.swap_cover import Cover
from engine.render.warp import WarpRenderer

RATE = Fraction(25)


@pytest.fixture(scope="module")
def faces(samples: Path) -> dict[str, tuple[np.ndarray, Fit]]:
    """Name -> picture, 320 px, and its fit."""
    pictures = {name: resized(read_image(samples / f"{name}.jpg"), 320).rgb for name in ("hopper", "astronaut")}
    return {name: (rgb, fit_face(choose_face(rgb), load_head_model())) for name, rgb in pictures.items()}


def swapper(
    faces: dict[str, tuple[np.ndarray, Fit]], onto: np.ndarray, target: Fit, source: str = "astronaut"
) -> Swapper:
    rgb, fit = faces[source]
    samples = [Unwrapper(load_head_model()).flat(onto, target.landmarks)] * 3
    return Swapper(rgb, None, fit, WarpRenderer(), Cover(load_head_model(), samples), target.pose.scale)


def colour_at(rgb: np.ndarray, fit: Fit, landmarks: list[int]) -> np.ndarray:
    x, y = np.rint(fit.landmarks[landmarks, :2]).astype(int).T
    return np.mean([rgb[y + dy, x + dx] for dy in (-2, 0, 2) for dx in (-2, 0, 2)], axis=(0, 1))


def test_the_face_changes_its_pose_and_its_surroundings_stay(faces: dict[str, tuple[np.ndarray, Fit]]) -> None:
    rgb, target = faces["hopper"]
    out = swapper(faces, rgb, target).swap(rgb, target, SwapLook())
    changed = (out != rgb).any(-1)
    y, x = np.nonzero(changed)
    low, high = target.landmarks[:, :2].min(0) - 1, target.landmarks[:, :2].max(0) + 1
    assert (x >= low[0]).all() and (x <= high[0]).all() and (y >= low[1]).all() and (y <= high[1]).all()
    assert changed.mean() > 0.03
    again = fit_face(choose_face(out), load_head_model())
    for angle in ("yaw", "pitch", "roll"):
        assert abs(getattr(again.pose, angle) - getattr(target.pose, angle)) < 4
    smiles = [INDEX["mouthSmileLeft"], INDEX["mouthSmileRight"]]
    assert np.abs(again.expression[smiles] - target.expression[smiles]).max() < 0.35


def test_it_takes_on_the_light_and_the_skin_of_the_target(faces: dict[str, tuple[np.ndarray, Fit]]) -> None:
    rgb, target = faces["hopper"]
    dark = (rgb * np.array([0.35, 0.42, 0.6])).astype(np.uint8)
    out = swapper(faces, dark, target).swap(dark, target, SwapLook(cover=False))
    cheeks = [50, 280, 205, 425]
    assert np.abs(colour_at(out, target, cheeks) - colour_at(dark, target, cheeks)).max() < 14


def test_a_hard_shadow_on_the_portrait_is_lifted(
    faces: dict[str, tuple[np.ndarray, Fit]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rgb, target = faces["hopper"]
    portrait, fit = faces["astronaut"]
    shadow = np.zeros(portrait.shape[:2], np.uint8)
    cv2.fillConvexPoly(shadow, np.rint(fit.landmarks[[6, 197, 4, 329, 348], :2]).astype(np.int32), (1,))
    dark = np.where(shadow[..., None] > 0, portrait * 0.3, portrait).astype(np.uint8)

    def beside_the_nose(picture: np.ndarray) -> float:
        one = swapper({"astronaut": (picture, fit)}, rgb, target)
        out = one.swap(rgb, target, SwapLook(cover=False))
        return float(colour_at(out, target, [277, 329, 355]).mean())

    plain, kept = beside_the_nose(portrait), beside_the_nose(dark)
    monkeypatch.setattr("engine.render.swap.shading", lambda flat, *_: np.zeros(flat.shape[:2], np.float32))
    assert beside_the_nose(portrait) == pytest.approx(plain, abs=6), "soft light stays as it is"
    assert kept - beside_the_nose(dark) > 0.2 * (plain - beside_the_nose(dark))


def test_strength_and_mask_do_what_they_say(faces: dict[str, tuple[np.ndarray, Fit]]) -> None:
    rgb, target = faces["hopper"]
    one = swapper(faces, rgb, target)
    assert one.swap(rgb, target, SwapLook(strength=0)) is rgb

    def change(look: SwapLook) -> np.ndarray:
        one.new_shot()
        return np.abs(one.swap(rgb, target, look).astype(float) - rgb).sum(-1)

    whole, half, narrow = (change(look) for look in (SwapLook(), SwapLook(strength=0.5), SwapLook(grow=-0.25)))
    assert half.sum() == pytest.approx(whole.sum() / 2, rel=0.05)
    assert (narrow > 0).sum() < 0.8 * (whole > 0).sum()


def test_the_outline_goes_to_the_portraits_as_far_as_it_is_told(faces: dict[str, tuple[np.ndarray, Fit]]) -> None:
    rgb, target = faces["hopper"]
    portrait = faces["astronaut"][0]
    wide = np.ascontiguousarray(cv2.resize(portrait, (round(1.2 * portrait.shape[1]), portrait.shape[0])))
    one = swapper({"wide": (wide, fit_face(choose_face(wide), load_head_model()))}, rgb, target, "wide")

    def jaw(look: SwapLook) -> tuple[np.ndarray, float]:
        """The picture, and how wide its head is seen at the jaw, as a share of its height."""
        one.new_shot()
        out = one.swap(rgb, target, look)
        at = choose_face(out)[:, :2]
        return out, float(np.linalg.norm(at[172] - at[397]) / np.linalg.norm(at[10] - at[152]))

    (theirs, before), (_, between), (own, after) = (jaw(SwapLook(outline=share)) for share in (0.0, 0.5, 1.0))
    assert after > before + 0.02
    assert 0.25 < (between - before) / (after - before) < 0.75, "half way is half as far, or nearly"
    x, y = np.meshgrid(np.arange(rgb.shape[1]), np.arange(rgb.shape[0]))
    points = target.landmarks[:, :2]
    reach = 1.2 * target.pose.scale
    far = (x < points[:, 0].min() - reach) | (x > points[:, 0].max() + reach) | (y < points[:, 1].min() - reach)
    assert far.mean() > 0.03 and np.array_equal(own[far], rgb[far])
    near = (y > points[:, 1].min()) & (x < points[:, 0].min() - 2) & (x > points[:, 0].min() - 0.3 * target.pose.scale)
    assert (theirs == rgb)[near].all() and (own != rgb)[near].any(), "what is beside the head goes along"
    assert np.array_equal(jaw(SwapLook(strength=0.0, outline=1.0))[0], rgb)


def test_a_hand_before_the_face_stays_in_front(faces: dict[str, tuple[np.ndarray, Fit]]) -> None:
    rgb, target = faces["hopper"]
    one = swapper(faces, rgb, target)
    x, y = np.rint(target.landmarks[[425, 426, 427]].mean(0)[:2]).astype(int)
    reach = round(0.3 * target.pose.scale)
    patch = np.s_[y - reach : y + reach, x - reach : x + reach]
    covered = rgb.copy()
    covered[patch] = (40, 90, 160)
    out = one.swap(covered, target, SwapLook()).astype(int)
    inner = np.s_[y - reach + 3 : y + reach - 3, x - reach + 3 : x + reach - 3]
    assert np.abs(out - covered)[inner].mean() < 12
    one.new_shot()
    drawn_over = one.swap(covered, target, SwapLook(cover=False)).astype(int)
    assert np.abs(drawn_over - covered)[inner].mean() > 40


def test_numbers_of_a_clip_become_curves() -> None:
    ref = refer_to(Path(__file__))
    keys = {"strength": (Keyframe(Fraction(0), 0.0, "linear"), Keyframe(Fraction(1), 1.0, "linear"))}
    keys["on"] = (Keyframe(Fraction(0), 1.0, "step"), Keyframe(Fraction(3, 2), 0.0, "step"))
    clip = SwapClip(ref, TimeRange(Fraction(1), Fraction(4)), keys=keys, grow=0.1)
    curves = swap_curves(clip, np.array([0.5, 1.0, 1.5, 2.4, 2.6, 5.0]))
    assert np.allclose(curves["strength"], [0, 0, 0.5, 1, 0, 0])
    assert (curves["grow"] == 0.1).all()
    shorter = with_clip_resized(Project(swaps=(clip,)), "swaps", 0, TimeRange(Fraction(5, 4), Fraction(4))).swaps[0]
    assert np.allclose(swap_curves(shorter, np.array([1.0, 1.5, 2.4, 2.6]))["strength"], [0, 0.5, 1, 0])
    with pytest.raises(InputError, match="'colour'"):
        SwapClip(ref, keys={"colour": keys["on"]})


def test_short_gaps_are_bridged_but_not_over_cuts_and_faces_come_and_go_softly() -> None:
    def face(k: int) -> np.ndarray:
        return np.full((478, 3), k, np.float32)

    seen = [face(0), None, face(2), *[None] * 6, face(9), None, face(11)]
    filled = bridged(seen, (0, 10))
    assert filled[1] is not None and filled[1][0, 0] == 1
    assert filled[5] is None and filled[10] is None
    weight = entering(np.array([face is not None for face in filled]), (0, 10))
    assert 0 < weight[2] < weight[1] < weight[0] <= 1 and weight[5] == 0
    assert (weight[3:9] == 0).all()


@pytest.fixture(scope="module")
def film(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 s, 2 frames a second, with 20 s of sound: a portrait looks about, walks out of the picture and comes back."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    rgb = resized(read_image(samples / "hopper.jpg"), 240).rgb
    sound = iter([0.1 * np.sin(np.arange(48_000 * 20) / 20)[:, None].repeat(2, 1).astype(np.float32)])
    with VideoWriter(path, (200, 240), Fraction(2), sound=sound) as video:
        for k in range(120):
            away = 220 if 60 <= k < 70 else round(6 * np.sin(k / 5))
            wide = np.full((240, 700, 3), 90, np.uint8)
            wide[: rgb.shape[0], 220 + away : 220 + away + rgb.shape[1]] = rgb
            video.write(wide[:, 220:420])
    return path


@pytest.fixture
def project(samples: Path) -> Project:
    return with_settings(jobs.new_project(samples / "astronaut.jpg"), renderer="warp")


def memory() -> float:
    """MiB that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def test_a_minute_is_swapped_in_flat_memory_stopped_and_gone_on_with(
    film: Path, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.export.swap_video.PIECE", 30)
    clip, output = SwapClip(refer_to(film)), tmp_path / "swapped.mp4"
    job = swap_jobs.swap_video(project, clip, output)
    held: dict[int, float] = {}
    for event in job:
        if isinstance(event, FrameReady):
            held[event.index] = memory()
            if event.index == 95:
                break
    job.close()
    assert not output.exists() and working_folder(output).exists()
    assert held[95] - held[25] < 17, "MiB more after 70 frames"

    made: list[int] = []
    for event in swap_jobs.swap_video(project, clip, output):
        if isinstance(event, FrameReady):
            made.append(event.index)
    assert made == list(range(90, 120)), "the three finished parts are not made again"
    assert not working_folder(output).exists()
    info = probe(output)
    assert (info.frames, info.seconds, info.rate, info.size) == (120, 60, 2, (200, 240))
    assert np.array_equal(read_mono(output, 16_000), read_mono(film, 16_000)), "the sound is copied"
    told = read_provenance(output)
    assert told and told["swaps"][0]["name"] == "film.mp4" and told["portrait"]["name"] == "astronaut.jpg"

    before, after = (list(read_frames(path)) for path in (film, output))
    differ = [np.abs(a.astype(int) - b).mean() for a, b in zip(after, before, strict=True)]
    assert np.mean(differ[5:55]) > 4 * np.mean(differ[62:68]), "swapped where there is a face, and only there"
    assert np.mean(differ[76:]) == pytest.approx(np.mean(differ[5:55]), rel=0.3)


def test_a_video_without_a_face_is_refused_by_name(project: Project, tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "empty.mp4", (160, 120), RATE) as video:
        for _ in range(5):
            video.write(np.full((120, 160, 3), 70, np.uint8))
    with pytest.raises(FaceError, match="face"):
        list(swap_jobs.swap_video(project, SwapClip(refer_to(tmp_path / "empty.mp4")), tmp_path / "out.mp4"))


def test_a_place_that_cannot_take_it_is_told_at_once(project: Project, film: Path, tmp_path: Path) -> None:
    for output in (tmp_path, tmp_path / "gone" / "out.mp4"):
        with pytest.raises(ExportError, match=output.name):
            list(swap_jobs.swap_video(project, SwapClip(refer_to(film)), output))


def test_a_generated_performance_can_be_the_target(samples: Path, project: Project, tmp_path: Path) -> None:
    """What Portrayal made is a video like others: its jaw still opens and shuts under another's face."""
    values = dense(Motion.from_dense(np.tile(jobs_neutral(), (20, 1)), RATE))
    values[:, INDEX["jawOpen"]] = 0.35 * (np.arange(20) % 10 > 4)
    speaking = with_settings(jobs.new_project(samples / "hopper.jpg"), size=256)
    speaking = replace(speaking, motion=Motion.from_dense(values, RATE))
    list(jobs.export_video(speaking, tmp_path / "a.mp4"))
    events = list(swap_jobs.swap_video(project, SwapClip(refer_to(tmp_path / "a.mp4")), tmp_path / "b.mp4"))
    assert isinstance(events[-1], Finished)
    track = next(e.result for e in jobs.track_media(tmp_path / "b.mp4") if isinstance(e, Finished))
    assert np.corrcoef(track.values[:, INDEX["jawOpen"]], values[:, INDEX["jawOpen"]])[0, 1] > 0.9


def jobs_neutral() -> np.ndarray:
    from engine.motion.drive import NEUTRAL

    return NEUTRAL


def test_one_frame_is_swapped_for_a_look_with_all_faces_to_choose_from(project: Project, film: Path) -> None:
    clip = SwapClip(refer_to(film))
    seen = next(e.result for e in swap_jobs.preview_swap(project, clip, Fraction(2)) if isinstance(e, Finished))
    assert len(seen.faces) == 1 and seen.faces[0].shape == (72, 72, 3)
    assert 0.01 < (seen.before != seen.after).any(-1).mean() < 0.4
    gone = next(e.result for e in swap_jobs.preview_swap(project, clip, Fraction(32)) if isinstance(e, Finished))
    assert gone.faces == () and (gone.before == gone.after).all()


def test_of_two_who_cross_only_the_chosen_one_is_swapped(samples: Path, project: Project, tmp_path: Path) -> None:
    sizes = {"hopper": 260, "astronaut": 220}  # hopper's is the larger face, by which faces are numbered
    hopper, astronaut = (resized(read_image(samples / f"{name}.jpg"), size).rgb for name, size in sizes.items())
    actors = hopper[20:170, 40:180], astronaut[:127, 51:144]
    frames = []
    for k in range(30):
        frames.append(np.full((200, 560, 3), 110, np.uint8))
        for actor, x in zip(actors[::-1], (430 - 13 * k, 10 + 13 * k), strict=True):
            frames[-1][30 : 30 + actor.shape[0], x : x + actor.shape[1]] = actor
    with VideoWriter(tmp_path / "two.mp4", (560, 200), RATE) as video:
        for frame in frames:
            video.write(frame)
    read = list(read_frames(tmp_path / "two.mp4"))
    job = swap_jobs.swap_video(project, SwapClip(refer_to(tmp_path / "two.mp4"), face=0), tmp_path / "out.mp4")
    made = {event.index: event.image for event in job if isinstance(event, FrameReady)}
    for k in (0, 5, 24, 29):  # when they are apart
        here, there = 10 + 13 * k, 430 - 13 * k
        changed = (made[k] != read[k]).any(-1)
        assert changed[:, here : here + 140].mean() > 0.05, "the one who walks to the right"
        assert not changed[:, there + 8 : there + 102].any(), "the one who walks to the left"
