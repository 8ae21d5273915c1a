"""A small crowd over real HTTP: everybody finishes, and who leaves harms nobody."""

from tests.load.viewers import run, run_chaos


def test_ten_viewers():
    figures = run(viewers=10, steps=60, timeout=60)
    assert figures["problems"] == []
    assert figures["finished"] + figures["left_in_mid_film"] == 10 and figures["finished"] >= 9


def test_who_leaves_at_random_leaves_no_work_behind():
    figures = run_chaos(seconds=6)
    assert figures["problems"] == [] and figures["viewers"] > 20
    assert figures["idle_after_s"] < 5  # about a second; machines are noisy
