"""What the page on a server has and the page as one file has not, with a reason each. A test compares both: whatever is
missing and not listed here is a mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.lab.experiment import FASHION
from explorer.page.device_trainings import TOO_LARGE
from explorer.page.tabs import one_leap

ALONE = "nobody else is there: a file has no server through which pages could meet"
REMEMBERED = "a page that is loaded anew begins anew: no server keeps anything for it"


@dataclass(frozen=True)
class Missing:
    """why: for whoever reads the code. told: a sentence for the viewer who asks for it, "" where nobody can."""

    why: str
    told: str = ""


UPLOAD = Missing(
    "finding the digit in any picture file is Pillow's and numpy's work. Pyodide 314.0.7, without both, is 6.3 MB as "
    "gzip (its wasm 3.5, its script 0.3, its standard library 2.5) and 7.8 MB in the letters of the file, which has "
    "0.07 MB left. The picture lies under the pad instead, to be drawn over",
)
TRACED = (
    "This page does not find the digit in a picture by itself, as a page on a server does: your picture lies under the "
    "drawing pad now, draw over its digit."
)
UNREADABLE = "This browser cannot show that file as a picture: draw its digit without it."

# by their names in layout.py
HANDLERS: Mapping[str, Missing] = {
    "belongings.Belongings.follow.note": Missing(REMEMBERED),
    "class_digits.hand_over.take": Missing(ALONE),
    "uploading.UploadPart.listen.choose": UPLOAD,
    "device_films.chooser.<lambda> of film-compute.change": Missing("only the device can compute"),
    "device_films.chooser.<lambda> of guess-compute.change": Missing("only the device can compute"),
    "device_films.chooser.<lambda> of train-compute.change": Missing("only the device can compute"),
    "device_films.chooser.<lambda> of leap-compute.change": Missing("only the device can compute"),
    "device_films.chooser.<lambda> of compute.change": Missing("only the device can compute"),
    "train.build.<lambda> of class-digits.change": Missing(ALONE),
}
LEAPERS = (
    "the networks that only leap are left out of its race: 2 MB of weights for two columns, and 0.07 MB are left of 10"
)
# lessons that are left out, by their ids
LESSONS: Mapping[str, str] = {
    "one-task": LEAPERS,
    "taught-leap": LEAPERS,
}
SCENES: Mapping[str, str] = {}  # of the stage
TEXTS: Mapping[str, str] = {
    one_leap.TASK_A: LEAPERS,
    one_leap.A_LEAP_THAT_WORKS: LEAPERS,
}
# what cannot be chosen, by the controls' names
CHOICES: Mapping[str, Mapping[str, str]] = {
    "train-data": {FASHION: "it is downloaded"},
    "train-size": {TOO_LARGE: "a step of it takes seconds on a device"},
}
NOT_READ = "no picture is read here, of which something would be made"
# components that are hidden in the file, by their names
HIDDEN: Mapping[str, str] = {
    "forward-uploaded": NOT_READ,
    "guess-uploaded": NOT_READ,
    "rescue-uploaded": NOT_READ,
    "classroom": ALONE,
    "status-line": ALONE,
    "film-compute": "only the device can compute",
    "guess-compute": "only the device can compute",
    "leap-compute": "only the device can compute",
    "train-compute": "only the device can compute",
}
# what controls are called here, by their labels there
LABELS: Mapping[str, str] = {
    "Draw or upload your own, or take no digit": "Draw your own, or take no digit",
    "Upload a picture": "Draw over a picture",
}
