"""What the tabs ask of the engine, and what they say about its answers: requests, anatomies, look-alikes, joined
streams.
"""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
import torch

from explorer.core.sampling import NULL_LABEL, Step, ddim_step, ddpm_step
from explorer.core.schedule import NoiseSchedule
from explorer.data import digits, pictures
from explorer.data.digit_map import places_of, whole_numbers
from explorer.data.nearest_digits import VOTES, correlation, nearest_digits
from explorer.data.pixels import to_base64
from explorer.demos.step_parts import anatomy
from explorer.page import film_requests
from explorer.page.payloads.futures import fork_verdict
from explorer.page.payloads.races import leap_sentence, race_end_value
from explorer.page.payloads.rescues import BETS, rescue_verdict
from explorer.page.payloads.steps import anatomy_value
from explorer.page.settings import Futures, Generate, OneLeap
from explorer.serving.film_news import Frames
from explorer.serving.film_request import FilmRequest, check, noised
from explorer.serving.model_store import PRETRAINED, ModelStore
from explorer.serving.streams import together
from explorer.validation import InvalidSetting, checked
from tests.tiny import noise

SCHEDULE = NoiseSchedule()


# ---- one step taken apart ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sampler, eta", [("ddpm", 0.0), ("ddim", 0.0), ("ddim", 0.7)])
@pytest.mark.parametrize("t, t_prev", [(1000, 950), (500, 499), (1, 0)])
def test_the_parts_are_those_of_the_step(sampler, eta, t, t_prev):
    """mean is the step without noise, fresh is sigma times the injected noise, and they add up."""
    x_t, eps_hat, z = noise(1, 1, 28, 28, seed=1), noise(1, 1, 28, 28, seed=2), noise(1, 1, 28, 28, seed=3)

    def make(fresh: torch.Tensor) -> Step:
        return (
            ddpm_step(SCHEDULE, x_t, eps_hat, t, t_prev, fresh)
            if sampler == "ddpm"
            else ddim_step(SCHEDULE, x_t, eps_hat, t, t_prev, fresh, eta=eta)
        )

    parts = anatomy(make(z), FilmRequest((0,), (1,), sampler=sampler, eta=eta), SCHEDULE)
    torch.testing.assert_close(parts.mean, make(torch.zeros_like(z)).x_prev, atol=1e-5, rtol=0)
    torch.testing.assert_close(parts.fresh, parts.sigma * z, atol=1e-5, rtol=0)
    assert (parts.sigma == 0) == (t_prev == 0 or (sampler == "ddim" and eta == 0))
    value = anatomy_value(parts, sampler)
    assert [tile["sign"] for tile in value["tiles"]] == ["", "→", "+", "="] and f"{parts.a:.3f} x̂₀" in str(
        value["sentence"]
    )


# ---- look-alikes -------------------------------------------------------------------------------------------------


def test_real_digits_are_read_as_what_they_are():
    """Leave one out: the vote of a digit's neighbours, itself among them, less its own vote, is right for more than 9
    of 10.
    """
    data = digits.bundled()
    some = np.arange(0, 10_000, 37)
    readings = nearest_digits(data.pixels[some])
    right = sum(
        reading.label == label and reading.votes > VOTES / 2 + 1 for reading, label in zip(readings, data.labels[some])
    )
    assert right / len(some) > 0.9


