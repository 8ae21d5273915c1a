"""The stage: at every screen that stands in classrooms nothing is cut and nothing is written too small; and everything
on it goes by keys.
"""

from explorer.page.lessons import LESSONS
from explorer.page.stages import SCENES
from tests.browser.axe import serious_violations
from tests.browser.pictures import data, wait_for_data
from tests.browser.stage import SCREENS, faults, on_stage, resize

BAR = "#lesson-bar [data-widget]"
LONGEST = max((lesson for lesson in LESSONS), key=lambda lesson: len(lesson.question + lesson.look_for))


def at(page, screens) -> dict:
    """The faults of what is on the stage, by screen."""
    found = {}
    for screen in screens:
        resize(page, *screen)
        found[screen] = faults(page)
    return {screen: wrong for screen, wrong in found.items() if wrong}


def test_every_scene_fits_every_screen(watched, base_url):
    """All tabs by the digits, all their scenes by V; a tab's further scenes at the narrowest and the lowest screen."""
    watched.goto(f"{base_url}?present=1")
    wrong = {}
    for number, tab in enumerate(dict.fromkeys(scene.tab for scene in SCENES), start=1):
        if number > 1:
            watched.keyboard.press(str(number))
        for k, scene in enumerate([scene.id for scene in SCENES if scene.tab == tab]):
            on_stage(watched, scene)
            wrong[scene] = at(watched, SCREENS if k == 0 else SCREENS[:2])
            watched.keyboard.press("v")
    assert len(wrong) == len(SCENES)
    assert {scene: found for scene, found in wrong.items() if found} == {}


def test_a_lesson_on_the_stage(watched, base_url):
    """The longest question with its answer, by keys alone; the card of keys; the controls; and nothing
    that axe minds.
    """
    watched.goto(f"{base_url}?{LONGEST.query}&present=1&__theme=light")
    on_stage(watched, data_scene := LONGEST.scene or next(s.id for s in SCENES if s.tab == LONGEST.view.tab))
    watched.get_by_text(LONGEST.question).last.wait_for()
    watched.keyboard.press("a")
    watched.get_by_text(LONGEST.look_for).last.wait_for()
    assert at(watched, SCREENS[:2]) == {}
    resize(watched, 1024, 768)
    assert serious_violations(watched) == []
    watched.keyboard.press("?")
    card = watched.locator(f"{BAR} [data-part=card]")
    card.wait_for()
    box = card.bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= 768 and box["x"] + box["width"] <= 1024
    assert card.evaluate("card => card.scrollHeight <= card.clientHeight")
    watched.keyboard.press("Escape")
    card.wait_for(state="hidden")
    watched.keyboard.press("c")
    watched.locator(".aside[data-stage=drawer]").wait_for()
    watched.keyboard.press("Escape")
    watched.locator(".aside[data-stage=drawer]").wait_for(state="hidden")
    assert data(watched, BAR)["scene"] == data_scene
    watched.keyboard.press("Escape")
    wait_for_data(watched, BAR, "d.scene === ''")
    assert watched.locator("[data-stage]").count() == 0


def test_the_keys_do_what_the_buttons_do(watched, base_url):
    """Other noise and another example, a bet, a film and its fork, with no mouse."""
    watched.goto(f"{base_url}?present=1")
    on_stage(watched, "desk")
    watched.keyboard.press("e")
    watched.wait_for_function("() => new URLSearchParams(location.search).get('example') === '1'")
    watched.keyboard.press("n")
    watched.wait_for_function("() => new URLSearchParams(location.search).get('noise_seed') === '1'")
    watched.keyboard.press("End")
    wait_for_data(watched, "#desk [data-widget]", "d.t === '1000'")
    watched.keyboard.press("2")
    on_stage(watched, "guess")
    wait_for_data(watched, "#guess [data-widget]", "d.answered === 'true'")
    watched.keyboard.press("m")
    wait_for_data(watched, "#guess [data-widget]", "d.bets === '1'")
    watched.keyboard.press("3")
    on_stage(watched, "film")
    watched.keyboard.press("g")
    wait_for_data(watched, "#film [data-widget]", "Number(d.held) > 20")
    watched.keyboard.press("k")
    on_stage(watched, "fork")
    wait_for_data(watched, "#fork [data-widget]", "Number(d.held) > 0")
    assert "present=fork" in watched.url
