"""The shipped encoder on real words, open_clip with a tiny checkpoint from disk, fetching against a local server."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputError, ResourceError
from engine.events import Finished, Progress
from engine.text.encoder import (
    OpenClipEncoder,
    Remembered,
    fetch_folder,
    find_weights,
    load_open_clip,
    registered_weights,
    repository,
)
from engine.text.fetch import fetch_weights, offer
from engine.text.small_encoder import shipped_encoder
from tests.clip_weights import WEIGHTS, serve_hub, tiny_clip

tiny = pytest.fixture(scope="module")(tiny_clip)
hub = pytest.fixture(serve_hub)


def test_texts_of_one_feeling_are_nearer_than_texts_of_another():
    encoder = shipped_encoder()
    pairs = [
        ("overjoyed", "over the moon", "heartbroken"),
        ("furious", "boiling with rage", "bored stiff"),
        ("scared to death", "terrified", "smug"),
        ("knackered", "dead tired", "flirting"),
        ("yuck", "revolting", "proud"),
    ]
    for one, alike, other in pairs:
        a, b, c = encoder.embed([one, alike, other])
        assert a @ b > a @ c + 0.2, (one, alike, other)


def test_rows_are_unit_and_do_not_depend_on_their_neighbours():
    encoder = shipped_encoder()
    texts = ["sad", "a rather long prompt about someone who has waited all day for a train that never came", "", "😡"]
    together = encoder.embed(texts)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together, np.concatenate([encoder.embed([text]) for text in texts]), atol=1e-5)


def test_one_slip_of_the_fingers_hardly_moves_a_text():
    encoder = shipped_encoder()
    for right, wrong in [
        ("happy", "hapy"),
        ("furious", "furiuos"),
        ("disappointed", "dissapointed"),
        ("terrified", "terified"),
    ]:
        a, b = encoder.embed([right, wrong])
        assert a @ b > 0.8, wrong


def test_the_shipped_encoder_needs_no_torch():
    code = "import sys; from engine.text.small_encoder import shipped_encoder as encoder; encoder().embed(['glad']); "
    code += "print('torch' in sys.modules)"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert out.stdout.strip() == "False"


def test_open_clip_loads_a_checkpoint_from_disk(tiny: tuple[str, Path]):
    encoder = OpenClipEncoder(*tiny)
    rows = encoder.embed(["happy", "sad", "happy"])
    assert rows.shape == (3, 32)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.allclose(rows[0], rows[2], atol=1e-5)
    assert not np.allclose(rows[0], rows[1], atol=1e-3)


def test_prompts_are_understood_through_open_clip_too(tiny: tuple[str, Path], tmp_path: Path):
    """Random weights understand nothing, but the anchors themselves are found again, and come from disk the second
    time.
    """
    from engine.text.emotion import understand

    first = Remembered(OpenClipEncoder(*tiny), tmp_path)
    assert understand("furious", first).nearest[0][0] == "furious"
    assert len(list(tmp_path.glob("*.npy"))) == 1
    again = Remembered(OpenClipEncoder(*tiny), tmp_path)
    assert understand("furious", again) == understand("furious", first)


def test_what_open_clip_cannot_load_is_said_in_a_line(tiny: tuple[str, Path], tmp_path: Path):
    with pytest.raises(InputError, match="no weights at"):
        OpenClipEncoder("ViT-B-32", tmp_path / "missing.safetensors")
    with pytest.raises(InputError, match="no model"):
        OpenClipEncoder("ViT-Z-99", tiny[1])
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"not weights")
    with pytest.raises(InputError, match="cannot be loaded") as caught:
        OpenClipEncoder(tiny[0], damaged)
    assert "\n" not in str(caught.value)


def test_weights_on_this_machine_are_found_and_others_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    known = ("ViT-B-32", "laion2b_s34b_b79k")
    assert find_weights(*known, tmp_path) is None
    with pytest.raises(InputError, match="not on this machine"):
        load_open_clip(*known, tmp_path)
    fetched = fetch_folder(*known, tmp_path) / repository(*known)[1]
    fetched.parent.mkdir()
    fetched.write_bytes(b"weights")
    assert find_weights(*known, tmp_path) == fetched


def test_a_model_that_would_use_the_network_while_loading_is_refused(tiny: tuple[str, Path]):
    with pytest.raises(InputError, match="from the network"):
        OpenClipEncoder("roberta-ViT-B-32", tiny[1])


def test_weights_are_found_in_the_registry():
    assert ("ViT-B-32", "laion2b_s34b_b79k") in registered_weights()
    assert repository("ViT-B-32", "laion2b_s34b_b79k")[0] == "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
    with pytest.raises(InputError, match="it has"):
        repository("ViT-B-32", "nothing")


def test_fetching_says_what_would_come_then_brings_it_whole(hub: str, tmp_path: Path):
    found = offer("someone/honest", "model.safetensors", hub)
    assert "3 MB, licence mit" in found.described()
    assert not list(tmp_path.iterdir())
    *progress, last = fetch_weights(found, tmp_path)
    assert isinstance(last, Finished)
    assert last.result.read_bytes() == WEIGHTS
    assert all(isinstance(event, Progress) for event in progress)
    assert progress[-1].done == progress[-1].total == len(WEIGHTS)


def test_another_file_than_offered_is_not_kept(hub: str, tmp_path: Path):
    with pytest.raises(ResourceError, match="another file than offered"):
        list(fetch_weights(offer("someone/lying", "model.safetensors", hub), tmp_path))
    assert not list(tmp_path.iterdir())


def test_a_fetch_that_is_stopped_leaves_nothing(hub: str, tmp_path: Path):
    job = fetch_weights(offer("someone/honest", "model.safetensors", hub), tmp_path)
    next(job)
    job.close()
    assert not list(tmp_path.iterdir())


def test_an_unknown_file_is_refused_before_anything_is_fetched(hub: str):
    with pytest.raises(ResourceError, match="no file"):
        offer("someone/honest", "other.bin", hub)
