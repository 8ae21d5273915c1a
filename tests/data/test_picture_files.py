"""Picture files as people have them: deep greys, broken blocks, missing ends, formats of phones."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageChops

from explorer.data.mnist_style import BadPicture, from_upload
from explorer.data.picture_files import read_picture
from tests.data.test_picture_of_a_digit import is_seven, seven, shaded

GREY = np.asarray(seven().convert("L"), float) / 255


def upload(folder, data):
    """What the page makes of a file with these bytes."""
    path = folder / "digit"
    path.write_bytes(data)
    return from_upload(path)


def encoded(image, format, **how):
    file = io.BytesIO()
    image.save(file, format, **how)
    return file.getvalue()


DEEP = {
    "16 bits": (np.uint16, 65535, 0),
    "12 bits in 16": (np.uint16, 4095, 0),
    "10 bits in 16": (np.uint16, 1023, 0),
    "14 bits, grey paper": (np.uint16, 9000, 500),
    "32 bits": (np.int32, 2_000_000_000, 0),
    "8 bits in 32": (np.int32, 255, 0),
    "below zero": (np.int32, 1000, -500),
    "shares": (np.float32, 1, 0),
    "shares of a dark picture": (np.float32, 0.02, 0.001),
    "floats to 255": (np.float32, 255, 0),
    "floats around zero": (np.float32, 2, -1),
}


@pytest.mark.parametrize("what", DEEP)
def test_grey_of_more_than_8_bits(tmp_path, what):
    kind, span, lowest = DEEP[what]
    levels = (GREY * span + lowest).astype(kind)
    assert is_seven(upload(tmp_path, encoded(Image.fromarray(levels), "TIFF")))
    if kind == np.uint16:
        assert is_seven(upload(tmp_path, encoded(Image.fromarray(levels), "PNG")))


def test_floats_that_are_no_numbers(tmp_path):
    levels = GREY.astype(np.float32)
    levels[:5, :5], levels[-3:, -3:] = np.nan, np.inf
    assert is_seven(upload(tmp_path, encoded(Image.fromarray(levels), "TIFF")))


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "LA", "RGBA"])
def test_modes(tmp_path, mode):
    format = "TIFF" if mode in ("CMYK",) else "PNG"
    assert is_seven(upload(tmp_path, encoded(seven().convert(mode), format)))


@pytest.mark.parametrize(
    "block", [b"", b"Exif\0\0", b"Exif\0\0II*\0\x08\0\0\0\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x1a\0\x05"]
)
@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_broken_exif_block_harms_nobody(tmp_path, format, block):
    assert is_seven(upload(tmp_path, encoded(seven(), format, exif=block) if block else encoded(seven(), format)))


@pytest.mark.parametrize("density", [b"", b"\x01", b"\xff" * 30])
def test_a_jpeg_whose_exif_block_breaks_off_at_its_density(tmp_path, density):
    entry = (
        struct.pack(">HHHI4s", 1, 0x011A, 5, 1, b"\0\0\xff\xf0") + density
    )  # XResolution, at a place that is not there
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + entry
    plain = encoded(seven(), "JPEG")
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    assert is_seven(upload(tmp_path, plain[:2] + segment + plain[20:]))
    assert is_seven(upload(tmp_path, plain[:20] + segment + plain[20:]))


CUT = {
    "PNG": {"format": "PNG"}, "JPEG": {"format": "JPEG"}, "progressive": {"format": "JPEG", "progressive": True},
    "GIF": {"format": "GIF"}, "WebP": {"format": "WEBP"},
    "BMP": {"format": "BMP"},
}  # fmt: skip


@pytest.mark.parametrize("what", CUT)
@pytest.mark.parametrize("missing", [2, 12])
def test_the_last_bytes_may_be_missing(tmp_path, what, missing):
    assert is_seven(upload(tmp_path, encoded(seven(), **CUT[what])[:-missing]))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_way_of_holding_a_camera(tmp_path, orientation):
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's transposes that undo them
    image = seven() if orientation == 1 else seven().transpose(Image.Transpose(back[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert is_seven(upload(tmp_path, encoded(image, "PNG", exif=exif)))


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"avif"])
def test_a_phones_photo_gets_a_way_out(tmp_path, brand):
    with pytest.raises(BadPicture, match="screenshot") as caught:
        upload(tmp_path, b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1" + brand + bytes(500))
    assert "JPEG" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", [1, 2, 3, 4, 8, 12])
def test_a_lossless_webp_may_break_off(tmp_path, missing):
    """Of 146 bytes; its decoder gives nothing unless it comes to the end exactly."""
    assert is_seven(upload(tmp_path, encoded(seven(), "WEBP", lossless=True)[:-missing]))


def test_of_a_lossless_photo_that_breaks_off_the_rest_is_not_made_up(tmp_path):
    """Three quarters of the bytes are the upper three quarters of the picture, or nearly."""
    photo = shaded(lambda x, y: 0.5 + 0.5 * y, noise=4.0)
    data = encoded(photo, "WEBP", lossless=True)
    path = tmp_path / "photo.webp"
    path.write_bytes(data[: 3 * len(data) // 4])
    there = np.asarray(read_picture(path))
    assert 180 < len(there) < 260 and (there == np.asarray(photo)[: len(there)]).all()


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.3])
def test_of_files_that_break_off_early_no_more_is_asked_than_a_sentence(tmp_path, share):
    for how in [*CUT.values(), {"format": "WEBP", "lossless": True}]:
        data = encoded(seven(), **how)
        try:
            picture = upload(tmp_path, data[: int(len(data) * share)])
        except BadPicture as error:
            assert "\n" not in str(error)
        else:
            assert picture.shape == (28, 28)


def test_a_palette_with_a_transparent_colour(tmp_path):
    image = seven().quantize(4)
    ground = image.getpixel((399, 299))
    assert is_seven(upload(tmp_path, encoded(image, "PNG", transparency=ground)))
    assert is_seven(upload(tmp_path, encoded(image, "GIF", transparency=ground)))


@pytest.mark.parametrize("inverted", [False, True])
def test_a_jpeg_of_four_inks(tmp_path, inverted):
    image = ImageChops.invert(seven()) if inverted else seven()
    assert is_seven(upload(tmp_path, encoded(image.convert("CMYK"), "JPEG")))


def test_a_coloured_png_of_16_bits(tmp_path):
    """Pillow writes none: its rows are made here, of 12 bits' levels."""
    levels = np.repeat((GREY * 4095).astype(">u2")[..., None], 3, axis=2)
    rows = b"".join(b"\0" + row.tobytes() for row in levels)

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 400, 300, 16, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    assert is_seven(upload(tmp_path, b"\x89PNG\r\n\x1a\n" + parts))


def test_several_frames_show_the_first(tmp_path):
    data = encoded(seven(), "GIF", save_all=True, append_images=[Image.new("RGB", (400, 300), "black")])
    assert is_seven(upload(tmp_path, data))
