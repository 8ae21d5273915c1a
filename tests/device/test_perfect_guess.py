"""The device's perfect guesser guesses what torch's guesses, from the digits' bytes."""

from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

from explorer.core.perfect_guess import Known, PerfectGuesser
from explorer.core.sampling import IMAGE_SHAPE, NULL_LABEL
from explorer.core.schedule import NoiseSchedule
from explorer.data import digits
from explorer.device.export import export_guesser
from explorer.device.lowering import UnknownOperation
from explorer.device.trace import traced_guesser
from explorer.device.walk import lowered
from tests.device.node import Guesses, guessed, needs_node
from tests.tiny import noise

SCHEDULE = NoiseSchedule("linear")
TIMES = torch.tensor([1, 5, 50, 300, 700, 1000])
NUMBER = 17  # of the digit that is noised


@pytest.fixture(scope="module")
def known():
    return digits.bundled()


@pytest.fixture(scope="module")
def guesser(known):
    return PerfectGuesser(known.images(), known.label_tensor(), SCHEDULE)


@needs_node
def test_it_guesses_what_torch_guesses(tmp_path, known, guesser):
    """At every t, with and without label and left-out picture, from a digit, between two, and from noise alone."""
    file, images = export_guesser(SCHEDULE, len(known)), known.images()
    own = images[NUMBER].expand(len(TIMES), *IMAGE_SHAPE)
    one = SCHEDULE.q_sample(own, TIMES, noise(*own.shape))
    two = SCHEDULE.q_sample((own + images[NUMBER + 1]) / 2, TIMES, noise(*own.shape))
    any_digit, its_own = (torch.full_like(TIMES, label) for label in (NULL_LABEL, int(known.labels[NUMBER])))
    cases = [(one, any_digit, -1), (one, its_own, NUMBER), (two, any_digit, -1), (noise(*own.shape), its_own, -1)]
    asked = [Guesses(file, x_t, TIMES, label, known, left_out) for x_t, label, left_out in cases]
    for answer, (x_t, label, left_out) in zip(guessed(tmp_path, asked), cases, strict=True):
        assert not isinstance(answer, str), answer
        wanted = (guesser if left_out < 0 else guesser.without(left_out)).x0_hat(x_t, TIMES, label)
        found = SCHEDULE.x_0_from(x_t.double(), TIMES, answer.double()).float()
        assert_close(found, wanted, rtol=0, atol=1e-4)


@needs_node
def test_of_no_picture_there_is_no_guess(tmp_path, known):
    """Torch says so; the device gives what is no number, which whoever asks it takes for a failure."""
    one = digits.Digits(known.pixels[:4], known.labels[:4])
    label = torch.tensor([next(k for k in range(10) if k not in one.labels)])
    x_t = noise(1, *IMAGE_SHAPE)
    (answer,) = guessed(tmp_path, [Guesses(export_guesser(SCHEDULE, 4), x_t, label * 0 + 9, label, one)])
    assert not isinstance(answer, str) and not answer.isfinite().any()


def test_what_the_kernel_cannot_hold_fails_the_export(monkeypatch):
    monkeypatch.setattr("explorer.device.layer_rules.MOST_PIXELS", 16)
    with pytest.raises(UnknownOperation, match="expected_ink.default of 784 pixels"):
        lowered(traced_guesser(SCHEDULE, 2, 1))


def test_what_is_not_given_is_made(guesser, known):
    ink, labels, left_out, *_ = guesser.known
    bare = guesser.knowing(Known(ink, labels, left_out))
    x_t, t, label = noise(2, *IMAGE_SHAPE), torch.tensor([3, 900]), torch.tensor([NULL_LABEL, 4])
    assert_close(bare.x0_hat(x_t, t, label), guesser.x0_hat(x_t, t, label))
