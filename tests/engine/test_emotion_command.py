"""`emotion` as a person or a script uses it: texts, pictures, another encoder, and what is said when it cannot be."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.cli import main
from engine.media.image import write_image
from engine.project.channels import BY_NAME
from engine.text.emotion import Dynamics
from tests.clip_weights import serve_hub, tiny_clip

KEYS = {"channels", "dynamics", "confidence", "nearest"}
hub = pytest.fixture(serve_hub)
tiny = pytest.fixture(scope="module")(tiny_clip)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> object:
    """What the command prints, read as JSON."""
    assert main(["emotion", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_one_text_gives_one_object_with_four_keys(capsys: pytest.CaptureFixture[str]):
    found = printed(capsys, "grieving, but trying to smile")
    assert isinstance(found, dict)
    assert set(found) == KEYS
    assert found["channels"]["browInnerUp"] > 0.4
    assert all(name in BY_NAME and 0 < value <= 1 for name, value in found["channels"].items())
    assert set(found["dynamics"]) == set(Dynamics.__dataclass_fields__)
    assert 0.5 < found["confidence"] <= 1
    word, similarity = found["nearest"][0]
    assert word == "grieving" and similarity > 0.9


def test_several_texts_give_a_list_in_their_order(capsys: pytest.CaptureFixture[str]):
    found = printed(capsys, "furious", "happy", "qwrtzx")
    assert isinstance(found, list)
    assert [set(one) for one in found] == [KEYS] * 3
    assert found[0]["channels"]["browDownLeft"] > 0.5 > 0.3 < found[1]["channels"]["mouthSmileLeft"]
    assert found[2]["confidence"] < 0.25


def test_people_read_lines_and_are_told_what_is_not_understood(capsys: pytest.CaptureFixture[str]):
    assert main(["emotion", "happy", "qwrtzx plmk"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("happy\n")
    assert "mouthSmile 0." in out and "mouthSmileLeft" not in out
    assert "'qwrtzx plmk' is not understood" in err


def test_a_picture_is_read_and_stands_after_the_texts(samples: Path, capsys: pytest.CaptureFixture[str]):
    found = printed(capsys, "sad", "--picture", str(samples / "astronaut.jpg"))
    assert isinstance(found, list)
    assert found[1]["channels"]["mouthSmileLeft"] > 0.5
    assert set(found[1]) == KEYS
    assert any(word in ("smile", "beaming", "grin") for word, _ in found[1]["nearest"])


def test_open_clip_reads_when_asked_to(tiny: tuple[str, Path], tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    found = printed(capsys, "furious", "--open-clip", tiny[0], "--weights", str(tiny[1]))
    assert isinstance(found, dict)
    assert found["nearest"][0][0] == "furious"


KNOWN = ["--open-clip", "ViT-B-32", "--weights", "laion2b_s34b_b79k"]
WRONG = {
    "nothing": ([], 2, "--picture"),
    "empty text": (["happy", "  "], 2, "is empty"),
    "no picture": (["--picture", "gone.png"], 3, "gone.png"),
    "no face": (["--picture", "{0}/grey.png"], 4, "grey.png"),
    "weights of nothing": (["sad", "--weights", "x"], 2, "--open-clip"),
    "no weights named": (["sad", "--open-clip", "ViT-B-32"], 2, "--weights"),
    "unknown weights": (["sad", "--open-clip", "ViT-B-32", "--weights", "none"], 2, "laion2b_s34b_b79k"),
    "missing weights": (["sad", *KNOWN], 2, "not on this machine"),
    "no network": (["sad", *KNOWN, "--fetch"], 6, "check the network"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_said_in_a_line(case: str, tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody answers there
    write_image(tmp_path / "grey.png", np.full((200, 200, 3), 128, np.uint8))
    arguments, code, says = WRONG[case]
    assert main(["emotion", *(part.format(tmp_path) for part in arguments)]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err.strip() and "\n" not in err.strip()


def test_fetching_shows_what_would_come_and_asks_first(hub: str, tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HF_ENDPOINT", hub)
    assert main(["emotion", "sad", *KNOWN, "--fetch"]) == 2
    said = capsys.readouterr().err
    assert "3 MB, licence mit, SHA-256" in said and "add --yes" in said
    assert not list(tmp_path.rglob("*.safetensors"))
    assert main(["emotion", "sad", *KNOWN, "--fetch", "--yes"]) == 2, "what came is no CLIP"
    assert "cannot be loaded" in capsys.readouterr().err
    assert len(list(tmp_path.rglob("*.safetensors"))) == 1


def test_the_help_of_render_tells_what_a_prompt_may_be(capsys: pytest.CaptureFixture[str]):
    for command in ("render", "motion"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        said = " ".join(capsys.readouterr().out.split())
        assert "in your own words" in said and "--follow-voice" in said and "few words" not in said


def test_a_text_is_understood_without_any_heavy_library():
    heavy = ("torch", "open_clip", "huggingface_hub", "mediapipe", "librosa", "cv2", "numba", "scipy", "av", "PIL")
    code = f"""import sys
import engine.emotion_command
from engine.cli import main
assert "engine.text.small_encoder" not in sys.modules, "nothing is loaded before it is needed"
main(["emotion", "happy", "--json"])
print("LOADED", *[name for name in {heavy} if name in sys.modules])"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert run.stdout.strip().endswith("LOADED")
