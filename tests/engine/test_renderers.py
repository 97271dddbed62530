"""Choosing a renderer, weights of the user's own, weights of one face, and frames kept on disk."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine import jobs, personal_jobs
from engine.cli import main
from engine.errors import EngineError, InputError, ResourceError
from engine.events import Chosen, Estimate, Finished, FrameReady
from engine.export.frame_files import FrameFiles, fitted_to, frame_keys
from engine.project.channels import CHANNELS, INDEX
from engine.project.curve_edits import with_offset
from engine.project.edits import with_settings
from engine.project.media_ref import refer_to
from engine.project.motion import Motion
from engine.project.project import Checkpoint, Project
from engine.project.storage import load_project, save_project
from engine.project.timing import TimeRange
from engine.render import checkpoints, renderers
from engine.render.tgdm import personalise as personalising
from engine.render.tgdm.renderer import TgdmRenderer
from engine.render.tgdm.weights import load_weights
from tests.tiny_denoiser import write_pipeline, write_weights

RATE = Fraction(25)


@pytest.fixture(scope="module")
def talking(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A small portrait whose jaw opens for twelve frames, drawn by a tiny network that changes all it is given."""
    weights = write_weights(tmp_path_factory.mktemp("weights") / "tiny.safetensors", loud=True)
    values = np.tile(np.array([channel.neutral for channel in CHANNELS], np.float32), (12, 1))
    values[:, INDEX["jawOpen"]] = np.linspace(0, 0.5, 12)
    project = replace(jobs.new_project(samples / "hopper.jpg"), motion=Motion.from_dense(values, RATE))
    return with_settings(project, size=160, renderer="tgdm", denoiser=checkpoints.describe(str(weights)), steps=2)


def frames_of(job: jobs.Job) -> dict[int, np.ndarray]:
    return {e.index: e.image for e in job if isinstance(e, FrameReady) and not isinstance(e, Estimate)}


def chosen_by(project: Project) -> list[Chosen]:
    return [event for event in jobs.render_clip(project, range(1)) if isinstance(event, Chosen)]


def test_auto_says_what_it_chose_and_why(talking: Project):
    patient = with_settings(talking, renderer="auto", patience=1e6)
    assert [(c.name, "s of work" in c.why) for c in chosen_by(patient)] == [("tgdm", True)]
    hurried = with_settings(talking, renderer="auto", patience=0)
    (choice,) = chosen_by(hurried)
    assert choice.name == "warp" and "0 s allowed" in choice.why
    warped = frames_of(jobs.render_clip(with_settings(talking, renderer="warp"), range(12)))
    drawn = frames_of(jobs.render_clip(hurried, range(12)))
    assert all((warped[i] == drawn[i]).all() for i in range(12))
    assert not chosen_by(talking), "nothing is chosen where the user has"


