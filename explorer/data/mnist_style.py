"""A viewer's own digit, drawn or uploaded, made into a picture like MNIST's.

MNIST's digits were "size normalized to fit in a 20x20 pixel box while preserving their aspect ratio", with
anti-aliasing, and "centered in a 28x28 image by computing the center of mass of the pixels" (LeCun et al. 1998,
"Gradient-Based Learning Applied to Document Recognition"). A network that has seen only such pictures needs the same
here.
"""

from __future__ import annotations

import base64
import binascii
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter, ImageOps

BOX = 20  # the digit's longer side
SIDE = 28
CENTRE = 14  # the pixel, counted from 0, that holds the centre of mass of MNIST's digits
PAD_SIDES = (SIDE, 1024)  # of a drawing, lowest and highest

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")  # no others: Pillow runs outside programs for some
MAX_BYTES = 5_000_000
MAX_PIXELS = 40_000_000  # a phone's camera has half of it; what claims more is not decoded
WORKING_SIDE = 512  # an upload is reduced to this before its ink is looked for
MIN_CONTRAST = 40  # grey levels between ground and ink; with less there is nothing to see


class BadPicture(ValueError):
    """There is no digit to be had from this; the message is one sentence for the viewer."""


def like_mnist(grey: np.ndarray) -> np.ndarray:
    """Scale and centre a digit as MNIST's were.

    grey: (height, width) uint8, 0 the ground and larger values ink. Returns (28, 28) uint8. Raises BadPicture where
    there is no ink.
    """
    rows, columns = np.flatnonzero(grey.any(axis=1)), np.flatnonzero(grey.any(axis=0))
    if not len(rows):
        raise BadPicture("the drawing is empty: draw a digit first")
    ink = Image.fromarray(grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    scale = BOX / max(ink.size)
    width, height = (max(1, round(length * scale)) for length in ink.size)
    # smaller: the average over each new pixel's area; larger: between the nearest pixels
    box = np.asarray(ink.resize((width, height), Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR))
    mass = box.sum(dtype=float)
    if mass == 0:
        raise BadPicture("the drawing is too faint: draw with a thicker pen")
    picture = np.zeros((SIDE, SIDE), np.uint8)
    top = _start(box.sum(axis=1) @ np.arange(height) / mass, height)
    left = _start(box.sum(axis=0) @ np.arange(width) / mass, width)
    picture[top : top + height, left : left + width] = box
    return picture


def _start(centre_of_mass: float, length: int) -> int:
    """Where the box begins so that its centre of mass lies on the centre, or as near as it fits into the picture."""
    return min(max(0, round(CENTRE - centre_of_mass)), SIDE - length)


def from_pad(value: Any) -> np.ndarray:
    """The drawing pad's value as (28, 28) uint8. Raises BadPicture for an empty drawing and for whatever is not one."""
    if not value:
        raise BadPicture("the drawing is empty: draw a digit first")
    broken = BadPicture(
        f"a drawing is a square of {PAD_SIDES[0]} to {PAD_SIDES[1]} pixels a side: "
        "its grey levels as base64, and the side"
    )
    if not isinstance(value, dict) or not isinstance(value.get("pixels"), str):
        raise broken
    side = value.get("side")
    if isinstance(side, bool) or not isinstance(side, int) or not PAD_SIDES[0] <= side <= PAD_SIDES[1]:
        raise broken
    try:
        pixels = base64.b64decode(value["pixels"], validate=True)
    except (binascii.Error, ValueError):
        raise broken from None
    if len(pixels) != side * side:
        raise broken
    return like_mnist(np.frombuffer(pixels, np.uint8).reshape(side, side))


def from_upload(path: str | os.PathLike[str]) -> np.ndarray:
    """A picture file as (28, 28) uint8: white ink on black, whichever way round it was.

    Any of FORMATS, turned as its EXIF data say, transparent parts being ground. Raises BadPicture where the file is too
    large, is not a picture, or shows nothing.
    """
    return like_mnist(ink_of(_opened(path)))


def _opened(path: str | os.PathLike[str]) -> Image.Image:
    """The file's first picture, upright, grey, at most WORKING_SIDE a side."""
    unreadable = BadPicture("this file cannot be read as a picture: upload a PNG, JPEG, GIF, WebP, BMP or TIFF file")
    try:
        path = Path(path)
        size = path.stat().st_size
    except (OSError, ValueError, TypeError):
        raise unreadable from None
    if size > MAX_BYTES:
        raise BadPicture(f"this file has {size / 1e6:.1f} MB: at most {MAX_BYTES / 1e6:.0f} MB can be used")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a huge picture is refused here, in a sentence
            image = Image.open(path, formats=FORMATS)
        with image:
            if image.width * image.height > MAX_PIXELS:
                raise BadPicture(
                    f"this picture is {image.width} x {image.height} pixels: "
                    f"at most {MAX_PIXELS // 1_000_000} million can be used"
                )
            image.draft("L", (WORKING_SIDE, WORKING_SIDE))  # a JPEG is decoded small from the start
            return _on_ground(ImageOps.exif_transpose(image))
    except BadPicture:
        raise
    except Image.DecompressionBombError:
        raise BadPicture(
            f"this picture has too many pixels: at most {MAX_PIXELS // 1_000_000} million can be used"
        ) from None
    except Exception:  # a broken file can make a decoder raise anything
        raise unreadable from None


def _on_ground(image: Image.Image) -> Image.Image:
    """Grey, small, and laid on a ground that its ink stands out from, where it is transparent."""
    image = image.convert("RGBA")
    image.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX)
    alpha = np.asarray(image.getchannel("A"), float) / 255
    grey = np.asarray(image.convert("RGB").convert("L"), float)
    level = (grey * alpha).sum() / max(1.0, alpha.sum())  # of what is not transparent
    ground = 255.0 if level < 128 else 0.0
    return Image.fromarray((alpha * grey + (1 - alpha) * ground).round().astype(np.uint8))


