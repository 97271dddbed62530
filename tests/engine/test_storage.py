import json
import math
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from project_strategies import motions, projects

from engine.errors import ExportError, MediaError, ProjectError
from engine.project import atomic, storage
from engine.project.channels import NAMES
from engine.project.curve import Curve, Keyframe, Layer
from engine.project.edits import with_media
from engine.project.media_ref import MediaRef, refer_to
from engine.project.motion import Motion, dense
from engine.project.project import AudioClip, Portrait, Project, PromptClip
from engine.project.storage import check_media, load_project, save_project
from engine.project.timing import ALWAYS

ROOT = Path(__file__).resolve().parents[2]
referring = projects.map(lambda project: with_media(project, lambda ref: replace(ref, embedded=False)))


@pytest.fixture
def rich(tmp_path) -> Project:
    """A project with two media files in a folder beside it, generated motion, and keys."""
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "face.png").write_bytes(b"picture" * 1000)
    (tmp_path / "media" / "speech.wav").write_bytes(b"sound" * 1000)
    values = np.random.default_rng(0).random((50, len(NAMES)), np.float32)
    motion = Motion.from_dense(values, Fraction(30000, 1001))
    layer = Layer((Keyframe(Fraction(1, 3), 0.5, right=(0.25, 0.125)),), ALWAYS, "add")
    return Project(
        Portrait(refer_to(tmp_path / "media" / "face.png")),
        AudioClip(refer_to(tmp_path / "media" / "speech.wav"), Fraction(5, 3), words="héllo"),
        prompts=(PromptClip("glad"),),
        motion=replace(motion, curves={**motion.curves, "jawOpen": replace(motion["jawOpen"], layers=(layer,))}),
    )


