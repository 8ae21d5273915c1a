"""A small crowd over real HTTP: everybody finishes, and who leaves harms nobody."""

from tests.load.viewers import run


def test_ten_viewers():
    figures = run(viewers=10, steps=60, timeout=60)
    assert figures["problems"] == []
    assert figures["finished"] + figures["left_in_mid_film"] == 10 and figures["finished"] >= 9
