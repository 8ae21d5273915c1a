"""The stage: at every screen that stands in classrooms nothing is cut and nothing is written too small; and everything
on it goes by keys.
"""

import pytest

from explorer.page.lessons import LESSONS
from explorer.page.stages import SCENES
from tests.browser.axe import serious_violations
from tests.browser.pictures import PATIENCE, data, show, wait_for_data
from tests.browser.stage import SCREENS, UPRIGHT, as_typeset, faults, on_stage, resize

BAR = "#lesson-bar [data-widget]"
LONGEST = max((lesson for lesson in LESSONS), key=lambda lesson: len(lesson.question + lesson.look_for))


@pytest.fixture(scope="module")
def stage(browser, base_url):
    """One page on the stage for all tests of this file; its console must stay empty."""
    page, problems = browser.new_page(), []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_default_timeout(PATIENCE)
    page.goto(f"{base_url}?present=1&__theme=light")
    on_stage(page, "desk")
    yield page
    page.close()
    assert problems == []


def show_lesson(page, lesson) -> None:
    """A lesson, as a class is brought to it; it stands on the stage when this returns."""
    show(page, f"{lesson.query}&present=1")
    on_stage(page, lesson.scene or next(scene.id for scene in SCENES if scene.tab == lesson.view.tab))
    page.locator(f"{BAR} [data-part=stage-question]").get_by_text(as_typeset(lesson.question)).wait_for()


def at(page, screens) -> dict:
    """The faults of what is on the stage, by screen."""
    found = {}
    for screen in screens:
        resize(page, *screen)
        found[screen] = faults(page)
    return {screen: wrong for screen, wrong in found.items() if wrong}


def test_every_scene_fits_every_screen(stage):
    """All tabs by the digits, all their scenes by V; a tab's further scenes at the narrowest and the lowest screen, and
    on a phone held upright.
    """
    wrong = {}
    for number, tab in enumerate(dict.fromkeys(scene.tab for scene in SCENES), start=1):
        if number > 1:
            stage.keyboard.press(str(number))
        for k, scene in enumerate([scene.id for scene in SCENES if scene.tab == tab]):
            on_stage(stage, scene)
            wrong[scene] = at(stage, (*(SCREENS if k == 0 else SCREENS[:2]), UPRIGHT))
            stage.keyboard.press("v")
    assert len(wrong) == len(SCENES)
    assert {scene: found for scene, found in wrong.items() if found} == {}


def test_every_lesson_fits(stage):
    """With its question and its answer, at the narrowest and the lowest screen, and on a phone held upright."""
    wrong = {}
    for lesson in LESSONS:
        show_lesson(stage, lesson)
        stage.keyboard.press("a")
        stage.locator(f"{BAR} [data-part=stage-answer]").get_by_text(as_typeset(lesson.look_for)).wait_for()
        wrong[lesson.id] = at(stage, (*SCREENS[:2], UPRIGHT))
    assert {lesson: found for lesson, found in wrong.items() if found} == {}


def test_a_lesson_by_keys(stage):
    """The longest question; the card of keys; the controls; and nothing that axe minds."""
    show_lesson(stage, LONGEST)
    stage.keyboard.press("a")
    resize(stage, 1024, 768)
    scene = data(stage, BAR)["scene"]
    assert serious_violations(stage) == []
    stage.keyboard.press("?")
    card = stage.locator(f"{BAR} [data-part=card]")
    card.wait_for()
    box = card.bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= 768 and box["x"] + box["width"] <= 1024
    assert card.evaluate("card => card.scrollHeight <= card.clientHeight")
    stage.keyboard.press("Escape")
    card.wait_for(state="hidden")
    stage.keyboard.press("c")
    stage.locator(".aside[data-stage=drawer]").wait_for()
    stage.keyboard.press("Escape")
    stage.locator(".aside[data-stage=drawer]").wait_for(state="hidden")
    assert data(stage, BAR)["scene"] == scene
    stage.keyboard.press("Escape")
    wait_for_data(stage, BAR, "d.scene === ''")
    assert stage.locator("[data-stage]").count() == 0


def test_the_keys_do_what_the_buttons_do(stage):
    """Other noise and another example, a bet, a film and its fork, with no mouse."""
    stage.get_by_role("button", name="Present").click()
    stage.keyboard.press("1")
    on_stage(stage, "desk")
    stage.keyboard.press("e")
    stage.wait_for_function("() => new URLSearchParams(location.search).get('example') === '1'")
    stage.keyboard.press("n")
    stage.wait_for_function("() => new URLSearchParams(location.search).get('noise_seed') === '1'")
    stage.keyboard.press("End")
    wait_for_data(stage, "#desk [data-widget]", "d.t === '1000'")
    stage.keyboard.press("2")
    on_stage(stage, "guess")
    wait_for_data(stage, "#guess [data-widget]", "d.answered === 'true'")
    stage.keyboard.press("m")
    wait_for_data(stage, "#guess [data-widget]", "d.bets === '1'")
    stage.keyboard.press("3")
    on_stage(stage, "film")
    stage.keyboard.press("g")
    wait_for_data(stage, "#film [data-widget]", "Number(d.held) > 20")
    stage.keyboard.press("k")
    on_stage(stage, "fork")
    wait_for_data(stage, "#fork [data-widget]", "Number(d.held) > 0")
    stage.wait_for_function("() => location.search.includes('present=fork')")
