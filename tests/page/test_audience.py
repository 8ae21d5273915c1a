"""Counting who looks on: pages come, are heard of again, and are forgotten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from explorer.page.audience import MAX_PAGES, PATIENCE_SECONDS, Audience


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_pages_are_counted_once_and_forgotten():
    clock = Clock()
    audience = Audience(clock)
    for page in ("a", "b", "a"):
        audience.hear(page)
    assert audience.count() == 2
    clock.now = PATIENCE_SECONDS - 1
    audience.hear("a")
    clock.now = PATIENCE_SECONDS + 1
    assert audience.count() == 1  # b is gone
    clock.now = 3 * PATIENCE_SECONDS
    assert audience.count() == 0


def test_made_up_names_do_not_fill_the_memory():
    audience = Audience()
    for k in range(2 * MAX_PAGES):
        audience.hear(str(k))
    assert audience.count() == MAX_PAGES


@given(
    st.none()
    | st.integers()
    | st.text(min_size=41)
    | st.just("")
    | st.lists(st.text())
    | st.dictionaries(st.text(), st.text())
)
def test_what_is_no_name_is_not_counted(page):
    audience = Audience()
    audience.hear(page)
    assert audience.count() == 0
