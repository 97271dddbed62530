"""Exported videos: sound and picture meet to the sample, the file is whole or absent, and failures say what to do."""

import subprocess
import sys
import textwrap
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from media_making import click_times, clicks, grey

from engine.errors import ExportError, InputError, MediaError
from engine.media.audio import Audio, is_silent, read_audio, stream_audio, write_audio
from engine.media.container import open_media
from engine.media.video import probe, read_frames
from engine.media.video_writer import SOUND_RATE, VideoWriter
from engine.project.timing import TimeRange

ROOT = Path(__file__).resolve().parent.parent.parent
NTSC = Fraction(30_000, 1001)
FILM = Fraction(24_000, 1001)
SIZE = (64, 48)


def export(path: Path, rate: Fraction, frames: int, flashes: list[int], sound: Path | None = None) -> Path:
    """A dark video with white frames at `flashes`."""
    blocks = stream_audio(sound, SOUND_RATE, 2) if sound else None
    with VideoWriter(path, SIZE, rate, sound=blocks, frames=frames) as video:
        for i in range(frames):
            video.write(grey(255 if i in flashes else 20, *SIZE))
    return path


@pytest.mark.parametrize(
    ("rate", "seconds", "sound_rate"),
    [
        (Fraction(25), 4, 16_000),
        (FILM, 4, 48_000),
        (Fraction(1350, 61), 4, 44_100),
        (NTSC, 62, 44_100),
        (NTSC, 600, 44_100),
    ],
)
def test_clicks_and_flashes_meet_from_start_to_end(tmp_path, rate, seconds, sound_rate):
    frames = int(seconds * rate)
    flashes = [0, 1 + frames // 11, int(min(60, seconds / 2) * rate), frames - 12]
    times = [flash / rate for flash in flashes]
    sound = clicks(times, frames / rate, sound_rate)
    write_audio(tmp_path / "a.wav", Audio(sound, sound_rate))
    film = export(tmp_path / "a.mp4", rate, frames, flashes, tmp_path / "a.wav")
    info = probe(film)
    assert (info.rate, info.frames, info.seconds, info.variable_rate) == (rate, frames, frames / rate, False)
    white = [i for i, frame in enumerate(read_frames(film)) if frame.mean() > 128]
    assert white == flashes
    audio = read_audio(film)
    assert abs(len(audio.samples) - SOUND_RATE * frames / rate) <= 1
    heard = click_times(audio.samples, audio.rate, times)
    assert np.abs(np.array(heard) - np.array(times, float)).max() < 0.002  # s; half a frame is 0.017


@pytest.mark.parametrize("length", [Fraction(1), Fraction(5)])
def test_sound_is_filled_or_cut_to_the_length_of_the_picture(tmp_path, length):
    write_audio(tmp_path / "a.wav", Audio(clicks([Fraction(1, 2)], length, 44_100) + 0.1, 44_100))
    film = export(tmp_path / "a.mp4", NTSC, 90, [], tmp_path / "a.wav")
    audio = read_audio(film)
    assert abs(len(audio.samples) - SOUND_RATE * 90 / NTSC) <= 1
    assert is_silent(audio.samples[round(1.1 * SOUND_RATE) :]) == (length == 1)


def test_a_part_of_a_recording_starts_with_the_picture(tmp_path):
    write_audio(tmp_path / "a.wav", Audio(clicks([3], 5, 44_100), 44_100))
    blocks = stream_audio(tmp_path / "a.wav", SOUND_RATE, 2, TimeRange(Fraction(5, 2), Fraction(4)))
    with VideoWriter(tmp_path / "a.mp4", SIZE, Fraction(25), sound=blocks) as video:
        for _ in range(37):
            video.write(grey(20, *SIZE))
    audio = read_audio(tmp_path / "a.mp4")
    assert abs(click_times(audio.samples, audio.rate, [0.5])[0] - 0.5) < 0.002


def test_the_picture_and_its_colours_come_back(tmp_path, samples):
    from engine.media.image import read_image

    rgb = read_image(samples / "hopper.jpg").rgb
    rgb = rgb[: rgb.shape[0] // 2 * 2, : rgb.shape[1] // 2 * 2]
    bars = np.zeros((96, 128, 3), np.uint8)
    for i, colour in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255), (230, 180, 150)]):
        bars[:, 32 * i : 32 * i + 32] = colour
    for picture, loss, bias in ((rgb, 3, 0.5), (bars, 4, 1.5)):
        with VideoWriter(tmp_path / "a.mp4", picture.shape[1::-1], Fraction(25)) as video:
            for _ in range(10):
                video.write(picture)
        shown = list(read_frames(tmp_path / "a.mp4"))[5]
        difference = shown.astype(int) - picture
        assert np.abs(difference).mean() < loss
        assert np.abs(difference.mean(axis=(0, 1))).max() < bias
    with open_media(tmp_path / "a.mp4") as container:
        context = container.streams.video[0].codec_context
        tags = (context.colorspace, context.color_primaries, context.color_trc, context.color_range, context.pix_fmt)
        assert tags == (1, 1, 1, 1, "yuv420p")