def test_without_weights_auto_is_the_warp_and_tgdm_says_what_to_do(talking: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(renderers, "table", dict)
    bare = with_settings(talking, denoiser=None)
    (choice,) = chosen_by(with_settings(bare, renderer="auto"))
    assert choice.name == "warp" and "no weights" in choice.why
    with pytest.raises(ResourceError, match=r"--renderer warp.*--denoiser"):
        list(jobs.render_clip(bare, range(1)))


def test_settings_out_of_range_are_refused(talking: Project):
    for changes in ({"steps": 0}, {"steps": 9}, {"patience": -1.0}):
        with pytest.raises(InputError):
            with_settings(talking, **changes)


def test_each_step_gives_an_estimate_and_the_last_one_is_the_frame(talking: Project):
    events = list(jobs.render_clip(with_settings(talking, steps=4), [5], estimates=True))
    estimates = [event.image for event in events if isinstance(event, Estimate)]
    (final,) = (e.image for e in events if isinstance(e, FrameReady) and not isinstance(e, Estimate))
    assert len(estimates) == 4 and (estimates[-1] == final).all() and (estimates[0] != final).any()


def test_frames_are_rendered_once_and_again_only_where_they_changed(
    talking: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    asked: list[int] = []
    refine = TgdmRenderer.refine
    monkeypatch.setattr(TgdmRenderer, "refine", lambda self, rows: asked.append(len(rows)) or refine(self, rows))
    files = FrameFiles(tmp_path)
    first = frames_of(jobs.render_clip(talking, range(12), jobs.Stage(files)))
    assert sum(asked) == 12
    again = frames_of(jobs.render_clip(talking, range(12), jobs.Stage(FrameFiles(tmp_path))))
    assert sum(asked) == 12 and all((first[i] == again[i]).all() for i in range(12))
    edited = replace(talking)
    edited = with_offset(edited, ["jawOpen"], TimeRange(Fraction(4, 25), Fraction(6, 25)), 0.2)
    changed = [a != b for a, b in zip(frame_keys(talking, range(12)), frame_keys(edited, range(12)), strict=True)]
    assert any(changed) and not changed[0] and not changed[11]
    frames_of(jobs.render_clip(edited, range(12), jobs.Stage(files)))
    assert sum(asked) == 12 + sum(changed)
    for other in (with_settings(talking, steps=1), with_settings(talking, size=200), replace(talking, seed=1)):
        assert not set(frame_keys(other, range(12))) & set(frame_keys(talking, range(12)))


def test_kept_frames_give_way_to_newer_ones_and_damaged_ones_are_not_believed(tmp_path: Path):
    picture = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    files = FrameFiles(tmp_path, limit=30_000)
    for number in range(12):
        files.put(f"{number:02d}", picture)
    kept = sorted(path.stem for path in tmp_path.glob("*.png"))
    assert 0 < len(kept) < 12 and kept[-1] == "11" and sum(p.stat().st_size for p in tmp_path.iterdir()) <= 30_000
    assert (files.get("11") == picture).all() and files.get("00") is None
    (tmp_path / "11.png").write_bytes(b"cut short")
    assert files.get("11") is None and "11" not in files
    assert fitted_to(picture, (20, 30, 3)).shape == (20, 30, 3)


def test_a_folder_of_diffusers_draws_mouth_and_eyes(talking: Project, tmp_path: Path):
    row = checkpoints.describe(str(write_pipeline(tmp_path / "faces")))
    assert (row.architecture, row.licence) == ("UNet2DModel", "apache-2.0")
    own = with_settings(talking, denoiser=row)
    drawn = frames_of(jobs.render_clip(own, [0, 11]))
    warped = frames_of(jobs.render_clip(with_settings(talking, renderer="warp"), [0, 11]))
    change = np.abs(drawn[11].astype(int) - warped[11]).max(2)
    assert change.max() > 10 and (change > 0).mean() < 0.25
    assert (drawn[11] == frames_of(jobs.render_clip(own, [11]))[11]).all()


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda path: path.unlink(), "no such file"),
        (lambda path: write_weights(path, loud=False), "SHA-256 differs"),
    ],
)
def test_checkpoints_that_are_gone_or_changed_are_refused(talking: Project, tmp_path: Path, harm, told: str):
    path = write_weights(tmp_path / "own.safetensors", loud=True)
    project = with_settings(talking, denoiser=checkpoints.describe(str(path)), renderer="auto")
    harm(path)
    with pytest.raises(ResourceError, match=told):
        list(jobs.render_clip(project, range(1)))


def test_checkpoints_of_other_kinds_are_refused(talking: Project, tmp_path: Path):
    grey = checkpoints.describe(str(write_pipeline(tmp_path / "grey", channels=1)))
    (tmp_path / "empty").mkdir()
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "model_index.json").write_text(json.dumps({"unet": ["diffusers", "UNet2DConditionModel"]}))
    other = checkpoints.describe(str(tmp_path / "vae"))
    wrong = replace(talking.settings.denoiser or grey, architecture="UNet2DModel")
    for row, told in ((grey, "RGB"), (other, "choose from tgdm, UNet2DModel"), (wrong, "not UNet2DModel")):
        with pytest.raises(EngineError, match=told):
            list(jobs.render_clip(with_settings(talking, denoiser=row), range(1)))
    with pytest.raises(ResourceError, match=r"model_index\.json"):
        checkpoints.describe(str(tmp_path / "empty"))
    with pytest.raises(ResourceError, match="no such file or folder"):
        checkpoints.describe(str(tmp_path / "nowhere"))


