"""Lesson links: the same picture in another browser, an address that follows, hidden and locked controls, lessons, and
presenting by keyboard.
"""

from urllib.parse import parse_qsl, urlparse

import pytest

from tests.browser.pictures import READ, data, grey, open_tab, requests_of, wait_for_data

BAR, DESK, FILM = "#lesson-bar [data-widget]", "#desk [data-widget=desk]", "#film [data-widget=film]"


def visit(page, base_url, query):
    page.goto(f"{base_url}?{query}")
    wait_for_data(page, BAR, "d.state === 'ready'")


def wait_for_query(page, **wanted):
    """Until the address says this, and nothing else."""
    page.wait_for_function(
        (
            "wanted => { const found = Object.fromEntries(new URLSearchParams(location.search)); return "
            "Object.keys(found).length === Object.keys(wanted).length && Object.entries(wanted).every(([name, value]) "
            "=> found[name] === value); }"
        ),
        arg={name: str(value) for name, value in wanted.items()},
    )


def test_a_link_restores_the_picture_elsewhere(app, browser, base_url):
    """What one browser has set is read off its address, and shown by another browser's page, pixel by pixel."""
    app.locator("#forward-label").get_by_label("3", exact=True).check()
    app.click("#forward-reshuffle")
    app.locator("#forward-schedule").get_by_label("cosine").check()
    app.locator("#desk input[type=range]").focus()
    for key in ("End", "PageDown", "PageDown", "ArrowRight"):
        app.keyboard.press(key)
    wait_for_query(app, label=3, noise_seed=1, schedule="cosine", t=801)
    requests = requests_of(app)
    app.keyboard.press("ArrowLeft")
    wait_for_query(app, label=3, noise_seed=1, schedule="cosine", t=800)
    assert requests == []  # the address changes in the browser alone
    wanted = grey(app, "#desk [data-role=x_t]")

    context = browser.new_context()
    other = context.new_page()
    other.goto(app.url)
    other.wait_for_function(
        "() => { const d = document.querySelector('#desk [data-widget]')?.dataset; return d?.t === '800' && "
        "document.querySelector('#desk [data-part=caption]').textContent.startsWith('a real 3'); }"
    )
    assert (grey(other, "#desk [data-role=x_t]") == wanted).all()
    assert other.locator("#forward-schedule").get_by_label("cosine").is_checked()
    wait_for_query(other, label=3, noise_seed=1, schedule="cosine", t=800)
    context.close()


def film_at(page, base_url, query):
    visit(page, base_url, query)
    wait_for_data(page, FILM, "d.done === 'true'")
    return data(page, FILM)["t"], page.locator("#film [data-strip=x_t]").evaluate(READ)


def test_a_film_in_a_link(watched, browser, base_url):
    """Seed, label and steps make the same film in another browser, stopped at the same t; some controls are gone,
    others fixed.
    """
    query = "tab=remove&label=5&steps=40&seed=3&t=500&hide=guidance,pictures&lock=steps"
    t, picture = film_at(watched, base_url, query)
    assert t == "500"
    wait_for_query(watched, **dict(parse_qsl(query)))
    assert watched.locator("#film-pictures").count() == 0 or watched.locator("#film-pictures").is_hidden()
    assert (
        watched.locator("#film-steps input[type=number]").is_disabled()
        and watched.locator("#film-steps input[type=number]").input_value() == "40"
    )
    assert watched.locator("#film-seed input").is_enabled()
    context = browser.new_context()
    assert film_at(context.new_page(), base_url, query) == (t, picture)
    context.close()


@pytest.mark.parametrize(
    "query, check",
    [
        ("tab=guess&label=2&t=900", (
            "() => document.querySelector('#guess [data-widget]')?.dataset.answered === 'true' && "
            "Number(document.querySelector('#guess [data-widget]').dataset.t) > 850"
        )),
        ("tab=leap&digits=8&t=400", (
            "() => document.querySelector('#leaps [data-widget]')?.dataset.done === 'true' && "
            "document.querySelector('#leap-digits input:checked').value === '8'"
        )),
        ("tab=train&seconds=20&seed=5", (
            "() => document.querySelector('#train-seconds input')?.value === '20' && "
            "document.querySelector('#train-seed input')?.value === '5'"
        )),
    ],
)  # fmt: skip
def test_the_other_tabs(watched, base_url, query, check):
    """They show what the link says, and leave plotly alone, which only the first tab's curve needs."""
    visit(watched, base_url, query)
    watched.wait_for_function(check)
    assert watched.evaluate("() => !('Plotly' in window)")
    wait_for_query(
        watched,
        **dict(parse_qsl(query)) | ({"t": data(watched, "#guess [data-widget]")["t"]} if "guess" in query else {}),
    )


