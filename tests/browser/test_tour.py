"""The guided tour, for somebody who asks for stillness and has no mouse: it shows itself, and ends where it began."""

from tests.browser.axe import serious_violations
from tests.browser.pictures import data, wait_for_data

BAR, DESK = "#lesson-bar [data-widget]", "#desk [data-widget]"


def test_the_tour_ends_where_it_began(watched, base_url):
    watched.emulate_media(reduced_motion="reduce")
    watched.goto(f"{base_url}?t=250&lock=label&lang=zh&__theme=light")
    wait_for_data(watched, DESK, "d.t === '250'")
    wait_for_data(watched, BAR, "d.state === 'ready' && d.query?.includes('lock=label')")
    where = watched.url
    watched.locator(f"{BAR} [data-part=tour-begin]").press("Enter")
    wait_for_data(watched, DESK, "d.t === '1000'")  # at once, where nothing may move by itself
    assert "固定的规则" in watched.locator(f"{BAR} [data-part=tour-words]").text_content()
    assert serious_violations(watched) == []
    for _ in range(2):
        watched.keyboard.press("Enter")
    watched.locator("#guess[data-tour]").wait_for()
    wait_for_data(watched, "#guess [data-widget]", "d.state === 'answered' && d.bets === '0'")
    watched.keyboard.press("Escape")
    wait_for_data(watched, "#guess [data-widget]", "d.state === 'asking'")
    wait_for_data(watched, BAR, "d.query?.includes('lock=label')")
    assert watched.url == where and data(watched, DESK)["t"] == "250"
    assert watched.locator("[data-tour]").count() == 0
    assert watched.evaluate("document.activeElement.dataset.part") == "tour-begin"
