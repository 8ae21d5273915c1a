"""Train: real training, watched, stopped, continued, rewound, looked back into, and its network played as a film."""

import numpy as np
import pytest

from explorer.page.tabs import train
from tests.browser.pictures import READ, data, requests_of, wait_for_data

LAB = "#lab [data-widget=lab]"
FILM = "#film [data-widget=film]"


@pytest.fixture
def train_tab(watched, base_url):
    """Train, opened by a link that lets the server compute."""
    watched.goto(f"{base_url}?tab=train&compute=server")
    watched.wait_for_selector(LAB)
    return watched


def set_seconds(page, seconds):
    box = page.locator("#train-seconds input[type=number]")
    box.fill(str(seconds))
    box.press("Tab")


def ten_digits(page):
    """The grey levels of the ten pictures in the large row."""
    width, height, levels = page.locator(f"{LAB} [data-part=now]").evaluate(READ)
    assert (width, height) == (289, 28)
    return np.array(levels).reshape(28, 289, 4)[..., 0]


def slide(page, part, index):
    page.locator(f"{LAB} [data-part={part}]").evaluate(
        "(slider, index) => { slider.value = index; slider.dispatchEvent(new Event('input')); }", index
    )


def test_a_run_to_its_end_looked_back_into_and_used(train_tab, tmp_path):
    """Alive before the start; ten seconds beat guessing zero; two sliders show any checkpoint's film;
    two runs can be compared; the weights go out and come back; then they generate."""
    wait_for_data(
        train_tab, LAB, "d.checkpoints === '1' && d.running === 'false'"
    )  # random weights have drawn, unasked
    set_seconds(train_tab, 10)
    train_tab.click("#train-start")
    wait_for_data(train_tab, LAB, "d.running === 'true' && Number(d.points) > 3")
    wait_for_data(train_tab, LAB, "d.running === 'false'")
    end = data(train_tab, LAB)
    assert float(end["loss"]) < 0.5  # guessing zero costs 1
    assert float(end["progress"]) == 1 and int(end["checkpoints"]) >= 2
    assert end["shown"] == end["step"] and end["frame"] == "20"  # the newest checkpoint's digits

    requests = requests_of(train_tab)
    digits = ten_digits(train_tab)
    slide(train_tab, "scrub", 0)
    noise = ten_digits(train_tab)
    slide(train_tab, "when", 0)
    assert data(train_tab, LAB)["shown"] == "0"
    assert (ten_digits(train_tab) == noise).all()  # every checkpoint starts from the same x_T
    slide(train_tab, "scrub", 20)
    assert (ten_digits(train_tab) != digits).any()
    train_tab.locator(f"{LAB} [data-part=rows] button").first.click()
    assert (ten_digits(train_tab) == digits).all() and requests == []

    command = train_tab.locator("#train-command textarea")
    train_tab.get_by_text("Take it along", exact=True).click()
    assert "--seconds 10" in command.input_value() and "--seed 0" in command.input_value()

    # a second run, for the history; its settings are told on the way
    train_tab.locator("#train-seed input").fill("4")
    train_tab.locator("#train-seed input").press("Tab")
    train_tab.click("#train-start")
    wait_for_data(train_tab, LAB, "d.running === 'true' && Number(d.points) > 3")
    train_tab.click("#train-stop")
    wait_for_data(train_tab, LAB, "d.running === 'false' && d.runs === '2'")
    assert "--seed 4" in command.input_value()
    for box in train_tab.locator(f"{LAB} [data-part=runs] input").all():
        box.check()
    wait_for_data(train_tab, LAB, "d.compared === '2'")
    captions = train_tab.locator(f"{LAB} [data-part=sides] figcaption").all_inner_texts()
    assert "seed 0" in captions[0] and "seed 4" in captions[1]

    # its weights as a file, and back
    with train_tab.expect_download() as download:
        train_tab.click(f"{LAB} [data-part=download]")
    file = tmp_path / "mine.safetensors"
    download.value.save_as(file)
    last = ten_digits(train_tab)
    train_tab.locator("#train-along input[type=file]").set_input_files(file)
    train_tab.get_by_text("Loaded: a network after").wait_for()
    assert (ten_digits(train_tab) == last).all()
    half = tmp_path / "half.safetensors"
    half.write_bytes(file.read_bytes()[:100_000])
    train_tab.locator("#train-along input[type=file]").set_input_files(half)
    train_tab.get_by_text("this is not a whole safetensors file").wait_for()

    train_tab.click("#train-watch:not([disabled])")
    wait_for_data(train_tab, FILM, "d.done === 'true'")
    assert data(train_tab, FILM)["held"] == "251"
    train_tab.get_by_text("More", exact=True).click()
    assert train_tab.locator("#film-network").get_by_label("the one you trained").is_checked()