def test_a_shifted_level_or_contrast_changes_no_reading():
    """Correlation sees the shape alone; a picture of one grey is like nothing, and does no harm."""
    digit = digits.bundled().pixels[5]
    assert correlation(digit, digit // 2 + 40) > 0.999 and correlation(digit, 255 - digit) < -0.999
    assert correlation(digit, np.zeros_like(digit)) == 0.0
    assert nearest_digits(np.stack([digit, digit // 2]))[0].label == nearest_digits(digit[None] // 2)[0].label


def test_the_verdict_is_the_votes():
    seven, one = pictures.digit(7, 0), pictures.digit(1, 0)
    assert "It survived" in rescue_verdict(seven, seven.pixels(), BETS[0]) and "won" in rescue_verdict(
        seven, seven.pixels(), BETS[0]
    )
    assert "turned into another digit" in rescue_verdict(seven, one.pixels(), BETS[0]) and "lost" in rescue_verdict(
        seven, one.pixels(), BETS[0]
    )
    assert "won" in rescue_verdict(seven, one.pixels(), BETS[1]) and "Next time bet first" in rescue_verdict(
        seven, seven.pixels(), None
    )
    request = FilmRequest((0,), (10,), fork_t=500, fork_seeds=(1, 2))
    assert "was decided" in fork_verdict(request, np.stack([seven.pixels()] * 2)) and "still open" in fork_verdict(
        request, np.stack([seven.pixels(), one.pixels()])
    )


# ---- requests ----------------------------------------------------------------------------------------------------


def question(**change):
    return {
        "settings": {"label": 3, "pictures": 4, "seed": 7, "steps": 20, "model": PRETRAINED},
        "t": 500,
        "picture": 2,
    } | change


def test_a_question_is_about_one_picture():
    request, t = film_requests.asked(question())
    assert (request.seeds, request.labels, request.steps, t) == ((9,), (3,), 20, 500)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "x",
        {},
        question(settings=None),
        question(settings={"model": 3}),
        question(t=None),
        question(t=0),
        question(t=1e9),
        question(picture=4),
        question(picture=-1),
        question(settings={"model": PRETRAINED, "steps": 0}),
        question(settings={"model": PRETRAINED, "colour": 1}),
    ],
    ids=str,
)
def test_what_no_player_asks_gets_a_sentence(payload):
    with pytest.raises(InvalidSetting) as error:
        film_requests.asked(payload)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("t", [1000, 999, 101, 100, 7, 2, 1])
@pytest.mark.parametrize("chosen", ["any", "3", "0 to 9", "ten of any"])
def test_every_race_can_be_run(t, chosen):
    """Columns with more and more evaluations, the last taking every step, all from the same beginning."""
    columns = film_requests.race(checked(OneLeap, {"t": t, "digits": chosen}))
    assert columns[-1].steps == t and [c.steps for c in columns] == sorted({c.steps for c in columns})
    assert len({(c.seeds, c.labels, c.x_0, c.t_start) for c in columns}) == 1
    assert columns[0].pictures == (10 if chosen in ("0 to 9", "ten of any") else 1)
    assert (set(columns[0].labels) == {NULL_LABEL}) == ("any" in chosen)
    for column in columns:
        check(column, 1000)


def test_a_race_tells_its_ends_once_more():
    """The last frame of each column, as bytes; nothing for a column that was stopped before it had one."""
    columns = film_requests.race(checked(OneLeap, {"t": 5, "digits": "0 to 9"}))
    pixels = np.arange(2 * 3 * 10 * 784).astype(np.uint8).reshape(2, 3, 10, 28, 28)
    value = race_end_value(columns, "run", {1: Frames(4, (1, 0), pixels, 6, seconds=0.1234)}, "over")
    assert (value["run"], value["news"], value["status"]) == ("run", [], "over")
    places = to_base64(whole_numbers(places_of(pixels[1, 1])))  # where x0_hat lies on the map
    assert value["ends"] == [None, {"t": 0, "data": to_base64(pixels[1, 0]), "places": places, "seconds": 0.123}]


@pytest.mark.parametrize("t", [1000, 999, 700, 30, 1])
def test_eight_futures_can_be_asked_for(t):
    request = film_requests.futures(checked(Futures, {"t": t}))
    check(request, 1000)
    assert (request.pictures, request.fork_t, len(set(request.fork_seeds))) == (8, t, 8)


def test_forks_have_noise_of_their_own():
    original = film_requests.film(checked(Generate, {"steps": 20}), PRETRAINED)
    fork = film_requests.fork(original, 500)
    check(fork, 1000)
    assert len({*fork.fork_seeds, *original.seeds}) == film_requests.FORKS + 1


def test_the_pretrained_models_schedule_is_the_usual_one():
    """The tabs compute their numbers and previews with it before the model is loaded."""
    assert ModelStore().get(PRETRAINED).schedule == NoiseSchedule()
    request = film_requests.rescue(pictures.digit(4, 0), 1, 0)
    assert (
        np.abs(noised(request, NoiseSchedule()).astype(int) - pictures.digit(4, 0).pixels()).max() < 10
    )  # hardly any noise at t = 1
    assert "0.0064" in leap_sentence(SCHEDULE, 1000) and "157-fold" in leap_sentence(SCHEDULE, 1000)


# ---- streams -----------------------------------------------------------------------------------------------------


async def counting(n: int, closed: list, *, fails: bool = False):
    try:
        for i in range(n):
            yield i
            await asyncio.sleep(0.001)
        if fails:
            raise ValueError("broken")
    finally:
        closed.append(n)


@pytest.mark.parametrize("pause", [0.0, 0.02])
def test_streams_together_lose_nothing(pause):
    """With a pause, what comes meanwhile is in one list."""

    async def run():
        return [items async for items in together([counting(3, []), counting(5, [])], pause)]

    lists = asyncio.run(run())
    got = [item for items in lists for item in items]
    assert pause == 0 or len(lists) < len(got)
    assert [i for k, i in got if k == 0] == [0, 1, 2] and [i for k, i in got if k == 1] == [0, 1, 2, 3, 4]


def test_one_broken_stream_ends_all():
    closed = []

    async def run():
        return [items async for items in together([counting(1000, closed), counting(2, closed, fails=True)])]

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(run())
    assert sorted(closed) == [2, 1000]


def test_leaving_closes_all():
    closed = []

    async def run():
        both = together([counting(1000, closed), counting(2000, closed)])
        await anext(both)
        await both.aclose()

    asyncio.run(run())
    assert sorted(closed) == [1000, 2000]
