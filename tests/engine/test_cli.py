"""The command line as a person or a script uses it, on the samples that ship."""

import csv
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.arguments import prompt_clip
from engine.cli import main
from engine.errors import InputError
from engine.export.provenance import read_provenance
from engine.jobs import new_project
from engine.media.audio import Audio, write_audio
from engine.media.image import read_image, resized, write_image
from engine.media.video import probe
from engine.media.video_writer import VideoWriter
from engine.project.channels import CHANNELS, INDEX, NAMES
from engine.project.motion import Motion
from engine.project.motion_csv import read_motion_csv, write_motion_csv
from engine.project.storage import save_project
from engine.project.timing import ALWAYS, TimeRange


def table(path: Path, frames: int, rate: Fraction) -> Path:
    """A motion table in which the jaw opens and shuts."""
    values = np.tile(np.array([channel.neutral for channel in CHANNELS], np.float32), (frames, 1))
    values[:, INDEX["jawOpen"]] = 0.3 * np.abs(np.sin(np.arange(frames)))
    write_motion_csv(path, values, rate)
    return path


def test_a_prompt_is_text_with_an_optional_range():
    assert prompt_clip("happy").span == ALWAYS
    clip = prompt_clip("grieving, trying to smile@1.5-4")
    assert (clip.text, clip.span) == ("grieving, trying to smile", TimeRange(Fraction(3, 2), Fraction(4)))
    assert prompt_clip("sad@1:02-1:03").span == TimeRange(Fraction(62), Fraction(63))
    for wrong in ("", "@1-2"):
        with pytest.raises(InputError, match="no words"):
            prompt_clip(wrong)
    for wrong in ("sad@3-2", "sad@-3-1", "sad@0-inf", "sad@2", "sad@", "sad@a-b", "sad@0-nan", "sad@1-2-3"):
        with pytest.raises(InputError, match=f'{wrong}.*is no range.*"TEXT@START-END"'):
            prompt_clip(wrong)


def test_a_table_becomes_a_video_of_its_length_rate_and_size(samples: Path, tmp_path: Path):
    motion = table(tmp_path / "m.csv", 20, Fraction(30000, 1001))
    output = tmp_path / "o.mp4"
    portrait = str(samples / "hopper.jpg")
    assert main(["render", "--portrait", portrait, "--motion", str(motion), "--size", "192", "-o", str(output)]) == 0
    info = probe(output)
    assert (info.rate, info.frames, info.size) == (Fraction(30000, 1001), 20, (192, 192))
    origin = read_provenance(output)
    assert origin is not None
    assert origin["portrait"]["name"] == "hopper.jpg"


def test_the_mouth_is_moved_by_what_is_asked_for(samples: Path, tmp_path: Path):
    said = ["--portrait", str(samples / "hopper.jpg"), "--audio", str(samples / "speech.flac")]
    tables = []
    for i, asked in enumerate(([], ["--motion-model", "phones"], ["--intensity", "0.5"])):
        assert main(["motion", *said, *asked, "-o", str(tmp_path / f"{i}.csv")]) == 0
        tables.append(read_motion_csv(tmp_path / f"{i}.csv")[0])
    jaws = [values[:, INDEX["jawOpen"]] for values in tables]
    assert not np.array_equal(jaws[0], jaws[1])
    assert jaws[2].mean() < 0.8 * jaws[0].mean()
    assert np.array_equal(tables[2][:, INDEX["headYaw"]], tables[0][:, INDEX["headYaw"]])


def test_track_writes_every_channel_and_render_takes_it(samples: Path, tmp_path: Path):
    output = tmp_path / "t.csv"
    assert main(["track", str(samples / "astronaut.jpg"), "-o", str(output)]) == 0
    with output.open() as file:
        header, *rows = csv.reader(file)
    assert header == ["time", *NAMES]
    assert len(rows) == 1
    values, _ = read_motion_csv(output)
    smile = values[0, [INDEX["mouthSmileLeft"], INDEX["mouthSmileRight"]]].mean()
    assert smile > 0.4, "the astronaut smiles broadly"


