"""Pictures to noise, and the Add noise tab's scenes and warnings."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from explorer.core.sampling import NULL_LABEL
from explorer.data import digits, pictures
from explorer.data.pixels import to_pixels
from explorer.demos import noising
from explorer.demos.noising import BOTH
from explorer.page.payloads.noising import desk_value
from explorer.page.settings import AddNoise
from explorer.validation import rules


def test_digits_by_class():
    """The n-th of its class, counted around; its label and its number in the test set."""
    data = digits.bundled()
    for label, example in [(0, 0), (7, 3), (9, 10_000)]:
        picture = pictures.digit(label, example)
        number = int(picture.caption.split()[-1])
        assert picture.label == label == data.labels[number]
        assert np.array_equal(np.frombuffer(picture.grey, np.uint8).reshape(28, 28), data.pixels[number])
    assert pictures.digit(3, len(data.of_class(3))) == pictures.digit(3, 0)


@pytest.mark.parametrize("name", pictures.NO_DIGITS)
def test_no_digits(name):
    """Each is a whole picture without a label; all differ, and the image has the core's range."""
    picture = pictures.no_digit(name)
    image = picture.image()
    assert picture.label == NULL_LABEL and image.shape == (1, 28, 28) and image.dtype == torch.float32
    assert to_pixels(image).tobytes() == picture.grey
    assert len({pictures.no_digit(other).grey for other in pictures.NO_DIGITS}) == len(pictures.NO_DIGITS)


@pytest.mark.parametrize("T", rules(AddNoise)["T"].options)
def test_warning(T):
    """Lit exactly where something of the picture is left in x_T, with the number, and only the linear schedule is to
    blame.
    """
    linear, cosine, both = (
        noising.warning_unless_noise(noising.schedules(kind, T)) for kind in ("linear", "cosine", BOTH)
    )
    left = float(noising.schedule("linear", T).alpha_bar[-1])
    assert cosine == "" and both == linear and (linear == "") == (T == 1000)
    assert linear == "" or f"{left:.3f}" in linear and "linear" in linear and left > 1e-3


def test_scene_at_t_is_q_sample():
    scene = noising.scene(pictures.digit(4, 1), 3, "cosine")
    at = scene.at(250)
    schedule = noising.schedule("cosine")
    assert_close(torch.tensor(at["x_t"]), schedule.q_sample(scene.picture.image(), 250, scene.eps)[0])
    assert at["alpha_bar"] == pytest.approx(float(schedule.alpha_bar[250])) and at["t"] == 250


def test_a_race_is_on_the_same_picture_and_noise():
    """Both schedules in one payload, each with T + 1 coefficients whose squares add up to 1."""
    value = desk_value(noising.scene(pictures.digit(4, 1), 3, BOTH, 100), t=30)
    assert [schedule["kind"] for schedule in value["schedules"]] == ["linear", "cosine"]
    for schedule in value["schedules"]:
        assert len(schedule["signal"]) == len(schedule["noise"]) == 101
        np.testing.assert_allclose(np.square(schedule["signal"]) + np.square(schedule["noise"]), 1)
