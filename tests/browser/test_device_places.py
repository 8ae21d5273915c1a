"""A film of the viewer's device where pages really are: in a tab that nobody sees, without a network, in Firefox."""

import os
from urllib.parse import urlencode

import numpy as np
import pytest

from explorer.data.nearest_digits import nearest_digits
from explorer.data.pixels import to_pixels
from tests.browser.firefox import FIREFOX, running
from tests.browser.pictures import PATIENCE, READ, data, grey, wait_for_data
from tests.browser.test_remove_noise import FILM, X_T, computed, play, set_steps

STEPS = 40
VIEW = urlencode({"tab": "remove", "label": 3, "steps": STEPS, "compute": "device"})
# A tab that nobody sees is never painted.
HIDE = """() => {
  const { requestAnimationFrame } = window, waiting = [];
  window.requestAnimationFrame = (paint) => waiting.push(paint);
  window.comeBack = () => {
    window.requestAnimationFrame = requestAnimationFrame;
    waiting.splice(0).forEach((paint) => requestAnimationFrame(paint));
  };
}"""
COME_BACK = "() => window.comeBack()"
# In Firefox: the film once it has come to its end.
FILM_OF = (
    """async () => {
  const wanted = (condition) => new Promise((found) => {
    const look = setInterval(() => {
      const widget = document.querySelector("SELECTOR");
      if (widget && condition(widget.dataset)) found(clearInterval(look));
    }, 20);
  });
  await wanted((d) => d.done === "true");
  const scrub = document.querySelector("#film input[type=range]");
  scrub.value = scrub.max;
  scrub.dispatchEvent(new Event("input"));
  await wanted((d) => d.t === "0");
  const [, , data] = (READ)(document.querySelector("CANVAS"));
  return {
    by: document.querySelector("#film [data-part=by]").textContent,
    held: document.querySelector("SELECTOR").dataset.held,
    picture: data.filter((_, i) => i % 4 === 0),
  };
}""".replace("SELECTOR", FILM)
    .replace("CANVAS", X_T)
    .replace("READ", READ)
)


def as_the_core_draws(picture: np.ndarray, steps: int) -> bool:
    """Whether this is the end of the view's film: less than a grey level from the core's on average, and a 3."""
    end = to_pixels(computed(seed=7, label=3, steps=steps)[-1].x_prev)[0, 0]
    read = nearest_digits(picture[None].astype(np.uint8))[0].label
    return bool(np.abs(picture - end.astype(int)).mean() < 1.0) and read == 3


def test_the_film_is_there_when_one_returns_and_needs_no_network(page, base_url):
    """The tab is left as soon as the film begins, and then the network goes: the device goes on, and the player is
    where it should be once it is seen again. The console may say that the network is gone.
    """
    page.goto(f"{base_url}?{VIEW}")
    wait_for_data(page, FILM, "d.done === 'true'")
    set_steps(page, 200)
    play(page)
    wait_for_data(page, FILM, "Number(d.held) > 0")
    page.evaluate(HIDE)
    page.context.set_offline(True)
    page.wait_for_function(  # by a clock: nothing is painted
        "selector => document.querySelector(selector).dataset.held === '201'", arg=FILM, polling=100, timeout=PATIENCE
    )
    assert data(page, FILM)["done"] == "true" and int(data(page, FILM)["t"]) > 0
    page.evaluate(COME_BACK)
    wait_for_data(page, FILM, "d.t === '0' && d.playing === 'false'")
    assert as_the_core_draws(grey(page, X_T), 200)
    assert page.locator("#film [data-part=by]").text_content() == "computed by your device"
    page.context.set_offline(False)


@pytest.mark.skipif(FIREFOX is None and not os.environ.get("REQUIRE_BROWSER"), reason="no Firefox on this machine")
def test_firefox_makes_the_same_film_on_the_page(base_url, tmp_path):
    with running(tmp_path) as firefox:
        firefox.open(f"{base_url}?{VIEW}")
        found = firefox.evaluate(FILM_OF)
    assert found["by"] == "computed by your device" and found["held"] == str(STEPS + 1)
    assert as_the_core_draws(np.array(found["picture"]).reshape(28, 28), STEPS)
