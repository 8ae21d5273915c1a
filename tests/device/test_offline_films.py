"""What the page as one file asks of the device, and what its real digits say, are what a server would ask and say."""

from __future__ import annotations

import base64
import json
import os
import shutil
from dataclasses import asdict, replace

import numpy as np
import pytest

from explorer.core.schedule import NoiseSchedule
from explorer.data import digits, pictures
from explorer.data.nearest_digits import VOTES, usual_distance
from explorer.demos import noising
from explorer.demos.two_ways import two_ways
from explorer.device.formulas import formulas
from explorer.page import crowd, film_requests
from explorer.page.likeness import likeness
from explorer.page.offline.digit_files import digit_files
from explorer.page.offline.facts import film_facts, rule_facts, two_ways_facts
from explorer.page.payloads.device_jobs import ALL, Wanted, device_job, plane
from explorer.page.payloads.noising import two_ways_value
from explorer.page.settings import Futures, Generate, OneLeap
from explorer.serving.model_store import ModelStore
from tests.device.offline_page import answered as asked_of_the_file

NODE = shutil.which("node")
SCHEDULE = NoiseSchedule("linear")
RULES = [(kind, 100, noising.schedule(kind, 100)) for kind in ("cosine", "only add")]
SCRIPT = """
const { digit } = await load("facts");
const { filmJob, forkSeeds } = await load("film_jobs");
const { filmOf } = await load("removing");
const { race, futures } = await load("leaping");
const { likeness } = await load("likeness");
const { crowdOf } = await load("crowd");
const { twoWays } = await load("two_ways");
const jobs = async (films) => (await films).map((film) => filmJob(film, {}));
const ask = {
  film: (settings) => jobs([filmOf(settings)]),
  fork: ({ settings, t }) =>
    jobs([{ ...filmOf(settings), fork_t: t, fork_seeds: forkSeeds(settings.seed, facts.films.forks) }]),
  race: (settings) => jobs(race(settings)),
  futures: async (settings) => jobs([await futures(settings)]),
  likeness,
  crowd: crowdOf,
  ways: async ({ label, example, kind, T, seed }) =>
    twoWays((await digit(label, example)).grey, facts.rules[kind][T], seed),
};
const answers = [];
for (const [name, question] of asked) answers.push(await ask[name](question));
console.log(JSON.stringify(answers));
"""


def answered(questions: list) -> list:
    """What the file's modules make of (name, settings), for each of them."""
    known = {
        "alpha_bar": SCHEDULE.alpha_bar.tolist(),
        "formulas": formulas(),
        "films": film_facts(ModelStore()),
        "pictures": {"digit": "of no matter here"},
        "leap": {"all": film_requests.ALL_DIGITS, "all_any": film_requests.ALL_ANY},
        "plane": plane(),
        "likeness": {"votes": VOTES, "usual": list(usual_distance())},
        "two_ways": two_ways_facts(),
        "rules": {kind: {T: rule_facts(rule)} for kind, T, rule in RULES},
    }
    return asked_of_the_file(SCRIPT, digit_files(), known, questions)


@pytest.mark.skipif(NODE is None and not os.environ.get("REQUIRE_BROWSER"), reason="no Node on this machine")
def test_films_are_asked_for_as_a_server_asks():
    many = Generate(pictures=16, steps=1000, seed=5)
    cases = [
        ("film", many, [film_requests.film(many, "")]),
        (
            "film",
            few := Generate(label=3, sampler="ddim", steps=7, eta=0.5, guidance=2.0),
            [film_requests.film(few, "")],
        ),
        ("race", plain := OneLeap(), film_requests.race(plain)),
        ("race", part := OneLeap(digits=film_requests.ALL_DIGITS, t=300, seed=4), film_requests.race(part)),
        ("race", anything := OneLeap(digits="any", seed=13), film_requests.race(anything)),
        ("futures", Futures(), [film_requests.futures(Futures())]),
        ("futures", whole := Futures(label=5, t=1000, seed=2), [film_requests.futures(whole)]),
    ]
    asked = [(name, asdict(settings)) for name, settings, _ in cases]
    whole_film = film_requests.film(few, "")
    t = whole_film.visited(SCHEDULE.T)[2]
    forked = film_requests.fork(whole_film, t)
    for questions, requests in (
        (asked, [requests for _, _, requests in cases]),
        ([("fork", {"settings": asdict(few), "t": t})], [[forked]]),
    ):
        for found, wanted in zip(answered(questions), requests, strict=True):
            same_jobs(found, wanted)