def test_an_odd_size_gains_a_copy_of_its_last_row_and_column(tmp_path):
    ramp = np.repeat(np.linspace(0, 250, 51).astype(np.uint8)[None, :, None], 37, axis=0).repeat(3, axis=2)
    with VideoWriter(tmp_path / "a.mp4", (51, 37), Fraction(25)) as video:
        for _ in range(5):
            video.write(ramp)
    shown = next(iter(read_frames(tmp_path / "a.mp4"))).astype(int)
    assert shown.shape == (38, 52, 3)
    assert np.abs(shown[:37, :51] - ramp).mean() < 3
    assert np.abs(shown[:, 51] - 250).max() < 8


def test_players_can_start_before_the_file_has_arrived(tmp_path):
    data = export(tmp_path / "a.mp4", NTSC, 30, []).read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, GeneratorExit])
@pytest.mark.parametrize("frames", [0, 1, 60])
def test_whatever_stops_the_work_leaves_the_older_file_alone(tmp_path, failure, frames):
    (tmp_path / "a.mp4").write_bytes(b"older")
    write_audio(tmp_path / "s.wav", Audio(clicks([1], 2, 44_100), 44_100))
    blocks = stream_audio(tmp_path / "s.wav", SOUND_RATE, 2)
    with pytest.raises(failure), VideoWriter(tmp_path / "a.mp4", SIZE, NTSC, sound=blocks) as video:
        for _ in range(frames):
            video.write(grey(20, *SIZE))
        raise failure
    assert (tmp_path / "a.mp4").read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "s.wav"]


def test_a_closed_generator_leaves_nothing(tmp_path):
    def job():
        with VideoWriter(tmp_path / "a.mp4", SIZE, NTSC) as video:
            while True:
                video.write(grey(20, *SIZE))
                yield

    running = job()
    for _ in range(50):
        next(running)
    running.close()
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_is_replaced_on_success(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"older")
    assert probe(export(tmp_path / "a.mp4", NTSC, 10, [])).frames == 10
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_bad_sound_stops_the_job_at_its_start(tmp_path):
    (tmp_path / "s.wav").write_text("hello")
    with (
        pytest.raises(MediaError, match=r"s\.wav"),
        VideoWriter(tmp_path / "a.mp4", SIZE, NTSC, sound=stream_audio(tmp_path / "s.wav", SOUND_RATE, 2)),
    ):
        pytest.fail("the block was entered")
    assert [path.name for path in tmp_path.iterdir()] == ["s.wav"]


@pytest.mark.parametrize("place", ["gone/a.mp4", "file/a.mp4", "folder"])
def test_a_place_that_cannot_be_written_is_refused_before_any_work(tmp_path, place):
    (tmp_path / "file").write_text("not a folder")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ExportError, match=place), VideoWriter(tmp_path / place, SIZE, NTSC, frames=10):
        pytest.fail("the block was entered")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_frames_of_the_wrong_kind_and_no_frames_are_refused(tmp_path):
    for wrong in (grey(20, 48, 64), np.zeros((48, 64, 3), np.float32), np.zeros((48, 64), np.uint8)):
        with pytest.raises(InputError, match="frame 0"), VideoWriter(tmp_path / "a.mp4", SIZE, NTSC) as video:
            video.write(wrong)
    with pytest.raises(ExportError, match="no frame"), VideoWriter(tmp_path / "a.mp4", SIZE, NTSC):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_too_small_is_refused_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=10**6))
    with pytest.raises(ExportError, match=r"at least \d+\.\d MB .* 1\.0 MB are free"):
        VideoWriter(tmp_path / "a.mp4", (1024, 1024), NTSC, frames=18_000).__enter__()
    export(tmp_path / "b.mp4", NTSC, 10, [])


def run(code: str, *arguments: Path | str) -> str:
    """What a fresh Python prints."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=True)
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="limits of file size are set as Linux does it")
@pytest.mark.parametrize("limit", [100, 60_000, 400_000])
def test_a_full_disk_is_reported_with_what_is_needed(tmp_path, limit):
    told = run(
        """
        import resource, sys
        from fractions import Fraction
        import numpy as np
        from engine.errors import ExportError
        from engine.media.video_writer import VideoWriter
        noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
        try:
            with VideoWriter(sys.argv[1], (128, 128), Fraction(25), frames=300) as video:
                for i in range(300):
                    video.write(np.roll(noise, i * 7, axis=1) if i % 2 else noise)
        except ExportError as error:
            print(error)
        """,
        tmp_path / "a.mp4",
        limit,
    )
    assert "a.mp4: the disk is full after" in told and f"MB are needed in {tmp_path}" in told
    assert "\n" not in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is counted as Linux does it")
def test_ten_minutes_take_no_more_memory_than_one(tmp_path):
    peaks = []
    for minutes in (1, 10):
        write_audio(tmp_path / "a.wav", Audio(np.zeros((minutes * 60 * 16_000, 1), np.float32), 16_000))
        code = """
            import resource, sys
            from fractions import Fraction
            import numpy as np
            from engine.media.audio import stream_audio
            from engine.media.video_writer import SOUND_RATE, VideoWriter
            image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
            sound = stream_audio(sys.argv[2], SOUND_RATE, 2)
            with VideoWriter(sys.argv[1], (64, 64), Fraction(12), sound=sound) as video:
                for _ in range(int(sys.argv[3]) * 60 * 12):
                    video.write(image)
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
            """
        peaks.append(int(run(code, tmp_path / "a.mp4", tmp_path / "a.wav", str(minutes))))
    assert peaks[1] < 1.1 * peaks[0]
