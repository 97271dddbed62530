"""Videos of every kind come in at an exact constant rate, upright, whole; broken ones are refused by name."""

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from media_making import clicks, grey, without_packets, write_film, write_sound

from engine.errors import MediaError
from engine.media.audio import read_audio
from engine.media.video import probe, read_frames

NTSC = Fraction(30_000, 1001)


def levels(path: Path, rate: Fraction | None = None) -> list[int]:
    """The grey of each frame that is read."""
    return [round(float(frame.mean())) for frame in read_frames(path, rate)]


def numbered(count: int) -> list[np.ndarray]:
    """Pictures that tell their index by their grey."""
    return [grey(20 + 4 * i) for i in range(count)]


def indices(path: Path, rate: Fraction | None = None) -> list[int]:
    """Which of the numbered pictures each frame shows."""
    return [round((level - 20) / 4) for level in levels(path, rate)]


@pytest.mark.parametrize("rate", [Fraction(25), NTSC, Fraction(24_000, 1001), Fraction(60)])
@pytest.mark.parametrize(
    ("kind", "codec"),
    [("mp4", "libx264"), ("mkv", "libx264"), ("mov", "mjpeg"), ("avi", "mjpeg"), ("mpg", "mpeg2video")],
)
def test_a_constant_rate_is_exact_and_every_frame_comes_once(tmp_path, kind, codec, rate):
    frames = list(enumerate(numbered(40)))
    film = write_film(tmp_path / f"a.{kind}", frames, 1 / rate, codec=codec)
    info = probe(film)
    assert (info.rate, info.frames, info.seconds) == (rate, 40, 40 / rate)
    assert (info.size, info.has_audio, info.variable_rate) == ((64, 64), False, False)
    assert indices(film) == list(range(40))


def test_frames_without_time_stamps_are_all_read(tmp_path):
    film = write_film(tmp_path / "a.h264", list(enumerate(numbered(40))), Fraction(1, 25))
    assert probe(film).rate == 25
    assert indices(film) == list(range(40))


def test_a_variable_rate_shows_at_each_time_the_frame_of_that_time(tmp_path):
    steps = np.random.default_rng(1).choice([20, 20, 20, 17, 26, 60, 5], 49)
    stamps = np.concatenate([[0], np.cumsum(steps)])  # units of 1/600 s, so mostly 30 a second
    film = write_film(tmp_path / "a.mp4", list(zip(stamps.tolist(), numbered(50), strict=True)), Fraction(1, 600))
    info = probe(film)
    assert info.variable_rate and info.rate == 30 and info.frames == 50
    for rate in (None, Fraction(25), NTSC, Fraction(60)):
        shown = indices(film, rate)
        ideal = [int(np.sum(stamps <= 600 * k / (rate or 30))) - 1 for k in range(len(shown))]
        assert len(shown) == pytest.approx(float(info.seconds * (rate or 30)), abs=1)
        exact = [k for k in range(len(shown)) if np.abs(stamps - 600 * k / (rate or 30)).min() > 1]
        assert [shown[k] for k in exact] == [ideal[k] for k in exact]
        assert np.all(np.diff(shown) >= 0)