def test_a_name_of_the_hub_is_looked_for_on_this_machine_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from diffusers import DiffusionPipeline

    asked: list[bool] = []

    def download(name: str, local_files_only: bool, **_: object) -> str:
        asked.append(local_files_only)
        if local_files_only:
            raise OSError("not in the cache")
        return str(tmp_path)

    monkeypatch.setattr(DiffusionPipeline, "download", download)
    with pytest.raises(ResourceError, match="--fetch"):
        checkpoints.describe("somebody/faces")
    assert asked == [True]
    assert checkpoints.fetch("somebody/faces") == tmp_path and asked == [True, False]


def test_a_face_is_learnt_from_its_picture_and_drawn_with_what_was_learnt(
    talking: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name, value in {"PAIRS": 5, "LEAST": 8, "BATCH": {"cpu": 4, "cuda": 4, "mps": 4}}.items():
        monkeypatch.setattr(personalising, name, value)
    output = tmp_path / "me.safetensors"
    events = list(personal_jobs.personalise(with_settings(talking, size=None), output, minutes=0.01))
    assert isinstance(events[-1], Finished)
    learnt = events[-1].result
    assert learnt.path == output and learnt.after <= learnt.before and learnt.steps >= 8
    me = with_settings(talking, personal=refer_to(output))
    plain, own = (frames_of(jobs.render_clip(project, [11]))[11] for project in (talking, me))
    assert (plain != own).any() == (learnt.after < learnt.before)
    save_project(me, tmp_path / "me.portrayal")
    again = load_project(tmp_path / "me.portrayal", tmp_path)
    assert again.settings.personal and Path(again.settings.personal.path) == output and again == me
    other = write_weights(tmp_path / "other.safetensors", loud=False)
    with pytest.raises(InputError, match="other weights"):
        load_weights(other, TgdmRenderer(other)._device, output)
    with pytest.raises(InputError, match="no personal weights"):
        load_weights(other, TgdmRenderer(other)._device, other)


def test_learning_that_is_stopped_leaves_nothing(talking: Project, tmp_path: Path):
    job = personal_jobs.personalise(talking, tmp_path / "me.safetensors", minutes=5)
    for event in job:
        if "pairs" in getattr(event, "text", ""):
            break
    job.close()
    assert not list(tmp_path.iterdir())
    with pytest.raises(InputError, match="minutes"):
        list(personal_jobs.personalise(talking, tmp_path / "me.safetensors", minutes=0))


def test_the_command_line_renders_with_weights_of_ones_own(
    talking: Project, samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    save_project(talking, tmp_path / "a.portrayal")
    assert talking.settings.denoiser
    weights = talking.settings.denoiser.source
    render = ["render", str(tmp_path / "a.portrayal"), "-o", str(tmp_path / "a.mp4")]
    assert main([*render, "--renderer", "auto", "--time-limit", "0"]) == 0
    assert "renderer warp: diffusion would need" in capsys.readouterr().err
    assert main([*render, "--denoiser", weights, "--steps", "1"]) == 0
    assert main([*render, "--steps", "20"]) == 2 and "steps 20" in capsys.readouterr().err
    assert main([*render, "--personal", str(tmp_path / "none.safetensors")]) == 3
    capsys.readouterr()
    assert main(["denoiser", weights]) == 0
    told = capsys.readouterr().out
    assert "tgdm" in told and talking.settings.denoiser.sha256 in told
    assert main(["denoiser", str(tmp_path / "nothing")]) == 6


def test_a_row_of_an_unknown_architecture_is_refused(talking: Project):
    row = Checkpoint(str(Path(__file__)), "GAN", "MIT", "0" * 64)
    with pytest.raises(InputError, match="'GAN'"):
        list(jobs.render_clip(with_settings(talking, denoiser=row), range(1)))
