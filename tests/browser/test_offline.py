"""The page as one file, opened by its path with the network off: one visit that goes through every tab."""

from __future__ import annotations

import base64
import io
import os

import numpy as np
import pytest
from PIL import Image

from explorer.data import pictures
from explorer.data.nearest_digits import nearest_digits
from explorer.page.offline import missing
from explorer.page.offline.algorithms import RUNS
from tests.browser.firefox import FIREFOX, running
from tests.browser.pictures import PATIENCE, grey, open_tab, wait_for_data
from tests.browser.test_map import MAP
from tests.browser.test_remove_noise import FILM, X_T, computed
from tests.browser.test_train import draw_ones

LARGEST_MB = 10
A_TRAINING_MB = 0.05  # are added by another one: eight add 0.385
TRAININGS = ({"size": "small"},)  # in the file that is tried
LAB = "#lab [data-widget]"
DESK = "#desk [data-widget]"
# What Firefox is asked: its first picture, a tab, a film.
VISIT = """async () => {
  const until = async (holds) => {
    for (let tries = 0; tries < 600 && !holds(); tries++) await new Promise((later) => setTimeout(later, 100));
    return holds();
  };
  const widget = (id) => document.querySelector(`#${id} [data-widget]`);
  const desk = await until(() => widget("desk")?.dataset.state === "ready");
  document.getElementById("tab-remove-button").click();
  const film = await until(() => widget("film").dataset.done === "true");
  return { desk, film, held: widget("film").dataset.held };
}"""


# Drops a file on the pad: whether the browser may do what it wants with it.
DROP = """([name, type, letters]) => {
  const dataTransfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
  dataTransfer.items.add(new File([bytes], name, { type }));
  const given = { dataTransfer, bubbles: true, cancelable: true };
  const pad = document.querySelector("#forward-pad canvas");
  return ["dragover", "drop"].some((type) => pad.dispatchEvent(new DragEvent(type, given)));
}"""
# What is seen of the pad's paper through the canvas.
UNDER_THE_PAD = "() => getComputedStyle(document.querySelector('#forward-pad .paper')).backgroundImage"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The page as one file; where it lies."""
    from explorer.page.offline import trainings
    from explorer.page.offline.write import one_file

    path = tmp_path_factory.mktemp("offline") / "explorer.html"
    left_out = len(trainings.CHANGES) - len(TRAININGS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainings, "CHANGES", TRAININGS)
        path.write_text(one_file(), encoding="utf-8")
    assert path.stat().st_size < (LARGEST_MB - left_out * A_TRAINING_MB) * 1e6
    return path


@pytest.fixture
def alone(browser, file):
    """A page without a network that has opened the file; it must ask nobody and its console must hold no error."""
    problems = []
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    inside = ("file:", "data:", "blob:")
    page.on("request", lambda asked: None if asked.url.startswith(inside) else problems.append(asked.url))
    page.set_default_timeout(PATIENCE)
    page.goto(file.as_uri())
    page.wait_for_selector("#desk [data-state=ready]")
    page.wait_for_selector("#alpha-bar-plot canvas")
    yield page
    context.close()
    assert problems == []


def told(page, sentence):
    """It is said over the page, and has been read."""
    page.locator(".explorer-notice").get_by_text(sentence).wait_for()
    page.locator(".explorer-notice button").click()


def go_through_the_algorithms(page):
    """Each run that the file carries, and the first again, which is told."""
    for name in ("training", "generation"):
        wait_for_data(page, f"#algorithm-{name} [data-widget]", "d.state === 'ready'")
    for _ in range(RUNS - 1):
        page.click("#algorithm-again")
    assert page.locator(".explorer-notice").count() == 0
    page.click("#algorithm-again")
    told(page, f"carries {RUNS} runs")


def photo():
    """A picture's file, whatever is on it."""
    file = io.BytesIO()
    Image.new("RGB", (120, 80), "white").save(file, "JPEG")
    return file.getvalue()


