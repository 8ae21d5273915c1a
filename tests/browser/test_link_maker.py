"""Make a link, save what is on screen, and print the worksheet."""

from PIL import Image

from explorer.page.lessons import LESSONS
from explorer.page.qr import qr_code
from tests.browser.axe import serious_violations
from tests.browser.pictures import wait_for_data

BAR = "#lesson-bar [data-widget]"
MODULES = """svg => {
  const side = svg.viewBox.baseVal.width - 8, rows = Array.from({ length: side }, () => Array(side).fill("0"));
  const drawn = svg.querySelector("path").getAttribute("d");
  for (const [, x, y] of drawn.matchAll(/M(\\d+) (\\d+)h/g)) rows[y - 4][x - 4] = "1";
  return rows.map(row => row.join(""));
}"""


def test_a_link_is_made_and_opens_what_it_says(watched, base_url):
    """Checkboxes become hide= and lock=; the code on screen is that of the link; what is hidden is gone behind it."""
    watched.goto(f"{base_url}?tab=remove&label=3&__theme=light")
    wait_for_data(watched, BAR, "d.state === 'ready'")
    watched.get_by_role("button", name="Make a link").click()
    watched.get_by_role("checkbox", name="Hide: Guidance").check()
    watched.get_by_role("checkbox", name="Lock: Steps (network evaluations)").check()
    link = watched.locator(f"{BAR} [data-part=maker-link]")
    watched.wait_for_function("input => input.value.includes('lock=steps')", arg=link.element_handle())
    watched.locator(f"{BAR} .maker-qr svg").wait_for()
    address = link.input_value()
    assert "tab=remove" in address and "label=3" in address and "hide=guidance" in address
    watched.wait_for_function(
        "([svg, rows]) => svg.querySelector('path').getAttribute('d').split('M').length - 1 === rows",
        arg=[
            watched.locator(f"{BAR} .maker-qr svg").element_handle(),
            "".join(qr_code({"text": address})["rows"]).count("1"),
        ],
    )
    assert watched.locator(f"{BAR} .maker-qr svg").evaluate(MODULES) == qr_code({"text": address})["rows"]
    frame = watched.locator(f"{BAR} [data-part=maker-frame]").input_value()
    assert frame.startswith('<iframe src="') and address.replace("&", "&amp;") in frame
    assert serious_violations(watched) == []
    watched.keyboard.press("Escape")
    watched.goto(address)
    wait_for_data(watched, BAR, "d.state === 'ready'")
    assert watched.locator("#film-steps input[type=number]").is_disabled()
    assert watched.locator("#film-guidance").count() == 0 or watched.locator("#film-guidance").is_hidden()


def test_the_picture_on_screen_is_saved(app, tmp_path):
    """A PNG with what the player holds: black and white from the digit and its noise, and the accent of the curve."""
    with app.expect_download() as arriving:
        app.get_by_role("button", name="Save picture").click()
    file = tmp_path / "picture.png"
    arriving.value.save_as(file)
    assert arriving.value.suggested_filename == "ddpm-explorer.png"
    colours = Image.open(file).convert("RGB").getcolors(2**24)
    assert colours and len(colours) > 300
    width, height = Image.open(file).size
    assert width > 1000 and height > 500


def test_the_worksheet_is_what_is_printed(app):
    """Every lesson's question with room to answer, or for the teacher with the answer; nothing else of the page."""
    app.evaluate("() => { window.print = () => { window.printed = true; }; }")
    app.get_by_role("button", name="Worksheet").click()
    app.get_by_role("button", name="Print", exact=True).click()
    app.wait_for_function("() => window.printed")
    app.emulate_media(media="print")
    sheet = app.locator("body > .worksheet")
    assert sheet.locator("li").count() == len(LESSONS) == sheet.locator(".room").count()
    assert sheet.locator("canvas").is_visible() and app.locator("#desk").is_hidden()
    app.emulate_media(media="screen")
    assert sheet.is_hidden() and app.locator("#desk").is_visible()
    app.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    app.get_by_role("button", name="Worksheet").click()
    app.get_by_role("checkbox", name="The teacher's version: what to look for").check()
    app.locator(f"{BAR} [data-part=sheet-lesson]").select_option(LESSONS[0].id)
    app.get_by_role("button", name="Print", exact=True).click()
    assert sheet.locator(".answer").all_text_contents() == [LESSONS[0].look_for]
