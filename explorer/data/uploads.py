"""A viewer's uploaded picture: shown beside what is made of it, as a whole or a part, dark ink or light."""

from __future__ import annotations

import base64
import io
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from explorer.core.sentences import Sentence
from explorer.data.mnist_style import Made, made_of
from explorer.data.normalise import BadPicture
from explorer.data.picture_files import read_picture

KEPT_BYTES = 64 * 2**20  # of decoded pictures; a phone's photo has 9 MB
SHOWN_SIDE = 480  # pixels, of the picture beside what was made of it
SHOWN_QUALITY = 85  # of that JPEG
LEAST_PART = 0.02  # of the picture's side
INKS = {"": None, "dark": True, "light": False}  # what a viewer may say of the ink, and what that means


@dataclass(frozen=True)
class Choice:
    """What a viewer chose of a picture.

    part: left, top, right and bottom in shares of the sides, 0 to 1; dark: whether the ink is darker than its ground,
    None where nobody has said.
    """

    part: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    dark: bool | None = None

    @staticmethod
    def checked(value: object) -> Choice:
        """From {"part": [left, top, right, bottom], "ink": one of INKS}. Raises BadPicture for anything else."""
        told = value if isinstance(value, dict) else {}
        part, ink = told.get("part", ()), told.get("ink")
        four = isinstance(part, list) and len(part) == 4 and not any(isinstance(share, bool) for share in part)
        if not four or not all(isinstance(share, int | float) for share in part) or ink not in tuple(INKS):
            raise BadPicture(
                Sentence("a choice is a part, four shares from 0 to 1, and an ink, one of {0}", tuple(map(repr, INKS)))
            )
        left, top, right, bottom = part
        inside = min(left, top) >= 0 and max(right, bottom) <= 1
        if not inside or not right - left >= LEAST_PART or not bottom - top >= LEAST_PART:
            raise BadPicture("this part of the picture is too small, or lies outside of it: choose a larger one")
        return Choice((float(left), float(top), float(right), float(bottom)), INKS[ink])

    def of(self, image: Image.Image) -> Made:
        """What is made of this choice of an "L" or "RGB" picture. Raises BadPicture where there is no digit in it."""
        left, top, right, bottom = self.part
        width, height = image.size
        box = (int(left * width), int(top * height), round(right * width), round(bottom * height))
        box = (*box[:2], max(box[2], box[0] + 1), max(box[3], box[1] + 1))
        return made_of(image if box == (0, 0, width, height) else image.crop(box), dark=self.dark)


class Uploads:
    """Uploaded pictures by the path of their file, decoded; the latest used are kept, up to KEPT_BYTES of them."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[str, Image.Image] = OrderedDict()
        self._lock = threading.Lock()

    def picture(self, path: object) -> Image.Image:
        """The file's picture, "L" or "RGB", not to be changed. Raises BadPicture where it cannot be read."""
        with self._lock:
            if isinstance(path, str) and path in self._kept:
                self._kept.move_to_end(path)
                return self._kept[path]
        if not isinstance(path, str) or not path or not Path(path).is_file():
            raise BadPicture("this picture is no longer here: upload it again")
        image = read_picture(path)
        with self._lock:
            self._kept[path] = image
            while sum(map(_bytes_of, self._kept.values())) > self._most:
                self._kept.popitem(last=False)
        return image


def _bytes_of(image: Image.Image) -> int:
    return image.width * image.height * len(image.getbands())


def shown(image: Image.Image) -> str:
    """The picture as base64 of a JPEG of at most SHOWN_SIDE pixels a side."""
    small, file = image.copy(), io.BytesIO()
    small.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    small.save(file, "JPEG", quality=SHOWN_QUALITY)
    return base64.b64encode(file.getvalue()).decode("ascii")
