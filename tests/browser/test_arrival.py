"""How the page's modules arrive: late, at the second attempt, or not at all."""

from __future__ import annotations

from explorer.widgets.modules import FOLDER, PAGE, SECOND_FOLDER
from tests.browser.pictures import PATIENCE

DESK = "#desk [data-widget]"


def test_what_was_lost_is_fetched_again(page, base_url):
    page.route(f"**/{FOLDER}/{PAGE}", lambda route: route.abort())
    page.goto(base_url)
    page.wait_for_selector(f"{DESK}[data-state=ready]", timeout=PATIENCE)


def test_what_never_arrives_is_told_in_both_languages(page, base_url):
    for folder in (FOLDER, SECOND_FOLDER):
        page.route(f"**/{folder}/{PAGE}", lambda route: route.abort())
    page.goto(base_url)
    told = page.locator("#desk").get_by_role("alert")
    told.get_by_text("did not arrive").wait_for(timeout=PATIENCE)
    assert "页面的一部分未能送达" in told.inner_text()


def test_a_value_that_comes_before_its_module_is_kept(page, base_url):
    held = []
    page.route(f"**/{FOLDER}/{PAGE}", lambda route: route.abort())
    page.route(f"**/{SECOND_FOLDER}/{PAGE}", lambda route: held.append(route))
    page.goto(base_url)
    page.get_by_role("tab", name="Remove noise").click()
    page.locator("#film-play").click()
    page.wait_for_timeout(3000)  # the server sends frames meanwhile
    for route in held:
        route.continue_()
    page.wait_for_selector("#film [data-widget][data-done=true]", timeout=PATIENCE)
    film = page.evaluate("() => ({ ...document.querySelector('#film [data-widget]').dataset })")
    assert held and int(film["held"]) == int(film["total"]) > 0
