"""axe finds no serious violation in Add noise, Guess the noise and Train, with everything unfolded, light and dark."""

import pytest

from tests.browser.axe import serious_violations
from tests.browser.pictures import open_tab, wait_for_data


def add_noise(page):
    page.wait_for_selector("#desk [data-state=ready]")
    page.wait_for_selector("#alpha-bar-plot .js-plotly-plot")
    page.locator("#forward-own > button").click()
    page.locator("#two-ways-panel > button").click()
    wait_for_data(page, "#two-ways [data-widget=two-ways]", "d.state === 'ready'")
    page.locator("#forward-schedule").get_by_label("both").check()
    wait_for_data(page, "#desk [data-widget=desk]", "d.race === 'true'")


def guess_noise(page):
    page.get_by_role("tab", name="Guess the noise").click()
    wait_for_data(page, "#guess [data-widget=guess]", "d.answered === 'true'")
    page.locator("#guess-own > button").click()
    page.locator("#guess [data-bet=medium]").click()


def train(page):
    lab = "#lab [data-widget=lab]"
    open_tab(page, "Train")
    page.click("#train-start")
    wait_for_data(page, lab, "Number(d.points) > 1")
    page.click("#train-stop")
    wait_for_data(page, lab, "d.runs === '1' && d.running === 'false'")
    for name in ("experiments", "draw", "along"):
        page.locator(f"#train-{name} > button").click()


@pytest.mark.parametrize("visit", [add_noise, guess_noise, train])
def test_no_serious_violation(page, base_url, visit):
    page.goto(f"{base_url}?__theme=light")
    visit(page)
    assert serious_violations(page) == []
