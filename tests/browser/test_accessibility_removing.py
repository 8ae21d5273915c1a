"""axe finds no serious violation in Remove noise and One leap or many, with everything computed and unfolded, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.pictures import open_tab, wait_for_data


def remove_noise(page):
    open_tab(page, "Remove noise")
    wait_for_data(page, "#film [data-widget=film]", "d.done === 'true' && d.playing === 'false'")
    page.get_by_text("The last step adds no fresh noise").wait_for()
    page.click("#film [data-part=fork]")
    page.get_by_text("More", exact=True).click()
    page.click("#rescue-go")
    page.get_by_text("Next time bet first").wait_for()
    wait_for_data(page, "#fork [data-widget=film]", "d.done === 'true'")


def one_leap(page):
    open_tab(page, "One leap or many")
    wait_for_data(page, "#leaps [data-widget=leaps]", "d.state === 'film'")
    page.click("#leap-stop")
    page.locator("#futures").scroll_into_view_if_needed()
    page.get_by_text("a single guess is the average of all digits").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("visit", [remove_noise, one_leap])
def test_no_serious_violation(page, base_url, visit, theme):
    page.goto(f"{base_url}?__theme={theme}")
    visit(page)
    page.wait_for_timeout(400)  # accordions and colours settle
    found = Axe().run(page, context={"exclude": [["footer"]]}).response["violations"]  # Gradio's own footer, pale grey
    serious = [(rule["id"], node["target"], node["failureSummary"]) for rule in found if rule["impact"] in ("serious", "critical") for node in rule["nodes"]]
    assert serious == []
