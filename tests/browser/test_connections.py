"""Browsers and networks as they are: many pages in one browser, frames on other sites, connections that break, servers
that are started anew.
"""

from __future__ import annotations

import httpx
import pytest

from tests.browser.network import HELD_PATH, Proxy, other_site
from tests.browser.pictures import PATIENCE, data, wait_for_data

FILM = "#film [data-widget=film]"
DESK = "#desk [data-widget=desk]"
LAB = "#lab [data-widget=lab]"
NOTICE = ".explorer-notice"
DROP_MS = 5000
CONNECTIONS = 6  # that a browser opens to a server
# Take so many of them by questions that are never answered; whether then no other question comes through.
TAKE = """async ([path, count]) => {
  window.taken = Array.from({ length: count }, () => new AbortController());
  window.taken.forEach(({ signal }, k) => fetch(`/${path}?${k}`, { signal }).catch(() => {}));
  window.asked = fetch("/explorer-languages/none", { cache: "no-store" }).then(() => false);
  return Promise.race([window.asked, new Promise((later) => setTimeout(later, 700, true))]);
}"""
LEAVE_ONE = "async () => { window.taken[0].abort(); await window.asked; }"
FRAMES = 3
BLOCKED = """
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
"""


@pytest.fixture
def proxy(base_url):
    proxy = Proxy(base_url)
    yield proxy
    proxy.cut()


@pytest.fixture
def second_server():
    """The app as it is after it was started anew: it knows of nobody."""
    from explorer.page.build import LAUNCH, build

    demo = build()
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **LAUNCH)
    yield url
    demo.close()


def draw(page, pad: str) -> None:
    """A stroke on a drawing pad."""
    box = page.locator(f"{pad} [data-part=paper]").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 120, steps=6)
    page.mouse.up()


def open_with_a_drawing(page, url: str) -> None:
    """Open the page, and draw on Add noise."""
    page.goto(url)
    wait_for_data(page, DESK, "d.state === 'ready'")
    page.get_by_text("Draw or upload your own").first.click()
    draw(page, "#forward-pad")
    page.locator("#desk").get_by_text("your drawing").wait_for()


def train_until(page, points: int) -> None:
    page.click("#train-start")
    wait_for_data(page, LAB, f"d.running === 'true' && Number(d.points) > {points}")


def key_of(page, load) -> str:
    """The page's key, as the server hears it when `load` has loaded the page."""
    with page.expect_request(lambda request: "/heartbeat/" in request.url) as asked:
        load()
    return asked.value.headers["x-explorer-page"]


def test_many_pages_of_one_browser_all_play(context, proxy):
    """A browser has six connections to a server, for all of its pages. Five are taken here, as by pages that hold one
    each: over the last one two pages load, play, and hear Stop. So no page may hold one, neither idle nor while it
    plays.
    """
    context.route("**/*plotly*", lambda route: route.abort())  # 4.6 MB, which are not what is tried here
    others = context.new_page()
    others.goto(f"{proxy.url}/explorer-languages/none")  # an address of the same server
    assert others.evaluate(TAKE, [HELD_PATH, CONNECTIONS])  # it is true that there are no more
    others.evaluate(LEAVE_ONE)
    pages = [context.new_page() for _ in range(2)]
    for page in pages:
        page.goto(f"{proxy.url}?tab=remove&steps=400&compute=server", wait_until="commit")
    for page in pages:
        wait_for_data(page, FILM, "d.done === 'true' && d.held === d.total")
    whole = int(data(pages[0], FILM)["total"])
    for page in pages:
        page.evaluate("document.querySelector('#film-play').click()")
    first, last = pages
    wait_for_data(last, FILM, "d.done === 'false' && Number(d.held) > 5")
    last.evaluate("document.querySelector('#film-stop').click()")
    wait_for_data(last, FILM, "d.done === 'true'")
    assert int(data(last, FILM)["held"]) < whole
    wait_for_data(first, FILM, "Number(d.held) > 50")
    for page in (others, *pages):
        page.close()


def test_frames_of_another_site(page, base_url):
    """Each of 800 px, which is enough for the presenter mode. In two of them the viewer's device computes."""
    by = ["server", *["device"] * (FRAMES - 1)]
    lessons = other_site([f"{base_url}?tab=remove&steps=20&compute={by[k]}" for k in range(FRAMES)], 800)
    page.context.route("**/*plotly*", lambda route: route.abort())
    page.set_viewport_size({"width": 1700, "height": 1900})  # films begin when they are seen
    page.goto(f"http://localhost:{lessons.server_port}/")
    try:
        for frame in page.frames[1:]:
            frame.wait_for_function(
                "selector => Number(document.querySelector(selector)?.dataset.held) === 21", arg=FILM, timeout=PATIENCE
            )
        said = [frame.locator("#film [data-part=by]").text_content() for frame in page.frames[1:]]
        assert said == [f"computed by {'this' if name == 'server' else 'your'} {name}" for name in by]
        assert page.frames[1].locator("#lesson-bar [data-part=present]").is_visible()
    finally:
        lessons.shutdown()
        lessons.server_close()


