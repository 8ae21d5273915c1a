"""Every tab's settings, declared once: name, range, default. The controls, the validation and the command line read
them from here.
"""

from __future__ import annotations

from dataclasses import replace

from explorer.core.sampling import NULL_LABEL, SAMPLERS
from explorer.core.schedule import KINDS
from explorer.demos.noising import ADD, BOTH
from explorer.lab.recipe import LONGEST_TRAINING_SECONDS, SHORTEST_TRAINING_SECONDS
from explorer.validation import MAX_SEED, Choice, Real, Table, Whole

PICTURE: Table = {
    "label": Whole("the digit", 7, 0, 9),
    "example": Whole("the example's number", 0, 0, 9_999),
    "noise_seed": Whole("the noise's seed", 0, 0, MAX_SEED),
}

ADD_NOISE: Table = {
    "t": Whole("t", 300, 0, 1000),
    "schedule": Choice("the schedule", "linear", (*KINDS, BOTH, ADD)),
    "T": Choice("T", 1000, (10, 50, 100, 200, 500, 1000)),
}

NOISE_IMAGE: Table = PICTURE | {
    "t": ADD_NOISE["t"],
    "schedule": Choice("the schedule", "linear", KINDS),
}

GUESS_NOISE: Table = PICTURE | {
    "t": Whole("t", 300, 1, 1000),
    "told": Choice("what the network is told", "nothing", ("nothing", "the digit")),
}

REMOVE_NOISE: Table = {
    "label": Whole("the digit (10 is any)", NULL_LABEL, 0, NULL_LABEL),
    "pictures": Choice("the number of pictures", 1, (1, 4, 16)),
    "sampler": Choice("the sampler", "ddpm", SAMPLERS),
    "steps": Whole("the number of steps", 250, 1, 1000),
    "guidance": Real("guidance", 1.0, 0.0, 10.0),
    "eta": Real("eta", 0.0, 0.0, 1.0),
    "seed": Whole("the seed", 7, 0, MAX_SEED),
}

# what a player asks about the picture on its screen; 0-based, as pictures are counted there
QUESTION: Table = {
    "t": Whole("t", 1000, 1, 1000),
    "picture": Whole("the picture's number", 0, 0, 15),
}

RESCUE: Table = {"t": Whole("t", 400, 1, 1000)}

ALL_DIGITS, ALL_ANY = "0 to 9", "ten of any"
LEAPS: Table = {
    "digits": Choice("the digits", "3", ("any", *map(str, range(10)), ALL_DIGITS, ALL_ANY)),
    "sampler": Choice("the sampler", "ddim", SAMPLERS),
    "t": Whole("t", 1000, 1, 1000),
    "seed": Whole("the seed", 7, 0, MAX_SEED),
}

FUTURES: Table = {
    "label": Whole("the digit", 4, 0, 9),
    "t": Whole("t", 700, 1, 1000),
    "seed": Whole("the seed", 0, 0, MAX_SEED),
}

TRAIN: Table = {
    "seconds": Whole("the training time in seconds", 60, SHORTEST_TRAINING_SECONDS, LONGEST_TRAINING_SECONDS)
}


def train_table(longest: int) -> Table:
    """TRAIN on a server that lets a training take up to `longest` seconds."""
    seconds = TRAIN["seconds"]
    return {"seconds": replace(seconds, default=min(seconds.default, longest), high=longest)}
