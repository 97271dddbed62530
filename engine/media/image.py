"""Pictures: whatever people have (camera JPEG, scans, print CMYK, cut-outs) becomes upright sRGB, 8 bits a channel."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

from engine.errors import ExportError, MediaError
from engine.media.files import require_file
from engine.project.atomic import replacing


@dataclass(frozen=True)
class Picture:
    """A still picture, upright, in sRGB."""

    rgb: np.ndarray
    """HxWx3 uint8."""
    alpha: np.ndarray | None
    """HxW uint8, 255 = opaque; None when every pixel is opaque. `rgb` is not multiplied by it."""


def read_image(path: Path | str) -> Picture:
    """Read a picture: EXIF turned, ICC profile applied, grey, palette, CMYK and 16 bits brought to 8-bit sRGB.

    Animations give their first frame.

    Raises:
        MediaError: missing, empty, damaged, not a picture, or too large to be one (about 89 megapixels).
    """
    path = require_file(path)
    with _explained(path):
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image)
        rgba = np.asarray(_srgb(_eight_bits(upright)))
    alpha = rgba[..., 3]
    return Picture(np.ascontiguousarray(rgba[..., :3]), None if alpha.min() == 255 else alpha.copy())


def picture_size(path: Path | str) -> tuple[int, int]:
    """(width, height) of the upright picture, pixels, without reading more than the beginning of the file.

    Raises:
        MediaError: as `read_image`.
    """
    path = require_file(path)
    with _explained(path), Image.open(path) as image:
        lies = image.getexif().get(ExifTags.Base.Orientation, 1) > 4
        return (image.height, image.width) if lies else (image.width, image.height)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turns what the library says into a MediaError that names the file and the remedy."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except UnidentifiedImageError as error:
        raise MediaError(f"{path}: not a picture that can be read; save it as PNG or JPEG") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        limit = (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000
        raise MediaError(f"{path}: larger than {limit} megapixels; scale it down first") from error
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, ImageCms.PyCMSError) as error:
        raise MediaError(f"{path}: the picture is damaged or of a rare kind ({error}); save it anew as PNG") from error


def resized(picture: Picture, longer_side: int) -> Picture:
    """The picture with its longer side brought to this many pixels."""
    height, width = picture.rgb.shape[:2]
    scale = longer_side / max(height, width)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))

    def scaled(pixels: np.ndarray) -> np.ndarray:
        return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))

    return Picture(scaled(picture.rgb), None if picture.alpha is None else scaled(picture.alpha))


def is_picture(path: Path | str) -> bool:
    """Whether the file is a still picture, judged by its content; False for films, sounds and animations."""
    try:
        with Image.open(path) as image:
            return getattr(image, "n_frames", 1) == 1
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False


def write_image(path: Path | str, rgb: np.ndarray) -> None:
    """Write HxWx3 uint8 RGB in the format that the suffix names; an existing file is replaced only by a whole one.

    Raises:
        ExportError: the suffix names no picture format, or the file cannot be written.
    """
    path = Path(path)
    kind = Image.registered_extensions().get(path.suffix.lower())
    if kind not in Image.SAVE:
        raise ExportError(f"{path}: no picture format is called {path.suffix!r}; use .png or .jpg")
    with replacing(path) as file:
        Image.fromarray(rgb).save(file, format=kind, quality=95)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Wide grey (16-bit PNG and TIFF, 32-bit, floating point) scaled to 8 bits, which Pillow itself would clip."""
    if not image.mode.startswith(("I", "F")):
        return image
    values = np.asarray(image).astype(np.float64)
    if image.mode == "F":
        white = 1.0 if values.max() <= 1 else 255.0 if values.max() <= 255 else 65535.0
    else:
        white = 65535.0 if values.max() <= 65535 else float(2**31 - 1)
    return Image.fromarray(np.rint(np.clip(values / white, 0, 1) * 255).astype(np.uint8))


def _srgb(image: Image.Image) -> Image.Image:
    """RGBA in sRGB, through the picture's own ICC profile where it has one that can be used."""
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    colour = image.convert("RGB") if image.mode not in ("RGB", "CMYK", "L", "LAB") else image
    profile = image.info.get("icc_profile")
    if profile and colour.mode == image.mode:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            colour = (
                ImageCms.profileToProfile(colour, source, ImageCms.createProfile("sRGB"), outputMode="RGB") or colour
            )
        except (ImageCms.PyCMSError, OSError):
            pass  # A broken profile, or one for another colour mode, says nothing about this picture.
    rgba = colour.convert("RGB").convert("RGBA")
    if alpha is not None:
        rgba.putalpha(alpha)
    return rgba
