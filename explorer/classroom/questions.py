"""What a class can be asked: numbers on a scale and choices, each with the truth where there is one for all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.classroom.errors import ClassRefused
from explorer.core.sampling import NULL_LABEL
from explorer.core.schedule import PAPER_T, NoiseSchedule

BINS = 20  # of a scale's histogram
NOISE_OVER_DIGIT = 3.0  # standard deviations: where most can no longer read a digit


@dataclass(frozen=True)
class Scale:
    """A number from low to high, in steps."""

    low: float
    high: float
    step: float
    unit: str  # what it counts

    @property
    def bins(self) -> int:
        """How many bars its histogram has."""
        return BINS

    def check(self, value: object) -> float:
        """The answer that this is. Raises ClassRefused."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ClassRefused("an answer here is a number")
        if not self.low <= value <= self.high:
            raise ClassRefused("this answer lies beside the scale")
        return self.low + round((value - self.low) / self.step) * self.step

    def bin_of(self, answer: float) -> int:
        """The bar in which an answer is counted; the highest answer belongs to the last one."""
        return min(int((answer - self.low) / (self.high - self.low) * BINS), BINS - 1)


@dataclass(frozen=True)
class Choices:
    """One of a few texts; an answer is its number, from 0."""

    options: tuple[str, ...]

    @property
    def bins(self) -> int:
        """How many bars its histogram has."""
        return len(self.options)

    def check(self, value: object) -> float:
        """The answer that this is. Raises ClassRefused."""
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < len(self.options):
            raise ClassRefused("an answer here is one of the choices")
        return value

    def bin_of(self, answer: float) -> int:
        """The bar in which an answer is counted."""
        return int(answer)


@dataclass(frozen=True)
class Question:
    """truth: the right answer, None where it depends on what is on the stage, or nobody is right; about: what is to be
    said of it.
    """

    id: str
    text: str
    answer: Scale | Choices
    truth: float | None = None
    about: str = ""


def drowned() -> int:
    """The first t at which the noise is NOISE_OVER_DIGIT times as strong as the digit, by the linear schedule."""
    signal_left = 1 / (1 + NOISE_OVER_DIGIT**2)  # alpha_bar where sqrt((1 - alpha_bar) / alpha_bar) is that
    return int((NoiseSchedule("linear", PAPER_T).alpha_bar > signal_left).sum())


T_SCALE = Scale(0, PAPER_T, 10, "t")
YES_OR_NO = Choices(("yes", "no"))
DIGITS = range(NULL_LABEL)
ALL: Sequence[Question] = (
    Question(
        "readable",
        "Until which t can you read the digit?",
        T_SCALE,
        drowned(),
        "Nobody is wrong: at the marked t the noise is three times as strong as the digit.",
    ),
    Question(
        "schedule",
        "Which schedule loses the digit first?",
        Choices(("linear", "cosine")),
        0,
        "The linear schedule has lost nearly everything by t = 600.",
    ),
    Question(
        "only-add",
        "At how much added noise can you no longer read the digit?",
        Choices(("10%", "100%", "300%", "at none of these")),
    ),
    Question(
        "easier",
        "Where is the noise easier to guess?",
        Choices(("t = 100", "t = 900")),
        1,
        "The noise is easiest to guess where there is hardly anything else.",
    ),
    Question(
        "error",
        "How large is the error of the network's guess (MSE)?",
        Scale(0, 1, 0.01, "MSE"),
        about="Always guessing zero would cost 1.",
    ),
    Question(
        "anything-new",
        "Will the perfect guesser ever draw something new?",
        YES_OR_NO,
        1,
        "It ends in one of its 10,000 digits, exactly.",
    ),
    Question(
        "known",
        "At which t do you first know which digit it will be?",
        T_SCALE,
        about="Nobody is wrong: the film on the stage stands at the marked t.",
    ),
    Question(
        "copied",
        "Has the network drawn a real digit again?",
        YES_OR_NO,
        1,
        "It is about as far from its nearest real digit as real ones are from theirs.",
    ),
    Question(
        "parting",
        "At which t do the noises part into clouds?",
        T_SCALE,
        about="Nobody is wrong: most leave the middle between t = 700 and t = 400.",
    ),
    Question(
        "decided",
        "At which t is it decided which digit it will be?",
        T_SCALE,
        about="From the marked t on all six futures of a fork became one digit: the largest such t that was tried.",
    ),
    Question(
        "survive",
        "Does the digit survive?",
        Choices(("yes", "it becomes another digit", "it becomes no digit")),
        about="By the vote of the real digits that are most alike.",
    ),
    Question(
        "looks",
        "How many looks does a clean digit need?",
        Choices(("1", "5", "20", "100", "1000")),
        2,
        "About twenty are enough here; a thousand are hardly better.",
    ),
    Question(
        "seconds",
        "After how many seconds can you read its digits?",
        Scale(0, 120, 1, "seconds"),
        about="At the marked second a small network first read most of them as they were asked for.",
    ),
    Question(
        "higher-loss",
        "Where will its loss be the higher one?",
        Choices(("near t = 0", "near t = T")),
        0,
        "Near t = 0 every error is divided by the little noise that there is.",
    ),
    Question(
        "clean-leap",
        "Will its single leap be a clean digit?",
        YES_OR_NO,
        1,
        "The best single answer to pure noise is an average, and an average is a blur.",
    ),
    Question(
        "learnt-leap",
        "Can a network learn a clean leap from digits alone?",
        YES_OR_NO,
        1,
        "Each noise could become any digit; only who walks decides which one it becomes.",
    ),
)
QUESTIONS: Mapping[str, Question] = {question.id: question for question in ALL}
