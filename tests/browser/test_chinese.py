"""A Chinese page, gone through as a viewer would: every tab, every button, every mistake. No English is left on it but
names and formulas, neither to be read nor to be heard.
"""

import re

import pytest

from tests.browser.pictures import PATIENCE, show, wait_for_data
from tests.browser.test_languages import SWITCH

WORDS = re.compile(r"[A-Za-z][A-Za-z']{2,}")
# What has no Chinese: names of people's works, of files, formats and keys, and the papers' symbols.
NAMES = {"DDPM", "DDIM", "MNIST", "Fashion", "safetensors", "NumPy", "GIF", "npz", "Gradio", "API", "English"}
NAMES |= {
    "PNG",
    "JPEG",
    "WebP",
    "BMP",
    "TIFF",
    "HEIC",
    "AVIF",
    "alpha",
    "bar",
    "eps",
    "hat",
    "eta",
    "MSE",
    "SNR",
    "Esc",
}
# Every text and every attribute that a screen reader says, wherever it is shown.
SAID = """() => {
  const found = [], not_ours = "script, style, footer, [data-part=choice], .modebar, #train-command textarea";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (element.closest(not_ours)) continue;
    if (node.nodeType === Node.TEXT_NODE) found.push(node.data.trim());
    else for (const name of ["aria-label", "title", "placeholder", "alt", "aria-valuetext", "aria-roledescription"])
      if (node.hasAttribute(name)) found.push(node.getAttribute(name).trim());
  }
  return [...new Set(found)];
}"""


def english(page) -> list[str]:
    """What is left of English on the page now, also in tabs that were opened before."""
    return [text for text in page.evaluate(SAID) if set(WORDS.findall(text)) - NAMES]


@pytest.fixture(scope="module")
def chinese(browser, base_url):
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(base_url)
    wait_for_data(page, SWITCH, "d.spoken === 'zh'")
    wait_for_data(page, "#lesson-bar [data-widget]", "d.state === 'ready'")
    yield page
    context.close()


def press_all(page) -> None:
    """Press every button of the open tab that can be pressed, once. No file is chosen, no part
    is closed, and the tab is not left.
    """
    left_out = "[role=tab], .modebar *, [aria-haspopup], .label-wrap, #train-watch, [id$=upload], [id$=load]"
    for button in page.query_selector_all(f"[role=tabpanel]:visible button:not({left_out})"):
        if button.is_visible():  # the press before may have taken it away; one that is disabled hears nothing
            button.evaluate("button => button.click()")


def mistake(page, field: str, value: str, button: str) -> None:
    """Type something impossible, press the button, and wait for what the page has to say about it."""
    page.locator(field).first.fill(value)
    page.locator(field).first.press("Tab")
    page.click(button)
    page.locator(".toast-body").first.wait_for()


def add(page) -> None:
    """A picture that is no digit, both schedules, and the two ways."""
    page.locator("#forward-own > button").click()
    page.locator("#two-ways-panel > button").click()
    press_all(page)
    page.locator("#forward-no-digit label").last.click()
    page.locator("#forward-schedule label").last.click()
    wait_for_data(page, "#two-ways [data-widget]", "d.state === 'ready'")


def guess(page) -> None:
    """Bets that are won and lost."""
    wait_for_data(page, "#guess [data-widget]", "d.answered === 'true'")
    page.locator("#guess [data-part=open]").check()
    page.locator("#guess-told label").last.click()
    press_all(page)


def remove(page) -> None:
    """A film to its end, its last step, a fork, a rescue, and a seed that cannot be."""
    page.locator("#film-steps input[type=number]").fill("20")
    page.locator("#film-steps input[type=number]").press("Tab")
    page.click("#film-play")
    wait_for_data(page, "#film [data-widget]", "d.done === 'true' && d.total === '21'")
    page.locator("#rescue-bet label").first.click()
    press_all(page)
    page.wait_for_function("() => document.querySelector('#fork [data-widget]').dataset.held > 0")
    mistake(page, "#film-seed input", "-1", "#film-play")


def leap(page) -> None:
    """A race that is stopped, eight futures, and a seed that cannot be."""
    page.click("#leap-stop")
    for box in ("#leap-t", "#futures-t"):
        page.locator(f"{box} input[type=number]").fill("30")
        page.locator(f"{box} input[type=number]").press("Tab")
    press_all(page)
    wait_for_data(page, "#futures [data-widget]", "d.done === 'true'")
    mistake(page, "#leap-seed input", "-1", "#leap-play")


def train(page) -> None:
    """A training that is stopped, listed, gone on with and rewound; the two algorithms; a rate that cannot be."""
    page.click("#train-start")
    page.wait_for_function("() => document.querySelector('#lab [data-widget]').dataset.points > 2")
    page.click("#train-stop")
    wait_for_data(page, "#lab [data-widget]", "d.running === 'false' && d.runs === '1'")
    page.locator("#train-experiments > button").click()
    press_all(page)
    mistake(page, "#train-learning-rate input", "9", "#train-start")


@pytest.mark.parametrize("go_through", [add, guess, remove, leap, train])
def test_no_english_is_left(chinese, go_through):
    show(chinese, f"tab={go_through.__name__}")
    at_rest = english(chinese)
    go_through(chinese)
    assert (at_rest, english(chinese)) == ([], [])