def test_a_lesson_that_is_named_alone(watched, base_url):
    """As somebody types it: its view, as its own link opens it."""
    visit(watched, base_url, "lesson=fork")
    wait_for_query(watched, tab="remove", t=800, seed=3, hide="guidance,eta", lesson="fork")


def test_a_lesson_set_back_to_what_is_usual_stays_so(watched, base_url):
    """What is on screen then has no values in its link, and yet is not the lesson's beginning."""
    visit(watched, base_url, "lesson=destroy")
    wait_for_query(watched, label=4, t=0, lesson="destroy")
    watched.locator("#forward-label").get_by_label("7", exact=True).check()
    watched.locator("#desk input[type=range]").fill("300")
    wait_for_query(watched, tab="add", lesson="destroy")
    watched.reload()
    wait_for_data(watched, DESK, "d.t === '300'")
    wait_for_query(watched, tab="add", lesson="destroy")


def test_a_bad_link_gets_a_sentence(watched, base_url):
    visit(watched, base_url, "tab=remove&steps=0&hide=nothing")
    watched.get_by_text("the number of steps must be a whole number from 1 to 1000").wait_for()
    watched.get_by_text("this tab has no control called 'nothing'").wait_for()
    assert watched.locator("#film-steps input[type=number]").input_value() == "250"


def test_copying_and_presenting(app, base_url):
    """The link can be copied or selected; a clicker's keys lead through the lessons; Escape ends it; a tab leads its
    own address.
    """
    app.get_by_text("Copy link to this view").click()
    app.locator(f"{BAR} [data-part=told]").get_by_text("whoever opens this link sees the same").wait_for()
    open_tab(app, "Train")
    wait_for_query(app, tab="train")

    app.goto(base_url)
    wait_for_data(app, BAR, "d.state === 'ready'")
    side = app.locator(".aside").first
    size = app.locator("#desk canvas[data-role=x_t]").bounding_box()["width"]
    assert side.is_visible()
    app.get_by_role("button", name="Present").click()
    asked = app.locator(f"{BAR} [data-part=stage-question]")
    assert side.is_hidden()
    app.wait_for_function(
        "size => document.querySelector('#desk canvas[data-role=x_t]').clientWidth > 1.3 * size", arg=size
    )
    wait_for_query(app, present=1)
    app.keyboard.press("PageDown")
    asked.get_by_text("At which t can you no longer read the digit?").wait_for()
    assert data(app, DESK)["t"] == "0"
    app.locator("#desk input[type=range]").focus()
    app.keyboard.press("Space")  # the players still have their keys
    wait_for_data(app, DESK, "Number(d.t) > 0")
    app.keyboard.press("PageDown")
    asked.get_by_text("Which one loses the digit first").wait_for()
    wait_for_data(app, DESK, "d.race === 'true'")
    app.keyboard.press("PageUp")
    asked.get_by_text("At which t can you no longer read the digit?").wait_for()
    app.keyboard.press("Escape")
    side.wait_for(state="visible")
    app.locator(f"{BAR} summary").first.click()
    assert app.locator(f"{BAR} [data-part=lessons] a").count() >= 6
    assert (
        dict(parse_qsl(urlparse(app.locator(f"{BAR} [data-part=lessons] a").last.get_attribute("href")).query))["tab"]
        == "train"
    )


def test_of_views_asked_for_quickly_the_last_is_shown(app):
    """Each tab shows what was last asked for in it."""
    queries = ["label=3", "label=5&t=400", "tab=guess&label=7", "label=8&t=300", "tab=guess&label=2&t=900"]
    app.evaluate(
        "queries => { for (const query of queries)"
        " document.dispatchEvent(new CustomEvent('explorer:show', { detail: { query } })); }",
        queries,
    )
    wait_for_data(app, BAR, "d.state === 'ready'")
    wait_for_query(app, tab="guess", label=2, t=900)
    wait_for_data(app, "#guess [data-widget]", "d.answered === 'true'")
    assert app.locator("#guess-label").get_by_label("2").is_checked()
    open_tab(app, "Add noise")
    assert app.locator("#forward-label").get_by_label("8").is_checked()
    assert data(app, DESK)["t"] == "300"
