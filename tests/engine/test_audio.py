"""Sound of every kind lands where it belongs in time, alone and under a picture; broken files are refused by name."""

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from media_making import click_times, clicks, grey, without_packets, write_film, write_sound

from engine.errors import ExportError, MediaError
from engine.media.audio import Audio, is_silent, read_audio, read_mono, sound_seconds, stream_audio, write_audio
from engine.project.timing import TimeRange

RATE = 44_100
TIMES = [Fraction(1, 2), Fraction(5, 4), Fraction(5, 2)]
FILM = [(i, grey(90)) for i in range(75)]
FORMATS = {"wav": "pcm_s16le", "mp3": "libmp3lame", "m4a": "aac", "flac": "flac", "opus": "libopus", "mka": "pcm_f32le"}


def assert_clicks(samples: np.ndarray, rate: int, times: list[Fraction], within: float = 0.001) -> None:
    found = click_times(samples, rate, times)
    assert np.abs(np.array(found) - np.array(times, float)).max() <= within, found


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("channels", [1, 2])
def test_every_format_keeps_its_length_and_its_clicks(tmp_path, kind, channels):
    rate = 48_000 if kind == "opus" else RATE
    sound = np.repeat(clicks(TIMES, 3, rate), channels, axis=1)
    path = write_sound(tmp_path / f"a.{kind}", sound, rate, FORMATS[kind])
    audio = read_audio(path)
    assert (audio.rate, audio.samples.shape[1], audio.samples.dtype) == (rate, channels, np.float32)
    assert abs(audio.seconds - 3) < Fraction(1, 1000)
    assert sound_seconds(path) == audio.seconds
    assert_clicks(audio.samples, rate, TIMES)
    mono = read_mono(path, 16_000)
    assert abs(len(mono) - 48_000) <= 16
    assert_clicks(mono, 16_000, TIMES)
    assert np.allclose(audio.mono(16_000), mono, atol=1e-6)


def test_resampling_keeps_pitch_and_level(tmp_path):
    time = np.arange(2 * RATE) / RATE
    tone = 0.5 * np.sin(2 * np.pi * 440 * time)[:, None].astype(np.float32)
    write_audio(tmp_path / "a.wav", Audio(np.hstack([tone, tone]), RATE))
    mono = read_mono(tmp_path / "a.wav", 16_000)[1000:-1000]
    ideal = 0.5 * np.sin(2 * np.pi * 440 * np.arange(1000, 1000 + len(mono)) / 16_000)
    assert np.abs(mono - ideal).max() < 0.002


@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"])
def test_sample_formats_have_the_same_level(tmp_path, codec):
    wave = np.linspace(-0.9, 0.9, 8000, dtype=np.float32)[:, None]
    read = read_audio(write_sound(tmp_path / "a.wav", wave, 8000, codec)).samples
    assert np.abs(read - wave).max() < (0.01 if codec == "pcm_u8" else 1e-4)


def test_written_sound_is_read_back_and_clipped_not_wrapped(tmp_path):
    samples = np.array([[0.0, 0.5], [-0.5, 1.0], [2.0, -2.0]], np.float32)
    write_audio(tmp_path / "a.wav", Audio(samples, 48_000))
    read = read_audio(tmp_path / "a.wav")
    assert read.rate == 48_000
    assert np.allclose(read.samples, np.clip(samples, -1, 1), atol=1e-4)
    with pytest.raises(ExportError, match=r"b\.wav"):
        write_audio(tmp_path / "gone" / "b.wav", read)


@pytest.mark.parametrize("starts", [Fraction(0), Fraction(7, 10)])
@pytest.mark.parametrize("kind", ["mp4", "mkv", "mov"])
def test_sound_that_starts_late_in_a_film_begins_with_silence(tmp_path, kind, starts):
    sound = clicks(TIMES[:2], 2, 48_000)
    film = write_film(tmp_path / f"a.{kind}", FILM, Fraction(1, 25), sound=sound, sound_starts=starts)
    audio = read_audio(film)
    assert_clicks(audio.samples, audio.rate, [time + starts for time in TIMES[:2]], 0.002)
    assert is_silent(audio.samples[: round(starts * audio.rate)])


def test_sound_that_starts_before_the_picture_is_cut(tmp_path):
    late = [(stamp + 10, rgb) for stamp, rgb in FILM]
    film = write_film(tmp_path / "a.mp4", late, Fraction(1, 25), sound=clicks(TIMES, 3, 48_000))
    audio = read_audio(film)
    assert_clicks(audio.samples, audio.rate, [time - Fraction(10, 25) for time in TIMES])


