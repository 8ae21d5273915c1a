"""Make a link, save what is on screen, and print the worksheet."""

import pytest
from PIL import Image

from explorer.page.lessons import LESSONS
from explorer.page.qr import qr_code
from tests.browser.axe import serious_violations
from tests.browser.pictures import PATIENCE, open_tab, wait_for_data

BAR = "#lesson-bar [data-widget]"
MODULES = """svg => {
  const side = svg.viewBox.baseVal.width - 8, rows = Array.from({ length: side }, () => Array(side).fill("0"));
  const drawn = svg.querySelector("path").getAttribute("d");
  for (const [, x, y] of drawn.matchAll(/M(\\d+) (\\d+)h/g)) rows[y - 4][x - 4] = "1";
  return rows.map(row => row.join(""));
}"""


@pytest.fixture(scope="module")
def maker(browser, base_url):
    """One page for all tests of this file, at the film; its console must stay empty."""
    page, problems = browser.new_page(), []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_default_timeout(PATIENCE)
    page.goto(f"{base_url}?tab=remove&label=3&steps=20&__theme=light")
    wait_for_data(page, BAR, "d.state === 'ready'")
    wait_for_data(page, "#film [data-widget]", "d.done === 'true' && d.playing === 'false'")  # t is part of the link
    yield page
    page.close()
    assert problems == []


def test_a_link_is_made_and_opens_what_it_says(maker):
    """Checkboxes become hide= and lock=; the code on screen is that of the link; what is hidden is gone behind it."""
    maker.get_by_role("button", name="Make a link").click()
    maker.get_by_role("checkbox", name="Hide: Guidance").check()
    maker.get_by_role("checkbox", name="Lock: Steps (network evaluations)").check()
    link = maker.locator(f"{BAR} [data-part=maker-link]")
    maker.wait_for_function("input => input.value.includes('lock=steps')", arg=link.element_handle())
    maker.locator(f"{BAR} .maker-qr svg").wait_for()
    address = link.input_value()
    assert "tab=remove" in address and "label=3" in address and "hide=guidance" in address
    maker.wait_for_function(
        # by its place: each code that comes takes the one before away
        "([path, rows]) => document.querySelector(path)?.getAttribute('d').split('M').length - 1 === rows",
        arg=[
            f"{BAR} .maker-qr svg path",
            "".join(qr_code({"text": address})["rows"]).count("1"),
        ],
    )
    assert maker.locator(f"{BAR} .maker-qr svg").evaluate(MODULES) == qr_code({"text": address})["rows"]
    frame = maker.locator(f"{BAR} [data-part=maker-frame]").input_value()
    assert frame.startswith('<iframe src="') and address.replace("&", "&amp;") in frame
    assert serious_violations(maker) == []
    maker.keyboard.press("Escape")
    maker.goto(address)
    wait_for_data(maker, BAR, "d.state === 'ready'")
    assert maker.locator("#film-steps input[type=number]").is_disabled()
    assert maker.locator("#film-guidance").count() == 0 or maker.locator("#film-guidance").is_hidden()


def test_the_picture_on_screen_is_saved(maker, tmp_path):
    """A PNG with what the player holds: black and white from the digit and its noise, and the accent of the curve."""
    open_tab(maker, "Add noise")
    maker.wait_for_selector("#desk [data-state=ready]")
    with maker.expect_download() as arriving:
        maker.get_by_role("button", name="Save picture").click()
    file = tmp_path / "picture.png"
    arriving.value.save_as(file)
    assert arriving.value.suggested_filename == "ddpm-explorer.png"
    colours = Image.open(file).convert("RGB").getcolors(2**24)
    assert colours and len(colours) > 300
    width, height = Image.open(file).size
    assert width > 1000 and height > 500


def test_the_worksheet_is_what_is_printed(maker):
    """Every lesson's question with room to answer, or for the teacher with the answer; nothing else of the page, and
    the picture as on white paper, whatever the page's colours.
    """
    open_tab(maker, "Add noise")
    maker.evaluate("() => { window.print = () => { window.printed = true; }; }")
    maker.evaluate("() => document.body.classList.add('dark')")
    maker.get_by_role("button", name="Worksheet").click()
    maker.get_by_role("button", name="Print", exact=True).click()
    maker.wait_for_function("() => window.printed")
    assert maker.evaluate("() => document.body.classList.replace('dark', 'light')")  # the page has stayed as it was
    corner = "canvas => [...canvas.getContext('2d').getImageData(2, 2, 1, 1).data]"
    assert min(maker.locator("body > .worksheet canvas").evaluate(corner)) > 240
    maker.emulate_media(media="print")
    sheet = maker.locator("body > .worksheet")
    assert sheet.locator("li").count() == len(LESSONS) == sheet.locator(".room").count()
    assert sheet.locator("canvas").is_visible() and maker.locator("#desk").is_hidden()
    maker.emulate_media(media="screen")
    assert sheet.is_hidden() and maker.locator("#desk").is_visible()
    maker.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    maker.get_by_role("button", name="Worksheet").click()
    maker.get_by_role("checkbox", name="The teacher's version: what to look for").check()
    maker.locator(f"{BAR} [data-part=sheet-lesson]").select_option(LESSONS[0].id)
    maker.get_by_role("button", name="Print", exact=True).click()
    assert sheet.locator(".answer").all_text_contents() == [LESSONS[0].look_for]
