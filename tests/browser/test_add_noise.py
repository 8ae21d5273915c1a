"""Add noise: what the browser mixes is the core's q_sample, at every t, and without the server."""

import io

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from explorer.data import pictures
from explorer.data.pixels import to_pixels
from explorer.demos import noising
from explorer.demos.two_ways import two_ways
from tests.browser.pictures import READ, data, grey, requests_of, show, wait_for_data

DESK = "#desk [data-widget=desk]"
SLIDER = "#desk input[type=range]"
WAYS = "#two-ways [data-widget=two-ways]"
X_T = "#desk canvas[data-role=x_t]"


def expected(t, label=7, example=0, noise_seed=0, kind="linear", T=1000, picture=None):
    """The core's x_t as grey levels."""
    scene = noising.scene(picture or pictures.digit(label, example), noise_seed, kind, T)
    return to_pixels(scene.schedules[kind].q_sample(scene.picture.image(), t, scene.eps))[0].astype(int)


@pytest.fixture
def app(shared):
    """The tab as it is at the start; only the panels that were opened are still open."""
    show(shared)
    wait_for_picture(shared, X_T, expected(300))
    wait_for_data(shared, DESK, "d.t === '300' && d.race === 'false' && d.T === '1000'")
    return shared


def wait_for_picture(page, selector, wanted):
    """Until the canvas shows it to one grey level."""
    for _ in range(60):
        if np.abs(grey(page, selector) - wanted).max() <= 1:
            return
        page.wait_for_timeout(100)
    raise AssertionError(
        f"{selector} never showed the core's picture: up to {np.abs(grey(page, selector) - wanted).max()} grey "
        "levels away"
    )


def drag_to(page, share):
    """Take the slider's thumb by the mouse and bring it to a share of the way; returns the t it then stands at."""
    page.locator(SLIDER).scroll_into_view_if_needed()
    box = page.locator(SLIDER).bounding_box()
    y, start = box["y"] + box["height"] / 2, float(data(page, DESK)["t"]) / 1000
    page.mouse.move(box["x"] + 8 + start * (box["width"] - 16), y)
    page.mouse.down()
    page.mouse.move(box["x"] + 8 + share * (box["width"] - 16), y, steps=12)
    page.mouse.up()
    return int(data(page, DESK)["t"])


def test_dragged_picture_is_q_sample(app):
    """By mouse, all over the slider: the picture is the core's, the dot rides the curve, and the server is asked for
    nothing.
    """
    app.wait_for_selector("#alpha-bar-plot .js-plotly-plot")
    app.wait_for_timeout(500)
    requests = requests_of(app)
    for share in (0.0, 0.1, 0.5, 0.8, 1.0):
        t = drag_to(app, share)
        assert abs(t - 1000 * share) <= 25
        assert np.abs(grey(app, X_T) - expected(t)).max() <= 1
        app.wait_for_function(
            "t => document.querySelector('#alpha-bar-plot .js-plotly-plot').data.at(-1).x[0] === t", arg=t
        )
        alpha_bar = app.evaluate("() => document.querySelector('#alpha-bar-plot .js-plotly-plot').data.at(-1).y[0]")
        assert alpha_bar == pytest.approx(float(noising.schedule("linear").alpha_bar[t]), abs=1e-6)
    app.wait_for_timeout(300)
    assert requests == []


def test_a_view_that_was_left_is_shown_again(app):
    """As when a class is brought together twice: also where every value is the one that was sent before."""
    assert drag_to(app, 0.8) > 700
    show(app)
    wait_for_data(app, DESK, "d.t === '300'")
    assert np.abs(grey(app, X_T) - expected(300)).max() <= 1


def test_keys_and_filmstrip_move_t(app):
    app.locator(SLIDER).focus()
    for key, t in [("Home", 0), ("ArrowRight", 1), ("PageUp", 101), ("ArrowLeft", 100), ("End", 1000)]:
        app.keyboard.press(key)
        assert data(app, DESK)["t"] == str(t)
    app.locator("#desk [data-part=strip] button[data-t='700']").click()
    assert data(app, DESK)["t"] == "700"
    assert np.abs(grey(app, "#desk [data-part=strip] button[data-t='700'] canvas") - expected(700)).max() <= 1


