"""axe finds no serious violation in Remove noise and One leap or many, with everything computed and unfolded, light and
dark.
"""

import pytest

from tests.browser.axe import serious_violations
from tests.browser.pictures import wait_for_data


def remove_noise(page):
    wait_for_data(page, "#film [data-widget=film]", "d.done === 'true' && d.playing === 'false'")
    page.get_by_text("The last step adds no fresh noise").wait_for()
    page.click("#film [data-part=fork]")
    page.get_by_text("More", exact=True).click()
    page.click("#rescue-go")
    page.get_by_text("Next time bet first").wait_for()
    wait_for_data(page, "#fork [data-widget=film]", "d.done === 'true'")


def one_leap(page):
    wait_for_data(page, "#leaps [data-widget=leaps]", "d.state === 'film'")
    page.click("#leap-stop")
    page.locator("#futures").scroll_into_view_if_needed()
    page.get_by_text("a single guess is the average of all digits").wait_for()


@pytest.mark.parametrize(
    "visit, link", [(remove_noise, "tab=remove&steps=30"), (one_leap, "tab=leap")], ids=["remove_noise", "one_leap"]
)
def test_no_serious_violation(page, base_url, visit, link):
    page.goto(f"{base_url}?__theme=light&{link}")
    visit(page)
    assert serious_violations(page) == []
