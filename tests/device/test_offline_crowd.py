"""How the page as one file gathers a crowd: stopped, asked for twice, gone on with, by a device that breaks off."""

from __future__ import annotations

import pytest

from explorer.core.schedule import NoiseSchedule
from explorer.data import digits
from explorer.device.formulas import formulas
from explorer.page.offline.facts import TROUBLES, film_facts
from explorer.page.payloads.device_jobs import plane
from explorer.serving.model_store import ModelStore
from tests.device.node import needs_node
from tests.device.offline_page import answered

pytestmark = needs_node
NOISES, EACH = 24, 8
# A device that is done at once, or tells of its trouble; each press is answered until it has told as much as is asked.
SCRIPT = """
let trouble = "";
globalThis.Worker = class {
  postMessage({ number, job }) {
    if (!job) return;
    const [places, pixels] = [new Int16Array(4 * job.n), new Uint8Array(2 * 784 * job.n)];
    const news = trouble ? { trouble } : { t: [1000, 0], places, pixels, done: true };
    setTimeout(() => this.onmessage({ data: { number, ...news } }));
  }
  terminate() {}
};
const { GATHERING } = await load("crowd");
const of = (name) => GATHERING[`remove_noise.Handlers.${name}`];
const said = { "film-network": facts.films.networks.ours, "film-label": 3, "film-seed": 7, "film-guidance": 1 };
async function pressed(stopAfter = Infinity, meanwhile = () => {}) {
  const told = [];
  for await (const { "film-map": { crowd } } of of("gather")({ value: (name) => said[name] })) {
    told.push(crowd);
    if (told.length === stopAfter) of("disperse")();
    await meanwhile(told.length);
  }
  return told;
}
const answers = [await pressed(2), await pressed(), await pressed()];
said["film-seed"] = 100;
let second = null;
const first = await pressed(Infinity, (told) => (told === 1 ? void (second = pressed()) : undefined));
answers.push(first, await second);
said["film-seed"] = 200;
trouble = "memory";
answers.push(await pressed());
trouble = "";
answers.push(await pressed());
console.log(JSON.stringify(answers));
process.exit(0);
"""


@pytest.fixture(scope="module")
def told():
    films = film_facts(ModelStore())
    films["crowd"]["noises"] = NOISES
    known = {
        "alpha_bar": NoiseSchedule("linear").alpha_bar.tolist(),
        "formulas": formulas(),
        "films": films,
        "plane": plane(),
        "likeness": {"votes": 10},
        "troubles": TROUBLES,
    }
    empty = (films["model"], "kernels.wasm", "kernels_relaxed.wasm", "device/worker.js")
    data = digits.bundled()
    some = {
        "digits.bin": data.pixels[:100].tobytes(),
        "labels.bin": data.labels[:100].astype("u1").tobytes(),
        "unclear.bin": b"",
    }
    return answered(SCRIPT, some | dict.fromkeys(empty, b" "), known, None)


def groups(news: list) -> list:
    return [each["groups"] for each in news]


def test_stopped_it_says_so_and_goes_on_where_it_was(told):
    stopped, goes_on, again = told[:3]
    assert groups(stopped) == [[], [0], [0]] and "Stopped here." in str(stopped[-1]["status"])
    assert groups(goes_on) == [[0], [1], [2], [0, 1, 2]] and [each["done"] for each in goes_on][-2:] == [False, True]
    assert groups(again) == [[0, 1, 2], [0, 1, 2]] and again[0]["run"] != goes_on[0]["run"]
    last = again[-1]
    assert last["t"] == [1000, 0] and len(last["read"]) == NOISES == last["total"] and last["each"] == EACH
    assert "Read by their likeness" in str(last["status"]) and f"has {NOISES} noises here" in str(last["status"])


def test_pressed_twice_the_second_goes_on_alone(told):
    first, second = told[3:5]
    assert not any(news["done"] for news in first) and second[-1]["done"]
    assert groups(second)[-1] == [0, 1, 2]


def test_a_device_that_breaks_off_says_so(told):
    broken, again = told[5:]
    assert groups(broken) == [[], []] and broken[-1]["done"] and broken[-1]["status"] == TROUBLES["memory"]
    assert groups(again)[-1] == [0, 1, 2]
