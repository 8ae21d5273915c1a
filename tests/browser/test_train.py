"""Train: ten seconds of real training, watched, stopped, and its network played as a film."""

import pytest

from tests.browser.pictures import data, wait_for_data

LAB = "#lab [data-widget=lab]"
FILM = "#film [data-widget=film]"


@pytest.fixture
def train_tab(app):
    app.get_by_role("tab", name="Train").click()
    app.wait_for_selector(LAB)
    return app


def set_seconds(page, seconds):
    box = page.locator("#train-seconds input[type=number]")
    box.fill(str(seconds))
    box.press("Tab")


def test_ten_seconds_beat_guessing_zero_and_then_it_generates(train_tab):
    set_seconds(train_tab, 10)
    train_tab.click("#train-start")
    wait_for_data(train_tab, LAB, "d.running === 'true' && Number(d.points) > 3")
    wait_for_data(train_tab, LAB, "d.running === 'false'", timeout=60_000)
    end = data(train_tab, LAB)
    assert float(end["loss"]) < 0.5  # guessing zero costs 1
    assert float(end["progress"]) == 1 and int(end["checkpoints"]) >= 3

    train_tab.click("#train-watch:not([disabled])")
    wait_for_data(train_tab, FILM, "d.done === 'true'", timeout=40_000)
    assert data(train_tab, FILM)["held"] == "251"
    train_tab.get_by_text("More", exact=True).click()
    assert train_tab.locator("#film-network").get_by_label("the one you trained").is_checked()


def test_stop_keeps_what_was_learnt(train_tab):
    set_seconds(train_tab, 60)
    train_tab.click("#train-start")
    wait_for_data(train_tab, LAB, "Number(d.points) > 5")
    train_tab.click("#train-stop")
    wait_for_data(train_tab, LAB, "d.running === 'false'", timeout=5_000)
    assert float(data(train_tab, LAB)["progress"]) < 0.9
    train_tab.wait_for_selector("#train-watch:not([disabled])")


def test_a_closed_page_gives_its_place_back(train_tab, context, base_url):
    set_seconds(train_tab, 120)
    train_tab.click("#train-start")
    wait_for_data(train_tab, LAB, "Number(d.points) > 1")
    other = context.new_page()
    other.goto(base_url)
    other.get_by_role("tab", name="Train").click()
    other.click("#train-start")
    other.get_by_text("One training at a time on this server: 1 before yours").wait_for()
    wait_for_data(other, LAB, "Number(d.points) > 1")  # that is the other's training, watched meanwhile
    watched = data(other, LAB)["run"]
    train_tab.close()
    wait_for_data(other, LAB, f"d.run !== '{watched}' && Number(d.points) > 1", timeout=20_000)
    other.click("#train-stop")
    wait_for_data(other, LAB, "d.running === 'false'")


def test_absurd_times_get_a_sentence(train_tab):
    train_tab.locator("#train-seed input").fill("1.5e99")
    train_tab.click("#train-start")
    train_tab.get_by_text("the seed must be a whole number").wait_for()
