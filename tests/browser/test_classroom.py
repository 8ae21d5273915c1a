"""A class in a real browser: a leader and three members, each with a context of its own; and what can go wrong."""

from __future__ import annotations

import httpx
import pytest

from tests.browser.axe import serious_violations
from tests.browser.pictures import PATIENCE
from tests.browser.stage import SCREENS, UPRIGHT, faults, resize

ROOM = "#classroom [data-widget]"


def part(name: str) -> str:
    """The selector of a part of the class's widget."""
    return f"#classroom [data-part={name}]"


def is_wrong(message) -> bool:
    return message.type == "error" and "ERR_INTERNET_DISCONNECTED" not in message.text


@pytest.fixture
def come(browser, base_url):
    """Opens a page of its own; its console must stay empty but for what the network's absence writes."""
    contexts, problems = [], []

    def opened(*queries: str, **settings):
        """All of them at once: each loads while the others do."""
        pages = []
        for query in queries:
            context = browser.new_context(**settings)
            contexts.append(context)
            pages.append(page := context.new_page())
            page.set_default_timeout(PATIENCE)
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda message: problems.append(message.text) if is_wrong(message) else None)
            page.goto(base_url + query, wait_until="commit")
        for page in pages:
            page.wait_for_selector("#classroom [data-ready=true]", state="attached")
        return pages

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def text_of(page, name: str, expected: str) -> None:
    """Waits until a part says this."""
    page.wait_for_function(
        "([selector, text]) => document.querySelector(selector).textContent.includes(text)", arg=[part(name), expected]
    )


def draw(page) -> None:
    """A one on the class's pad, sent."""
    page.locator(part("paper")).scroll_into_view_if_needed()
    box = page.locator(part("paper")).bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.8 * box["height"], steps=4)
    page.mouse.up()
    page.select_option(part("digit"), "1")
    page.click(part("send"))


def fit(page) -> list[str]:
    """What is wrong with the stage, on a phone held upright, and at the narrowest and the lowest screen."""
    wrong = []
    for screen in (UPRIGHT, *SCREENS[:2]):
        resize(page, *screen)
        wrong += faults(page)
    return wrong


def test_a_class(come, base_url):
    (leader,) = come("")
    leader.click(part("toggle"))
    leader.click(part("open"))
    leader.wait_for_selector(f"{ROOM}[data-role=leader]")
    code = leader.get_attribute(ROOM, "data-code")
    assert code in leader.get_attribute(part("link"), "href") and "QR" in leader.get_attribute(part("qr"), "alt")

    first, second, third = come(f"?class={code}", f"?class={code}&lang=zh", "", viewport={"width": 390, "height": 844})
    third.click(part("toggle"))
    third.fill(part("typed"), "CCC CCC")
    third.press(part("typed"), "Enter")
    text_of(third, "told", "there is no class with this code.")
    third.fill(part("typed"), code.lower())
    third.press(part("typed"), "Enter")
    members = (first, second, third)
    text_of(leader, "members", "3 in the class")

    # a poll on the stage, by keys; the tab's question is chosen already, and the stage knows the truth
    leader.get_by_role("button", name="Present").click()
    leader.locator("[data-stage=block]").wait_for()
    leader.keyboard.press("j")
    leader.wait_for_selector(part("qr"), state="visible")
    assert fit(leader) == []
    leader.keyboard.press("Escape")
    leader.keyboard.press("q")
    for member, answer in zip(members, (300, 480, 500), strict=True):
        member.wait_for_selector(f"{ROOM}[data-poll=open]")
        member.fill("#class-answer", str(answer))
        member.focus(part("vote"))
        member.keyboard.press("Enter")
    leader.get_by_text("3 of 3 have answered.").wait_for()
    assert first.locator(part("bars")).is_hidden() and leader.locator("#desk").is_visible()
    leader.keyboard.press("q")
    for page in (leader, first, third):
        page.wait_for_selector(f"{ROOM}[data-poll=shown]")
        text_of(page, "outcome", "2 of 3 were near")
    text_of(second, "outcome", "真实答案")
    assert fit(leader) == [] and leader.locator(part("bars")).bounding_box()["height"] > 0.4 * SCREENS[1][1]
    assert serious_violations(leader) == serious_violations(second) == []
    leader.keyboard.press("Escape")
    leader.keyboard.press("Escape")
    assert leader.locator("[data-stage]").count() == 0
    leader.get_by_role("button", name="Make a link").click()
    leader.wait_for_function(
        "code => document.querySelector('[data-part=maker-link]').value.includes(`class=${code}`)", arg=code
    )
    leader.keyboard.press("Escape")

    # the leader loads the page anew, a member's network is away, and another one goes alone
    first.context.set_offline(True)
    leader.reload()
    leader.wait_for_selector(f"{ROOM}[data-role=leader]")
    assert leader.get_attribute(ROOM, "data-code") == code
    third.click(part("leave"))
    third.wait_for_selector(f"{ROOM}[data-role=none]", state="attached")
    first.wait_for_selector(f"{ROOM}[data-broken=true]")
    leader.click(part("follow"))
    leader.wait_for_selector(f"{part('follow')}[aria-pressed=true]")
    leader.get_by_role("tab", name="One leap or many").click()
    second.wait_for_selector("#leaps", state="visible")
    first.context.set_offline(False)
    first.wait_for_selector("#leaps", state="visible")
    first.wait_for_selector(f"{ROOM}[data-broken=false]")

    # handwriting
    leader.click(part("follow"))
    leader.click(part("put-away"))
    leader.click(part("want"))
    for member in (first, second):
        member.wait_for_selector(part("draw"), state="visible")
        draw(member)
    leader.wait_for_selector(f"{part('tiles')} button >> nth=1")
    leader.click(f"{part('tiles')} button >> nth=0")
    text_of(leader, "drawn", "Drawings: 1")
    leader.click(part("train"))
    leader.wait_for_selector("#lab canvas", state="visible")
    leader.wait_for_selector("#lab [data-running=true]")
    leader.click("#train-stop")

    # a stranger
    for call in ("reveal", "remove", "show", "end"):
        answer = httpx.post(f"{base_url}explorer-class/{code}/{call}", headers={"x-explorer-leader": "guessed"})
        assert answer.status_code == 403

    leader.click(part("end"))
    for page in (first, second):
        page.wait_for_selector(f"{ROOM}[data-role=none]", state="attached")
    text_of(first, "told", "this class has ended.")
    assert "class=" not in first.url
