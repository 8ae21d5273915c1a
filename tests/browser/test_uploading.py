"""An uploaded picture beside what was made of it: a part of it, chosen by mouse, finger or keys; black and white
swapped; and a browser whose canvases cannot be read back spoils nothing.
"""

import io
import threading

import numpy as np
import pytest
from PIL import Image, ImageDraw

from explorer.data import uploads
from explorer.data.uploads import Choice
from tests.browser.pictures import PATIENCE, READ, data, wait_for_data

WIDGET, ORIGINAL, MADE = (f"#forward-uploaded {part}" for part in ("[data-widget]", "[data-part=original]", "canvas"))

# What Brave does to a canvas that is read, only worse; the pictures that the tests look at come another way.
SPOILT = """
const { getImageData } = CanvasRenderingContext2D.prototype;
window.honestImageData = (context, ...box) => getImageData.call(context, ...box);
CanvasRenderingContext2D.prototype.getImageData = function (x, y, w, h) {
  const image = getImageData.call(this, x, y, w, h);
  for (let i = 0; i < image.data.length; i++) image.data[i] = 255 * Math.random();
  return image;
};
HTMLCanvasElement.prototype.toDataURL = () => "data:,";
HTMLCanvasElement.prototype.toBlob = (receive) => receive(null);
OffscreenCanvas.prototype.convertToBlob = async () => new Blob();
"""
HONEST = READ.replace(
    "context.getImageData(", "(window.honestImageData ?? ((c, ...box) => c.getImageData(...box)))(context, "
)


def two_digits():
    """A 7 on the left, a 2 on the right."""
    image = Image.new("RGB", (600, 300), "white")
    pen = ImageDraw.Draw(image)
    pen.line([(60, 40), (160, 40), (100, 220)], fill="black", width=24, joint="curve")
    pen.line([(400, 60), (480, 40), (500, 100), (400, 230), (520, 230)], fill="black", width=22, joint="curve")
    return image


def shown(page, selector) -> np.ndarray:
    width, height, levels = page.locator(selector).evaluate(HONEST)
    return np.array(levels, int).reshape(height, width, 4)[..., 0]


def upload(page, image, tab="forward"):
    file = io.BytesIO()
    image.save(file, "PNG")
    page.locator(f"#{tab}-own input[type=file]").set_input_files(
        {"name": "digit.png", "mimeType": "image/png", "buffer": file.getvalue()}
    )
    wait_for_data(page, f"#{tab}-uploaded [data-widget]", "d.state === 'shown'")


def made_of(image, left=0.0, top=0.0, right=1.0, bottom=1.0, ink=""):
    return Choice.checked({"part": [left, top, right, bottom], "ink": ink}).of(image).pixels


def wait_until_made(page, expected):
    """Until the page shows this, but for a pixel's rounding of the part."""

    def is_it() -> bool:
        return np.abs(shown(page, MADE) - expected).mean() < 6

    for _ in range(80):
        if is_it():
            return
        page.wait_for_timeout(100)
    assert is_it()


def drag(page, start, end):
    """By mouse, from one point of the picture to another, in shares of its sides."""
    page.locator(ORIGINAL).scroll_into_view_if_needed()
    box = page.locator(ORIGINAL).bounding_box()
    for step, (x, y) in enumerate((start, end)):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        (page.mouse.up if step else page.mouse.down)()