def test_a_page_that_is_closed_leaves_nothing_running(page, base_url):
    """Its film ends at once: the browser says goodbye."""
    page.goto(f"{base_url}?tab=remove&steps=1000&pictures=16")
    wait_for_data(page, FILM, "Number(d.held) > 2")
    page.goto("about:blank")
    page.wait_for_timeout(1500)
    assert httpx.post(f"{base_url}gradio_api/run/status", json={"data": []}).json()["data"][0]["films"] == 0


def test_a_training_goes_on_over_a_drop_and_is_found_again(page, proxy):
    """Five seconds without a connection: the page stays, and hears of all that went on. Loaded anew, it finds its
    training, and goes on with it.
    """
    page.goto(f"{proxy.url}?tab=train&seconds=120")
    page.wait_for_selector(f"{LAB}[data-mounted]")
    page.evaluate("window.same = true")
    train_until(page, 3)
    proxy.cut()
    before = int(data(page, LAB)["points"])
    page.wait_for_timeout(DROP_MS)
    page.locator(NOTICE).get_by_text("The connection is interrupted").wait_for()
    proxy.back()
    wait_for_data(page, LAB, f"Number(d.points) > {before + 5}")
    page.locator(NOTICE).wait_for(state="hidden")
    assert page.evaluate("window.same")
    page.click("#train-stop")
    wait_for_data(page, LAB, "d.running === 'false'")
    points = data(page, LAB)["points"]

    page.reload()
    wait_for_data(page, LAB, f"d.points === '{points}' && d.running === 'false'")
    assert page.locator(NOTICE).count() == 0
    page.click("#train-go-on")
    wait_for_data(page, LAB, f"d.running === 'true' && Number(d.points) > {points}")
    page.click("#train-stop")
    wait_for_data(page, LAB, "d.running === 'false'")
    page.click("#train-rewind")
    page.get_by_text("Rewound").first.wait_for()


def test_a_film_goes_on_over_a_drop(page, proxy):
    """And not one of its frames is missing."""
    page.goto(f"{proxy.url}?tab=remove&steps=400")
    wait_for_data(page, FILM, "Number(d.held) > 5")
    page.evaluate("window.same = true")
    proxy.cut()
    page.wait_for_timeout(1500)
    proxy.back()
    wait_for_data(page, FILM, "d.done === 'true' && d.held === '401'")
    assert page.evaluate("window.same")


def test_a_drawing_is_found_again_and_its_loss_is_said_once(page, proxy, second_server):
    """It never turns silently into a real 7."""
    open_with_a_drawing(page, proxy.url)
    page.reload()
    page.locator("#desk").get_by_text("your drawing").wait_for()
    assert page.locator("#forward-label input:checked").count() == 0 and page.locator(NOTICE).count() == 0

    proxy.cut()
    proxy.lead_to(second_server)
    proxy.back()
    said = page.locator(NOTICE).get_by_text("The server no longer has your own picture")
    said.wait_for()  # the page noticed by itself
    page.locator("#desk").get_by_text("a real 7").wait_for()
    page.reload()
    wait_for_data(page, DESK, "d.state === 'ready'")
    page.wait_for_timeout(500)
    assert said.count() == 0


def test_a_duplicated_tab_has_a_key_of_its_own(context, base_url):
    """A browser copies the storage of a tab that is duplicated; and what is loaded anew keeps its key."""
    page = context.new_page()
    first = key_of(page, lambda: page.goto(base_url))
    kept = "sessionStorage.getItem('ddpm-explorer-key')"
    assert page.evaluate(kept) == first and len(first) == 32
    with context.expect_page() as opened:
        page.evaluate("window.open(location.href)")
    opened.value.wait_for_function(f"{kept} !== '{first}'")
    assert key_of(page, page.reload) == first


def test_blocked_storage(page, base_url):
    """As in frames of another site, and in private windows: the language follows the link and the switch, and the page
    finds its own again.
    """
    page.add_init_script(BLOCKED)
    first = key_of(page, lambda: page.goto(f"{base_url}?lang=zh"))
    page.locator("#language [data-spoken=zh]").wait_for()
    page.locator("#language select").select_option("en")
    page.locator("#language [data-language=en]").wait_for()
    page.locator("#language select").select_option("zh")
    page.locator("#language [data-spoken=zh]").wait_for()
    before = key_of(page, page.reload)
    assert key_of(page, page.reload) == before and len(first) == 32
