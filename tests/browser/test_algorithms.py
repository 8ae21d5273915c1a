"""The two algorithms on one screen: line by line, by mouse and by keyboard, with marks that are checked."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from explorer.data.pixels import to_pixels
from explorer.demos import algorithms
from explorer.serving.model_store import ModelStore
from tests.browser.pictures import data, grey, open_tab, wait_for_data

TRAINING, GENERATION = "#algorithm-training [data-widget=algorithm]", "#algorithm-generation [data-widget=algorithm]"


@pytest.fixture
def lines(app):
    open_tab(app, "Train")
    wait_for_data(app, GENERATION, "d.state === 'ready'")
    return app


def test_line_by_line(lines):
    """By mouse and by keyboard; the pictures are the core's; other random numbers begin anew with other pictures. At
    first each loop stands where it has gone round once, with all its variables; both are at the same height.
    """
    moments, _ = algorithms.run(ModelStore().pretrained(), 0)
    forward = lines.locator(f"{TRAINING} [data-part=forward]")
    assert [data(lines, each)["line"] for each in (TRAINING, GENERATION)] == ["8", "5"]
    assert [lines.locator(f"{each} figure").count() for each in (TRAINING, GENERATION)] == [5, 4]
    tops = [lines.locator(f"{each} input[type=range]").bounding_box()["y"] for each in (TRAINING, GENERATION)]
    assert abs(tops[0] - tops[1]) <= 1
    lines.locator(f"{TRAINING} input[type=range]").focus()
    lines.keyboard.press("Home")
    for _ in range(5):
        forward.click()
    assert data(lines, TRAINING)["line"] == "5"
    shown = grey(lines, f"{TRAINING} figure:has-text('x0') canvas")
    assert np.abs(shown - to_pixels(moments[1].images["x₀"]).astype(int)).max() <= 1
    lines.locator(f"{GENERATION} input[type=range]").focus()
    lines.keyboard.press("End")
    assert data(lines, GENERATION)["line"] == "6"
    lines.keyboard.press("Home")
    lines.keyboard.press("ArrowRight")
    assert data(lines, GENERATION)["line"] == "1"
    lines.click("#algorithm-again")
    wait_for_data(lines, TRAINING, "d.moment === '8'")
    assert np.abs(grey(lines, f"{TRAINING} figure:has-text('x0') canvas") - shown).max() > 20


def test_marks_are_checked_and_it_fits_a_phone(lines):
    marks = lines.locator(f"{GENERATION} li")
    marks.nth(0).get_by_role("button", name="fresh noise").click()  # right
    marks.nth(1).get_by_role("button", name="real data").click()  # wrong
    lines.locator(f"{GENERATION} [data-part=check]").click()
    assert (
        lines.locator(f"{GENERATION} [data-part=verdict]").text_content() == "1 of 3 found, 1 not so. Dashed: missed."
    )
    assert marks.nth(2).get_by_role("button", name="network").get_attribute("data-verdict") == "missed"

    lines.set_viewport_size({"width": 390, "height": 844})
    assert lines.evaluate("document.documentElement.scrollWidth") <= 390
    found = (
        Axe()
        .run(lines, context={"include": [["#algorithm-training"], ["#algorithm-generation"]]})
        .response["violations"]
    )
    assert [rule["id"] for rule in found if rule["impact"] in ("serious", "critical")] == []
