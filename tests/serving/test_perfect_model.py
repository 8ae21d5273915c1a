"""The perfect guesser as a model that films and guesses can be made with."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from explorer.data import digits, pictures
from explorer.serving.errors import Refused
from explorer.serving.film_request import FilmRequest
from explorer.serving.guess import GuessRequest
from explorer.serving.model_store import PERFECT, PRETRAINED, ModelStore
from tests.films import alone, collect, same_film
from tests.tiny import tiny_model

SEVEN = pictures.digit(7, 3)


def test_its_film_ends_in_a_bundled_digit_exactly(engine, store):
    """Through the engine: the core's own walk, and at its end each picture is a bundled digit of its class to the last
    grey level.
    """
    request = FilmRequest((1, 2), (4, 10), steps=12, model=PERFECT)
    frames, _ = collect(engine, request)
    same_film(frames, alone(store, request))
    known = digits.bundled()
    for picture, label in zip(frames[12][1][0], (4, None)):
        number = np.abs(known.pixels.astype(int) - picture).max(axis=(1, 2)).argmin()
        assert np.array_equal(known.pixels[number], picture) and known.labels[number] == (label or known.labels[number])


def test_with_its_digit_it_is_never_wrong_at_small_t_and_without_it_is(engine):
    """Left out, a digit is guessed from the others: an error that stays, where knowing it by heart has none."""
    request = GuessRequest(SEVEN.grey, (1, 100, 900), (0,), model=PERFECT)
    knows = asyncio.run(engine.guess(request))
    fair = asyncio.run(engine.guess(replace(request, left_out=pictures.position(SEVEN))))
    assert knows.error[0, 0] < 1e-6 and (fair.error[0] > knows.error[0]).all() and fair.error[0, 0] > 1
    assert fair.error[0, 2] < 0.05


@pytest.mark.parametrize("change", [{"left_out": -1}, {"left_out": 10_000}, {"left_out": True}, {"left_out": "7"}])
def test_impossible_digits_to_leave_out_are_refused(engine, change):
    with pytest.raises(Refused, match="a number from 0 to 9999"):
        asyncio.run(engine.guess(GuessRequest(SEVEN.grey, (5,), (0,), model=PERFECT, **change)))


def test_a_network_cannot_do_without_a_digit(engine, name):
    """A digit that a network has learnt from cannot be taken from it again: that is said, not ignored."""
    with pytest.raises(Refused, match="only the perfect guesser"):
        asyncio.run(engine.guess(GuessRequest(SEVEN.grey, (5,), (0,), model=name, left_out=3)))


def test_where_a_picture_stands_among_the_bundled_digits():
    """Its number is that of the same pixels; a picture of one's own has none."""
    assert np.array_equal(digits.bundled().pixels[pictures.position(SEVEN)], SEVEN.pixels())
    assert pictures.position(pictures.no_digit("a smiley")) is None


def test_trained_models_do_not_push_out_what_is_built_in(float32):
    """Both built-in models are held beside the trained ones, whose limit is their own."""
    store = ModelStore(held=1)
    guesser = store.get(PERFECT)
    store.get(PRETRAINED)
    store.add(tiny_model(0))
    second = store.add(tiny_model(1))
    assert store.get(PERFECT) is guesser and store.holds(PRETRAINED) and store.holds(second)
