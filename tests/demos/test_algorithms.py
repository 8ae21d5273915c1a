"""The two algorithms, line by line: what is shown is what the core computes."""

from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

from explorer.core.sampling import samples, timesteps, trajectory_generator
from explorer.data import digits
from explorer.demos import algorithms
from explorer.demos.algorithms import GENERATION, ROUNDS, STEPS, TRAINING, run_generation, run_training
from explorer.page.payloads.algorithms import algorithm_value
from tests.tiny import LINEAR, tiny_network


@pytest.fixture(scope="module")
def training():
    data = digits.bundled()
    return run_training(tiny_network(output="v"), LINEAR, data.images()[:50], data.label_tensor()[:50], seed=3)


def variables(moments, last):
    """All variables after moment `last`, as the page shows them."""
    known = {}
    for moment in moments[: last + 1]:
        known |= moment.images | moment.numbers
    return known


def test_training_goes_through_its_lines_in_order(training):
    assert [moment.line for moment in training] == list(range(len(TRAINING))) * ROUNDS


def test_a_training_round_is_the_papers(training):
    """x_t is q_sample's, the loss is the mean squared difference shown, and the gradient step lowers it."""
    for count in range(ROUNDS):
        end = (count + 1) * len(TRAINING) - 1
        seen = variables(training, end)
        x_t = LINEAR.q_sample(seen["x₀"][None, None], torch.tensor([seen["t"]]), seen["ε"][None, None])[0, 0]
        assert_close(seen["xₜ"], x_t)
        assert_close(seen["ε − ε̂"], seen["ε"] - seen["ε̂"])
        assert seen["loss"] == pytest.approx(float(seen["ε − ε̂"].square().mean()), rel=1e-4)
        assert seen["loss afterwards"] < seen["loss"]
        assert seen["ᾱₜ"] == pytest.approx(float(LINEAR.alpha_bar[seen["t"]]))


def test_the_network_that_is_given_stays_as_it_was():
    network, data = tiny_network(), digits.bundled()
    before = [parameter.clone() for parameter in network.parameters()]
    run_training(network, LINEAR, data.images()[:9], data.label_tensor()[:9], seed=0)
    assert all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))


def test_generation_is_the_samplers():
    network = tiny_network(output="v")
    moments = run_generation(network, LINEAR, label=4, seed=11)
    steps = list(samples(network, LINEAR, [trajectory_generator(11)], timesteps(1000, STEPS), label=torch.tensor([4])))
    assert_close(moments[-1].images["x₀"], steps[-1].x_prev[0, 0])
    shown = [moment for moment in moments if moment.line == 3]
    for moment, step in zip(shown, steps, strict=True):
        assert_close(moment.images["x̂₀"], step.x0_hat[0, 0])
    assert [moment.line for moment in moments] == [0] + [1, 2, 3, 4, 5] * STEPS + [6]
    assert moments[-3].images["z"].eq(0).all()  # no fresh noise in the last step


def test_the_lines_say_what_they_use():
    assert {use for line in (*TRAINING, *GENERATION) for use in line.uses} == set(algorithms.USES)
    assert not any(algorithms.DATA in line.uses for line in GENERATION)  # generating needs no data


def test_the_payload_is_json_and_names_every_line(training):
    import json

    value = json.loads(json.dumps(algorithm_value("title", TRAINING, training)))
    assert len(value["lines"]) == len(TRAINING) and len(value["moments"]) == len(training)
    assert value["moments"][0]["numbers"] == {"round": "1"}
