"""A training that the viewer's own device does: drawn, stopped, gone on with, rewound, and its network used."""

import pytest

from explorer.page import who_trains
from tests.browser.pictures import data, wait_for_data
from tests.browser.test_train import FILM, LAB, draw_ones

STATUS = f"{LAB} [data-part=status]"


@pytest.fixture
def device_tab(watched, base_url):
    """Train, opened by a link that lets the device compute."""
    watched.goto(f"{base_url}?tab=train&size=small&batch=16&seconds=120&compute=device")
    watched.wait_for_selector(LAB)
    return watched


def test_a_training_on_the_device(device_tab):
    page = device_tab
    page.click("#train-start")
    page.get_by_text("Your device trains").wait_for(timeout=90_000)
    page.evaluate("() => Object.defineProperty(document, 'hidden', { value: true })")
    page.get_by_text("also while this page is hidden").wait_for()
    wait_for_data(page, LAB, "Number(d.points) > 20")
    page.click("#train-stop")
    wait_for_data(page, LAB, "d.running === 'false' && d.runs === '1'")
    page.get_by_text("Stopped. Go on continues").wait_for()
    stopped = data(page, LAB)
    assert float(stopped["loss"]) < 1 and int(stopped["checkpoints"]) >= 2 and stopped["points"] == stopped["step"]

    assert "/10" in page.locator(f"{LAB} [data-part=rows] button").first.text_content()  # read as asked

    # it goes on where it was, on the device
    page.click("#train-go-on")
    wait_for_data(page, LAB, f"d.running === 'true' && Number(d.step) > {int(stopped['step']) + 5}")
    assert data(page, LAB)["run"] == stopped["run"]
    page.click("#train-stop")
    wait_for_data(page, LAB, "d.running === 'false'")
    assert data(page, LAB)["points"] == data(page, LAB)["step"]

    # what it has learnt is the server's too: a film by it, and a file
    page.wait_for_selector(f"{LAB} [data-part=download]:not([disabled])")
    with page.expect_download() as download:
        page.click(f"{LAB} [data-part=download]")
    assert download.value.suggested_filename.endswith(".safetensors")

    page.click("#train-rewind")
    page.get_by_text("these are the initial weights again").wait_for()
    wait_for_data(page, LAB, "d.points === '0' && d.checkpoints === '1' && d.running === 'false'")

    page.click("#train-watch:not([disabled])")
    wait_for_data(page, FILM, "d.done === 'true'")


def test_own_drawings_are_learnt_from_on_the_device(device_tab):
    page = device_tab
    draw_ones(page)
    page.click("#train-start")
    wait_for_data(page, LAB, "Number(d.points) > 3")
    page.click("#train-stop")
    wait_for_data(page, LAB, "d.running === 'false' && d.runs === '1'")
    page.get_by_text("2 own drawings").wait_for()


def test_unasked_it_must_be_quick(watched, base_url, monkeypatch):
    """A device that is not is given a second, and then the server trains."""
    monkeypatch.setattr(who_trains, "LEAST_RATE", 1e9)
    page = watched
    page.goto(f"{base_url}?tab=train&size=small&batch=16&seconds=120")
    page.click("#train-start")
    page.get_by_text("fewer than 100 images a second, so the server trains").wait_for()
    wait_for_data(page, LAB, "d.running === 'true' && Number(d.points) > 1")
    page.click("#train-stop")
    wait_for_data(page, LAB, "d.running === 'false' && d.runs === '1'")
