"""The perfect guesser on the page: beside the network, by the keyboard, and as a network that draws copies."""

import numpy as np

from explorer.data import pictures
from tests.browser.pictures import grey, open_tab, wait_for_data

BESIDE = "#guessers [data-widget=guessers]"


def test_it_knows_the_digit_by_heart_and_follows_the_keyboard(app):
    """At the first t the tile of who knows all digits is the digit itself; End leads to t = T; what is heard says the
    errors.
    """
    open_tab(app, "Guess the noise")
    wait_for_data(app, BESIDE, "d.state === 'ready'")
    app.locator(BESIDE).focus()
    app.keyboard.press("Home")
    wait_for_data(app, BESIDE, "d.t === '1'")
    assert np.array_equal(grey(app, f"{BESIDE} [data-tile=heart]"), pictures.digit(7, 0).pixels())
    assert "perfect guesser without this digit" in app.locator(f"{BESIDE} [data-part=curve]").get_attribute(
        "aria-label"
    )
    app.keyboard.press("End")
    wait_for_data(app, BESIDE, "d.t === '1000'")


def test_a_link_lets_it_draw_and_what_it_draws_is_a_copy(watched, base_url):
    """The film of the perfect guesser ends in a bundled digit, and the page says so."""
    watched.goto(f"{base_url}?tab=remove&network=the perfect guesser&steps=20&label=4")
    watched.locator("#nearest").get_by_text("to the last pixel: a copy").wait_for()
