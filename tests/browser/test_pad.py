"""The drawing pad by itself: mouse, finger and keyboard draw; what Python makes of it is what is on the canvas."""

import json

import gradio as gr
import numpy as np
import pytest

from explorer.data.mnist_style import from_pad
from explorer.data.strokes import SIDE, from_strokes
from explorer.page.build import LAUNCH
from explorer.page.hardening import HardenedBlocks
from explorer.widgets import DrawingPad
from tests.browser.pictures import PATIENCE, data, grey, wait_for_data

PAD, PAPER = "#pad [data-widget=pad]", "#pad [data-part=paper]"


@pytest.fixture(scope="module")
def pad_url():
    """A page with a pad, and what its change event brings as text."""
    with HardenedBlocks() as demo:
        pad = DrawingPad(elem_id="pad")
        value = gr.Textbox("nothing yet", elem_id="value")
        pad.change(json.dumps, pad, value, show_progress="hidden")
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **LAUNCH)
    yield url
    demo.close()


@pytest.fixture
def pad(page, pad_url):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(PATIENCE)
    page.goto(pad_url)
    page.wait_for_selector(PAPER)
    yield page
    assert errors == []


def received(page, condition="text.startsWith('{')"):
    """What Python got, once the condition over its text holds."""
    page.wait_for_function(
        f"() => {{ const text = document.querySelector('#value textarea').value; return {condition}; }}"
    )
    return json.loads(page.locator("#value textarea").input_value())


def stroke(page, *points):
    """By mouse, through points in shares of the pad."""
    box = page.locator(PAPER).bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*at[0])
    page.mouse.down()
    for point in at[1:]:
        page.mouse.move(*point, steps=8)
    page.mouse.up()


def test_mouse_draws_what_python_gets(pad):
    stroke(pad, (0.3, 0.2), (0.7, 0.2), (0.45, 0.85))
    drawn = from_strokes(received(pad))
    assert drawn[round(0.2 * SIDE), round(0.5 * SIDE)] == 255 and drawn[round(0.5 * SIDE), round(0.15 * SIDE)] == 0
    shown = grey(pad, "#pad canvas").reshape(SIDE, 280 // SIDE, SIDE, 280 // SIDE).mean(axis=(1, 3))
    assert np.abs(shown - drawn).mean() < 1 and np.abs(shown - drawn).max() < 128
    digit = from_pad(received(pad))
    assert digit.shape == (28, 28) and np.ptp(np.flatnonzero(digit.any(axis=1))) + 1 == 20


def test_undo_and_clear(pad):
    stroke(pad, (0.2, 0.3), (0.8, 0.3))
    one = received(pad)
    stroke(pad, (0.2, 0.7), (0.8, 0.7))
    two = received(pad, f"text.startsWith('{{') && text !== {json.dumps(json.dumps(one))}")
    assert from_strokes(two).sum() > 1.8 * from_strokes(one).sum()
    pad.locator("#pad [data-part=undo]").click()
    assert received(pad, f"text !== {json.dumps(json.dumps(two))}") == one
    pad.locator("#pad [data-part=clear]").click()
    assert received(pad, "text === 'null'") is None
    assert data(pad, PAD)["strokes"] == "0" and pad.locator("#pad [data-part=clear]").is_disabled()


def test_a_stroke_that_leaves_the_square_is_cut_off_and_ends(pad):
    """The mouse is let go outside; afterwards moving over the pad draws nothing."""
    box = pad.locator(PAPER).bounding_box()
    stroke(pad, (0.5, 0.5), (1.6, 0.5))
    grey = from_strokes(received(pad))
    assert data(pad, PAD)["ink"] == "up" and grey[len(grey) // 2, -1] == 255
    pad.mouse.move(box["x"] + 20, box["y"] + 20)
    pad.mouse.move(box["x"] + 100, box["y"] + 30, steps=4)
    pad.wait_for_timeout(500)
    assert np.array_equal(from_strokes(received(pad)), grey)


def test_keyboard_alone(pad):
    pad.locator(PAPER).focus()
    for key in ["ArrowUp"] * 8 + [" "] + ["ArrowDown"] * 16 + [" "]:
        pad.keyboard.press(key)
    value = received(pad)
    grey = from_strokes(value)
    rows, columns = np.flatnonzero(grey.any(axis=1)), np.flatnonzero(grey.any(axis=0))
    assert len(rows) > 4 * len(columns) and grey[len(grey) // 2, len(grey) // 2] == 255  # a 1
    pad.keyboard.press(" ")
    pad.keyboard.press("ArrowRight")
    pad.keyboard.press("Tab")  # leaving the pad lifts the pen
    assert data(pad, PAD) == data(pad, PAD) | {"ink": "up", "strokes": "2"}
    pad.locator(PAPER).focus()
    pad.keyboard.press("Backspace")
    wait_for_data(pad, PAD, "d.strokes === '1'")


def test_fingers_draw_and_do_not_scroll(browser, pad_url):
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 400})
    page = context.new_page()
    page.goto(pad_url)
    page.wait_for_selector(PAPER)
    box = page.locator(PAPER).bounding_box()
    touch = context.new_cdp_session(page)

    def send(kind, *points):
        fingers = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": finger}
            for finger, (x, y) in enumerate(points)
        ]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    send("touchStart", (0.5, 0.9))
    send("touchMove", (0.5, 0.5))
    send("touchStart", (0.5, 0.5), (0.1, 0.1))  # a second finger draws nothing
    send("touchMove", (0.5, 0.2), (0.3, 0.1))
    send("touchEnd")
    grey = from_strokes(received(page))
    assert data(page, PAD)["strokes"] == "1" and page.evaluate("scrollY") == 0
    assert grey[len(grey) // 2, len(grey) // 2] == 255 and not grey[:20, :20].any()
    context.close()