def test_choose_the_part_and_swap_black_and_white(app):
    image = two_digits()
    app.locator("#forward-own > button").click()
    accepted = app.locator("#forward-own input[type=file]").get_attribute("accept")
    assert ".png" in accepted and ".heic" not in accepted and "*" not in accepted
    assert app.locator(WIDGET).is_hidden()
    upload(app, image)
    wait_until_made(app, made_of(image))
    assert "several digits" in app.locator(f"{WIDGET} [data-part=sentence]").inner_text()
    size = app.locator(f"{WIDGET} img").evaluate("image => [image.naturalWidth, image.naturalHeight]")
    assert size == [uploads.SHOWN_SIDE, uploads.SHOWN_SIDE // 2]

    drag(app, (0.55, 0.03), (0.97, 0.97))
    two = made_of(image, 0.55, 0.03, 0.97, 0.97)
    wait_until_made(app, two)
    app.wait_for_function(
        "() => document.querySelector('#desk [data-part=caption]').textContent.includes('your picture')"
    )
    assert "Not what you meant" in app.locator(f"{WIDGET} [data-part=sentence]").inner_text()
    drag(app, (0.75, 0.5), (0.25, 0.5))  # the part itself is moved
    seven = made_of(image, 0.05, 0.03, 0.47, 0.97)
    wait_until_made(app, seven)
    app.locator(f"{WIDGET} [data-part=whole]").click()
    wait_for_data(app, WIDGET, "d.partChosen === 'false'")

    app.locator(ORIGINAL).focus()  # and by keys: a part in the middle, to the right, narrower
    for key in ["ArrowRight"] * 7 + ["Shift+ArrowUp"] * 6 + ["Shift+ArrowLeft"]:
        app.keyboard.press(key)
    wait_until_made(app, two)
    app.keyboard.press("Escape")
    wait_for_data(app, WIDGET, "d.partChosen === 'false'")

    swap = app.locator(f"{WIDGET} [data-part=swap]")
    swap.click()
    wait_until_made(app, made_of(image, ink="light"))
    assert swap.get_attribute("aria-pressed") == "true"
    app.locator("#forward-label").get_by_label("4").check()  # another picture: this one is put away
    wait_for_data(app, WIDGET, "d.state === 'empty'")


def test_the_last_of_quick_choices_counts(app, monkeypatch):
    """Also where the server takes longer for an answer than a viewer for the next key."""
    quick, slow = Choice.of, threading.Event()

    def take_time(choice, picture):
        slow.wait(1.5)
        return quick(choice, picture)

    image = two_digits()
    app.locator("#forward-own > button").click()
    upload(app, image)
    right = made_of(image, 0.55, 0.03, 0.97, 0.97)
    monkeypatch.setattr(Choice, "of", take_time)
    for start, end in (((0.05, 0.05), (0.4, 0.9)), ((0.6, 0.1), (0.7, 0.5)), ((0.97, 0.03), (0.55, 0.97))):
        drag(app, start, end)
    app.wait_for_timeout(500)
    slow.set()
    wait_until_made(app, right)


def test_a_finger_chooses_a_part(browser, base_url):
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(base_url)
    page.wait_for_selector("#desk [data-state=ready]")
    page.locator("#forward-own > button").click()
    upload(page, two_digits())
    page.locator(ORIGINAL).scroll_into_view_if_needed()
    before, box = page.evaluate("scrollY"), page.locator(ORIGINAL).bounding_box()
    touch = context.new_cdp_session(page)
    for kind, x in (("touchStart", 0.55), ("touchMove", 0.7), ("touchMove", 0.97), ("touchEnd", None)):
        place = {"x": box["x"] + (x or 0) * box["width"], "y": box["y"] + (0.03 if x == 0.55 else 0.97) * box["height"]}
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place] if x else []})
    wait_until_made(page, made_of(two_digits(), 0.55, 0.03, 0.97, 0.97))
    assert page.evaluate("scrollY") == before and data(page, WIDGET)["partChosen"] == "true"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


@pytest.fixture
def spoilt(watched, base_url):
    """The page in a browser that hands out noise for what is on its canvases."""
    watched.add_init_script(SPOILT)
    watched.goto(base_url)
    watched.wait_for_selector("#desk [data-state=ready]")
    return watched


def saved(page, part):
    with page.expect_download() as download:
        page.locator(f"#film [data-part={part}]").click()
    with open(download.value.path(), "rb") as file:
        return file.read()


def test_a_browser_that_spoils_what_is_read_back_spoils_nothing(spoilt):
    """A drawing, a drawing to learn from, and the files of a film."""
    page = spoilt
    page.locator("#forward-own > button").click()
    box = page.locator("#forward-pad [data-part=paper]").bounding_box()
    page.mouse.move(box["x"] + 140, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 250, steps=5)
    page.mouse.up()
    page.wait_for_function("() => document.querySelector('#desk [data-part=caption]').textContent.includes('drawing')")
    page.locator("#desk input[type=range]").focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(300)
    grey = shown(page, "#desk canvas[data-role=x_t]")
    assert 36 <= (grey > 0).sum() <= 64 and np.ptp(np.flatnonzero(grey.any(axis=1))) + 1 == 20  # an upright bar

    page.get_by_role("tab", name="Remove noise").click()
    page.wait_for_selector("#film [data-part=save-gif]:enabled")
    frames = np.load(io.BytesIO(saved(page, "save-frames")))
    gif = Image.open(io.BytesIO(saved(page, "save-gif")))
    gif.seek(gif.n_frames - 1)
    last = np.asarray(gif.convert("L"))
    n = frames["x_t"].shape[1]
    columns = int(np.ceil(np.sqrt(n)))
    first = last[24 : 24 + 112, 8 : 8 + 112][: 112 // columns - 4, : 112 // columns - 4]
    step = (29 * columns - 1) / 112
    at = ((np.arange(len(first)) + 0.5) * step).astype(int)
    assert np.abs(first.astype(int) - frames["x_t"][-1, 0][at][:, at]).max() == 0
