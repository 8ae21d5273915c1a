"""The page's last line: how many are watching, asked for only while the page is looked at."""

from __future__ import annotations

LOOK_AWAY = (
    "() => { Object.defineProperty(document, 'hidden', { value: true, configurable: true }); "
    "document.dispatchEvent(new Event('visibilitychange')) }"
)
LOOK_AGAIN = "() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')) }"


def says(page, words: str) -> None:
    page.wait_for_function("words => document.querySelector('#status-line p')?.textContent.includes(words)", arg=words)


def test_the_status_line_counts_those_who_look(app, context):
    """It speaks by itself and counts a second page; a page that nobody looks at asks for nothing, and asks at once when
    it is looked at again.
    """
    says(app, "watching")
    asked = []
    app.on("request", lambda request: asked.append(request.url) if "component_server" in request.url else None)
    app.evaluate(LOOK_AWAY)
    asked.clear()
    other = context.new_page()
    other.goto(app.url)
    says(other, "people are watching")
    assert asked == []
    app.evaluate(LOOK_AGAIN)
    says(app, "people are watching")
    assert asked
    other.close()
