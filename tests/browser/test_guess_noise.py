"""Guess the noise: hidden until the bet, then the network's own answer; the keyboard alone, and a finger,
play it too.
"""

import asyncio

import numpy as np
import pytest
import torch

from explorer.data import pictures
from explorer.data.pixels import to_pixels
from explorer.demos import noising
from explorer.serving.engine import Engine
from explorer.serving.guess import BOUNDS, TIMES, GuessRequest
from explorer.serving.model_store import ModelStore
from tests.browser.pictures import READ, data, grey, open_tab, requests_of, show, wait_for_data

GAME = "#guess [data-widget=guess]"


def tile(name):
    return f"#guess canvas[data-tile={name}]"


@pytest.fixture(scope="module")
def network():
    engine = Engine(ModelStore())
    yield lambda picture, noise_seed=0, label=10: answered(
        engine, GuessRequest(picture.grey, TIMES, (noise_seed,), label)
    )
    engine.close()


def answered(engine, request):
    """asyncio.run cannot start where Playwright's loop runs."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(engine.guess(request))).result()


def right_bet(error):
    return ("low", "medium", "high")[int(error > BOUNDS[0]) + int(error > BOUNDS[1])]


def tiles(guess, picture, i):
    """What the tiles show at TIMES[i], as grey levels."""
    images = {
        "x_t": guess.x_t[0, i],
        "eps": guess.eps[0],
        "eps_hat": guess.eps_hat[0, i],
        "difference": guess.eps[0] - guess.eps_hat[0, i],
        "squared": 2 * (guess.eps[0] - guess.eps_hat[0, i]) ** 2 - 1,
        "x0_hat": guess.x0_hat[0, i],
        "x_0": picture.image()[0].numpy(),
    }
    return {name: to_pixels(torch.tensor(image)).astype(int) for name, image in images.items()}


@pytest.fixture
def game(shared):
    """The tab as it is at the start, but that bets count on; a digit that was bet on stays answered."""
    show(shared, "tab=guess")
    shared.locator("#guess [data-part=open]").set_checked(False)
    wait_for_data(shared, GAME, "d.answered === 'true' && d.t === '300'")
    return shared


def test_bet_then_see(game, network):
    """x_t from the start; the answer only after the bet, equal to the core's; hidden again at another t; the score
    counts.
    """
    seven = pictures.digit(7, 0)
    guess, i = network(seven), TIMES.index(300)
    wanted = tiles(guess, seven, i)
    assert data(game, GAME)["t"] == "300" and data(game, GAME)["state"] == "asking"
    assert np.abs(grey(game, tile("x_t")) - wanted["x_t"]).max() <= 1
    assert "hidden" in game.locator(tile("eps_hat")).get_attribute("aria-label")

    bet = right_bet(guess.error[0, i])
    game.locator(f"#guess [data-bet={bet}]").click()
    assert data(game, GAME) == data(game, GAME) | {"state": "answered", "right": "1", "bets": "1"}
    for name, picture in wanted.items():  # the page's batch may differ in the last bit of bf16
        assert np.abs(grey(game, tile(name)) - picture).mean() <= 1, name
    sentence = game.locator("#guess [data-part=sentence]").inner_text()
    assert f"{guess.error[0, i]:.2g}" in sentence and bet in sentence and "right" in sentence

    game.locator("#guess input[type=range]").focus()
    game.keyboard.press("End")
    assert data(game, GAME) == data(game, GAME) | {"t": "1000", "state": "asking"}
    game.locator("#guess [data-bet=high]").click()  # near T the noise is easy
    assert data(game, GAME) == data(game, GAME) | {"state": "answered", "right": "1", "bets": "2"}
    assert "You bet high" in game.locator("#guess [data-part=sentence]").inner_text()


def test_pictures_labels_and_no_digits(game, network):
    """Another noise, digit or label hides the answer and brings the network's own for it; nothing moves t."""
    bets = data(game, GAME)["bets"]
    game.locator("#guess [data-part=open]").check()
    i = TIMES.index(300)
    for act, picture, arguments in [
        (lambda: game.locator("#guess-reshuffle").click(), pictures.digit(7, 0), {"noise_seed": 1}),
        (
            lambda: game.locator("#guess-label").get_by_label("3", exact=True).check(),
            pictures.digit(3, 0),
            {"noise_seed": 1},
        ),
        (
            lambda: game.locator("#guess-told").get_by_label("which digit it is").check(),
            pictures.digit(3, 0),
            {"noise_seed": 1, "label": 3},
        ),
        (
            lambda: (
                game.locator("#guess-own > button").click(),
                game.locator("#guess-no-digit").get_by_label("a checkerboard").check(),
            ),
            pictures.no_digit("a checkerboard"),
            {"noise_seed": 1},
        ),
    ]:
        act()
        wanted = tiles(network(picture, **arguments), picture, i)
        for _ in range(60):  # x_t comes first, the network's tiles are blank until it has answered
            red = np.array(game.locator(tile("x0_hat")).evaluate(READ)[2]).reshape(28, 28, 4)[..., 0]
            if np.abs(red - wanted["x0_hat"]).mean() <= 1:
                break
            game.wait_for_timeout(100)
        for name in ("x_t", "eps_hat", "x0_hat"):
            assert np.abs(grey(game, tile(name)) - wanted[name]).mean() <= 1, name
    assert data(game, GAME)["t"] == "300" and data(game, GAME)["bets"] == bets