def test_a_hole_is_filled_by_the_frame_before_it(tmp_path):
    film = write_film(tmp_path / "a.mp4", [(i, rgb) for i, rgb in enumerate(numbered(20)) if i != 7], Fraction(1, 25))
    assert probe(film).variable_rate
    assert indices(film) == [*range(7), 6, *range(8, 20)]


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(10), Fraction(50), NTSC])
def test_another_rate_keeps_the_time_of_events(tmp_path, rate):
    film = write_film(tmp_path / "a.mp4", list(enumerate(numbered(48))), Fraction(1, 24))
    shown = indices(film, rate)
    assert len(shown) == -(-48 * rate // 24)
    assert shown == [int(k / rate * 24) for k in range(len(shown))]


def test_a_repeated_frame_cannot_be_painted_on(tmp_path):
    film = write_film(tmp_path / "a.mp4", list(enumerate(numbered(4))), Fraction(1, 25))
    first, second, *_ = read_frames(film, Fraction(50))
    assert first is second
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 0


@pytest.mark.parametrize(("degrees", "matrix"), [(90, (0, 1, -1, 0)), (180, (-1, 0, 0, -1)), (270, (0, -1, 1, 0))])
def test_a_phone_video_is_turned_upright(tmp_path, degrees, matrix):
    stored = np.concatenate([np.concatenate([grey(v) for v in row], axis=1) for row in ((0, 80), (160, 240), (0, 80))])
    film = write_film(tmp_path / "a.mp4", [(i, stored) for i in range(5)], Fraction(1, 25))
    data = film.read_bytes()
    at = data.index(b"tkhd") + 44  # where the track's matrix lies
    a, b, c, d = (value << 16 for value in matrix)
    film.write_bytes(data[:at] + struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30) + data[at + 36 :])
    shown = next(iter(read_frames(film)))
    ideal = np.rot90(stored, -degrees // 90)  # the matrix turns clockwise
    assert probe(film).size == (ideal.shape[1], ideal.shape[0])
    assert np.abs(shown.astype(int) - ideal).mean() < 4


def test_pixels_become_square_and_odd_sizes_stay(tmp_path):
    wide = write_film(
        tmp_path / "w.mp4", [(i, grey(90, 48, 64)) for i in range(3)], Fraction(1, 25), aspect=Fraction(2)
    )
    odd = write_film(tmp_path / "o.mkv", [(i, grey(90, 51, 37)) for i in range(3)], Fraction(1, 25), codec="ffv1")
    assert probe(wide).size == (96, 64) and next(iter(read_frames(wide))).shape == (64, 96, 3)
    assert probe(odd).size == (51, 37) and next(iter(read_frames(odd))).shape == (37, 51, 3)


def test_a_late_first_picture_is_time_zero_for_picture_and_sound(tmp_path):
    frames = [(stamp + 10, rgb) for stamp, rgb in enumerate(numbered(50))]
    film = write_film(tmp_path / "a.mp4", frames, Fraction(1, 25), sound=clicks([], Fraction(12, 5), 48_000))
    assert indices(film) == list(range(50))
    assert abs(read_audio(film).seconds - 2) < Fraction(1, 100)


def test_lost_and_damaged_pictures_do_not_shift_the_others(tmp_path):
    film = write_film(tmp_path / "a.avi", list(enumerate(numbered(50))), Fraction(1, 25), codec="mjpeg")
    lost = without_packets(film, tmp_path / "b.mkv", "video", 0.49, 0.79)
    shown = indices(lost)
    assert shown[:13] == list(range(13)) and shown[20:] == list(range(20, 50))
    data = bytearray(film.read_bytes())
    for found in (at for at in range(len(data) // 2, len(data) // 2 + 4000) if data[at : at + 2] == b"\xff\xd8"):
        data[found : found + 200] = bytes(200)
    film.write_bytes(data)
    shown = indices(film)
    assert len(shown) == 50
    assert sum(a == b for a, b in zip(shown, range(50), strict=True)) > 40


def test_a_video_cut_off_near_its_end_is_used_and_one_cut_short_is_refused(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (50, 64, 64, 3), np.uint8)
    options = {"movflags": "faststart"}
    film = write_film(tmp_path / "a.mp4", list(enumerate(noise)), Fraction(1, 25), options=options)
    whole = film.read_bytes()
    film.write_bytes(whole[: len(whole) * 4 // 5])
    assert 30 < probe(film).frames < 45
    assert 30 < len(levels(film)) < 45
    film.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(MediaError, match=r"a\.mp4: cut off"):
        next(iter(read_frames(film)))


@pytest.mark.parametrize(
    "name", ["gone.mp4", "zero.mp4", "note.txt", "noise.mp4", "headless.mp4", "sound.m4a", "folder", "scrambled.mp4"]
)
def test_what_is_no_video_is_refused_in_one_line_by_name(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "zero.mp4").touch()
    (tmp_path / "note.txt").write_text("hello\n" * 50)
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(50_000))
    frames = list(enumerate(numbered(20)))
    whole = write_film(tmp_path / "a.mp4", frames, Fraction(1, 25), sound=clicks([], 1, 48_000)).read_bytes()
    (tmp_path / "headless.mp4").write_bytes(whole[: len(whole) // 2])
    begin, end = whole.index(b"mdat") + 4, whole.index(b"moov") - 4
    (tmp_path / "scrambled.mp4").write_bytes(whole[:begin] + b"\xff" * (end - begin) + whole[end:])
    write_sound(tmp_path / "sound.m4a", clicks([], 1, 48_000), 48_000, "aac")
    with pytest.raises(MediaError) as caught:
        list(read_frames(tmp_path / name))
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_the_measuring_videos_have_the_size_and_length_their_list_tells(shared_data):
    folder = shared_data / "video"
    rows = [line.split("\t") for line in (folder / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    assert len(rows) > 20
    for row in rows:
        info = probe(folder / row[0])
        assert f"{info.size[0]}x{info.size[1]}" == row[5], row[0]
        assert abs(float(info.seconds) - float(row[4])) < 0.15, row[0]
    assert probe(folder / "videoretalking_face1.mp4").rate == 30  # variable; its average is 22.13