def test_play_runs_to_noise(app):
    app.locator(SLIDER).focus()
    app.keyboard.press("Home")
    app.locator("#desk select").select_option("4")
    app.locator("#desk [data-part=play]").click()
    wait_for_data(app, DESK, "d.t === '1000' && d.playing === 'false'")
    assert np.abs(grey(app, X_T) - expected(1000)).max() <= 1


def test_other_digit_noise_and_schedule(app):
    t = drag_to(app, 0.3)
    for act, scene in [
        (lambda: app.locator("#forward-label").get_by_label("3", exact=True).check(), {"label": 3}),
        (lambda: app.locator("#forward-other").click(), {"label": 3, "example": 1}),
        (lambda: app.locator("#forward-reshuffle").click(), {"label": 3, "example": 1, "noise_seed": 1}),
        (
            lambda: app.locator("#forward-schedule").get_by_label("cosine").check(),
            {"label": 3, "example": 1, "noise_seed": 1, "kind": "cosine"},
        ),
    ]:
        wanted = expected(t, **scene)
        assert np.abs(wanted - grey(app, X_T)).max() > 20
        act()
        wait_for_picture(app, X_T, wanted)
    assert data(app, DESK)["t"] == str(t)  # nothing of this moved t


def choose_T(page, T):
    page.locator("#forward-T input").click()
    page.get_by_role("option", name=str(T), exact=True).click()


def test_race_and_short_T(app):
    """Both schedules side by side on the same noise, as many dots as curves; a short T lights the warning with its
    number.
    """
    t = drag_to(app, 0.3)
    app.locator("#forward-schedule").get_by_label("both").check()
    wait_for_data(app, DESK, "d.race === 'true'")
    for lane, kind in enumerate(("linear", "cosine")):
        wait_for_picture(app, f"#desk canvas[data-race='{lane}']", expected(t, kind=kind))
    app.wait_for_function(
        (
            "t => document.querySelector('#alpha-bar-plot .js-plotly-plot')?.data.slice(-2).every(dot => dot.x.length "
            "=== 1 && dot.x[0] === t)"
        ),
        arg=t,
    )
    assert app.locator("#desk [data-part=warning]").is_hidden()

    choose_T(app, 100)
    wait_for_data(app, DESK, "d.T === '100'")
    now = round(t / 10)  # the same share of the way
    assert abs(int(data(app, DESK)["t"]) - now) <= 1
    for lane, kind in enumerate(("linear", "cosine")):
        wait_for_picture(
            app, f"#desk canvas[data-race='{lane}']", expected(int(data(app, DESK)["t"]), kind=kind, T=100)
        )
    assert "0.364" in app.locator("#desk [data-part=warning]").inner_text()
    app.locator("#forward-schedule").get_by_label("cosine").check()  # which reaches noise with any T
    wait_for_data(app, DESK, "d.race === 'false'")
    assert app.locator("#desk [data-part=warning]").is_hidden()


def seven():
    """A 7 on paper, as a PNG file."""
    image = Image.new("RGB", (300, 400), "#f4f0e4")
    ImageDraw.Draw(image).line([(60, 60), (220, 60), (120, 340)], fill="#203080", width=30, joint="curve")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def upload(page, name, content):
    page.locator("#forward-own input[type=file]").set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": content}
    )


