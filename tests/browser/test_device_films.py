"""What the viewer's own device computes, with the real network: as the server does, or by it where it must be."""

import re

import numpy as np
import pytest

from explorer.data import pictures
from explorer.data.nearest_digits import nearest_digits
from explorer.data.pixels import to_pixels
from explorer.page.device_films import TROUBLES
from explorer.page.settings import GuessNoise
from explorer.serving.engine import Engine
from explorer.serving.guess import GuessRequest
from explorer.serving.model_store import ModelStore
from tests.browser.pictures import data, grey, open_tab, wait_for_data
from tests.browser.test_guess_noise import answered
from tests.browser.test_remove_noise import FILM, X0_HAT, X_T, computed, play, set_steps

BY, STATUS = "#film [data-part=by]", "#film [data-part=status]"
FORK = "#fork [data-widget=film]"
GUESS = "#guess [data-widget=guess]"
SAID = "(selector) => document.querySelector(selector).textContent"
# What becomes of the page's device: its worker dies; there are no vectors; the worker tells of another trouble.
DIES = """() => {
  const { postMessage } = Worker.prototype;
  window.restore = () => (Worker.prototype.postMessage = postMessage);
  Worker.prototype.postMessage = function (...given) {
    postMessage.apply(this, given);
    if (given[0].job) setTimeout(() => this.dispatchEvent(new Event("error", { cancelable: true })), 300);
  };
}"""
NO_VECTORS = "() => { window.validate = WebAssembly.validate; WebAssembly.validate = () => false; }"
AGAIN = "() => { window.restore(); WebAssembly.validate = window.validate; }"
NO_MEMORY = """() => {
  Worker.prototype.postMessage = function ({ number, job }) {
    if (job) this.dispatchEvent(new MessageEvent("message", { data: { number, trouble: "memory" } }));
  };
}"""


def text_of(page, selector: str, like: str) -> str:
    """What stands there, once it is like this."""
    page.wait_for_function(
        "([selector, like]) => new RegExp(like).test(document.querySelector(selector)?.textContent)",
        arg=[selector, like],
    )
    return page.locator(selector).text_content()


def guessed_by_the_core(t: int) -> float:
    """The mean squared error at t of the core's guess, of what the tab Guess the noise shows at first."""
    asked, engine = GuessNoise(), Engine(ModelStore())
    picture = pictures.digit(asked.label, asked.example)
    found = answered(engine, GuessRequest(picture.grey, (t,), (asked.noise_seed,), pictures.UNLABELLED))
    engine.close()
    return float(found.error[0, 0])


@pytest.fixture
def device_tab(watched, base_url):
    """Remove noise, opened by a link that lets the device compute, and its first film at its end."""
    watched.goto(f"{base_url}?tab=remove&label=3&steps=40&compute=device")
    wait_for_data(watched, FILM, "d.done === 'true'")
    return watched


