"""Modelled mouths to learn from: they lie between the lips alone, are dark where no light comes, and make whole packs."""

from pathlib import Path

import numpy as np
import pytest

from engine.face.fit import Fit, fit_face
from engine.face.head_model import load_head_model
from engine.face.landmarks import choose_face
from engine.media.image import read_image
from engine.project.channels import INDEX
from engine.render.tgdm.pairs import Pair, Portrayer
from engine.training.build_tgdm_heads import build
from engine.training.mouth_interior import TEETH, TONGUE, Insides, Interior, Look, Pictured, form_factor, load_insides
from engine.training.tgdm_cases import Case, jpeg_of
from engine.training.tgdm_heads import drawn_with, head_pairs
from engine.training.tgdm_pack import ORIGINS, read_packs


@pytest.fixture(scope="module")
def hopper(samples: Path) -> tuple[np.ndarray, Fit]:
    rgb = read_image(samples / "hopper.jpg").rgb[::2, ::2].copy()
    return rgb, fit_face(choose_face(rgb), load_head_model())


@pytest.fixture(scope="module")
def insides(shared_data: Path) -> Insides:
    return load_insides(shared_data)


@pytest.fixture(scope="module")
def pairs(hopper: tuple[np.ndarray, Fit], insides: Insides) -> list[Pair]:
    return list(head_pairs(*hopper, insides, 4, np.random.default_rng(0)))


def test_light_falls_off_behind_a_hole():
    ring = np.array([[np.cos(a), np.sin(a), 0.0] for a in np.linspace(0, 2 * np.pi, 64, endpoint=False)])
    depths = np.array([0.5, 1.0, 3.0])
    points, normals = np.outer(depths, [0, 0, 1.0]), np.tile([0, 0, -1.0], (3, 1))
    seen = form_factor(points, normals, ring)
    assert seen == pytest.approx(1 / (1 + depths**2), abs=0.01)  # of a disc, seen along its axis
    assert seen == pytest.approx(form_factor(points, normals, ring[::-1]))


def test_the_modelled_teeth_lie_where_the_head_models_do(hopper: tuple[np.ndarray, Fit], insides: Insides):
    rgb, fit = hopper
    portrayer = Portrayer(rgb, fit)
    for jaw in (0.0, 0.8):
        values = fit.values()
        values[INDEX["jawOpen"]] = jaw
        teeth = portrayer.warp.geometry(values).teeth
        away = np.linalg.norm(insides.placed(teeth)[insides.known] - teeth, axis=1) / fit.pose.scale
        assert np.median(away) < 0.02
        assert away[insides.skull | insides.jaw].max() < 0.06


def test_only_the_hole_between_the_lips_differs_from_the_warp(pairs: list[Pair]):
    for pair in pairs:
        assert len(pair.source) == len(pair.warped) == len(pair.truth) == 1
        mouth = pair.warped[0].maps.geometry[..., 6] > 0
        changed = np.abs(pair.truth[0].astype(int) - pair.warped[0].rgb).max(2) > 24
        rows, columns = np.mgrid[-2:3, -2:3]
        near = np.any([np.roll(mouth, (y, x), (0, 1)) for y, x in zip(rows.flat, columns.flat, strict=True)], axis=0)
        assert not (changed & ~near).any()
    assert any((np.abs(p.truth[0].astype(int) - p.warped[0].rgb).max(2) > 24).any() for p in pairs)


def test_an_open_mouth_has_light_teeth_and_a_dark_throat(hopper: tuple[np.ndarray, Fit], insides: Insides):
    rgb, fit = hopper
    portrayer = Portrayer(rgb, fit)
    pictured = Pictured.of(rgb, fit, portrayer.warp.geometry(fit.values()))
    look = Look.random(np.random.default_rng(3), fit.pose.scale)
    values = fit.values()
    values[INDEX["jawOpen"]] = 0.8
    with drawn_with(portrayer.warp, Interior(pictured, insides, look, 0, own=False)):
        picture = portrayer.warp.render(values).astype(float)
    geometry = portrayer.warp.geometry(values)
    points = insides.placed(geometry.teeth)
    hole = geometry.points[geometry.lips]
    level = {}
    for kind in (TEETH, TONGUE):
        here = points[insides.kinds == kind]
        inside = (np.abs(here[:, :2] - hole.mean(0)[:2]) < 0.3 * np.ptp(hole[:, :2], axis=0)).all(1)
        front = here[inside & (here[:, 2] < np.median(here[inside, 2]))]
        level[kind] = np.median(picture[tuple(np.round(front[:, 1::-1]).astype(int).T)])
    everything = picture[int(hole[:, 1].min()) : int(hole[:, 1].max()), int(hole[:, 0].min()) : int(hole[:, 0].max())]
    assert level[TEETH] > level[TONGUE]
    assert np.quantile(everything.mean(2), 0.1) < 0.5 * np.median(picture)


def test_packs_are_written_once(hopper: tuple[np.ndarray, Fit], shared_data: Path, tmp_path: Path):
    rgb, fit = hopper
    cases = [Case.of(number, [jpeg_of(rgb)], [fit]) for number in (0, 11)]
    for _ in range(2):
        build("heads", shared_data, cases, tmp_path, 1, range(1))
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == ["held-heads-000-000.npz", "learn-heads-000-000.npz"]
    rows = next(read_packs([tmp_path / "learn-heads-000-000.npz"]))
    assert rows["truth"].shape == (1, 128, 128, 3)
    assert rows["region"].tolist() == [0] and rows["origin"].tolist() == [ORIGINS.index("synthetic")]
