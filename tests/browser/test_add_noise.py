"""Add noise: what the browser mixes is the core's q_sample, at every t, and without the server."""

import numpy as np
import pytest

from explorer import forward
from explorer.pixels import to_pixels
from explorer.state import ADD_NOISE
from tests.browser.pictures import data, grey, wait_for_data

DESK = "#desk [data-widget=desk]"
SLIDER = "#desk input[type=range]"


def expected(t, label=ADD_NOISE["label"].default, example=0, noise_seed=0, kind="linear"):
    scene = forward.scene(label, example, noise_seed, kind)
    return to_pixels(scene.schedule.q_sample(scene.x_0, t, scene.eps))[0].astype(int)


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


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_dragged_picture_is_q_sample(app, share):
    t = drag_to(app, share)
    assert abs(t - 1000 * share) <= 25
    assert np.abs(grey(app, "#desk canvas[data-role=x_t]") - expected(t)).max() <= 1


def test_dragging_asks_the_server_for_nothing(app):
    app.wait_for_selector("#alpha-bar-plot .js-plotly-plot")
    app.wait_for_timeout(500)
    requests = []
    app.on("request", lambda request: requests.append(request.url))
    t = drag_to(app, 0.8)
    app.wait_for_timeout(300)
    assert t > 700 and requests == []


def test_the_dot_rides_the_curve(app):
    app.wait_for_selector("#alpha-bar-plot .js-plotly-plot")
    t = drag_to(app, 0.2)
    app.wait_for_function("t => { const dot = document.querySelector('#alpha-bar-plot .js-plotly-plot').data.at(-1); return dot.x[0] === t; }", arg=t)
    alpha_bar = app.evaluate("() => document.querySelector('#alpha-bar-plot .js-plotly-plot').data.at(-1).y[0]")
    assert alpha_bar == pytest.approx(float(forward.schedule("linear").alpha_bar[t]), abs=1e-6)


def test_keys_move_t(app):
    app.locator(SLIDER).focus()
    for key, t in [("Home", 0), ("ArrowRight", 1), ("PageUp", 101), ("ArrowLeft", 100), ("End", 1000)]:
        app.keyboard.press(key)
        assert data(app, DESK)["t"] == str(t)


def test_play_runs_to_noise(app):
    app.locator(SLIDER).focus()
    app.keyboard.press("Home")
    app.locator("#desk select").select_option("4")
    app.locator("#desk [data-part=play]").click()
    wait_for_data(app, DESK, "d.t === '1000' && d.playing === 'false'")
    assert np.abs(grey(app, "#desk canvas[data-role=x_t]") - expected(1000)).max() <= 1


def test_other_digit_noise_and_schedule(app):
    t = drag_to(app, 0.3)
    for act, scene in [
        (lambda: app.locator("#forward-label").get_by_label("3", exact=True).check(), {"label": 3}),
        (lambda: app.locator("#forward-other").click(), {"label": 3, "example": 1}),
        (lambda: app.locator("#forward-reshuffle").click(), {"label": 3, "example": 1, "noise_seed": 1}),
        (lambda: app.locator("#forward-schedule").get_by_label("cosine").check(), {"label": 3, "example": 1, "noise_seed": 1, "kind": "cosine"}),
    ]:
        before = grey(app, "#desk canvas[data-role=x_t]")
        act()
        wanted = expected(t, **scene)
        assert np.abs(wanted - before).max() > 20
        deadline = 40
        while np.abs(grey(app, "#desk canvas[data-role=x_t]") - wanted).max() > 1 and deadline:
            app.wait_for_timeout(100)
            deadline -= 1
        assert np.abs(grey(app, "#desk canvas[data-role=x_t]") - wanted).max() <= 1
    assert data(app, DESK)["t"] == str(t)  # nothing of this moved t


def test_filmstrip_jumps(app):
    app.locator("#desk [data-part=strip] button[data-t='700']").click()
    assert data(app, DESK)["t"] == "700"
    assert np.abs(grey(app, "#desk [data-part=strip] button[data-t='700'] canvas") - expected(700)).max() <= 1
