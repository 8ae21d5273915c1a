"""Every tab's settings, declared once: a frozen dataclass each, whose fields say their names (also in links and for
programs), ranges, defaults and how a form shows them. What a field is called here it is called everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.sampling import NULL_LABEL, SAMPLERS
from explorer.core.schedule import KINDS, PAPER_T
from explorer.demos.noising import ADD, BOTH
from explorer.lab.experiment import Experiment
from explorer.lab.recipe import LONGEST_TRAINING_SECONDS, SHORTEST_TRAINING_SECONDS
from explorer.page import computing, networks
from explorer.serving.film_request import MAX_PICTURES, FilmRequest
from explorer.validation import MAX_SEED, Choice, Control, Real, Whole, setting

DIGITS = range(NULL_LABEL)
EXAMPLE = Whole("the example's number", 0, 0, 9_999)
NOISE_SEED = Whole("the noise's seed", 0, 0, MAX_SEED)
NETWORK, NETWORK_CONTROL = Choice("the network", networks.OURS, networks.CHOICES), Control("Network", networks.ABOUT)
COMPUTE = Choice("who computes", computing.AUTO, computing.CHOICES)
COMPUTE_CONTROL = Control("Computed by", computing.ABOUT, names=computing.NAMES, group="compute")
DDPM_NAME, DDIM_NAME = "DDPM: fresh noise at each step", "DDIM: no fresh noise"


@dataclass(frozen=True)
class NoisyDigit:
    """A real digit and the noise of a seed, mixed at t: what all tabs share that noise a picture."""

    label: int = setting(Whole("the digit", 7, DIGITS[0], DIGITS[-1]))
    t: int = setting(Whole("t", 300, 1, PAPER_T))
    example: int = setting(EXAMPLE)
    noise_seed: int = setting(NOISE_SEED)


@dataclass(frozen=True)
class NoiseImage(NoisyDigit):
    """What a program asks of the forward process."""

    t: int = setting(Whole("t", 300, 0, PAPER_T))
    schedule: str = setting(Choice("the schedule", "linear", KINDS))


@dataclass(frozen=True)
class AddNoise(NoiseImage):
    """The tab Add noise."""

    schedule: str = setting(Choice("the schedule", "linear", (*KINDS, BOTH, ADD)), Control("Schedule"))
    T: int = setting(Choice("T", PAPER_T, (10, 50, 100, 200, 500, PAPER_T)), Control("T", kind="list"))


@dataclass(frozen=True)
class NoiseGuess(NoisyDigit):
    """What a program asks of the network's guess."""

    # "nothing" is also the name of an empty picture, and "the digit" that of a setting: as what the network is told,
    # each is another text to translate
    told: str = setting(
        Choice("what the network is told", "nothing", ("nothing", "the digit")),
        Control("The network is told", names={"nothing": "nothing about it", "the digit": "which digit it is"}),
    )


@dataclass(frozen=True)
class GuessNoise(NoiseGuess):
    """The tab Guess the noise."""

    compute: str = setting(COMPUTE, COMPUTE_CONTROL)


@dataclass(frozen=True)
class Rescue(NoisyDigit):
    """The part Rescue my digit of Remove noise."""

    t: int = setting(Whole("t", 400, 1, PAPER_T), Control("Noise it up to t", kind="slider"))


