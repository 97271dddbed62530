"""The diffusion renderer: what it is told is where the face is, what it changes stays in its place, and it can learn."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from engine.errors import InputError, ResourceError
from engine.face.fit import Fit, fit_face
from engine.face.head_model import load_head_model
from engine.face.landmarks import choose_face
from engine.media.image import read_image
from engine.project.channels import INDEX
from engine.render.renderers import make_renderer
from engine.render.tgdm.conditions import Maps, noise_on
from engine.render.tgdm.light import FaceLight, harmonics
from engine.render.tgdm.network import SOURCE, TARGET, Denoiser, Memory, Shape
from engine.render.tgdm.pairs import way_between
from engine.render.tgdm.paste import lay_change
from engine.render.tgdm.portrait import PatchedPortrait, View
from engine.render.tgdm.regions import FACE, Patch
from engine.render.tgdm.renderer import TgdmRenderer
from engine.render.tgdm.sampling import denoise
from engine.render.tgdm.schedule import START, kept, share_of_start
from engine.render.tgdm.weights import Weights
from engine.render.topology import MOUTH
from engine.render.warp import WarpRenderer
from engine.training import train_tgdm
from engine.training.build_tgdm_pack import build
from engine.training.critic import Critic
from engine.training.tgdm_cases import Case, CaseWriter, jpeg_of, read_cases
from engine.training.tgdm_pack import read_packs
from tests.tiny_denoiser import TINY, write_weights


@pytest.fixture(scope="module")
def hopper(samples: Path) -> tuple[np.ndarray, Fit]:
    rgb = read_image(samples / "hopper.jpg").rgb
    return rgb, fit_face(choose_face(rgb), load_head_model())


@pytest.fixture(scope="module")
def warp(hopper: tuple[np.ndarray, Fit]) -> WarpRenderer:
    renderer = WarpRenderer()
    renderer.set_portrait(hopper[0], None, hopper[1])
    return renderer


@pytest.fixture(scope="module")
def patches(hopper: tuple[np.ndarray, Fit], warp: WarpRenderer) -> PatchedPortrait:
    rgb, fit = hopper
    return PatchedPortrait(rgb, fit, warp.geometry(fit.values()))


def test_patches_follow_the_size_of_the_face(hopper: tuple[np.ndarray, Fit], tmp_path: Path):
    rgb, fit = hopper
    fine, coarse = Weights(Denoiser(TINY), 128), Weights(Denoiser(TINY), 64)
    assert [fine.side(unit) for unit in (30, 80, 90, 400)] == [96, 96, 128, 128] and coarse.side(400) == 64
    assert [Weights(fine.net, 256).side(unit) for unit in (30, 90, 150, 400)] == [96, 128, 192, 256]
    path = tmp_path / "fine.safetensors"
    notes = {"shape": json.dumps(vars(TINY)), "pixels": "128"}
    save_file(fine.net.state_dict(), path, metadata=notes)
    renderer = TgdmRenderer(path)
    for size in (1.0, 0.5):
        small = cv2.resize(rgb, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
        renderer.set_portrait(small, None, fit.scaled(size))
        assert renderer.render(fit.values()).shape == small.shape


def test_a_patch_laid_back_is_where_it_was_taken():
    rows, columns = np.mgrid[:200, :240].astype(np.float32)
    picture = np.dstack([columns, rows, columns / 2]).astype(np.uint8)
    turned = 0.6 * np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
    patch = Patch(np.column_stack([turned, 32 - turned @ (120, 100)]), 64)
    laid, where = patch.back(patch.of(picture).astype(np.float32), picture.shape)
    inside = np.s_[80:120, 100:140]
    whole = np.zeros((200, 240, 3), np.float32)
    whole[where] = laid
    assert np.abs(whole[inside] - picture[inside]).max() < 2


def test_at_rest_every_patch_of_the_portrait_shows_itself(patches: PatchedPortrait):
    for view in patches.source:
        rows, columns = np.mgrid[: view.patch.pixels, : view.patch.pixels]
        seen = np.isfinite(view.maps.source[..., 0])
        assert seen.mean() > 0.5
        away = np.abs(view.maps.source - np.dstack([columns, rows]))[seen]
        assert np.quantile(away, 0.98) < 0.05
        stretch = view.maps.trust[..., 1][seen].astype(int) - 128
        assert np.abs(np.median(stretch)) <= 1


def test_the_maps_know_an_open_mouth_and_shut_eyes(
    hopper: tuple[np.ndarray, Fit], warp: WarpRenderer, patches: PatchedPortrait
):
    rgb, fit = hopper
    values = fit.values()
    mouths, eyes = [], []
    for open_, shut in ((0.0, 1.0), (0.3, 0.5), (0.7, 0.0)):
        values[INDEX["jawOpen"]] = open_
        values[[INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] = shut
        views = patches.views(rgb, warp.geometry(values))
        mouths.append((views[0].maps.geometry[..., 6] > 0).sum())
        eyes.append([(view.maps.geometry[..., 7] > 0).sum() for view in views[1:]])
    assert mouths[0] < mouths[1] < mouths[2]
    assert (np.diff(eyes, axis=0) > 0).all()


def test_the_left_eye_is_seen_as_in_a_mirror(patches: PatchedPortrait):
    _, right, left = patches.source
    code = [view.maps.geometry[..., :3].astype(int) for view in (right, left)]
    both = np.isfinite(right.maps.source[..., 0]) & np.isfinite(left.maps.source[..., 0])
    assert np.median(np.abs(code[0] - code[1])[both]) < 6  # of 256


def test_noise_goes_with_the_skin(hopper: tuple[np.ndarray, Fit], warp: WarpRenderer, patches: PatchedPortrait):
    noise = np.random.default_rng(0).standard_normal((patches.pixels, patches.pixels, 3), np.float32)
    values = hopper[1].values()
    values[INDEX["jawOpen"]] = 0.4
    view = patches.views(hopper[0], warp.geometry(values))[0]
    carried = noise_on(view.maps.source, noise)
    assert carried.std() == pytest.approx(1, abs=0.05)
    y, x = np.argwhere(np.abs(view.maps.source[..., 1] - np.mgrid[: patches.pixels, : patches.pixels][0]) > 4)[10]
    there = np.round(view.maps.source[y, x]).astype(int)
    assert carried[y, x] == pytest.approx(noise[there[1], there[0]])


def test_sampling_takes_the_way_that_training_prepares_for():
    truth, start = torch.rand(2, 3, 8, 8) * 2 - 1, torch.rand(2, 18, 8, 8) * 2 - 1
    noise = torch.randn(2, 3, 8, 8)
    met = []

    class Oracle(torch.nn.Module):
        def forward(self, noisy: torch.Tensor, level: torch.Tensor, *_: object) -> torch.Tensor:
            met.append((noisy, float(level[0])))
            return truth

    last = list(denoise(Oracle(), Memory(noise, ()), start, noise, 4))[-1]  # type: ignore[arg-type]
    assert torch.allclose(last, truth)
    for noisy, level in met:
        step = int(np.argmin(np.abs(1 - kept() - level)))
        between = truth + share_of_start()[step] * (start[:, :3] - truth)
        expected = kept()[step] ** 0.5 * between + (1 - kept()[step]) ** 0.5 * noise
        assert torch.allclose(noisy, expected.float(), atol=1e-4)
    assert len(met) == 4 and met[0][1] == pytest.approx(1 - kept()[START - 1])


def test_untrained_it_draws_what_the_warp_draws(hopper: tuple[np.ndarray, Fit], warp: WarpRenderer, tmp_path: Path):
    rgb, fit = hopper
    renderer = TgdmRenderer(write_weights(tmp_path / "a.safetensors", loud=False))
    renderer.set_portrait(rgb, None, fit)
    values = fit.values()
    values[INDEX["jawOpen"]] = 0.5
    assert np.abs(renderer.render(values).astype(int) - warp.render(values)).max() <= 1


def test_it_changes_the_face_alone_and_the_same_way_every_time(
    hopper: tuple[np.ndarray, Fit], warp: WarpRenderer, tmp_path: Path
):
    rgb, fit = hopper
    renderer = TgdmRenderer(write_weights(tmp_path / "a.safetensors", loud=True))
    renderer.set_portrait(rgb, None, fit)
    rows = [fit.values(), fit.values()]
    rows[1][INDEX["jawOpen"]] = 0.5
    together = renderer.render_batch(rows)
    for row, picture in zip(rows, together, strict=True):
        alone = np.abs(renderer.render(row).astype(int) - picture)
        assert alone.max() <= 6 and alone.mean() < 0.05  # half precision rounds differently in a batch
        change = np.abs(picture.astype(int) - warp.render(row)).max(2)
        assert change.max() > 20
        outside = np.ones(change.shape, bool)
        face = warp.geometry(row).landmarks[:, :2]
        (x0, y0), (x1, y1) = face.min(0).astype(int), face.max(0).astype(int)
        outside[y0 - 2 : y1 + 3, x0 - 2 : x1 + 3] = False
        assert change[outside].max() <= 4


def test_the_whole_face_is_lit_anew_but_for_mouth_and_eyes_and_the_portrait_itself_is_not(
    hopper: tuple[np.ndarray, Fit], warp: WarpRenderer, tmp_path: Path
):
    rgb, fit = hopper
    parts = write_weights(tmp_path / "parts.safetensors", loud=False)
    face = write_weights(tmp_path / "face.safetensors", loud=True)
    renderer = TgdmRenderer(parts, face=face)
    renderer.set_portrait(rgb, None, fit)
    assert np.abs(renderer.render(fit.values()).astype(int) - warp.render(fit.values())).max() <= 4
    values = fit.values()
    values[INDEX["jawOpen"]], values[INDEX["headYaw"]] = 0.6, 12.0
    change = np.abs(renderer.render(values).astype(int) - warp.render(values)).max(2)
    geometry = warp.geometry(values)
    hole = np.zeros(change.shape, np.uint8)
    cv2.fillPoly(hole, [np.round(geometry.landmarks[list(MOUTH.ring), :2]).astype(np.int32)], (1,))
    middle = cv2.erode(hole, np.ones((11, 11), np.uint8)) > 0
    nose = tuple(np.round(geometry.landmarks[[4, 195, 50, 280], 1::-1]).astype(int).T)
    assert middle.sum() > 50 and np.median(change[middle]) <= 2
    assert change[nose].max() > 10
    outside = np.ones(change.shape, bool)
    (x0, y0), (x1, y1) = (end(geometry.landmarks[:, :2], axis=0).astype(int) for end in (np.min, np.max))
    outside[y0 - 2 : y1 + 3, x0 - 2 : x1 + 3] = False
    assert change[outside].max() <= 2


def test_light_is_told_from_the_skin_and_stays_where_it_is_when_the_head_turns(
    hopper: tuple[np.ndarray, Fit], warp: WarpRenderer
):
    rgb, fit = hopper
    patches = PatchedPortrait(rgb, fit, warp.geometry(fit.values()), regions=(FACE,))

    def lit_from_the_right(view: View) -> View:
        normals = view.maps.geometry[..., 3:6].astype(float) / 127.5 - 1
        falls = np.clip(0.35 + 0.25 * normals[..., 0] - 0.15 * normals[..., 2], 0, 1)
        return replace(view, rgb=np.uint8(np.round(255 * falls[..., None] ** (1 / 2.2) * [0.9, 0.7, 0.6])))

    source = lit_from_the_right(patches.source[0])
    light = FaceLight.of(source)
    right, left = harmonics(np.array([[0.6, 0, -0.8], [-0.6, 0, -0.8]])) @ light.harmonics
    assert right / left == pytest.approx((0.35 + 0.15 + 0.12) / (0.35 - 0.15 + 0.12), rel=0.1)
    assert np.abs(light.change(source)).max() < 3
    for yaw in (-20.0, 20.0):
        values = fit.values()
        values[INDEX["headYaw"]] = yaw
        bare = patches.views(rgb, warp.geometry(values))[0]
        x, y = np.nan_to_num(bare.maps.source).transpose(2, 0, 1)
        drawn = replace(bare, rgb=cv2.remap(source.rgb, x, y, cv2.INTER_LINEAR))
        skin = bare.maps.trust[..., 0] > 64
        wanted = (lit_from_the_right(bare).rgb.astype(float) - drawn.rgb)[skin].mean(1)
        found = light.change(drawn)[skin].mean(1)
        assert np.corrcoef(wanted, found)[0, 1] > 0.8
        assert 0.3 < np.abs(found).mean() / np.abs(wanted).mean() < 0.8, "half of the light's power"


def test_what_gets_darker_keeps_its_contrast_and_what_gets_lighter_its_grain():
    picture = np.where(np.arange(256) % 2, 200.0, 100.0)[None, :, None] * np.ones((256, 1, 3), np.float32)
    patch = Patch(np.array([[0.25, 0, -0.375], [0, 0.25, -0.375]]), 64)
    blank = np.zeros((64, 64, 9), np.uint8)
    view = View(patch, Maps(blank, np.zeros((64, 64, 2), np.float32), blank), np.full((64, 64, 3), 150, np.uint8))
    inner = np.s_[100:150, 100:150]
    for change, even, odd in ((-75.0, 50, 100), (30.0, 130, 230)):
        laid = picture.astype(np.float32)
        lay_change(laid, view, np.full((64, 64, 3), change, np.float32))
        assert laid[inner][:, ::2] == pytest.approx(even, abs=0.5)
        assert laid[inner][:, 1::2] == pytest.approx(odd, abs=0.5)


def test_in_the_mouth_it_changes_light_rather_than_colour(
    hopper: tuple[np.ndarray, Fit], warp: WarpRenderer, tmp_path: Path
):
    renderer = TgdmRenderer(write_weights(tmp_path / "a.safetensors", loud=True))
    renderer.set_portrait(hopper[0], None, hopper[1])
    values = hopper[1].values()
    values[INDEX["jawOpen"]] = 0.3
    change = renderer.render(values).astype(float) - warp.render(values)
    hole = np.zeros(change.shape[:2], np.uint8)
    rim = warp.geometry(values).landmarks[list(MOUTH.ring), :2]
    cv2.fillPoly(hole, [np.round(rim).astype(np.int32)], (1,))
    inside = cv2.erode(hole, np.ones((9, 9), np.uint8)) > 0
    around = (cv2.dilate(hole, np.ones((15, 15), np.uint8)) > 0) & (cv2.dilate(hole, np.ones((7, 7), np.uint8)) == 0)
    colour = np.abs(change - (change @ [0.299, 0.587, 0.114])[..., None]).mean(2)
    shares = [colour[where].mean() / np.abs(change[where]).mean() for where in (inside, around)]
    assert inside.sum() > 50 and np.abs(change[inside]).mean() > 2
    assert shares[0] < 0.6 * shares[1]


def test_weights_that_are_none_are_refused_in_one_line(tmp_path: Path):
    wrong = tmp_path / "wrong.safetensors"
    save_file({"a": torch.zeros(1)}, wrong)
    for path in (wrong, tmp_path / "missing.safetensors"):
        with pytest.raises(ResourceError, match=path.name):
            TgdmRenderer(path)


def test_without_a_portrait_it_says_so(tmp_path: Path):
    renderer = TgdmRenderer(write_weights(tmp_path / "a.safetensors", loud=False))
    with pytest.raises(InputError, match="set_portrait"):
        renderer.render(np.zeros(60, np.float32))


def test_the_portrait_is_looked_up():
    """Another portrait, another result: through texture attention and the identity code."""
    torch.manual_seed(0)
    net = Denoiser(TINY).eval()
    for part in [net.out[2], *(look.out for look in net.attend)]:  # type: ignore[union-attr]
        torch.nn.init.normal_(part.weight, std=0.3)  # type: ignore[union-attr, arg-type]
    conditions, noisy, level = torch.randn(1, TARGET - 3, 32, 32), torch.randn(1, 3, 32, 32), torch.ones(1)
    with torch.no_grad():
        one, other = (net(noisy, level, conditions, net.remember(torch.randn(1, SOURCE, 32, 32))) for _ in range(2))
    assert (one - other).abs().max() > 1e-3


def test_the_way_between_two_fits_is_the_way(hopper: tuple[np.ndarray, Fit]):
    fit = hopper[1]
    values = fit.values()
    values[[INDEX["headYaw"], INDEX["headX"], INDEX["headScale"]]] = 7, 0.1, 1.1
    moved = Fit(fit.landmarks, fit.person, fit.expression, fit.gaze, fit.pose.moved(values))
    assert np.allclose(way_between(fit, moved), values, atol=1e-4)


def test_cases_travel_and_become_packs(hopper: tuple[np.ndarray, Fit], warp: WarpRenderer, tmp_path: Path):
    rgb, fit = hopper
    values = fit.values()
    values[[INDEX["jawOpen"], INDEX["headYaw"]]] = 0.4, 6
    moved = replace(fit, expression=values[:52], pose=fit.pose.moved(values), landmarks=fit.points(values)[:478])
    frames = [jpeg_of(rgb), jpeg_of(rgb), jpeg_of(warp.render(values))]
    with CaseWriter(tmp_path / "cases", "some") as writer:
        writer.add(Case.of(11, [jpeg_of(rgb)], [fit]))
        writer.add(Case.of(3, frames, [fit, fit, moved]))
    picture, clip = read_cases(tmp_path / "cases" / "some-00.npz")
    assert picture.jpegs == frames[:1] and clip.jpegs == frames
    for before, after in zip((fit, fit, moved), clip.fits(load_head_model()), strict=True):
        assert np.abs(before.landmarks - after.landmarks).max() <= 1 / 32
        assert np.allclose(before.points(values), after.points(values), atol=0.1)
    assert build(0, 1, tmp_path / "cases", tmp_path / "packs", each=1) == 9
    (learned,) = read_packs([tmp_path / "packs" / "learn-0-000.npz"])
    (held,) = read_packs([tmp_path / "packs" / "held-0-000.npz"])
    assert len(held["truth"]) == 3 and learned["has_previous"].tolist() == [0, 0, 0, 1, 1, 1]
    mouth, same = learned["region"] == 0, np.abs(learned["truth"].astype(int) - learned["warp"])[:3].mean()
    assert same < 4  # the first target is the portrait itself, but for JPEG
    openings = (learned["geometry"][mouth][..., 6] > 0).mean((1, 2))
    assert openings[1] > openings[0] + 0.01


def test_it_learns_and_goes_on_where_it_stopped(hopper: tuple[np.ndarray, Fit], tmp_path: Path):
    with CaseWriter(tmp_path / "cases", "hopper") as writer:
        for number in (1, 11):
            writer.add(Case.of(number, [jpeg_of(hopper[0])], [hopper[1]]))
    build(0, 1, tmp_path / "cases", tmp_path, each=2)
    options = argparse.Namespace(packs=tmp_path, out=tmp_path, device="cpu", threads=1, channels=(8, 16, 16), blocks=1)
    vars(options).update(
        batch=4, pixels=32, rate=3e-3, steps=120, minutes=5.0, seed=0, without=[], start=None, doubt=0.0
    )
    train_tgdm.train(options)
    first = train_tgdm.Trainer(tmp_path, Shape((8, 16, 16), 1), 3e-3, torch.device("cpu"))
    assert first.steps == 120 and first.seen == 480
    held_out = train_tgdm.Batches([tmp_path / "held-0-000.npz"], 32, torch.device("cpu"), 0)
    found, plain = train_tgdm.held_loss(first, held_out)
    assert found < plain
    options.steps, options.doubt = 122, 0.5
    train_tgdm.train(options)
    again = train_tgdm.Trainer(tmp_path, Shape((8, 16, 16), 1), 3e-3, torch.device("cpu"))
    assert again.steps == 122 and again.seconds >= first.seconds
    assert torch.equal(again.critics.state_dict()["state"][0]["step"], torch.tensor(2.0)), "the critic goes on, too"
    fresh = train_tgdm.Trainer(tmp_path / "fresh", Shape((8, 16, 16), 1), 3e-3, torch.device("cpu"))
    fresh.begin(tmp_path / "tgdm.safetensors")
    assert train_tgdm.held_loss(fresh, held_out)[0] == pytest.approx(train_tgdm.held_loss(again, held_out)[0], rel=0.01)


def test_a_critic_learns_to_tell_soft_patches_and_pulls_them_towards_grain():
    torch.manual_seed(0)
    shape = {"geometry": 9, "trust": 2, "warp": 3}
    batch = {name: torch.zeros(4, channels, 32, 32) for name, channels in shape.items()}
    batch["whole"] = torch.zeros(4, dtype=torch.bool)
    soft, critic = torch.zeros(4, 3, 32, 32), Critic()
    optimiser = torch.optim.Adam(critic.parameters(), lr=1e-3)
    for _ in range(150):
        batch["truth"] = 0.3 * torch.randn(4, 3, 32, 32)
        loss = critic.loss(soft, batch)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss < 1, "2 is all that one knows who cannot tell"
    grain = torch.randn(4, 3, 32, 32)
    assert critic.doubt(0.3 * grain, batch) < critic.doubt(0.1 * grain, batch) < critic.doubt(soft, batch)


def test_renderers_are_chosen_by_name(hopper: tuple[np.ndarray, Fit], warp: WarpRenderer):
    rgb, fit = hopper
    values = fit.values()
    values[INDEX["jawOpen"]] = 0.3
    drawn = {}
    for name in ("auto", "warp", "tgdm"):
        renderer = make_renderer(name)
        renderer.set_portrait(rgb, None, fit)
        drawn[name] = renderer.render(values)
    assert (drawn["warp"] == warp.render(values)).all()
    assert (drawn["auto"] == drawn["tgdm"]).all() and (drawn["tgdm"] != drawn["warp"]).any()
    with pytest.raises(InputError, match="warp"):
        make_renderer("oil on canvas")
