"""Remove noise, the parts below the film: what a step did, the fork in the road, rescue my digit, and films
as files.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence

from explorer.core.sampling import samples, trajectory_generator
from explorer.data import pictures
from explorer.data.pixels import to_pixels
from explorer.demos.step_parts import anatomy
from explorer.page import film_requests
from explorer.page.settings import Generate
from explorer.serving.film_request import beginning
from explorer.serving.model_store import PRETRAINED, ModelStore
from explorer.validation import checked
from tests.browser.pictures import FILM, PATIENCE, data, film_by, grey, wait_for_data
from tests.browser.test_remove_noise import X_T

FORK, STEP, RESCUE = "#fork [data-widget=film]", "#step [data-widget=tiles]", "#rescue [data-widget=tiles]"


def walk(request):
    """The request's steps by the core alone."""
    model = ModelStore().get(PRETRAINED)
    generators = [trajectory_generator(seed) for seed in request.seeds]
    start = beginning(request, model.schedule, generators)
    return list(
        samples(
            model.network,
            model.schedule,
            generators,
            request.visited(1000),
            label=torch.tensor(request.labels),
            sampler=request.sampler,
            eta=request.eta,
            x_start=start,
        )
    )


def near(shown, image):
    assert np.abs(shown - to_pixels(image).reshape(28, 28).astype(int)).max() <= 1


def rest_at(page, frame):
    page.locator(f"{FILM} input[type=range]").evaluate(
        "(scrub, frame) => { scrub.value = frame; scrub.dispatchEvent(new Event('input')); }", frame
    )


@pytest.fixture
def film_tab(shared):
    """The tab with a film of twenty steps, which has been computed and still plays."""
    return film_by(shared, "tab=remove&steps=20")


def test_at_the_pause_the_step_is_taken_apart(film_tab):
    """x_t, mean, fresh noise and x_prev are the core's, to one grey level; the last step says that it adds no noise."""
    request = film_requests.film(checked(Generate, {"steps": 20}), PRETRAINED)
    steps = walk(request)
    rest_at(film_tab, 8)
    film_tab.wait_for_function(
        "() => document.querySelector('#step [data-part=sentence]').textContent.includes('From t = 600 to 550')"
    )
    parts = anatomy(steps[8], request, ModelStore().get(PRETRAINED).schedule)
    for place, image in enumerate((steps[8].x_t, parts.mean, parts.fresh, steps[8].x_prev)):
        near(grey(film_tab, f"{STEP} figure:nth-of-type({place + 1}) canvas"), image)
    assert (
        f"{parts.a:.3f} x0" in film_tab.locator(STEP).inner_text()
        and f"σ = {parts.sigma:.3f}" in film_tab.locator(STEP).inner_text()
    )
    film_tab.locator(f"{FILM} input[type=range]").focus()
    film_tab.keyboard.press("End")
    film_tab.get_by_text("The last step adds no fresh noise").wait_for()


def test_a_fork_shows_six_futures_of_what_is_on_screen(film_tab):
    rest_at(film_tab, 4)
    assert data(film_tab, FILM)["t"] == "800"
    film_tab.click("#film [data-part=fork]")
    wait_for_data(film_tab, FORK, "d.done === 'true' && d.t === '0'")
    film_tab.get_by_text("Compared with real digits").wait_for()
    original = film_requests.film(checked(Generate, {"steps": 20}), PRETRAINED)
    model, x_t = ModelStore().get(PRETRAINED), walk(original)[4].x_t
    seeds = film_requests.fork(original, 800).fork_seeds
    for last in samples(
        model.network,
        model.schedule,
        [trajectory_generator(seed) for seed in seeds],
        original.visited(1000)[4:],
        x_start=x_t.repeat(6, 1, 1, 1),
    ):
        pass
    canvas = "#fork canvas[data-strip=x_t]"
    shown = film_tab.locator(canvas).evaluate(
        "c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).filter((_, i) => i % 4 === 0)"
    )
    shown = np.array(shown).reshape(57, 86)
    for k in range(6):
        row, column = divmod(k, 3)
        near(shown[29 * row : 29 * row + 28, 29 * column : 29 * column + 28], last.x_prev[k])
    assert np.abs(shown[:28, :28] - shown[29:, 58:]).max() > 50


