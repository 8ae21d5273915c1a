"""The map in the browser: a film's path, the digit that is pointed at, the keyboard, and a crowd."""

import numpy as np

from explorer.data import digits
from explorer.data.digit_map import places_of
from explorer.page import crowd
from tests.browser.pictures import data, grey, wait_for_data

MAP = "#film-map [data-widget=map]"


def test_a_film_leaves_its_path(watched, base_url):
    """A link opens the map beside a film; where the path ends is nearest to the middle that Python's map says, and the
    arrow keys lead to a digit that is shown as it is.
    """
    watched.goto(f"{base_url}?tab=remove&map=film&steps=20&label=0&hide=eta")
    wait_for_data(watched, "#film [data-widget=film]", "d.done === 'true'")
    wait_for_data(watched, MAP, "d.paths === '1'")
    watched.locator("#film [data-part=scrub]").focus()
    watched.keyboard.press("End")
    wait_for_data(watched, "#film [data-widget=film]", "d.t === '0'")
    wait_for_data(watched, MAP, "d.nearest !== ''")
    known = digits.bundled()
    middles = np.stack([places_of(known.pixels[known.of_class(label)]).mean(axis=0) for label in range(10)])
    place = places_of(grey(watched, "#film [data-strip=x0_hat]").astype(np.uint8))
    nearest = int(np.square(middles - place).sum(axis=1).argmin())
    wait_for_data(watched, MAP, f"d.nearest === '{nearest}'")
    assert f"middle of the {nearest}s" in watched.locator(f"{MAP} [data-part=plane]").get_attribute("aria-label")

    watched.locator(f"{MAP} [data-part=plane]").focus()
    for _ in range(3):
        watched.keyboard.press("ArrowRight")
    number = int(data(watched, MAP)["dot"])
    watched.wait_for_function(
        f"""() => {{ const c = document.querySelector('{MAP} [data-part=digit]').getContext('2d');
        return c.getImageData(0, 0, 28, 28).data.some((value, i) => i % 4 === 0 && value > 200); }}"""
    )
    assert np.array_equal(grey(watched, f"{MAP} [data-part=digit]"), known.pixels[number])


def test_the_whole_crowd(watched, base_url, monkeypatch):
    """A link gathers it; the clock's keys lead from where all are alike to where they are not; the link keeps it."""
    monkeypatch.setattr(crowd, "STEPS", 2)
    watched.goto(f"{base_url}?tab=remove&map=crowd")
    wait_for_data(watched, MAP, "d.done === 'true' && d.crowd === '256'")
    watched.locator(f"{MAP} [data-part=scrub]").focus()
    watched.keyboard.press("Home")
    wait_for_data(watched, MAP, "d.nearest.length === 1")
    watched.keyboard.press("End")
    wait_for_data(watched, MAP, "d.nearest.length > 10")
    assert "256 noises" in watched.locator(f"{MAP} [data-part=status]").inner_text()
    assert "map=crowd" in watched.url
