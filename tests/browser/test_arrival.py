"""How the page's modules arrive: late, at the second attempt, or not at all."""

from __future__ import annotations

import pytest

from explorer.widgets.modules import FOLDER, SECOND_FOLDER

DESK = "#desk [data-widget]"


@pytest.mark.parametrize("name", ["desk.js", "widget.js"])  # a widget's own module, and one that it imports
def test_what_was_lost_is_fetched_again(page, base_url, name):
    page.route(f"**/{FOLDER}/{name}", lambda route: route.abort())
    page.goto(base_url)
    page.wait_for_selector(f"{DESK}[data-state=ready]", timeout=20_000)


def test_what_never_arrives_is_told_in_the_viewers_language(page, base_url):
    for folder in (FOLDER, SECOND_FOLDER):
        page.route(f"**/{folder}/desk.js", lambda route: route.abort())
    page.goto(f"{base_url}?lang=zh")
    page.get_by_role("alert").get_by_text("页面的一部分未能送达").wait_for(timeout=20_000)


def test_a_value_that_comes_before_its_module_is_kept(page, base_url):
    held = []
    page.route(f"**/{FOLDER}/film.js", lambda route: held.append(route))
    page.goto(base_url)
    page.wait_for_selector(f"{DESK}[data-state=ready]", timeout=20_000)
    page.get_by_role("tab", name="Remove noise").click()
    page.locator("#film-play").click()
    page.wait_for_timeout(3000)  # the server sends frames meanwhile
    for route in held:
        route.continue_()
    page.wait_for_selector("#film [data-widget][data-done=true]", timeout=30_000)
    film = page.evaluate("() => ({ ...document.querySelector('#film [data-widget]').dataset })")
    assert held and int(film["held"]) == int(film["total"]) > 0