@dataclass(frozen=True)
class Generate:
    """A film from noise to digit. Fields of the group "more" stand in a part of the form that is closed at first."""

    label: int = setting(
        Whole("the digit (10 is any)", NULL_LABEL, DIGITS[0], NULL_LABEL),
        Control("Digit to draw", kind="buttons", names={NULL_LABEL: "any"}),
    )
    seed: int = setting(Whole("the seed", 7, 0, MAX_SEED), Control("Seed of the noise"))
    sampler: str = setting(
        Choice("the sampler", FilmRequest.sampler, SAMPLERS),
        Control("Sampler", names={"ddpm": DDPM_NAME, "ddim": DDIM_NAME}),
    )
    steps: int = setting(
        Whole("the number of steps", FilmRequest.steps, 1, PAPER_T),
        Control("Steps (network evaluations)", kind="slider"),
    )
    guidance: float = setting(
        Real("guidance", FilmRequest.guidance, 0.0, 10.0),
        Control(
            "Guidance",
            "1: the plain network. Above: more typical digits. 0: the label is ignored.",
            kind="slider",
            step=0.1,
            group="more",
        ),
    )
    eta: float = setting(
        Real("eta", FilmRequest.eta, 0.0, 1.0),
        Control("eta (DDIM only)", "0: no fresh noise. 1: as much as DDPM.", kind="slider", step=0.05, group="more"),
    )
    pictures: int = setting(Choice("the number of pictures", 1, (1, 4, MAX_PICTURES)), Control("Pictures"))


@dataclass(frozen=True)
class RemoveNoise(Generate):
    """The tab Remove noise. t: where a link stops its film, 0 being the film's end."""

    network: str = setting(NETWORK, NETWORK_CONTROL)
    compute: str = setting(COMPUTE, COMPUTE_CONTROL)
    t: int = setting(Whole("t", 0, 0, PAPER_T))
    map: str = setting(Choice("the map", "closed", ("closed", "film", "fork", "crowd")))


@dataclass(frozen=True)
class Question:
    """What a player asks about the picture on its screen; pictures are counted from 0 there."""

    t: int = setting(Whole("t", PAPER_T, 1, PAPER_T))
    picture: int = setting(Whole("the picture's number", 0, 0, MAX_PICTURES - 1))


ALL_DIGITS, ALL_ANY = "0 to 9", "ten of any"


@dataclass(frozen=True)
class OneLeap:
    """The race of the tab One leap or many."""

    digits: str = setting(Choice("the digits", "3", ("any", *map(str, DIGITS), ALL_DIGITS, ALL_ANY)), Control("Digits"))
    sampler: str = setting(
        Choice("the sampler", "ddim", SAMPLERS), Control("Sampler", names={"ddim": DDIM_NAME, "ddpm": DDPM_NAME})
    )
    t: int = setting(
        Whole("t", PAPER_T, 1, PAPER_T),
        Control("Start from t", f"Below {PAPER_T}: from a real digit, noised to t.", kind="slider"),
    )
    seed: int = setting(Whole("the seed", 7, 0, MAX_SEED), Control("Seed of the noise"))
    network: str = setting(NETWORK, NETWORK_CONTROL)
    compute: str = setting(COMPUTE, COMPUTE_CONTROL)
    map: str = setting(Choice("the map", "closed", ("closed", "leaps", "futures")))


@dataclass(frozen=True)
class Futures:
    """Many futures, the second part of One leap or many."""

    label: int = setting(Whole("the digit", 4, DIGITS[0], DIGITS[-1]), Control("A real digit ...", kind="buttons"))
    t: int = setting(
        Whole("t", 700, 1, PAPER_T),
        Control("... noised to t", f"{PAPER_T}: pure noise, with nothing of the digit.", kind="slider"),
    )
    seed: int = setting(Whole("the seed", 0, 0, MAX_SEED))


@dataclass(frozen=True)
class TrainingTime:
    """How long a training takes; a server may end it sooner, see validation.narrowed."""

    seconds: int = setting(
        Whole("the training time in seconds", 60, SHORTEST_TRAINING_SECONDS, LONGEST_TRAINING_SECONDS),
        Control("Training time in seconds", kind="slider", step=5),
    )


@dataclass(frozen=True)
class Train(Experiment, TrainingTime):
    """The tab Train."""

    compute: str = setting(
        COMPUTE, Control("Train on", computing.ABOUT_TRAINING, names=computing.NAMES, group="compute")
    )
    map: str = setting(Choice("the map", "closed", ("closed", "lab")))
