"""One leap or many: the race of the columns, and the many futures of one picture."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.core.sampling import samples, trajectory_generator
from explorer.data.pixels import to_pixels
from explorer.page import film_requests
from explorer.page.settings import Futures, OneLeap
from explorer.serving.film_request import beginning
from explorer.serving.model_store import PRETRAINED, ModelStore
from explorer.validation import checked
from tests.browser.pictures import data, grey, show, wait_for_data

RACE, FUTURE = "#leaps [data-widget=leaps]", "#futures [data-widget=film]"


@pytest.fixture
def leap_tab(shared):
    show(shared, "tab=leap")
    wait_for_data(shared, RACE, "d.state === 'film'")  # it starts by itself
    return shared


def ends(request):
    """The pictures that the core's walk ends in, (pictures, 28, 28) grey levels."""
    model = ModelStore().get(PRETRAINED)
    generators = [trajectory_generator(seed) for seed in request.seeds]
    start = beginning(request, model.schedule, generators)
    for step in samples(
        model.network,
        model.schedule,
        generators,
        request.visited(1000),
        label=torch.tensor(request.labels),
        sampler=request.sampler,
        x_start=start,
    ):
        pass
    return to_pixels(step.x_prev)[:, 0].astype(int)


def set_t(page, box, t):
    field = page.locator(f"{box} input[type=number]")
    field.fill(str(t))
    field.press("Tab")


def column(k):
    return f"#leaps figure:nth-of-type({k + 1}) canvas"


def wait_for_last(page, first):
    """Until a race other than the first has ended and stays: one this short may end before the next takes its place."""
    seen = first
    while True:
        wait_for_data(page, RACE, f"d.run !== '{first}' && d.done === 'true'")
        before, seen = seen, data(page, RACE)["run"]
        if seen == before:
            return
        page.wait_for_timeout(1500)


def test_the_race_starts_by_itself_stops_and_can_be_run_again(leap_tab):
    """Stopped in mid-race it stays as it is; run again from a lower t, each column ends in the core's picture, and the
    bar shows all at one t.
    """
    leap_tab.click("#leap-stop")
    wait_for_data(leap_tab, RACE, "d.done === 'true'")
    first = data(leap_tab, RACE)["run"]
    set_t(leap_tab, "#leap-t", 60)
    leap_tab.get_by_text("At t = 60 the picture makes up").wait_for()
    columns = film_requests.race(checked(OneLeap, {"t": 60}))
    wanted = [ends(request)[0] for request in columns]
    leap_tab.click("#leap-play")
    leap_tab.click("#leap-play")  # twice: the second takes the first one's place
    wait_for_last(leap_tab, first)
    leap_tab.get_by_text("Drag the bar: at each t").wait_for()
    assert (
        leap_tab.locator("#leaps figcaption b").all_inner_texts()
        == ["1", "5", "20", "60"]
        == [str(request.steps) for request in columns]
    )
    wait_for_data(leap_tab, RACE, "d.t === '0' && d.playing === 'false'")
    for k, picture in enumerate(wanted):
        assert np.abs(grey(leap_tab, column(k)) - picture).max() <= 1

    leap_tab.locator("#leaps input[type=range]").focus()
    leap_tab.keyboard.press("Home")
    assert data(leap_tab, RACE)["t"] == "60"
    noise = grey(leap_tab, column(0))
    assert all((grey(leap_tab, column(k)) == noise).all() for k in range(1, 4))
    leap_tab.keyboard.press("ArrowRight")
    assert (grey(leap_tab, column(0)) == noise).all() and (
        grey(leap_tab, column(1)) == noise
    ).all()  # still in mid-leap
    assert (grey(leap_tab, column(3)) != noise).any()


def test_ten_digits_by_class(leap_tab):
    leap_tab.click("#leap-stop")
    set_t(leap_tab, "#leap-t", 20)
    leap_tab.click("#leap-all")
    wait_for_data(leap_tab, RACE, "d.rows === '10' && d.done === 'true' && d.t === '0'")
    shown = leap_tab.locator(column(1)).evaluate(
        "c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).filter((_, i) => i % 4 === 0)"
    )
    shown = np.array(shown).reshape(289, 28)
    wanted = ends(film_requests.race(checked(OneLeap, {"t": 20, "digits": "0 to 9"}))[1])
    for k in range(10):
        assert np.abs(shown[29 * k : 29 * k + 28] - wanted[k]).max() <= 1


def test_eight_futures_and_their_average(leap_tab):
    leap_tab.click("#leap-stop")
    wait_for_data(leap_tab, RACE, "d.done === 'true'")
    leap_tab.locator("#futures").scroll_into_view_if_needed()
    wait_for_data(leap_tab, FUTURE, "d.held > 0")  # this one too starts when it is seen
    set_t(leap_tab, "#futures-t", 500)
    run = data(leap_tab, FUTURE)["run"]
    leap_tab.click("#futures-go")
    wait_for_data(leap_tab, FUTURE, f"d.run !== '{run}' && d.done === 'true'")
    leap_tab.get_by_text("a single guess is the average of all digits").wait_for()
    request, model = film_requests.futures(checked(Futures, {"t": 500})), ModelStore().get(PRETRAINED)
    x_t = beginning(request, model.schedule, [trajectory_generator(request.seeds[0])])
    walk = list(
        samples(
            model.network,
            model.schedule,
            [trajectory_generator(s) for s in request.fork_seeds],
            request.visited(1000),
            x_start=x_t.repeat(8, 1, 1, 1),
        )
    )
    wanted = [to_pixels(x_t)[0, 0], to_pixels(walk[-1].x_prev)[:, 0].mean(axis=0), to_pixels(walk[0].x0_hat)[0, 0]]
    for place, picture in enumerate(wanted):
        assert (
            np.abs(
                grey(leap_tab, f"#futures-tiles figure:nth-of-type({place + 1}) canvas") - picture.astype(float)
            ).max()
            <= 2
        )


def test_bad_values_get_a_sentence(leap_tab):
    leap_tab.locator("#leap-seed input").fill("-3")
    leap_tab.click("#leap-play")
    leap_tab.get_by_text("the seed must be a whole number").wait_for()