def test_own_pictures(app, tmp_path):
    """Drawn, uploaded, or no digit at all: the desk mixes what Python makes of it, and bad files get a sentence."""
    app.locator("#forward-own > button").click()
    box = app.locator("#forward-pad [data-part=paper]").bounding_box()
    app.mouse.move(box["x"] + 140, box["y"] + 30)
    app.mouse.down()
    app.mouse.move(box["x"] + 140, box["y"] + 250, steps=5)
    app.mouse.up()
    app.wait_for_function("() => document.querySelector('#desk [data-part=caption]').textContent.includes('drawing')")
    assert app.locator("#forward-label input:checked").count() == 0
    app.locator(SLIDER).focus()
    app.keyboard.press("Home")
    rows, columns = (np.flatnonzero(grey(app, X_T).any(axis=axis)) for axis in (1, 0))
    assert np.ptp(rows) + 1 == 20 and len(columns) <= 5  # an upright bar, as long as MNIST's digits

    path = tmp_path / "seven.png"
    path.write_bytes(seven())
    upload(app, "seven.png", seven())
    wait_for_picture(app, X_T, expected(0, picture=pictures.uploaded(path)))

    for name, content, sentence in [
        ("black.png", Image.new("L", (50, 50)), "all of one grey"),
        ("notes.png", b"not a picture", "cannot be read"),
        ("large.png", bytes(5_300_000), "at most 5 MB"),
    ]:
        if isinstance(content, Image.Image):
            file = io.BytesIO()
            content.save(file, "PNG")
            content = file.getvalue()
        upload(app, name, content)
        app.locator(".toast-body").filter(has_text=sentence).wait_for()
        app.locator(".toast-close").first.click()

    app.locator("#forward-no-digit").get_by_label("a smiley").check()
    wait_for_picture(app, X_T, expected(0, picture=pictures.no_digit("a smiley")))
    app.locator("#forward-other").click()  # and back to real digits
    app.wait_for_function(
        "() => document.querySelector('#desk [data-part=caption]').textContent.startsWith('a real 7')"
    )


def test_long_way_and_short_way(app):
    """The panel walks both ways when it is opened, shows the core's pictures at each stop, and follows the picture and
    T.
    """
    app.locator("#two-ways-panel > button").click()
    wait_for_data(app, WAYS, "d.state === 'ready'")
    t = int(data(app, WAYS)["t"])
    found = two_ways(pictures.digit(7, 0), noising.schedule("linear"), 0, lambda work: work())
    stop = found.t.index(t)
    for name, way in (("steps", found.steps), ("jump", found.jump)):
        width, height, pixels = app.locator(f"#two-ways [data-way={name}] [data-show=pictures]").evaluate(READ)
        first = np.array(pixels).reshape(height, width, 4)[:28, :28, 0]
        assert np.abs(first - to_pixels(torch.tensor(way.pictures[stop, 0])).astype(int)).max() <= 1
    assert f"{found.steps.variance[stop].mean():.2f}" in app.locator("#two-ways [data-part=sentence]").inner_text()

    requests = requests_of(app)
    app.locator("#two-ways input[type=range]").focus()
    app.keyboard.press("End")
    assert data(app, WAYS)["t"] == "1000" and requests == []
    choose_T(app, 100)
    wait_for_data(app, WAYS, "d.t === '100'")


def test_a_finger_drags_t_on_a_phone(browser, base_url):
    """By touch, on a narrow page that does not scroll sideways; the picture is the core's."""
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(base_url)
    page.wait_for_selector("#desk [data-state=ready]")
    page.locator(SLIDER).scroll_into_view_if_needed()
    box, touch = page.locator(SLIDER).bounding_box(), context.new_cdp_session(page)
    y = box["y"] + box["height"] / 2
    for kind, share in [("touchStart", 0.3), ("touchMove", 0.45), ("touchMove", 0.6), ("touchEnd", None)]:
        touch.send(
            "Input.dispatchTouchEvent",
            {
                "type": kind,
                "touchPoints": [] if share is None else [{"x": box["x"] + 8 + share * (box["width"] - 16), "y": y}],
            },
        )
    page.wait_for_function("() => document.querySelector('#desk [data-widget=desk]').dataset.t > 500")
    t = int(data(page, DESK)["t"])
    assert 560 <= t <= 640 and np.abs(grey(page, X_T) - expected(t)).max() <= 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