def edit_json(path: Path, change) -> None:
    """Rewrite `project.json` inside the file as `change` leaves it."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    content = json.loads(entries["project.json"])
    change(content)
    entries["project.json"] = json.dumps(content).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)


@given(referring, motions())
def test_a_saved_project_comes_back_equal(tmp_path, project, motion):
    project = replace(project, motion=motion)
    save_project(project, tmp_path / "a.portrayal")
    loaded = load_project(tmp_path / "a.portrayal", tmp_path)
    assert loaded == project
    assert dense(loaded.motion).tobytes() == dense(project.motion).tobytes()
    assert not any(curve.generated.flags.writeable for curve in loaded.motion.curves.values())


def test_media_below_the_project_moves_with_it(tmp_path, rich):
    save_project(rich, tmp_path / "a.portrayal")
    moved = tmp_path.with_name(tmp_path.name + " moved")
    tmp_path.rename(moved)
    loaded = load_project(moved / "a.portrayal", moved)
    assert loaded == rich
    check_media(loaded)
    assert [Path(ref.path).parent for ref in loaded.media] == [moved / "media"] * 2
    moved.rename(tmp_path)


def test_embedded_media_needs_no_other_file(tmp_path, rich):
    embedded = with_media(rich, lambda ref: replace(ref, embedded=True))
    save_project(embedded, tmp_path / "a.portrayal")
    for ref in rich.media:
        Path(ref.path).unlink()
    for _ in range(2):  # unpacking again finds what is there
        loaded = load_project(tmp_path / "a.portrayal", tmp_path / "unpacked")
    assert loaded == embedded
    assert loaded.portrait.media.locate().read_bytes() == b"picture" * 1000
    assert loaded.portrait.media.name == "face.png"
    save_project(loaded, tmp_path / "a.portrayal")  # onto the file its media came from
    assert load_project(tmp_path / "a.portrayal", tmp_path / "elsewhere") == loaded


def test_an_embedded_name_cannot_leave_the_folder(tmp_path, rich):
    save_project(with_media(rich, lambda ref: replace(ref, embedded=True)), tmp_path / "a.portrayal")
    for name in ("../../evil.png", "..", "/evil.png", ""):
        edit_json(tmp_path / "a.portrayal", lambda c, name=name: c["project"]["portrait"]["media"].update(path=name))
        loaded = load_project(tmp_path / "a.portrayal", tmp_path / "unpacked")
        assert Path(loaded.portrait.media.path).resolve().is_relative_to(tmp_path / "unpacked")


def test_missing_and_changed_media_are_all_named(tmp_path, rich):
    save_project(rich, tmp_path / "a.portrayal")
    (tmp_path / "media" / "face.png").unlink()
    (tmp_path / "media" / "speech.wav").write_bytes(b"other sound")
    loaded = load_project(tmp_path / "a.portrayal", tmp_path)  # opens, so that it can be mended
    with pytest.raises(MediaError, match=r"face\.png cannot be read.*put it back.*speech\.wav is not the file it was"):
        check_media(loaded)


def test_media_to_embed_that_is_gone_leaves_the_old_file(tmp_path, rich):
    save_project(rich, tmp_path / "a.portrayal")
    (tmp_path / "media" / "face.png").unlink()
    with pytest.raises(MediaError, match=r"face\.png"):
        save_project(with_media(rich, lambda ref: replace(ref, embedded=True)), tmp_path / "a.portrayal")
    assert load_project(tmp_path / "a.portrayal", tmp_path) == rich


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_failure_while_saving_keeps_the_old_file_and_leaves_nothing_else(tmp_path, rich, monkeypatch, step):
    save_project(rich, tmp_path / "a.portrayal")
    before = sorted(tmp_path.iterdir())

    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")

    owner = {"write": zipfile.ZipFile, "fsync": os, "replace": Path}[step]
    monkeypatch.setattr(owner, {"write": "writestr"}.get(step, step), fail)
    with pytest.raises(ExportError, match=r"a\.portrayal cannot be written \(No space left on device\)"):
        save_project(replace(rich, seed=7), tmp_path / "a.portrayal")
    monkeypatch.undo()
    assert sorted(tmp_path.iterdir()) == before
    assert load_project(tmp_path / "a.portrayal", tmp_path) == rich


@pytest.mark.parametrize("last", ["writestr", "fsync", "replace"])
def test_a_crash_while_saving_keeps_the_old_file(tmp_path, rich, last):
    """The process ends abruptly just before `last`, as in a power cut."""
    path = tmp_path / "a.portrayal"
    save_project(rich, path)
    code = (
        "import os, sys, zipfile; from dataclasses import replace; from pathlib import Path;"
        "from engine.project.storage import load_project, save_project;"
        "path = Path(sys.argv[1]); project = load_project(path, path.parent);"
        f"setattr({{'writestr': zipfile.ZipFile, 'fsync': os, 'replace': Path}}[{last!r}], {last!r},"
        " lambda *args, **kwargs: os._exit(9));"
        "save_project(replace(project, seed=7), path)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=False)
    assert done.returncode == 9
    assert load_project(path, tmp_path) == rich
    save_project(replace(rich, seed=8), path)
    assert load_project(path, tmp_path).seed == 8


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ExportError, match="nowhere"):
        save_project(Project(), tmp_path / "nowhere" / "a.portrayal")


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_saving_through_a_link_keeps_the_link(tmp_path):
    save_project(Project(), tmp_path / "a.portrayal")
    (tmp_path / "link.portrayal").symlink_to(tmp_path / "a.portrayal")
    save_project(Project(seed=5), tmp_path / "link.portrayal")
    assert (tmp_path / "link.portrayal").is_symlink()
    assert load_project(tmp_path / "a.portrayal", tmp_path).seed == 5


def test_fields_of_a_newer_minor_version_survive(tmp_path, rich):
    path = tmp_path / "a.portrayal"
    save_project(rich, path)

    def add(content):
        content["version"] = [storage.VERSION[0], 99]
        project = content["project"]
        jaw = project["motion"]["curves"]["jawOpen"]
        for record in (project, project["portrait"], project["prompts"][0], jaw, jaw["layers"][0]["keys"][0]):
            record["mood"] = {"colour": ["blue", 1.5, None]}

    edit_json(path, add)
    loaded = load_project(path, tmp_path)
    edited = replace(loaded, prompts=tuple(replace(clip, strength=0.5) for clip in loaded.prompts))
    save_project(edited, path)
    again = load_project(path, tmp_path)
    assert again == edited
    mood = {"mood": {"colour": ["blue", 1.5, None]}}
    jaw = again.motion["jawOpen"]
    for record in (again, again.portrait, again.prompts[0], jaw, jaw.layers[0].keys[0]):
        assert record.extra == mood


def test_fields_that_an_older_version_lacked_have_their_defaults(tmp_path, rich):
    save_project(rich, tmp_path / "a.portrayal")
    edit_json(tmp_path / "a.portrayal", lambda content: content["project"].pop("prompts"))
    assert load_project(tmp_path / "a.portrayal", tmp_path) == replace(rich, prompts=())


def test_older_versions_are_upgraded_step_by_step(tmp_path, monkeypatch):
    save_project(Project(seed=1), tmp_path / "a.portrayal")
    monkeypatch.setattr(storage, "VERSION", (3, 0))
    monkeypatch.setitem(storage.UPGRADES, 1, lambda project: {**project, "seed": project["seed"] + 1})
    monkeypatch.setitem(storage.UPGRADES, 2, lambda project: {**project, "seed": project["seed"] * 10})
    assert load_project(tmp_path / "a.portrayal", tmp_path).seed == 20


def test_a_newer_major_version_is_refused(tmp_path):
    save_project(Project(), tmp_path / "a.portrayal")
    edit_json(tmp_path / "a.portrayal", lambda content: content.update(version=[2, 0]))
    with pytest.raises(ProjectError, match=r"a\.portrayal was saved by a newer Portrayal \(file version 2\): update"):
        load_project(tmp_path / "a.portrayal", tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"not a zip", b"PK\x03\x04 nearly", b"PK\x05\x06" + bytes(18)],
    ids=["empty", "text", "header", "bare"],
)
def test_a_file_that_is_no_project_is_named(tmp_path, content):
    (tmp_path / "a.portrayal").write_bytes(content)
    with pytest.raises(ProjectError, match=r"a\.portrayal is not a whole project file"):
        load_project(tmp_path / "a.portrayal", tmp_path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ProjectError, match=r"gone\.portrayal cannot be read"):
        load_project(tmp_path / "gone.portrayal", tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(format="scene"),
        lambda c: c.pop("project"),
        lambda c: c.update(version="1"),
        lambda c: c["project"].update(seed="seven"),
        lambda c: c["project"].update(seed=-1),
        lambda c: c["project"].update(prompts=[3]),
        lambda c: c["project"].update(in_out=["0", "soon"]),
        lambda c: c["project"]["portrait"].pop("media"),
        lambda c: c["project"]["motion"].update(rate="25/0"),
        lambda c: c["project"]["motion"].update(rate="1e999999999"),
        lambda c: c["project"]["motion"].update(frames=51),
        lambda c: c["project"]["motion"]["curves"].update(smirk={}),
        lambda c: c["project"]["motion"]["curves"]["jawOpen"].update(generated=999),
    ],
)
def test_nonsense_inside_is_a_project_error(tmp_path, rich, change):
    save_project(rich, tmp_path / "a.portrayal")
    edit_json(tmp_path / "a.portrayal", change)
    with pytest.raises(ProjectError, match=r"a\.portrayal is not a whole project file \(.+\): open its autosave"):
        load_project(tmp_path / "a.portrayal", tmp_path)


@given(data=st.data())
def test_a_truncated_or_altered_file_is_an_error_or_the_same_project(tmp_path, data):
    path = tmp_path / "a.portrayal"
    values = np.linspace(0, 1, 3 * len(NAMES), dtype=np.float32).reshape(3, -1)
    project = Project(prompts=(PromptClip("glad"),), motion=Motion.from_dense(values, Fraction(25)))
    save_project(project, path)
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        assert load_project(path, tmp_path) == project
    except ProjectError as error:
        assert "a.portrayal" in str(error)
        assert "\n" not in str(error)


def test_arrays_with_objects_are_never_unpickled(tmp_path, rich):
    save_project(rich, tmp_path / "a.portrayal")
    with zipfile.ZipFile(tmp_path / "a.portrayal", "a") as archive, archive.open("arrays/60.npy", "w") as entry:
        np.lib.format.write_array(entry, np.array([print], dtype=object), allow_pickle=True)
    with pytest.raises(ProjectError, match="allow_pickle"):
        load_project(tmp_path / "a.portrayal", tmp_path)


def test_embedded_media_that_was_tampered_with_is_refused(tmp_path, rich):
    save_project(with_media(rich, lambda ref: replace(ref, embedded=True)), tmp_path / "a.portrayal")
    sha256 = rich.portrait.media.sha256
    edit_json(tmp_path / "a.portrayal", lambda content: None)
    with zipfile.ZipFile(tmp_path / "a.portrayal") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "b.portrayal", "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, b"other" if sha256 in name else content)
    with pytest.raises(ProjectError, match=r"embedded face\.png has changed"):
        load_project(tmp_path / "b.portrayal", tmp_path / "unpacked")


def test_an_autosave_is_offered_when_it_is_newer(tmp_path):
    path = tmp_path / "film.portrayal"
    assert storage.recoverable(path) is None
    autosave = storage.autosave_path(path)
    assert autosave.parent == path.parent
    save_project(Project(seed=1), autosave)
    assert storage.recoverable(path) == autosave
    save_project(Project(seed=2), path)
    os.utime(autosave, ns=(0, path.stat().st_mtime_ns - 1))
    assert storage.recoverable(path) is None
    os.utime(autosave, ns=(0, path.stat().st_mtime_ns + 1))
    assert storage.recoverable(path) == autosave


def test_an_endless_range_is_plain_json(tmp_path):
    save_project(Project(), tmp_path / "a.portrayal")
    with zipfile.ZipFile(tmp_path / "a.portrayal") as archive:
        content = json.loads(archive.read("project.json"), parse_constant=pytest.fail)
    assert content["project"]["in_out"] == ["0", "inf"]
    assert load_project(tmp_path / "a.portrayal", tmp_path).in_out.end == math.inf


def test_a_block_that_fails_leaves_the_old_file(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"old")
    with pytest.raises(KeyError), atomic.replacing(tmp_path / "a.txt") as file:
        file.write(b"half of the ne")
        raise KeyError
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("a.txt", b"old")]


def test_a_reference_is_to_bytes_not_to_a_place(tmp_path):
    (tmp_path / "a.png").write_bytes(b"face")
    (tmp_path / "b.png").write_bytes(b"face")
    (tmp_path / "c.png").write_bytes(b"other")
    a, b, c = (refer_to(tmp_path / name) for name in ("a.png", "b.png", "c.png"))
    assert a == b != c
    assert replace(a, path=c.path) == a
    with pytest.raises(MediaError, match=r"c\.png is not the file it was"):
        replace(a, path=c.path).locate()
    with pytest.raises(MediaError, match=r"gone\.png cannot be read"):
        refer_to(tmp_path / "gone.png")


def test_curves_that_share_nothing_are_saved_small(tmp_path):
    project = Project(motion=Motion(Fraction(25), 50, {"jawOpen": Curve(np.ones(50, np.float32))}))
    save_project(project, tmp_path / "a.portrayal")
    with zipfile.ZipFile(tmp_path / "a.portrayal") as archive:
        assert archive.namelist() == ["project.json", "arrays/0.npy"]


def test_media_refs_hash_by_content():
    assert len({MediaRef("/a", "0" * 64), MediaRef("/b", "0" * 64), MediaRef("/a", "1" * 64)}) == 2