def test_a_hole_in_the_sound_becomes_silence(tmp_path):
    film = write_film(tmp_path / "a.mp4", FILM, Fraction(1, 25), sound=clicks(TIMES, 3, 48_000))
    audio = read_audio(without_packets(film, tmp_path / "b.mp4", "audio", 1, 2))
    assert abs(audio.seconds - 3) < Fraction(1, 40)
    assert_clicks(audio.samples, audio.rate, [TIMES[0], TIMES[2]], 0.002)
    assert is_silent(audio.samples[round(1.05 * 48_000) : 96_000])


def test_a_part_is_the_same_samples_as_that_stretch_of_the_whole(tmp_path):
    noise = np.random.default_rng(0).normal(0, 0.1, (3 * RATE, 2)).astype(np.float32)
    for kind in ("wav", "m4a", "mp3"):
        path = write_sound(tmp_path / f"a.{kind}", noise, RATE, FORMATS[kind])
        whole = read_audio(path).samples
        part = read_audio(path, TimeRange(Fraction(1, 3), Fraction(2))).samples
        assert np.array_equal(part, whole[RATE // 3 : 2 * RATE]), kind
        assert len(read_audio(path, TimeRange(Fraction(2), Fraction(9))).samples) == RATE, kind
    with pytest.raises(MediaError, match="ends before 4 s"):
        read_audio(path, TimeRange(Fraction(4), Fraction(5)))


def test_surround_sound_is_mixed_into_one_channel(tmp_path):
    sound = clicks(TIMES, 3, 48_000)
    six = np.hstack([sound] * 6)
    write_audio(tmp_path / "a.wav", Audio(six, 48_000))
    audio = read_audio(tmp_path / "a.wav")
    assert np.allclose(audio.samples, sound, atol=1e-4)


def test_silence_is_read_and_recognised(tmp_path):
    hum = np.random.default_rng(0).normal(0, 1e-4, (RATE, 1)).astype(np.float32)
    write_audio(tmp_path / "a.wav", Audio(hum, RATE))
    assert is_silent(read_mono(tmp_path / "a.wav", 16_000))
    assert not is_silent(clicks(TIMES, 3, RATE))


def test_tags_in_old_encodings_do_not_matter(tmp_path):
    film = write_film(tmp_path / "a.mp4", FILM, Fraction(1, 25), sound=clicks([], 3, 48_000), tags={"title": "XXXX"})
    film.write_bytes(film.read_bytes().replace(b"XXXX", b"\xe9\xe9\xe9\xe9"))
    assert read_audio(film).seconds == 3


@pytest.mark.parametrize("kind", ["wav", "m4a", "flac"])
def test_a_file_cut_off_near_its_end_is_used_and_one_cut_short_is_refused(tmp_path, kind):
    noise = np.random.default_rng(0).normal(0, 0.1, (4 * RATE, 1)).astype(np.float32)
    path = write_sound(tmp_path / f"a.{kind}", noise, RATE, FORMATS[kind])
    if kind == "m4a":  # with its index in front, as files from the net have it; else a cut file has none
        path = write_sound(tmp_path / "b.m4a", noise, RATE, "aac", options={"movflags": "faststart"})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 9 // 10])
    assert 3.2 < read_audio(path).seconds < 3.7
    path.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(MediaError, match="cut off"):
        read_audio(path)


@pytest.mark.parametrize("name", ["gone.wav", "zero.wav", "text.wav", "noise.mp3", "bare.wav", "mute.mp4", "note.txt"])
def test_what_holds_no_sound_is_refused_in_one_line_by_name(tmp_path, name):
    (tmp_path / "zero.wav").touch()
    (tmp_path / "text.wav").write_text("hello")
    (tmp_path / "note.txt").write_text("hello\n" * 50)
    (tmp_path / "noise.mp3").write_bytes(np.random.default_rng(0).bytes(50_000))
    write_audio(tmp_path / "bare.wav", Audio(np.zeros((0, 1), np.float32), RATE))
    write_film(tmp_path / "mute.mp4", FILM, Fraction(1, 25))
    with pytest.raises(MediaError) as caught:
        read_mono(tmp_path / name, 16_000)
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_ten_minutes_take_no_more_memory_than_one(tmp_path):
    peaks = []
    for minutes in (1, 10):
        write_audio(tmp_path / "a.wav", Audio(np.zeros((minutes * 60 * 16_000, 1), np.float32), 16_000))
        tracemalloc.start()
        total = sum(len(block) for block in stream_audio(tmp_path / "a.wav", 48_000, 2))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert total == minutes * 60 * 48_000
    assert peaks[1] < peaks[0] + 1_000_000  # bytes; the sound itself is 115 times that


def test_measuring_speech_has_the_length_its_list_tells(shared_data):
    folder = shared_data / "speech"
    rows = [line.split("\t") for line in (folder / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    assert len(rows) > 50
    for row in rows[::5]:
        mono = read_mono(folder / row[0], 16_000)
        assert abs(len(mono) / 16_000 - float(row[6])) < 0.02, row[0]
        assert not is_silent(mono)