def test_playing_asks_the_server_for_nothing(game):
    """After the network has answered: dragging, betting and showing the curve are the browser's."""
    bets = int(data(game, GAME)["bets"])
    requests = requests_of(game)
    game.locator("#guess input[type=range]").focus()
    for key in ("PageUp", "ArrowRight", "Home"):
        game.keyboard.press(key)
        game.locator("#guess [data-bet=low]").click()
    game.locator("#guess [data-part=open]").check()
    game.locator("#guess select").select_option("4")
    game.locator("#guess [data-part=play]").click()
    wait_for_data(game, GAME, "d.t === '1000' && d.playing === 'false'")
    assert requests == [] and int(data(game, GAME)["bets"]) == bets + 3


def test_keyboard_alone(app):
    """From the tab's name on, with Tab, arrows, Space and Enter only."""
    app.get_by_role("tab", name="Add noise").focus()
    for _ in range(40):
        if app.evaluate("document.activeElement.textContent.trim()") == "Guess the noise":
            break
        app.keyboard.press("Tab")
    app.keyboard.press("Enter")
    wait_for_data(app, GAME, "d.answered === 'true'")
    for _ in range(40):
        if app.evaluate("document.activeElement.dataset?.bet") == "low":
            break
        app.keyboard.press("Tab")
    app.keyboard.press("Space")
    assert data(app, GAME) == data(app, GAME) | {"bets": "1", "state": "answered"}


def test_a_finger_on_a_phone(browser, base_url, network):
    """Draw with a finger, bet with a tap: the network's guess of the drawing's noise."""
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(base_url)
    open_tab(page, "Guess the noise")
    wait_for_data(page, GAME, "d.answered === 'true'")
    page.locator("#guess-own > button").tap()
    paper = page.locator("#guess-pad [data-part=paper]")
    paper.scroll_into_view_if_needed()
    page.wait_for_timeout(400)  # the accordion opens
    box, touch = paper.bounding_box(), context.new_cdp_session(page)
    for kind, at in [("touchStart", 0.15), ("touchMove", 0.5), ("touchMove", 0.85), ("touchEnd", None)]:
        points = [] if at is None else [{"x": box["x"] + box["width"] / 2, "y": box["y"] + at * box["height"]}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_function("() => document.querySelector('#guess [data-part=caption]').textContent.includes('drawing')")
    wait_for_data(page, GAME, "d.answered === 'true'")
    for _ in range(5):  # on a busy machine the browser may swallow a tap that comes right after a stroke
        page.locator("#guess [data-bet=medium]").tap()
        page.wait_for_timeout(1000)
        if data(page, GAME)["bets"] != "0":
            break
    wait_for_data(page, GAME, "d.state === 'answered' && d.bets === '1'")
    drawn = grey(page, tile("x_0"))
    rows = np.flatnonzero(drawn.any(axis=1))
    assert np.ptp(rows) + 1 == 20
    guess = network(pictures.Picture(drawn.astype(np.uint8).tobytes(), 10, ""))
    assert (
        np.abs(
            grey(page, tile("eps_hat")) - to_pixels(torch.tensor(guess.eps_hat[0, TIMES.index(300)])).astype(int)
        ).mean()
        <= 1
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") and errors == []
    context.close()


def test_the_tabs_scene_is_the_cores(network):
    """The tests' own oracle: x_t of the guess is q_sample of the scene."""
    scene = noising.scene(pictures.digit(7, 0), 0, "linear")
    x_t = scene.schedules["linear"].q_sample(scene.picture.image(), 300, scene.eps)
    np.testing.assert_allclose(network(scene.picture).x_t[0, TIMES.index(300)], x_t[0], atol=1e-5)
