"""A network of one's own, loaded from a file: it has few steps and has met 3s alone."""

from dataclasses import replace

import pytest

from explorer.core import checkpoint
from explorer.core.schedule import NoiseSchedule
from tests.browser.pictures import data, wait_for_data
from tests.tiny import tiny_model

FILM = "#film [data-widget=film]"
T = 20


@pytest.fixture(scope="module")
def watching(shared, tmp_path_factory):
    """The page after the file was loaded and Watch it generate pressed; the tab of films had never been opened."""
    few = tiny_model(schedule=NoiseSchedule("linear", T))
    path = tmp_path_factory.mktemp("weights") / "threes.safetensors"
    checkpoint.save(replace(few, notes={"classes": [3], "steps": 12, "seconds": 1.0}), path)
    shared.get_by_role("tab", name="Train").click()
    shared.get_by_text("Take it along", exact=True).click()
    shared.locator("#train-along input[type=file]").set_input_files(path)
    shared.click("#train-watch:not([disabled])")
    wait_for_data(shared, FILM, "d.done === 'true'")
    return shared


def asked(page):
    """What the player says that it was asked for."""
    return page.locator(f"{FILM} [data-part=asked]").inner_text()


def test_it_is_watched_from_its_first_frame_to_its_last(watching):
    """Nothing is lost though the player was not there when it was asked for, and no second film begins by itself."""
    assert data(watching, FILM)["held"] == str(T + 1) and asked(watching) == "asked for: any digit"
    run = data(watching, FILM)["run"]
    watching.wait_for_timeout(500)
    assert data(watching, FILM)["run"] == run
    steps = watching.locator("#film-steps input[type=number]")
    assert (steps.input_value(), steps.get_attribute("max")) == (str(T), str(T))

    watching.get_by_role("tab", name="Train").click()  # once more, the player being there now
    watching.click("#train-watch")
    wait_for_data(watching, FILM, f"d.run !== '{run}' && d.done === 'true'")
    assert data(watching, FILM)["held"] == str(T + 1)


def test_a_digit_that_it_never_met_is_said(watching):
    """Also where the viewer's device computes with it."""
    watching.locator("#film-compute").get_by_label("your device").check()
    run = data(watching, FILM)["run"]
    watching.locator("#film-label").get_by_label("8", exact=True).check()
    watching.click("#film-play")
    wait_for_data(watching, FILM, f"d.run !== '{run}' && d.done === 'true'")
    assert asked(watching) == "asked for: 8, which this network never learnt: it knows 3"
    watching.locator("#film-label").get_by_label("3", exact=True).check()
    watching.click("#film-dice")  # other noise, and its film
    wait_for_data(watching, FILM, "d.done === 'true'")
    watching.wait_for_function("() => document.querySelector('#film [data-part=asked]').textContent === 'asked for: 3'")
    assert watching.locator("#film-seed input").input_value() != "7"
    assert watching.locator("#film [data-part=by]").inner_text() == "computed by your device"
    assert watching.locator("#film [data-part=drawer]").inner_text().startswith("drawn by your file's network, after ")
