"""Films that the viewer's own device computes, with the real network: the same ones, and the server where it must."""

import numpy as np
import pytest

from explorer.data.nearest_digits import nearest_digits
from explorer.data.pixels import to_pixels
from tests.browser.pictures import data, grey, wait_for_data
from tests.browser.test_remove_noise import FILM, X0_HAT, X_T, computed, play, set_steps

BY, STATUS = "#film [data-part=by]", "#film [data-part=status]"
END_ALL_WORKERS = """() => {
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (...given) {
    postMessage.apply(this, given);
    if (given[0].job) setTimeout(() => this.dispatchEvent(new Event("error", { cancelable: true })), 300);
  };
}"""


@pytest.fixture
def device_tab(watched, base_url):
    """Remove noise, opened by a link that lets the device compute, and its first film at its end."""
    watched.goto(f"{base_url}?tab=remove&label=3&steps=40&compute=device")
    wait_for_data(watched, FILM, "d.done === 'true'")
    return watched


def test_the_device_makes_the_same_film(device_tab):
    """Every frame that is looked at is within a few grey levels of the core's, and the digit is the same; then a
    race, a film that is stopped, and one that the server computes.
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
    set_steps(page, 1000)
    play(page)
    wait_for_data(page, FILM, "Number(d.held) > 5")
    page.click("#film-stop")
    wait_for_data(page, FILM, "d.done === 'true'")
    held = int(data(page, FILM)["held"])
    assert held < 600 and "Stopped" in page.locator(STATUS).text_content()
    page.wait_for_timeout(200)
    assert int(data(page, FILM)["held"]) == held


def test_a_device_that_breaks_off_hands_over_to_the_server(device_tab):
    """Within a film of its own: one sentence, and the server's film of the same settings to its end."""
    page = device_tab
    set_steps(page, 200)
    page.evaluate(END_ALL_WORKERS)
    play(page)
    wait_for_data(page, FILM, "d.done === 'true'")
    assert page.locator(BY).text_content() == "computed by this server"
    assert page.locator(STATUS).text_content().startswith("Your device broke off, so the server computes. Done: 200")
    steps = computed(seed=7, label=3, steps=200)
    page.locator("#film input[type=range]").focus()
    page.keyboard.press("End")
    assert np.abs(grey(page, X_T) - to_pixels(steps[-1].x_prev)[0, 0].astype(int)).max() <= 1
