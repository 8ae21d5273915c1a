"""Remove noise: the film plays while it is computed, ends in the core's picture, and can be scrubbed, stopped and
restarted.
"""

import numpy as np
import pytest
import torch

from explorer.core.sampling import samples, timesteps, trajectory_generator
from explorer.data.pixels import to_pixels
from explorer.serving.model_store import PRETRAINED, ModelStore
from tests.browser.pictures import FILM, data, film_by, grey, wait_for_data

X_T, X0_HAT = "#film canvas[data-strip=x_t]", "#film canvas[data-strip=x0_hat]"


@pytest.fixture
def film_tab(shared):
    """The tab with a short film of one picture."""
    return film_by(shared, "tab=remove&steps=10")


def play(page):
    """Press play, and wait until the new film has begun."""
    before = data(page, FILM)["run"]
    page.click("#film-play")
    wait_for_data(page, FILM, f"d.run !== '{before}'")


def set_steps(page, steps):
    box = page.locator("#film-steps input[type=number]")
    box.fill(str(steps))
    box.press("Tab")


def computed(seed, label, steps, sampler="ddpm", count=1):
    """The steps of the same film by the core alone, and the first and last pictures as grey levels."""
    model = ModelStore().get(PRETRAINED)
    generators = [trajectory_generator(seed + i) for i in range(count)]
    visited = timesteps(model.schedule.T, steps)
    return list(
        samples(model.network, model.schedule, generators, visited, label=torch.full((count,), label), sampler=sampler)
    )


def test_a_film_starts_by_itself_and_only_once(app):
    """It is there within the tab's first moments, and coming back to the tab starts no other."""
    app.get_by_role("tab", name="Remove noise").click()
    wait_for_data(app, FILM, "Number(d.held) > 0")
    run = data(app, FILM)["run"]
    app.get_by_role("tab", name="Add noise").click()
    app.get_by_role("tab", name="Remove noise").click()
    wait_for_data(app, FILM, "d.done === 'true'")
    app.wait_for_timeout(400)
    assert data(app, FILM)["run"] == run and data(app, FILM)["held"] == "251"


def test_film_plays_to_its_end_and_scrubs(film_tab):
    set_steps(film_tab, 60)
    film_tab.locator("#film-label").get_by_label("3", exact=True).check()
    play(film_tab)
    wait_for_data(film_tab, FILM, "d.done === 'true'")
    wait_for_data(film_tab, FILM, "d.t === '0' && d.playing === 'false'")
    steps = computed(seed=7, label=3, steps=60)
    assert data(film_tab, FILM)["held"] == "61"
    assert np.abs(grey(film_tab, X_T) - to_pixels(steps[-1].x_prev)[0, 0].astype(int)).max() <= 1

    scrub = film_tab.locator("#film input[type=range]")
    scrub.focus()
    film_tab.keyboard.press("Home")
    assert data(film_tab, FILM)["t"] == "1000"
    assert np.abs(grey(film_tab, X_T) - to_pixels(steps[0].x_t)[0, 0].astype(int)).max() <= 1
    for _ in range(30):
        film_tab.keyboard.press("ArrowRight")
    assert data(film_tab, FILM)["t"] == str(steps[30].t)
    assert np.abs(grey(film_tab, X_T) - to_pixels(steps[30].x_t)[0, 0].astype(int)).max() <= 1
    assert np.abs(grey(film_tab, X0_HAT) - to_pixels(steps[30].x0_hat)[0, 0].astype(int)).max() <= 1


def test_scrubbing_back_while_it_is_computed(film_tab):
    set_steps(film_tab, 1000)
    play(film_tab)
    wait_for_data(film_tab, FILM, "Number(d.held) > 20")
    film_tab.locator("#film input[type=range]").focus()
    film_tab.keyboard.press("Home")
    assert data(film_tab, FILM)["frame"] == "0"
    held = int(data(film_tab, FILM)["held"])
    wait_for_data(film_tab, FILM, f"Number(d.held) > {held}")  # the film goes on arriving
    assert data(film_tab, FILM)["frame"] == "0"  # and does not drag the viewer along
    film_tab.click("#film-stop")
    wait_for_data(film_tab, FILM, "d.done === 'true'")


def test_stop_ends_the_film_where_it_is(film_tab):
    set_steps(film_tab, 1000)
    film_tab.locator("#film-pictures").get_by_label("16").check()
    play(film_tab)
    wait_for_data(film_tab, FILM, "Number(d.held) > 2")
    film_tab.click("#film-stop")
    wait_for_data(film_tab, FILM, "d.done === 'true'")
    held = data(film_tab, FILM)["held"]
    assert int(held) < int(data(film_tab, FILM)["total"])
    film_tab.wait_for_timeout(500)
    assert data(film_tab, FILM)["held"] == held


def test_play_again_replaces_the_film(film_tab):
    set_steps(film_tab, 1000)
    play(film_tab)
    wait_for_data(film_tab, FILM, "Number(d.held) > 5")
    first = data(film_tab, FILM)["run"]
    set_steps(film_tab, 20)
    film_tab.click("#film-play")
    wait_for_data(film_tab, FILM, f"d.run !== '{first}' && d.done === 'true'")
    film_tab.wait_for_timeout(400)
    assert data(film_tab, FILM)["run"] != first and data(film_tab, FILM)["held"] == "21"


def test_switching_tabs_in_mid_run_loses_nothing(film_tab):
    set_steps(film_tab, 400)
    play(film_tab)
    wait_for_data(film_tab, FILM, "Number(d.held) > 5")
    film_tab.get_by_role("tab", name="Add noise").click()
    film_tab.wait_for_timeout(800)
    film_tab.get_by_role("tab", name="Remove noise").click()
    wait_for_data(film_tab, FILM, "d.done === 'true' && d.held === d.total")


def test_four_pictures_are_those_of_four_seeds(film_tab):
    set_steps(film_tab, 20)
    film_tab.locator("#film-pictures").get_by_label("4", exact=True).check()
    film_tab.locator("#film-sampler").get_by_label("DDIM: no fresh noise").check()
    play(film_tab)
    wait_for_data(film_tab, FILM, "d.done === 'true' && d.t === '0'")
    wanted = to_pixels(computed(seed=7, label=10, steps=20, sampler="ddim", count=4)[-1].x_prev)[:, 0].astype(int)
    width, height, rgba = film_tab.locator(X_T).evaluate(
        "c => [c.width, c.height, Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)]"
    )
    shown = np.array(rgba, int).reshape(height, width, 4)[..., 0]
    for k in range(4):
        row, column = divmod(k, 2)
        tile = shown[29 * row : 29 * row + 28, 29 * column : 29 * column + 28]
        assert np.abs(tile - wanted[k]).max() <= 1


def test_bad_seed_gets_a_sentence_and_the_app_goes_on(film_tab):
    set_steps(film_tab, 10)
    seed = film_tab.locator("#film-seed input")
    seed.fill("-5")
    film_tab.click("#film-play")
    film_tab.get_by_text("the seed must be a whole number").wait_for()
    seed.fill("5")
    play(film_tab)
    wait_for_data(film_tab, FILM, "d.done === 'true'")


def test_own_network_before_training_gets_a_sentence(film_tab):
    film_tab.get_by_text("More", exact=True).click()
    film_tab.locator("#film-network").get_by_label("the one you trained").check()
    film_tab.click("#film-play")
    film_tab.get_by_text("you have not trained a network yet").wait_for()
