"""Picture files as people have them, read as a viewer would show them."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile

from explorer.core.sentences import Sentence
from explorer.data.cut_files import completed, lossless_webp, without_exif
from explorer.data.normalise import BadPicture

# No others: Pillow runs outside programs for some.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".avif")  # what a file dialog offers
MAX_BYTES = 5_000_000
MAX_PIXELS = 40_000_000  # a phone's camera has half of it; what claims more is not decoded
KEPT_SIDE = 1024  # pixels; a larger JPEG is decoded at half its size, or a quarter, while it stays above this
MOST_SIDE = 2 * KEPT_SIDE  # pixels; what is larger still is reduced

ORIENTATION = 0x0112  # EXIF's number for how the camera was held
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
UNREADABLE = (
    "this file cannot be read as a picture: upload a PNG, JPEG, GIF, WebP, BMP or TIFF file, or a screenshot of it"
)
# The first words of an iPhone's photos and their kin, and of AVIF where this Pillow cannot read it.
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
HEIF = (
    "this is a HEIC or AVIF photo, which this server cannot read: take a screenshot of it and upload that, "
    "or share or export it as JPEG"
)
CUT_FORMATS = {"PNG", "JPEG", "GIF", "BMP", "TIFF"}  # of these, Pillow hands out what it had decoded before the end


def read_picture(path: str | os.PathLike[str]) -> Image.Image:
    """A picture file as an "L" or "RGB" picture of 8 bits, upright, of at most MOST_SIDE pixels a side.

    Any of FORMATS, turned as its EXIF data say; what is transparent is laid on a ground that the rest stands out from;
    grey of more than 8 bits is scaled by what the picture holds. A file that is cut off is shown as far as it goes.
    Raises BadPicture where the file is too large or no picture.
    """
    data = _bytes_of(path)
    try:
        with _opened(data) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadPicture(
                    Sentence(
                        "this picture is {0} x {1} pixels: at most {2} million can be used",
                        image.width,
                        image.height,
                        MAX_PIXELS // 1_000_000,
                    )
                )
            turn = TURNS.get(_orientation(image))
            image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))  # a JPEG is decoded small from the start
            deep = any(";16" in str(tile) for tile in image.tile)  # Pillow keeps the upper 8 bits of coloured ones
            seen = _in_8_bits(_loaded(image), scaled=deep)
            seen.thumbnail((MOST_SIDE, MOST_SIDE), Image.Resampling.BOX)
            return seen if turn is None else seen.transpose(turn)
    except BadPicture:
        raise
    except Image.DecompressionBombError:
        raise BadPicture(
            Sentence("this picture has too many pixels: at most {0} million can be used", MAX_PIXELS // 1_000_000)
        ) from None
    except Exception:  # a broken file can make a decoder raise anything
        heif = data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS
        raise BadPicture(HEIF if heif else UNREADABLE) from None


def _bytes_of(path: str | os.PathLike[str]) -> bytes:
    """The file's bytes. Raises BadPicture where there are too many, or no such file."""
    try:
        path = Path(path)
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except (OSError, TypeError, ValueError):
        raise BadPicture(UNREADABLE) from None
    if size > MAX_BYTES:
        raise BadPicture(
            Sentence("this file has {0} MB: at most {1} MB can be used", f"{size / 1e6:.1f}", f"{MAX_BYTES / 1e6:.0f}")
        )
    return data


def _opened(data: bytes) -> ImageFile.ImageFile:
    """The file's picture, not yet decoded. What keeps Pillow from it, but no viewer, is mended on a copy first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a huge picture is refused in a sentence
        whole = lossless_webp(data) or completed(data)
        for mended in (whole, without_exif(whole)):
            with contextlib.suppress(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, struct.error):
                return Image.open(io.BytesIO(mended), formats=FORMATS)
    raise BadPicture(HEIF if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS else UNREADABLE)


def _orientation(image: Image.Image) -> int:
    """EXIF's number for how the camera was held; 1, upright, where the block cannot be read."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # a broken block can make its reader raise anything
        return 1


def _loaded(image: ImageFile.ImageFile) -> Image.Image:
    """The picture, decoded as far as the file goes: rows that are missing are cut off."""
    try:
        image.load()
        return image
    except (OSError, SyntaxError, EOFError):
        if image.format not in CUT_FORMATS:
            raise
    image.tile = []  # what has been decoded is the picture
    rows = np.flatnonzero(np.asarray(image).reshape(image.height, -1).any(axis=1))
    if not len(rows):
        raise BadPicture(UNREADABLE)
    return image.crop((0, int(rows[0]), image.width, int(rows[-1]) + 1))


def _in_8_bits(image: Image.Image, *, scaled: bool) -> Image.Image:
    """The picture as "L" or "RGB"; scaled: by what it holds, also where its levels are of 8 bits by now."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return Image.fromarray(_scaled(np.asarray(image, np.float64)))
    if image.mode == "1":
        return image.convert("L")
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        return _on_ground(image.convert("RGBA"))
    if scaled:
        return Image.fromarray(_scaled(np.asarray(image.convert("RGB"), np.float64)))
    return image if image.mode == "L" else image.convert("RGB")


def _scaled(levels: np.ndarray) -> np.ndarray:
    """Levels of any range as uint8: the white is the smallest power of two that none is above.

    So 12 bits in a file of 16 are 12 bits, floats from 0 to 1 are shares, and a dark scan stays darker than its paper.
    Levels below 0 move all up; what is no number is black.
    """
    finite = np.isfinite(levels)
    if not finite.any():
        raise BadPicture(UNREADABLE)
    levels = np.where(finite, levels, levels[finite].min())
    levels = levels - min(0.0, float(levels.min()))
    highest = float(levels.max())
    white = 2.0 ** np.ceil(np.log2(highest)) if highest > 0 else 1.0
    return (levels / max(white - (white > 1), highest) * 255).round().astype(np.uint8)


def _on_ground(image: Image.Image) -> Image.Image:
    """An RGBA picture laid on a ground that its ink stands out from."""
    alpha = np.asarray(image.getchannel("A"), np.float32)
    grey = np.asarray(image.convert("RGB").convert("L"), np.float32)
    level = float((grey * alpha).sum()) / max(1.0, float(alpha.sum()))  # of what is not transparent
    ground = Image.new("RGBA", image.size, "white" if level < 128 else "black")
    return Image.alpha_composite(ground, image).convert("RGB")