def ink_of(image: Image.Image) -> np.ndarray:
    """A grey picture's ink as (height, width) uint8: 0 the ground, 255 the strongest ink. Raises BadPicture where it
    shows nothing.

    The ground is what the picture's frame shows, a plane of grey levels: a sheet of paper is seldom lit evenly. The ink
    is what differs from it, darker or lighter, by more than the frame's own unevenness.
    """
    if min(image.size) > 4 * SIDE:
        image = image.filter(ImageFilter.MedianFilter(3))  # dust and grain, but no stroke
    grey = np.asarray(image, float)
    difference, noise = _from_ground(grey)
    if -difference.min() > difference.max():
        difference = -difference  # dark ink on a light ground
    strongest = difference.max()
    if strongest < MIN_CONTRAST:
        raise BadPicture("this picture is all of one grey: upload one that shows a digit")
    weakest = min(4 * noise, strongest / 2)
    return ((difference - weakest).clip(0) / (strongest - weakest) * 255).round().astype(np.uint8)


def _from_ground(grey: np.ndarray) -> tuple[np.ndarray, float]:
    """How far each pixel is from the ground's plane, and how uneven (a robust standard deviation) the frame is about
    it.
    """
    height, width = grey.shape
    y, x = np.mgrid[0:height, 0:width]
    frame = np.ones(grey.shape, bool)
    frame[1:-1, 1:-1] = False
    plane = np.stack([np.ones(grey.size), x.ravel() / width, y.ravel() / height], axis=1)
    kept = frame.ravel()
    for _ in range(3):  # fitted again without what does not lie in it: a stroke that runs off the sheet
        solution = np.linalg.lstsq(plane[kept], grey.ravel()[kept], rcond=None)[0]
        difference = grey - (plane @ solution).reshape(grey.shape)
        far = np.abs(difference[frame])
        kept = frame.ravel().copy()
        kept[frame.ravel()] = far <= max(1.0, 2 * float(np.median(far)))
    return difference, 1.48 * float(np.median(far))