def draw_over_a_picture(page):
    """A dropped file would open in place of the page. A picture lies under the pad instead, until it is taken away; of
    others it is said what becomes of them.
    """
    for name, kind, content, sentence in (
        ("weights.bin", "", b"no picture", "A file that is dropped here is not read."),
        ("broken.jpg", "image/jpeg", photo()[:30], missing.UNREADABLE),
        ("photo.jpg", "image/jpeg", photo(), missing.TRACED),
    ):
        assert page.evaluate(UNDER_THE_PAD) == "none"
        assert not page.evaluate(DROP, [name, kind, base64.b64encode(content).decode()])
        told(page, sentence)
    assert page.evaluate(UNDER_THE_PAD).startswith('url("blob:')
    page.locator("#forward-own > button").click()
    hint = page.locator("#forward-pad .hint")
    assert hint.is_hidden()
    page.locator("#forward-pad").get_by_text("No picture").click()
    assert page.evaluate(UNDER_THE_PAD) == "none" and hint.is_visible()
    page.set_input_files(
        "#forward-upload input", files=[{"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo()}]
    )
    told(page, missing.TRACED)
    assert page.evaluate(UNDER_THE_PAD).startswith('url("blob:')


def gather_some(page):
    """The first of a crowd, which is then stopped."""
    page.click(f"{MAP} summary")
    page.click(f"{MAP} [data-view=crowd]")
    page.click(f"{MAP} [data-part=gather]")
    wait_for_data(page, MAP, "Number(d.crowd) > 0")
    page.click(f"{MAP} [data-part=halt]")
    wait_for_data(page, MAP, "d.done === 'true'")
    assert "128 noises here, and 25 steps each" in page.locator(f"{MAP} [data-part=status]").text_content()


def train_until(page, points: int) -> None:
    """A training that is stopped after more steps than this."""
    page.click("#train-start")
    wait_for_data(page, LAB, f"Number(d.points) > {points} && d.running === 'true'")
    page.click("#train-stop")
    wait_for_data(page, LAB, "d.running === 'false'")


def train_and_watch(page):
    """A training that is stopped, its file, and its network at work; one that the file cannot do is refused."""
    page.evaluate("() => (location.hash = 'tab=train&size=small&batch=8&T=20')")
    page.click("#train-start")
    page.wait_for_selector("text=This page can train with one of these changed")
    page.locator(".explorer-notice button").click()
    go_through_the_algorithms(page)
    page.evaluate("() => (location.hash = 'tab=train&size=small&batch=8')")
    train_until(page, 5)
    wait_for_data(page, LAB, "d.running === 'false' && d.runs === '1'")
    assert "/10" in page.locator(f"{LAB} [data-part=rows] button").first.text_content()
    with page.expect_download() as download:
        page.click(f"{LAB} [data-part=download]")
    page.click("#train-watch")
    wait_for_data(page, FILM, "d.done === 'true'")
    page.locator("#film [data-part=drawer]").get_by_text("drawn by your network, after").wait_for()
    open_tab(page, "Train")
    page.set_input_files("#train-load input", download.value.path())
    page.wait_for_selector("text=Loaded: a network after")
    assert page.locator("#film-network").get_by_label("the one you trained").is_checked()


def learn_from_drawings(page):
    """Two drawings of a 1, to which what is guessed is fitted before the first step; without any it is refused."""
    page.evaluate("() => (location.hash = 'tab=train&size=small&batch=8')")
    draw_ones(page)
    page.wait_for_function("() => /drawings are known/.test(document.querySelector('#train-command textarea').value)")
    train_until(page, 3)
    page.get_by_text("2 own drawings").first.wait_for()
    page.click("#train-remove")
    page.click("#train-start")
    told(page, "there is no drawing to learn from")


def ask_the_perfect_guesser(page):
    """It knows the digit by heart, its film ends in a copy, and its race says whose guesses these are."""
    open_tab(page, "Guess the noise")
    wait_for_data(page, "#guess [data-widget]", "d.answered === 'true'")
    page.locator("#guessers [data-guesser=heart]").wait_for()
    page.locator("#guessers [data-widget]").focus()
    page.keyboard.press("Home")
    wait_for_data(page, "#guessers [data-widget]", "d.t === '1'")
    assert np.array_equal(grey(page, "#guessers [data-tile=heart]"), pictures.digit(7, 0).pixels())
    page.evaluate("() => (location.hash = 'tab=remove&label=4&steps=20&network=the perfect guesser')")
    page.locator("#nearest").get_by_text("to the last pixel: a copy").wait_for()
    page.get_by_text("Done: 20 perfect guesses a picture").wait_for()
    page.evaluate("() => (location.hash = 'tab=leap&t=60&network=the perfect guesser')")
    wait_for_data(page, "#leaps [data-widget]", "d.done === 'true'")
    assert "perfect guess" in page.locator("#leaps figcaption").first.text_content()


def test_every_tab_works_without_a_network(alone, file):
    """Add noise, a lesson, a fork, a guess, a race, futures, a training, the other language, a phone."""
    page = alone
    page.locator("#forward-label").get_by_label("3").check()
    caption = page.locator("#desk [data-part=caption]")
    page.wait_for_function("() => /a real 3/.test(document.querySelector('#desk [data-part=caption]').textContent)")
    assert caption.text_content() == str(pictures.digit(3, 0).caption)
    page.locator("#forward-schedule").get_by_label("both").check()
    wait_for_data(page, DESK, "d.race === 'true'")
    page.wait_for_function("() => /label=3/.test(location.hash) && /schedule=both/.test(location.hash)")

    draw_over_a_picture(page)
    page.locator("#two-ways-panel > button").click()
    wait_for_data(page, "#two-ways [data-widget]", "d.state === 'ready'")

    page.evaluate("() => (location.hash = 'tab=remove&label=3&steps=40&hide=eta')")
    wait_for_data(page, FILM, "d.done === 'true' && d.total === '41'")
    page.locator("#film input[type=range]").focus()
    page.keyboard.press("End")
    end = computed(seed=7, label=3, steps=40)[-1].x_prev
    shown = grey(page, X_T)
    assert np.abs(shown - ((end[0, 0].clamp(-1, 1) + 1) * 127.5).numpy()).mean() < 1.0
    assert nearest_digits(shown[None].astype(np.uint8))[0].label == 3
    page.wait_for_function("() => /real digit number/.test(document.querySelector('#nearest').textContent)")
    page.locator("#film [data-part=fork]").click()
    wait_for_data(page, "#fork [data-widget]", "d.done === 'true'")
    page.wait_for_function("() => /real digits/.test(document.querySelector('#fork [data-part=status]').textContent)")
    gather_some(page)
    page.click("#rescue-go")
    page.wait_for_function("() => /survived|turned/.test(document.querySelector('#rescue').textContent)")

    ask_the_perfect_guesser(page)
    page.evaluate("() => (location.hash = 'tab=leap&t=60')")
    wait_for_data(page, "#leaps [data-widget]", "d.done === 'true'")
    train_and_watch(page)
    learn_from_drawings(page)

    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    page.locator("#language select").select_option("zh")
    page.wait_for_selector("#language [data-spoken=zh]")
    assert page.get_by_role("tab", name="加噪声").is_visible()


@pytest.mark.skipif(FIREFOX is None and not os.environ.get("REQUIRE_BROWSER"), reason="no Firefox on this machine")
def test_so_it_does_in_firefox(file, tmp_path):
    with running(tmp_path) as firefox:
        firefox.open(file.as_uri())
        assert firefox.evaluate(VISIT) == {"desk": True, "film": True, "held": "251"}
