"""Picture files that break off, or hold a broken block: completed, so that a decoder shows what there is."""

from __future__ import annotations

import contextlib
import io

import numpy as np
from PIL import Image

JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"
JPEG_EXIF_AND_IPTC = {0xE1, 0xED}  # the second bytes of the segments' marks
GIF_END = b";"
WEBP_FILL = 2**16  # bytes; more than what is missing, as a decoder that reaches the end gives up
MOST_WEBP_BYTES = 5_000_000  # that a file may announce
LOSSLESS_FILL = 2**18  # bytes; of a flat picture, each row takes hardly any
FILLS = sorted(range(256), key=lambda byte: byte % 17)  # bytes to fill with; patterns of four bits first
MOST_DECODED = 60_000_000  # pixels, in all attempts at one file


def completed(data: bytes) -> bytes:
    """A file whose end is missing, ended: a JPEG by its end mark, a GIF or WebP by zeros for what is decoded."""
    if data[:2] == JPEG_START and data[-2:] != JPEG_END:
        return data + JPEG_END
    if data[:3] == b"GIF" and data[-1:] != GIF_END:
        return data + bytes(256) + GIF_END  # a block has up to 255 bytes
    missing = int.from_bytes(data[4:8], "little") + 8 - len(data)
    if data[:4] != b"RIFF" or not 0 < missing <= MOST_WEBP_BYTES:
        return data
    broken = _broken_chunk(data)
    return data + bytes(missing) if broken is None else _webp_filled(data, broken, bytes(WEBP_FILL))


def _broken_chunk(data: bytes) -> int | None:
    """Where the chunk of a WebP begins that breaks off; None where none does.

    A chunk: its name, its length, and as many bytes.
    """
    place = 12
    while place + 8 < len(data):
        end = place + 8 + int.from_bytes(data[place + 4 : place + 8], "little")
        if end > len(data):
            return place
        place = end + end % 2
    return None


def _webp_filled(data: bytes, place: int, fill: bytes) -> bytes:
    """The WebP with the chunk at `place`, its last, longer by these bytes, or by one less: an even number of all."""
    content = data[place + 8 :] + fill
    content = content[: len(content) // 2 * 2]
    whole = data[12:place] + data[place : place + 4] + len(content).to_bytes(4, "little") + content
    return b"RIFF" + (4 + len(whole)).to_bytes(4, "little") + b"WEBP" + whole


def lossless_webp(data: bytes) -> bytes:
    """A lossless WebP that breaks off as a PNG of the rows that there are; nothing for other files, and for no rows.

    Its decoder gives nothing unless it reaches the end exactly. What one byte, again and again, completes to a whole
    picture is right up to the break and accidental behind it: two such bytes' pictures are the same up to there.
    """
    place = _broken_chunk(data) if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None
    if place is None or data[place : place + 4] != b"VP8L" or len(data) < place + 13:
        return b""
    size = int.from_bytes(data[place + 9 : place + 13], "little")  # 14 bits each, of width - 1 and height - 1
    pixels = (1 + (size & 0x3FFF)) * (1 + (size >> 14 & 0x3FFF))
    decoded: list[Image.Image] = []
    for fill in FILLS[: MOST_DECODED // pixels]:
        file = io.BytesIO(_webp_filled(data, place, bytes([fill]) * LOSSLESS_FILL))
        with contextlib.suppress(Exception), Image.open(file, formats=("WEBP",)) as one:  # it may raise anything
            decoded.append(one.convert("RGBA"))
        if len(decoded) == 2:
            break
    if not decoded:
        return b""
    first, last = np.asarray(decoded[0]), np.asarray(decoded[-1])
    rows = int((first == last).all(axis=(1, 2)).cumprod().sum())
    if not rows:
        return b""
    file = io.BytesIO()
    decoded[0].crop((0, 0, decoded[0].width, rows)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def without_exif(data: bytes) -> bytes:
    """A JPEG without its EXIF and IPTC segments: a broken one keeps Pillow from opening it."""
    if data[:2] != JPEG_START:
        return data
    kept, place = [JPEG_START], 2
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] != 0xDA:  # up to the picture itself
        length = 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if data[place + 1] not in JPEG_EXIF_AND_IPTC:
            kept.append(data[place : place + length])
        place += length
    return b"".join([*kept, data[place:]])
