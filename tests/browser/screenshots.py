"""The README's pictures: python -m tests.browser.screenshots. Takes every tab, desktop and phone, light and dark, into
a folder. With --stage instead every scene of the stage, at five screens, light and dark, in every language.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from playwright.sync_api import Browser, Page

from explorer.device.browser import chromium
from explorer.page import languages
from explorer.page.build import LAUNCH, build
from explorer.page.stages import SCENES, scenes_of
from tests.browser.pictures import open_tab, wait_for_data
from tests.browser.stage import SCREENS, on_stage, resize

SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
LONG = 90_000  # milliseconds: a training of 20 s is among them
GAME, FILM, LAB = "#guess [data-widget=guess]", "#film [data-widget=film]", "#lab [data-widget=lab]"


def add_noise(page: Page) -> None:
    page.wait_for_selector("#desk [data-state=ready]")
    page.locator("#alpha-bar-plot-aside").scroll_into_view_if_needed()  # the curve comes when its place is seen
    page.wait_for_selector("#alpha-bar-plot .js-plotly-plot")


def guess_noise(page: Page) -> None:
    open_tab(page, "Guess the noise")
    wait_for_data(page, GAME, "d.answered === 'true'", timeout=LONG)
    page.locator(f"{GAME} [data-bet=medium]").click()


def remove_noise(page: Page) -> None:
    open_tab(page, "Remove noise")
    wait_for_data(page, FILM, "Number(d.held) > 0", timeout=LONG)  # the film that starts by itself
    page.locator("#film-label").get_by_label("3", exact=True).check()
    page.click("#film-play")
    page.locator(FILM).get_by_text("asked for: 3").wait_for()
    wait_for_data(page, FILM, "d.done === 'true' && d.t === '0'", timeout=LONG)
    page.locator(f"{FILM} input[type=range]").evaluate(
        "scrub => { scrub.value = 175; scrub.dispatchEvent(new Event('input')); }"
    )


def one_leap(page: Page) -> None:
    open_tab(page, "One leap or many")
    wait_for_data(page, "#leaps [data-widget=leaps]", "d.done === 'true' && d.t === '0'", timeout=LONG)


def train(page: Page) -> None:
    open_tab(page, "Train")
    page.locator("#train-seconds input[type=number]").fill("20")
    page.locator("#train-seconds input[type=number]").press("Tab")
    page.click("#train-start")
    wait_for_data(page, LAB, "Number(d.points) > 0 && d.running === 'false'", timeout=LONG)


TABS = {
    "add-noise": add_noise,
    "guess-noise": guess_noise,
    "remove-noise": remove_noise,
    "one-leap": one_leap,
    "train": train,
}


def stage(browser: Browser, url: str, out: Path) -> None:
    """SCENE-WIDTHxHEIGHT-THEME-LANGUAGE.png for every scene of the stage."""
    for language in languages.codes():
        for theme in ("light", "dark"):
            page = browser.new_page()
            page.set_default_timeout(LONG)
            page.goto(f"{url}?present=1&lang={language}&__theme={theme}")
            for number, tab in enumerate(dict.fromkeys(scene.tab for scene in SCENES), start=1):
                if number > 1:
                    page.keyboard.press(str(number))
                for scene in scenes_of(tab):
                    on_stage(page, scene)
                    page.wait_for_timeout(700)
                    for width, height in SCREENS:
                        resize(page, width, height)
                        page.screenshot(path=out / f"{scene}-{width}x{height}-{theme}-{language}.png")
                    page.keyboard.press("v")
            page.close()


def tabs(browser: Browser, url: str, out: Path) -> None:
    """NAME-SIZE-THEME.png for every tab."""
    for size, viewport in SIZES.items():
        for theme in ("light", "dark"):
            for name, visit in TABS.items():
                page = browser.new_page(viewport=viewport)
                page.set_default_timeout(LONG)
                page.goto(f"{url}?__theme={theme}")
                visit(page)
                page.evaluate("window.scrollTo(0, 0)")
                page.wait_for_timeout(700)
                page.screenshot(path=out / f"{name}-{size}-{theme}.png")
                page.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Screenshots of every tab, desktop and phone, light and dark.")
    parser.add_argument("--out", type=Path, default=Path(".screenshots"))
    parser.add_argument("--stage", action="store_true", help="the scenes of the stage, in place of the tabs")
    arguments = parser.parse_args()
    out, take = arguments.out, stage if arguments.stage else tabs
    out.mkdir(parents=True, exist_ok=True)
    demo = build()
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **LAUNCH)
    with chromium() as browser:
        take(browser, url, out)
    demo.close()


if __name__ == "__main__":
    main()
