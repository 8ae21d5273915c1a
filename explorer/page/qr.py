"""QR codes of links, for phones in a class."""

from __future__ import annotations

import segno

from explorer.core.sentences import Sentence
from explorer.page.links import MAX_QUERY_CHARACTERS
from explorer.page.payloads.texts import told
from explorer.widgets.lesson_bar import QrCode

LONGEST = MAX_QUERY_CHARACTERS + 300  # characters of an address
TOO_LONG = Sentence("this link is too long for a QR code")


def qr_code(asked: object) -> QrCode:
    """The modules of a QR code (ISO/IEC 18004) with medium error correction, row by row, without the quiet zone.

    asked: {"text": str}, from a browser; whatever else it may send gets a sentence.
    """
    text = asked.get("text") if isinstance(asked, dict) else None
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST:
        return {"rows": [], "problem": told(TOO_LONG)}
    try:
        code = segno.make_qr(text, error="m")
    except (ValueError, UnicodeError):  # segno.DataOverflowError is one
        return {"rows": [], "problem": told(TOO_LONG)}
    return {"rows": ["".join(str(int(module)) for module in row) for row in code.matrix]}


def qr_image(address: str) -> str:
    """The QR code of an address as a picture: SVG, as a data: address. Raises ValueError for one that is too long."""
    picture: str = segno.make(address, micro=False).svg_data_uri(border=2, light="#fff")
    return picture