def test_without_fresh_noise_there_is_no_fork(shared):
    film_tab = film_by(shared, "tab=remove&steps=10&sampler=ddim")
    film_tab.click("#film [data-part=fork]")
    film_tab.get_by_text("DDIM with eta = 0 adds no fresh noise, so all futures").wait_for()
    assert data(film_tab, FORK)["state"] == "resting"


def test_a_digit_is_rescued_and_the_bet_judged(film_tab):
    film_tab.locator("#rescue-t input[type=number]").fill("250")
    film_tab.locator("#rescue-t input[type=number]").press("Tab")
    film_tab.locator("#rescue-bet").get_by_label("survives").check()
    film_tab.click("#rescue-go")
    film_tab.locator(RESCUE).get_by_text("Do you agree with the verdict").wait_for()
    request = film_requests.rescue(pictures.digit(7, 0), 250, 0)
    steps = walk(request)
    assert (grey(film_tab, f"{RESCUE} figure:nth-of-type(1) canvas") == pictures.digit(7, 0).pixels()).all()
    near(grey(film_tab, f"{RESCUE} figure:nth-of-type(2) canvas"), steps[0].x_t)
    near(grey(film_tab, f"{RESCUE} figure:nth-of-type(3) canvas"), steps[-1].x_prev)


def test_a_drawing_is_rescued(film_tab):
    """What is drawn on the pad stands among the tiles as soon as the pen is lifted, and is rescued."""
    pad = film_tab.locator("#rescue-pad canvas").first
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    film_tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.15 * box["height"])
    film_tab.mouse.down()
    film_tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.85 * box["height"], steps=5)
    film_tab.mouse.up()
    film_tab.wait_for_function(
        "() => !document.querySelector('#rescue-label input:checked')"
    )  # no digit of the list is chosen any longer
    film_tab.click("#rescue-go")
    film_tab.locator(RESCUE).get_by_text("the original is most like a 1").wait_for()


def test_a_film_is_saved_as_it_is_shown(film_tab, tmp_path):
    """The .npz holds the frames, as numpy reads them; the GIF is an animation of them that ends in the picture."""
    with film_tab.expect_download() as download:
        film_tab.click("#film [data-part=save-frames]")
    download.value.save_as(tmp_path / "film.npz")
    steps = walk(film_requests.film(checked(Generate, {"steps": 20}), PRETRAINED))
    with np.load(tmp_path / "film.npz") as file:
        assert file["t"].tolist() == [step.t for step in steps] + [0]
        assert {name: file[name].shape for name in ("x_t", "x0_hat", "eps_hat")} == dict.fromkeys(
            ("x_t", "x0_hat", "eps_hat"), (21, 1, 28, 28)
        )
        for number, step in enumerate(steps):
            for name in ("x_t", "x0_hat", "eps_hat"):
                near(file[name][number, 0].astype(int), getattr(step, name))
        last = file["x_t"][-1, 0]
    wait_for_data(film_tab, FILM, "d.t === '0'")
    assert (last == grey(film_tab, X_T)).all()
    with film_tab.expect_download() as download:
        film_tab.click("#film [data-part=save-gif]")
    download.value.save_as(tmp_path / "film.gif")
    frames = [np.array(frame.convert("L")) for frame in ImageSequence.Iterator(Image.open(tmp_path / "film.gif"))]
    assert len(frames) == 21
    assert (frames[-1][24:136:4, 8:120:4] == last).all()


@pytest.fixture
def phone(browser):
    """A phone's page with touch."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_default_timeout(PATIENCE)
    yield page
    assert problems == []
    context.close()


def test_on_a_phone_x_t_is_large_and_all_of_it_works_by_touch(phone, base_url):
    phone.goto(f"{base_url}?tab=remove&steps=50")
    wait_for_data(phone, FILM, "d.done === 'true'")
    sizes = [
        phone.locator(f"#film canvas[data-strip={strip}]").bounding_box() for strip in ("x_t", "x0_hat", "eps_hat")
    ]
    assert (
        sizes[0]["width"] > 1.5 * sizes[1]["width"] and sizes[1]["y"] < sizes[2]["y"] and sizes[1]["x"] == sizes[2]["x"]
    )
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    wait_for_data(phone, FILM, "d.playing === 'false'")
    rest_at(phone, 20)
    phone.get_by_text("From t = 600 to 580").wait_for()
    phone.locator("#film [data-part=fork]").tap()
    wait_for_data(phone, FORK, "d.done === 'true'")
    phone.locator("#rescue-go").tap()
    phone.get_by_text("Next time bet first").wait_for()
