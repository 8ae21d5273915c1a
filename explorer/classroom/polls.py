"""A poll: one question, everybody's latest answer, and what came of it."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from explorer.classroom.questions import Choices, Question

OWN_TRUTH = object()  # in place of a truth: the question's own
NEAR = 0.1  # of a scale's length: so far from the truth is still near


@dataclass(frozen=True)
class Result:
    """What a class has answered, with nobody's name to it.

    counts: how many answers stand in each bar; middle: (lower quartile, median, upper quartile) of a scale, empty for
    choices and where there are fewer than two answers; truth: the right answer, if there is one; near: how many have
    chosen it, or are at most NEAR of the scale away from it.
    """

    counts: tuple[int, ...]
    middle: tuple[float, ...]
    truth: float | None
    near: int

    @property
    def answers(self) -> int:
        """How many have answered."""
        return sum(self.counts)


class Poll:
    """An open poll. An answer is a member's own until it ends; the result holds no more than how many."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self._answers: dict[str, float] = {}  # by the member's key

    @property
    def answered(self) -> int:
        """How many have answered."""
        return len(self._answers)

    def vote(self, member: str, answer: object) -> None:
        """A member's answer, in place of an earlier one. Raises ClassRefused for what is none."""
        self._answers[member] = self.question.answer.check(answer)

    def result(self, truth: object) -> Result:
        """What came of it. truth: the right answer, as the leader's stage shows it; None where none is to be shown;
        OWN_TRUTH for the question's own. Raises ClassRefused for what cannot be an answer.
        """
        asked = self.question.answer
        right = self.question.truth
        if truth is not OWN_TRUTH:
            right = None if truth is None else asked.check(truth)
        answers = sorted(self._answers.values())
        counts = [0] * asked.bins
        for answer in answers:
            counts[asked.bin_of(answer)] += 1
        middle: tuple[float, ...] = ()
        reach = 0.0
        if not isinstance(asked, Choices):
            reach = NEAR * (asked.high - asked.low)
            middle = tuple(statistics.quantiles(answers, method="inclusive")) if len(answers) > 1 else ()
        near = 0 if right is None else sum(abs(answer - right) <= reach + 1e-9 for answer in answers)
        return Result(tuple(counts), middle, right, near)
