"""What the page on a server has and the page as one file has not, with a reason each. A test compares both: whatever is
missing and not listed here is a mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.page import guessers
from explorer.page.tabs import one_leap

ALONE = "nobody else is there: a file has no server through which pages could meet"
REMEMBERED = "a page that is loaded anew begins anew: no server keeps anything for it"


@dataclass(frozen=True)
class Missing:
    """why: for whoever reads the code. told: a sentence for the viewer who asks for it, "" where nobody can."""

    why: str
    told: str = ""


UPLOAD = Missing("reading any picture file is Pillow's work", "This page cannot read picture files: draw your digit.")
TRAINING = Missing("the file carries no graphs of a training yet", "This page cannot train: that needs a server.")
LATER = Missing("not built yet", "This part needs a server for now.")

# by their names in layout.py
HANDLERS: Mapping[str, Missing] = {
    "belongings.Belongings.follow.note": Missing(REMEMBERED),
    "class_digits.hand_over.take": Missing(ALONE),
    "uploading.UploadPart.listen.receive": UPLOAD,
    "uploading.UploadPart.listen.choose": UPLOAD,
    "add_noise.build.compare": Missing("its panel is hidden, see below"),
    "device_films.chooser.<lambda> of film-compute.change": Missing("only the device can compute"),
    "device_films.chooser.<lambda> of train-compute.change": Missing("only the device can compute"),
    "device_films.chooser.<lambda> of leap-compute.change": Missing("only the device can compute"),
    "device_films.chooser.<lambda> of compute.change": Missing("only the device can compute"),
    "remove_noise.Handlers.gather": LATER,
    "remove_noise.Handlers.disperse": LATER,
    "remove_noise.Handlers.fit_steps": TRAINING,
    "remove_noise.Handlers.fit_own": TRAINING,
    "remove_noise.Handlers.watch_own": TRAINING,
    "remove_noise.build.<lambda> of ": TRAINING,
    "experiment_form._drawings.add_drawing": TRAINING,
    "experiment_form._drawings.<lambda> of train-remove.click": TRAINING,
    "train.Handlers.train": TRAINING,
    "train.Handlers.train_on": TRAINING,
    "train.Handlers.take_back": TRAINING,
    "train.Handlers.halt": TRAINING,
    "train.Handlers.bring": TRAINING,
    "train.Handlers.tell": TRAINING,
    "train.Handlers.take_over": TRAINING,
    "train.Handlers.take_in": TRAINING,
    "train.Handlers.greet": TRAINING,
    "train.build.<lambda> of class-digits.change": Missing(ALONE),
    "train.build.<lambda> of train-watch.click": TRAINING,
    "algorithms.build.run": Missing("the lines stand there without a run of them; see the button below"),
    "algorithms.build.<lambda> of algorithm-again.click lesson-bar.key_algorithms_again": LATER,
}
PERFECT = "the perfect guesser's sum over 10,000 digits is not traced for the device yet"
LEAPERS = "the networks that only leap are left out of its race: two more files of weights, for two columns"
# lessons that are left out, by their ids
LESSONS: Mapping[str, str] = {
    "perfect": PERFECT,
    "crowd": LATER.why,
    "one-task": LEAPERS,
    "taught-leap": LEAPERS,
    "train": TRAINING.why,
    "what-to-guess": TRAINING.why,
    "only-leap": TRAINING.why,
}
SCENES: Mapping[str, str] = {"guessers": PERFECT}  # of the stage
TEXTS: Mapping[str, str] = {
    guessers.INTRO: PERFECT,
    guessers.NOTE: PERFECT,
    one_leap.TASK_A: LEAPERS,
    one_leap.A_LEAP_THAT_WORKS: LEAPERS,
}
# components that are hidden in the file, by their names
HIDDEN: Mapping[str, str] = {
    "classroom": ALONE,
    "status-line": ALONE,
    "film-compute": "only the device can compute",
    "leap-compute": "only the device can compute",
    "film-network": "there is but one network: neither one's own nor the perfect guesser",
    "leap-network": "there is but one network: neither one's own nor the perfect guesser",
    "guessers": PERFECT,
    "two-ways-panel": "the long way of 64 pictures is not computed by the device yet",
    "forward-upload": UPLOAD.why,
    "guess-upload": UPLOAD.why,
    "rescue-upload": UPLOAD.why,
}
