"""Pictures of every kind people bring come out upright, in sRGB and 8 bits; what is no picture is refused by name."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from engine.errors import ExportError, MediaError
from engine.media.image import is_picture, picture_size, read_image, write_image

RAMP = np.linspace(0, 65535, 64 * 32).reshape(32, 64).astype(np.uint16)


def corners() -> np.ndarray:
    """A picture whose four quarters all differ: red, green / blue, white."""
    rgb = np.zeros((40, 60, 3), np.uint8)
    rgb[:20, :30, 0] = rgb[:20, 30:, 1] = rgb[20:, :30, 2] = 255
    rgb[20:, 30:] = 255
    return rgb


def write_png(path: Path, bits: int, colour: int, width: int, height: int, rows: bytes) -> None:
    """A PNG of a kind that Pillow reads but does not write."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_camera_picture_is_turned_upright(tmp_path, orientation):
    upright = Image.fromarray(corners())
    turns = Image.Transpose
    undo = [None, turns.FLIP_LEFT_RIGHT, turns.ROTATE_180, turns.FLIP_TOP_BOTTOM, turns.TRANSPOSE]
    undo += [turns.ROTATE_90, turns.TRANSVERSE, turns.ROTATE_270]
    stored = upright if orientation == 1 else upright.transpose(undo[orientation - 1])
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(read_image(tmp_path / "a.png").rgb, corners())
    assert picture_size(tmp_path / "a.png") == upright.size


def test_sixteen_bits_are_scaled_not_clipped(tmp_path):
    Image.fromarray(RAMP).save(tmp_path / "grey.png")
    Image.fromarray(RAMP).save(tmp_path / "grey.tif")
    Image.fromarray((RAMP / 65535).astype(np.float32)).save(tmp_path / "float.tif")
    colour = np.stack([RAMP, RAMP[::-1], RAMP[:, ::-1]], axis=-1)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in colour)
    write_png(tmp_path / "colour.png", 16, 2, 64, 32, rows)
    for name in ("grey.png", "grey.tif", "float.tif", "colour.png"):
        rgb = read_image(tmp_path / name).rgb
        wanted = colour if name == "colour.png" else np.repeat(RAMP[..., None], 3, axis=2)
        assert rgb.dtype == np.uint8
        assert np.abs(rgb - wanted / 257).max() <= 1, name


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "RGBA", "CMYK"])
def test_every_colour_mode_gives_the_same_picture(tmp_path, mode):
    black_white = np.repeat(corners()[..., :1], 3, axis=2)
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    Image.fromarray(black_white).convert(mode).save(path)
    picture = read_image(path)
    assert np.array_equal(picture.rgb, black_white)
    assert picture.alpha is None


@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "a.bmp", "a.gif", "a.tif"])
def test_common_formats_are_read(tmp_path, name):
    Image.fromarray(corners()).save(tmp_path / name, quality=95)
    assert np.abs(read_image(tmp_path / name).rgb.astype(int) - corners()).mean() < 6
    assert is_picture(tmp_path / name)


def test_transparency_is_kept_beside_the_colours(tmp_path):
    alpha = np.arange(40 * 60, dtype=np.uint32).reshape(40, 60).astype(np.uint8)
    Image.fromarray(np.dstack([corners(), alpha])).save(tmp_path / "a.png")
    palette = Image.fromarray(corners()).quantize(4)
    palette.save(tmp_path / "p.png", transparency=palette.getpixel((0, 0)))
    picture = read_image(tmp_path / "a.png")
    assert np.array_equal(picture.rgb, corners())
    assert np.array_equal(picture.alpha, alpha)
    cut = read_image(tmp_path / "p.png").alpha
    assert (cut[:20, :30] == 0).all() and (cut[20:] == 255).all()


def test_the_colour_profile_is_applied(tmp_path):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    red = np.full((8, 8, 3), (250, 0, 0), np.uint8)
    for profile, wanted in ((srgb, (250, 0, 0)), (swapped, (0, 250, 0)), (b"no profile at all", (250, 0, 0))):
        Image.fromarray(red).save(tmp_path / "a.png", icc_profile=profile)
        assert np.abs(read_image(tmp_path / "a.png").rgb.astype(int) - wanted).max() <= 3


def test_print_jpeg_has_the_colours_of_its_webp_twin(shared_data):
    folder = shared_data / "portraits"
    printed, plain = read_image(folder / "odd_cmyk.jpg").rgb, read_image(folder / "odd_webp.webp").rgb
    assert np.abs(printed.astype(int) - plain).mean() < 4


def test_all_measuring_portraits_are_read_at_their_size(shared_data):
    folder = shared_data / "portraits"
    rows = [line.split("\t") for line in (folder / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    rows = [row for row in rows if row[0] != "odd_zero_bytes.png"]
    assert len(rows) > 50
    for row in rows:
        picture = read_image(folder / row[0])
        assert picture.rgb.shape == (int(row[7]), int(row[6]), 3), row[0]
        assert (picture.alpha is not None) == (row[0] == "odd_rgba_transparent.png"), row[0]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gone.png", "no such file"),
        ("folder", "not a file"),
        ("zero.png", "0 bytes"),
        ("text.png", "not a picture"),
        ("cut.png", "damaged"),
        ("cut.jpg", "damaged"),
        ("vast.png", "megapixels"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line_by_name(tmp_path, name, reason):
    (tmp_path / "folder").mkdir()
    (tmp_path / "zero.png").touch()
    (tmp_path / "text.png").write_text("hello")
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    for cut in ("cut.png", "cut.jpg"):
        whole = io.BytesIO()
        Image.fromarray(noise).save(whole, "PNG" if cut.endswith("png") else "JPEG")
        (tmp_path / cut).write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])
    write_png(tmp_path / "vast.png", 8, 0, 20_000, 20_000, b"")
    with pytest.raises(MediaError) as caught:
        read_image(tmp_path / name)
    assert name in str(caught.value) and reason in str(caught.value) and "\n" not in str(caught.value)


def test_films_and_animations_are_no_still_pictures(tmp_path, samples):
    frames = [Image.fromarray(corners()), Image.fromarray(corners()[::-1])]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    (tmp_path / "text.png").write_text("hello")
    assert not is_picture(tmp_path / "moving.gif")
    assert not is_picture(tmp_path / "text.png")
    assert not is_picture(tmp_path / "gone.png")
    assert not is_picture(samples / "speech.flac")
    assert is_picture(samples / "hopper.jpg")


def test_a_picture_is_written_whole_or_not_at_all(tmp_path):
    write_image(tmp_path / "a.png", corners())
    assert np.array_equal(read_image(tmp_path / "a.png").rgb, corners())
    with pytest.raises(ExportError, match=r"\.xyz"):
        write_image(tmp_path / "a.xyz", corners())
    with pytest.raises(ExportError, match=r"b\.png"):
        write_image(tmp_path / "gone" / "b.png", corners())
    with pytest.raises(TypeError):
        write_image(tmp_path / "a.png", np.zeros((4, 4, 7)))
    assert np.array_equal(read_image(tmp_path / "a.png").rgb, corners())
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