@pytest.mark.skipif(NODE is None and not os.environ.get("REQUIRE_BROWSER"), reason="no Node on this machine")
def test_a_crowd_is_the_beginning_of_the_servers():
    """The first pictures of its; half as many where a step of one takes two guesses."""
    settings = [Generate(seed=5, sampler="ddpm", steps=77, eta=0.5), Generate(label=4, guidance=3.0)]
    found = answered([("crowd", asdict(each)) for each in settings])
    for jobs, each, noises in zip(found, settings, (crowd.ALONE, crowd.ALONE // 2), strict=True):
        assert all(job.pop("patient") and job.pop("plane") == plane() for job in jobs)
        first, size = crowd.request_of(each, "", SCHEDULE.T), len(jobs[0]["seeds"])
        begins = range(first.seeds[0], first.seeds[0] + noises, size)
        groups = [replace(first, seeds=tuple(range(k, k + size)), labels=first.labels[:size]) for k in begins]
        same_jobs(jobs, groups, Wanted(("x0_hat",)))


def same_jobs(found: list, wanted: list, heard: Wanted = ALL) -> None:
    """Each of the file's jobs is that of the request, but for the model's address and what a server would take over."""
    assert len(found) == len(wanted)
    for job, request in zip(found, wanted, strict=True):
        expected = json.loads(json.dumps(device_job(request, SCHEDULE, job["model"], {}, heard)))
        steps = [np.frombuffer(base64.b64decode(each["table"].pop("steps")), "<f8") for each in (job, expected)]
        np.testing.assert_allclose(*steps, rtol=1e-10, atol=1e-13)
        guided = [each["table"].pop("guided") for each in (job, expected)]
        assert guided[0] == pytest.approx(guided[1], abs=1e-12)
        assert job.pop("table") == pytest.approx(expected.pop("table"), rel=1e-10)
        assert job == expected


@pytest.mark.skipif(NODE is None and not os.environ.get("REQUIRE_BROWSER"), reason="no Node on this machine")
def test_real_digits_say_the_same():
    data, generator = digits.bundled(), np.random.default_rng(0)
    noisy = np.clip(data.pixels[40:46] + generator.normal(0, 60, (6, 28, 28)), 0, 255).astype(np.uint8)
    asked = {"pictures": base64.b64encode(np.concatenate([noisy, data.pixels[7:9]]).tobytes()).decode()}
    (found,), wanted = answered([("likeness", asked)]), likeness(asked)
    assert found["readings"] == wanted["readings"] and found["votes"] == wanted["votes"]
    np.testing.assert_allclose(found["correlations"], wanted["correlations"], atol=1e-5)
    assert found["nearest"].pop("distance") == pytest.approx(wanted["nearest"].pop("distance"), rel=1e-5)
    assert found["nearest"] == wanted["nearest"] and found["usual"] == pytest.approx(wanted["usual"])


@pytest.mark.skipif(NODE is None and not os.environ.get("REQUIRE_BROWSER"), reason="no Node on this machine")
@pytest.mark.parametrize(("kind", "T", "rule"), RULES)
def test_the_long_way_is_as_long(kind, T, rule):
    asked = {"label": 7, "example": 2, "kind": kind, "T": T, "seed": 3}
    (found,) = answered([("ways", asked)])
    wanted = two_ways_value(two_ways(pictures.digit(7, 2), rule, 3, lambda work: work()))
    assert (found["t"], found["formula"]) == (wanted["t"], wanted["formula"])
    np.testing.assert_allclose(found["expected"], wanted["expected"], atol=2e-3)
    np.testing.assert_allclose(found["apart"], wanted["apart"], atol=0.011)
    for own, servers in zip(found["ways"], wanted["ways"], strict=True):
        assert own["name"] == servers["name"]
        for name in ("pictures", "mean", "variance"):
            levels = [np.frombuffer(base64.b64decode(way[name]), np.uint8).astype(int) for way in (own, servers)]
            assert levels[0].shape == levels[1].shape and abs(levels[0] - levels[1]).max() <= 1
        np.testing.assert_allclose(own["density"], servers["density"], atol=2e-3)
        for name in ("means", "variances"):
            np.testing.assert_allclose(own[name], servers[name], atol=2e-3)