def test_the_device_makes_the_same_film(device_tab):
    """Every frame that is looked at is within a few grey levels of the core's, and the digit is the same; then its
    step taken apart, a fork, a rescue and guesses; and a film that is stopped.
    """
    page = device_tab
    assert page.locator(BY).text_content() == "computed by your device"
    assert page.locator("#film-compute").get_by_label("your device").is_checked()
    steps = computed(seed=7, label=3, steps=40)
    end = to_pixels(steps[-1].x_prev)[0, 0]
    page.locator("#film input[type=range]").focus()
    page.keyboard.press("End")
    assert data(page, FILM)["held"] == "41" and data(page, FILM)["t"] == "0"
    shown = grey(page, X_T)
    assert np.abs(shown - end.astype(int)).mean() < 1.0
    assert nearest_digits(np.stack([shown.astype(np.uint8), end]))[0].label == 3
    page.keyboard.press("Home")
    assert data(page, FILM)["t"] == "1000"
    assert np.abs(grey(page, X_T) - to_pixels(steps[0].x_t)[0, 0].astype(int)).max() <= 1
    assert np.abs(grey(page, X0_HAT) - to_pixels(steps[0].x0_hat)[0, 0].astype(int)).mean() < 1.0

    text_of(page, "#step [data-part=sentence]", "^From t = 1000 to 975 the picture moved")
    text_of(page, "#nearest [data-part=sentence]", "^At 0\\.")
    before = grey(page, "#step canvas >> nth=0")
    assert np.abs(before - to_pixels(steps[0].x_t)[0, 0].astype(int)).max() <= 1
    page.keyboard.press("End")
    page.click("#film [data-part=fork]")  # of the last step
    text_of(page, "#fork [data-part=status]", "^Compared with real digits, all are most like a 3: at t = 25 ")
    assert page.locator("#fork [data-part=by]").text_content() == "computed by your device"
    assert data(page, FORK)["held"] == "2"

    page.click("#rescue-go")
    text_of(page, "#rescue [data-part=sentence]", "^Your device is computing")
    set_steps(page, 1000)
    play(page)  # while the rescue is computed
    wait_for_data(page, FILM, "Number(d.held) > 5")
    page.click("#film-stop")
    wait_for_data(page, FILM, "d.done === 'true'")
    held = int(data(page, FILM)["held"])
    assert held < 600 and "Stopped" in page.locator(STATUS).text_content()
    text_of(page, "#rescue [data-part=sentence]", "(survived|turned into).*Next time bet first")
    assert int(data(page, FILM)["held"]) == held

    open_tab(page, "Guess the noise")
    text_of(page, "#guess [data-part=by]", "^· computed by your device$")
    page.get_by_label("Show without betting").check()
    mse = re.match(r"MSE ([0-9.]+): medium", page.locator("#guess [data-part=sentence]").text_content())
    assert float(mse[1]) == pytest.approx(guessed_by_the_core(int(data(page, GUESS)["t"])), rel=0.05)
    text_of(page, "#guessers [data-part=sentence]", "^(?!The network is guessing)..")


def test_a_device_that_cannot_hands_over_to_the_server(device_tab):
    """Within a film of its own, and before it: each time one sentence, and the server's film of the same settings."""
    page = device_tab
    set_steps(page, 200)
    page.evaluate(DIES)
    said = handed_over(page)
    assert said.startswith(f"{TROUBLES['died']} Done: 200")
    steps = computed(seed=7, label=3, steps=200)
    page.locator("#film input[type=range]").focus()
    page.keyboard.press("End")
    assert np.abs(grey(page, X_T) - to_pixels(steps[-1].x_prev)[0, 0].astype(int)).max() <= 1

    set_steps(page, 20)
    page.evaluate(NO_VECTORS)
    assert handed_over(page).startswith(f"{TROUBLES['unable']} Done: 20")
    page.route("**/explorer-models/*", lambda route: route.abort())
    page.evaluate(AGAIN)
    assert handed_over(page).startswith(f"{TROUBLES['fetch']} Done: 20")
    page.evaluate(NO_MEMORY)
    assert handed_over(page).startswith(f"{TROUBLES['memory']} Done: 20")
    page.click("#film [data-part=fork]")
    assert text_of(page, "#fork [data-part=status]", "Compared with real").startswith(TROUBLES["memory"])
    page.click("#rescue-go")
    assert text_of(page, "#rescue [data-part=sentence]", "pixel correlation").startswith(TROUBLES["memory"])
    open_tab(page, "Guess the noise")
    text_of(page, "#guess [data-part=caption]", re.escape(TROUBLES["memory"]))
    text_of(page, "#guess [data-part=by]", "^· computed by this server$")


def handed_over(page) -> str:
    """Press play; what is said once the server has made the film."""
    play(page)
    wait_for_data(page, FILM, "d.done === 'true'")
    page.wait_for_function(f"({SAID})('{BY}') === 'computed by this server'")
    return page.locator(STATUS).text_content()