def test_what_would_be_of_no_effect_is_refused_and_a_size_is_taken(samples: Path, tmp_path: Path, capsys):
    moved, made = table(tmp_path / "m.csv", 5, Fraction(25)), tmp_path / "a.portrayal"
    values, rate = read_motion_csv(moved)
    project = replace(new_project(samples / "hopper.jpg"), motion=Motion.from_dense(values, rate))
    save_project(project, made)
    common = ["--size", "128", "-o", str(tmp_path / "o.mp4")]
    wrong = ["render", str(made), "--prompt", "sad", "--fps", "10", *common]
    assert main(wrong) == 2 and "leave out --prompt and --fps" in capsys.readouterr().err
    wrong = ["render", "--portrait", str(samples / "hopper.jpg"), "--motion", str(moved), "--prompt", "sad", *common]
    assert main(wrong) == 2 and "leave out --prompt" in capsys.readouterr().err
    for given in (["--seed", "3"], ["--follow-voice"], ["--motion-model", "phones"], ["--intensity", "1.5"]):
        assert main(["render", str(made), *given, *common]) == 2
        assert f"leave out {given[0]}" in capsys.readouterr().err
    assert main(["render", str(made), *common]) == 0
    assert max(probe(tmp_path / "o.mp4").size) == 128


def test_json_reports_progress_and_the_result(samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    motion = table(tmp_path / "m.csv", 5, Fraction(25))
    output = str(tmp_path / "o.mp4")
    portrait = str(samples / "hopper.jpg")
    main(["render", "--portrait", portrait, "--motion", str(motion), "--size", "128", "--json", "-o", output])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[-1] == {"event": "finished", "output": output}
    rendering = [line for line in lines if line.get("text") == "Rendering"]
    assert [line["done"] for line in rendering] == [1, 2, 3, 4, 5]


def test_a_recording_without_a_voice_is_told_of(samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    hiss = np.random.default_rng(0).normal(0, 0.05, (2 * 16_000, 1)).astype(np.float32)
    write_audio(tmp_path / "hiss.wav", Audio(hiss, 16_000))
    moved = tmp_path / "motion.csv"
    words = ["motion", "--portrait", samples / "hopper.jpg", "--audio", tmp_path / "hiss.wav", "-o", moved]
    assert main([*map(str, words)]) == 0
    assert "no voice is heard" in capsys.readouterr().err
    assert np.ptp(read_motion_csv(moved)[0][:, INDEX["jawOpen"]]) < 0.01


def notes(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What was told on stderr since last time."""
    return [line.removeprefix("portrayal: ") for line in capsys.readouterr().err.splitlines()]


def hum(path: Path) -> str:
    """A tenth of a second of sound."""
    tone = np.sin(np.arange(1600) / 16).astype(np.float32)[:, None] / 4
    write_audio(path, Audio(tone, 16_000))
    return str(path)


def test_prompts_that_will_not_show_are_told_of_once(samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    said = ["motion", "--portrait", str(samples / "hopper.jpg"), "--audio", hum(tmp_path / "hum.wav")]
    said += ["--motion-model", "phones", "-o", str(tmp_path / "m.csv")]
    asked = ["--prompt", "qwxz blorf", "--prompt", "qwxz blorf", "--prompt", "happy", "--prompt", "...@0-1"]
    assert main([*said, *asked, "--prompt", "sad@5-9"]) == 0
    told = notes(capsys)
    assert [line for line in told if "not understood" in line] == [
        "'qwxz blorf' is not understood: the face stays as good as neutral",
        "'...' is not understood: the face stays as good as neutral",
    ]
    assert [line for line in told if "happy" in line or "sad" in line] == [
        "prompt 'sad' begins at 5 s, but the speech ends at 0.1 s: begin it earlier"
    ]
    assert main([*said, "--prompt", "wütend", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [line["text"] for line in lines if line["event"] == "note"]
    assert told[0] == "'wütend' is not understood: the face stays as good as neutral"
    assert told[1:] == ["no voice is heard in the recording: the lips rest"]


def test_what_speaks_against_a_portrait_is_told_once(samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write_image(tmp_path / "far.png", resized(read_image(samples / "hopper.jpg"), 170).rgb)
    far, heard = ["--portrait", str(tmp_path / "far.png")], ["--audio", hum(tmp_path / "hum.wav")]
    quick = ["--renderer", "warp", "--rights", "it is me", "-o", str(tmp_path / "o.mp4")]
    moved = ["--motion", str(table(tmp_path / "m.csv", 2, Fraction(25)))]
    for command in (
        ["render", *far, *heard, "--size", "300", "--motion-model", "phones", *quick],
        ["render", *far, *moved, *quick],
        ["motion", *far, *heard, "--motion-model", "phones", "-o", str(tmp_path / "m2.csv")],
    ):
        assert main(command) == 0
        advice = [line for line in notes(capsys) if "far.png: The face is small" in line]
        assert len(advice) == 1
    assert main(["render", *far, *moved, "--json", *quick]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["text"] for line in lines if line["event"] == "note"] == advice
    good = ["render", "--portrait", str(samples / "hopper.jpg"), "--size", "128"]
    assert main([*good, *moved, *quick]) == 0
    assert notes(capsys) == []


def test_a_very_large_video_is_told_of_at_once(samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write_image(tmp_path / "vast.jpg", resized(read_image(samples / "hopper.jpg"), 2400).rgb[:2300])
    said = ["render", "--portrait", str(tmp_path / "vast.jpg"), "--motion", str(tmp_path / "gone.csv")]
    said += ["-o", str(tmp_path / "o.mp4")]
    assert main(said) == 5
    told = notes(capsys)
    assert "rendering at 2400x2300 pixels" in told[0] and "--size" in told[0] and "gone.csv" in told[1]
    for size in ("128", "source"):
        assert main([*said, "--size", size]) == 5
        assert len(notes(capsys)) == 1


def test_a_place_that_cannot_take_the_result_is_refused_at_once(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "some.folder"
    folder.mkdir()
    for command in ("render", "motion", "swap --video gone.mp4", "demo", "track"):
        media = {"demo": [], "track": ["gone.mp4"]}.get(command, ["--portrait", str(tmp_path / "gone.jpg")])
        assert main([*command.split(), *media, "-o", str(folder)]) == 7
        assert "is a folder" in capsys.readouterr().err
        if command not in ("motion", "track"):
            assert main([*command.split(), *media, "-o", str(tmp_path / "out.xyz")]) == 2
            assert "only MP4 is written: name it out.mp4, not .xyz" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [folder]


def test_a_picture_drives_by_group_and_gain(samples: Path, tmp_path: Path):
    output = str(tmp_path / "o.mp4")
    pictures = ["--portrait", str(samples / "hopper.jpg"), "--drive", str(samples / "astronaut.jpg")]
    more = ["--drive-groups", "mouth,head", "--drive-gain", "mouth=1.5,head=0", "--drive-part", "0-0.2"]
    assert main(["render", *pictures, *more, "--size", "128", "--rights", "she agreed", "-o", output]) == 0
    told = read_provenance(output)
    assert told and told["rights"][0]["ground"] == "she agreed" and told["drives"][0]["name"] == "astronaut.jpg"
    assert probe(output).frames == 5


def test_a_face_is_swapped_into_a_video(samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    film, output = str(tmp_path / "film.mp4"), str(tmp_path / "swapped.mp4")
    motion = table(tmp_path / "m.csv", 4, Fraction(25))
    portrait = ["--portrait", str(samples / "hopper.jpg")]
    assert main(["render", *portrait, "--motion", str(motion), "--size", "200", "-o", film]) == 0
    arguments = ["swap", "--portrait", str(samples / "astronaut.jpg"), "--video", film]
    assert main([*arguments, "--strength", "0.8", "--feather", "0.1", "--json", "-o", output]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert lines[-1] == {"event": "finished", "output": output}
    assert probe(output).frames == 4 and probe(output).size == probe(film).size
    told = read_provenance(output)
    assert told and told["swaps"][0]["name"] == "film.mp4"
    assert main([*arguments, "--face", "3", "-o", output]) == 4
    assert "face 3" in capsys.readouterr().err
    assert main([*arguments, "--strength", "2", "-o", output]) == 2


def test_a_video_without_a_face_is_named(samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with VideoWriter(tmp_path / "wall.mp4", (160, 120), Fraction(25)) as wall:
        for _ in range(2):
            wall.write(np.full((120, 160, 3), 110, np.uint8))
    arguments = ["swap", "--portrait", str(samples / "hopper.jpg"), "--video", str(tmp_path / "wall.mp4")]
    assert main([*arguments, "--renderer", "warp", "-o", str(tmp_path / "o.mp4")]) == 4
    assert "wall.mp4: no face found in 2 frames" in notes(capsys)[-1]


# What is wrong -> arguments after `render`, exit code, what the message must say. {0} is a folder of broken files.
OUT = "-o {0}/out.mp4"
SPOKEN = f"--audio {{1}}/speech.flac {OUT}"
WRONG = {
    "no such picture": (f"--portrait {{0}}/gone.png {SPOKEN}", 3, "gone.png"),
    "empty picture": (f"--portrait {{0}}/empty.png {SPOKEN}", 3, "empty.png"),
    "no face": (f"--portrait {{0}}/grey.png {SPOKEN}", 4, "grey.png"),
    "no such face": (f"--portrait {{1}}/hopper.jpg --face 3 {SPOKEN}", 4, "3"),
    "picture as sound": (f"--portrait {{1}}/hopper.jpg --audio {{1}}/hopper.jpg {OUT}", 3, "hopper.jpg"),
    "nothing to perform": (f"--portrait {{1}}/hopper.jpg {OUT}", 2, "--audio"),
    "no portrait": (SPOKEN, 2, "--portrait"),
    "broken table": (f"--portrait {{1}}/hopper.jpg --motion {{0}}/broken.csv {OUT}", 5, "jawOpen"),
    "too intense": (f"--portrait {{1}}/hopper.jpg --audio {{1}}/speech.flac --intensity 3 {OUT}", 2, "intensity"),
    "sound as weights": (
        f"--portrait {{1}}/hopper.jpg --motion {{0}}/still.csv --personal {{1}}/speech.flac {OUT}",
        2,
        "no personal weights",
    ),
    "two motions": (f"--portrait {{1}}/hopper.jpg --motion a.csv --drive b.mp4 {OUT}", 2, "--drive"),
    "unknown group": (f"--portrait {{1}}/hopper.jpg --drive {{1}}/astronaut.jpg --drive-groups nose {OUT}", 2, "nose"),
    "wrong gain": (f"--portrait {{1}}/hopper.jpg --drive {{1}}/astronaut.jpg --drive-gain big {OUT}", 2, "big"),
    "wrong rate": (f"--portrait {{1}}/hopper.jpg --fps fast {SPOKEN}", 2, "fast"),
    "wrong size": (f"--portrait {{1}}/hopper.jpg --size big {SPOKEN}", 2, "big"),
    "no folder": ("--portrait {1}/hopper.jpg --audio {1}/speech.flac -o {0}/no/out.mp4", 7, "no folder"),
    "not a project": (f"{{1}}/hopper.jpg {OUT}", 5, "hopper.jpg"),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_input_gets_one_line_a_code_and_no_file(
    case: str, samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    write_image(tmp_path / "grey.png", np.full((300, 300, 3), 128, np.uint8))
    (tmp_path / "empty.png").touch()
    (tmp_path / "broken.csv").write_text("time,jawOpen\n0,abc\n")
    table(tmp_path / "still.csv", 1, Fraction(25))
    arguments, code, says = WRONG[case]
    assert main(["render", *arguments.format(tmp_path, samples).split()]) == code
    message = capsys.readouterr().err.strip()
    assert "\n" not in message
    assert says in message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.csv", "empty.png", "grey.png", "still.csv"]


def test_every_picture_without_a_usable_face_gets_one_line_that_names_it(
    shared_data: Path, samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    kinds = {"neg_noface": 4, "neg_animal": 4, "odd_1x1": 4, "odd_flat": 4, "odd_zero": 3}
    pictures = [path for path in (shared_data / "portraits").iterdir() if path.name.startswith(tuple(kinds))]
    assert len(pictures) >= 7
    for picture in pictures:
        code = next(code for kind, code in kinds.items() if picture.name.startswith(kind))
        speech = ["--portrait", str(picture), "--audio", str(samples / "speech.flac")]
        assert main(["render", *speech, "-o", str(tmp_path / "out.mp4")]) == code
        message = capsys.readouterr().err.strip()
        assert picture.name in message
        assert "\n" not in message
        assert not list(tmp_path.iterdir())