def test_stop_go_on_and_rewind(train_tab, monkeypatch):
    """Until it is stopped, steps are told too that were lost with the machine that made them: the curve ends where the
    network is.
    """
    value = train.lab_value

    def with_a_lost_step(update, *why):
        told = value(update, *why)
        lost = [[told["points"][-1][0] + 1000, *told["points"][-1][1:]]] if told["points"] and told["running"] else []
        return told | {"points": told["points"] + lost}

    set_seconds(train_tab, 60)
    with monkeypatch.context() as patch:
        patch.setattr(train, "lab_value", with_a_lost_step)
        train_tab.click("#train-start")
        wait_for_data(train_tab, LAB, "Number(d.points) > 5 && Number(d.step) > 1000")
        train_tab.click("#train-stop")
        wait_for_data(train_tab, LAB, "d.running === 'false'")
    stopped = data(train_tab, LAB)
    assert 0 < float(stopped["progress"]) < 0.9
    assert stopped["points"] == stopped["step"]
    train_tab.wait_for_selector("#train-watch:not([disabled])")

    train_tab.click("#train-go-on")
    wait_for_data(train_tab, LAB, f"d.running === 'true' && Number(d.step) > {stopped['step']}")
    assert data(train_tab, LAB)["run"] == stopped["run"]
    train_tab.click("#train-stop")
    wait_for_data(train_tab, LAB, "d.running === 'false'")
    went_on = data(train_tab, LAB)
    assert went_on["points"] == went_on["step"]  # one curve without a gap

    train_tab.click("#train-rewind")
    wait_for_data(train_tab, LAB, "d.points === '0' && d.checkpoints === '1'")
    train_tab.get_by_text("these are the initial weights again").wait_for()


def test_two_pages_share_a_training_and_take_turns(train_tab, context, base_url):
    """Equal settings: the second page joins, has all of it, and may stop without the first; with another seed both take
    turns; a closed page gives its turns back.
    """
    set_seconds(train_tab, 120)
    train_tab.click("#train-start")
    wait_for_data(train_tab, LAB, "Number(d.points) > 1")
    other = context.new_page()
    other.goto(f"{base_url}?tab=train&seconds=120&compute=server")
    other.click("#train-start")
    other.get_by_text("with the same settings: it is yours too").wait_for()
    wait_for_data(other, LAB, f"d.run === '{data(train_tab, LAB)['run']}' && d.points === d.step")
    other.click("#train-stop")
    wait_for_data(other, LAB, "d.running === 'false' && d.runs === '1'")
    assert data(train_tab, LAB)["running"] == "true"
    other.locator("#train-seed input").fill("4")
    other.click("#train-start")
    other.get_by_text("It takes turns with 1 more").wait_for()
    other.get_by_text("by the clock").wait_for()
    train_tab.close()
    other.locator(f"{LAB} [data-part=status]", has_text="It takes turns with").wait_for(state="hidden")
    other.click("#train-stop")
    wait_for_data(other, LAB, "d.running === 'false' && d.runs === '2'")


def test_what_cannot_be_trained_gets_a_sentence(train_tab):
    """Absurd numbers and missing drawings; afterwards the button still works."""
    train_tab.get_by_text("Experiments", exact=True).click()
    for box, value, sentence, good in [
        ("#train-seed input", "1.5e99", "the seed must be a whole number", "0"),
        ("#train-learning-rate input", "1e6", "the learning rate must be a number from", "0.003"),
        ("#train-batch input", "0", "the batch size must be a whole number from", "64"),
    ]:
        train_tab.locator(box).fill(value)
        train_tab.click("#train-start")
        train_tab.get_by_text(sentence).first.wait_for()
        train_tab.locator(box).fill(good)
    train_tab.get_by_label("my drawings").check()
    train_tab.click("#train-start")
    train_tab.get_by_text("there is no drawing to learn from").first.wait_for()


def draw_ones(page):
    """Two drawings of a 1 to learn from, and they are chosen."""
    page.get_by_text("Experiments", exact=True).click()
    page.get_by_text("Draw digits to learn from", exact=True).click()
    paper = page.locator("#train-pad [data-part=paper]")
    for count in (1, 2):
        box = paper.bounding_box()
        page.mouse.move(box["x"] + 100, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 110 + 10 * count, box["y"] + 200, steps=6)
        page.mouse.up()
        page.wait_for_timeout(600)  # the pad waits for a second stroke before it sends
        page.locator("#train-drawn-label").get_by_label("1", exact=True).check()
        page.click("#train-add")
        page.get_by_text(f"{count} so far").wait_for()
    page.get_by_label("my drawings").check()


def test_own_drawings_are_learnt_from(train_tab):
    draw_ones(train_tab)
    train_tab.click("#train-start")
    wait_for_data(train_tab, LAB, "Number(d.points) > 1")
    train_tab.click("#train-stop")
    wait_for_data(train_tab, LAB, "d.running === 'false' && d.runs === '1'")
    train_tab.get_by_text("2 own drawings").wait_for()
