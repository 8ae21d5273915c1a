"""A small crowd over real HTTP, and mixed visitors for a moment: everybody is served, and who leaves harms nobody."""

from tests.load.soak import soak
from tests.load.viewers import run

ENOUGH = 24  # visits


def test_ten_viewers():
    figures = run(viewers=10, steps=60, timeout=60)
    assert figures["problems"] == []
    assert figures["finished"] + figures["left_in_mid_film"] == 10 and figures["finished"] >= 9


def test_a_short_day_in_class():
    """So many visits, however long they take: how fast the machine is, is not judged here."""
    figures = soak(minutes=3, warm_up=0, enough=ENOUGH, rest=0)
    assert figures["problems"] == figures["errors_in_the_log"] == []
    assert (
        sum(figures["visits"].values()) >= ENOUGH
        and figures["requests"]["film ok"] > 0
        and figures["requests"]["film left"] > 0
    )
    assert not [request for request in figures["requests"] if request.endswith("failed")]
    assert figures["idle_after_s"] < 5  # about a second; machines are noisy
