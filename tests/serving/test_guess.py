"""Guesses of the noise: the network's own answers, whatever the batch, and a sentence for every impossible request."""

from __future__ import annotations

import asyncio
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from explorer.core.objective import squared_errors
from explorer.core.sampling import draw_noise, trajectory_generator
from explorer.data import pictures
from explorer.data.pixels import to_images
from explorer.demos import noising
from explorer.page.payloads.guesses import guess_value
from explorer.serving import guess
from explorer.serving.engine import Engine
from explorer.serving.errors import FilmFailed, Refused
from explorer.serving.film_request import FilmRequest
from explorer.serving.guess import BOUNDS, TIMES, GuessRequest
from explorer.serving.model_store import LoadedModel, ModelStore
from tests.tiny import tiny_model

SEVEN = pictures.digit(7, 0)
REQUEST = GuessRequest(SEVEN.grey, (1, 60, 1000), (5, 6), 7)


@pytest.fixture
def asked(model, float32):
    """An engine with a tiny model; asks it for a guess."""
    engine = Engine(ModelStore())
    name = engine.models.add(model)
    yield lambda request: asyncio.run(engine.guess(replace(request, model=name)))
    engine.close()


def test_the_networks_own_answer(asked, network, model):
    """Every array against the core: q_sample, the network, equation 15, and the training's squared error."""
    got = asked(REQUEST)
    x_0 = to_images(np.frombuffer(REQUEST.x_0, np.uint8).reshape(1, 28, 28)).expand(3, -1, -1, -1)
    t, label = torch.tensor(REQUEST.t), torch.full((3,), 7)
    for s, seed in enumerate(REQUEST.noise_seeds):
        eps = draw_noise([trajectory_generator(seed)]).expand(3, -1, -1, -1)
        x_t = model.schedule.q_sample(x_0, t, eps)
        eps_hat = network(x_t, t, label)
        for name, wanted in {
            "x_t": x_t,
            "eps_hat": eps_hat,
            "x0_hat": model.schedule.x_0_from(x_t, t, eps_hat),
        }.items():
            assert_close(torch.tensor(getattr(got, name)[s]), wanted[:, 0], rtol=1e-4, atol=1e-4)
        assert_close(torch.tensor(got.eps[s]), eps[0, 0], rtol=0, atol=0)
        assert_close(
            torch.tensor(got.error[s]),
            squared_errors(network, model.schedule, x_0, label, t, eps),
            rtol=1e-4,
            atol=1e-5,
        )
    assert np.array_equal(got.alpha_bar, model.schedule.alpha_bar[t].numpy())


def test_x0_hat_is_the_same_guess_rearranged(asked):
    """Its error is the noise's error times (1 - alpha_bar) / alpha_bar: small where t is, large where t is large."""
    got = asked(REQUEST)
    np.testing.assert_allclose(got.x0_error, got.error * (1 - got.alpha_bar) / got.alpha_bar, rtol=1e-2)


def test_the_batch_does_not_matter(asked):
    """More rows than a batch holds: each row as if it had been asked alone."""
    many = asked(replace(REQUEST, t=tuple(range(1, 101)), noise_seeds=(5, 6)))
    assert many.eps_hat.shape == (2, 100, 28, 28) and many.error.shape == (2, 100)
    for s, t in [(0, 1), (0, 64), (0, 65), (1, 30), (1, 100)]:
        alone = asked(replace(REQUEST, t=(t,), noise_seeds=(5 + s,)))
        np.testing.assert_allclose(many.eps_hat[s, t - 1], alone.eps_hat[0, 0], rtol=1e-4, atol=1e-4)


def test_a_network_that_answers_zero_scores_one(model, float32):
    """The baseline of the chart: guessing zero costs the noise's variance."""
    loaded = LoadedModel(lambda x_t, t, label: torch.zeros_like(x_t), model.schedule)
    got = guess.guess(replace(REQUEST, t=(500,), noise_seeds=tuple(range(200))), loaded, lambda work: work())
    assert got.error.mean() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    "change",
    [
        {"x_0": b""},
        {"x_0": bytes(783)},
        {"x_0": [0] * 784},
        {"t": ()},
        {"t": (0,)},
        {"t": (1001,)},
        {"t": (1.5,)},
        {"t": (True,)},
        {"t": ("3",)},
        {"noise_seeds": ()},
        {"noise_seeds": (-1,)},
        {"noise_seeds": (2**63,)},
        {"noise_seeds": (None,)},
        {"label": 11},
        {"label": -1},
        {"label": True},
        {"label": "7"},
        {"t": tuple(range(1, 1001)), "noise_seeds": (1, 2)},
    ],
    ids=str,
)
def test_impossible_requests_are_refused(asked, change):
    with pytest.raises(Refused) as caught:
        asked(replace(REQUEST, **change))
    assert "\n" not in str(caught.value)


def test_unknown_models_are_refused():
    engine = Engine(ModelStore())
    with pytest.raises(Refused, match="no longer held"):
        asyncio.run(engine.guess(replace(REQUEST, model="nowhere")))
    engine.close()


def test_a_broken_model_gets_a_sentence(float32):
    """Weights that are not numbers: FilmFailed, for the viewer; and the engine lives on."""
    engine, broken = Engine(ModelStore()), tiny_model()
    with torch.no_grad():
        broken.network.last.weight.fill_(torch.nan)
    bad, good = engine.models.add(broken), engine.models.add(tiny_model(seed=1))
    with pytest.raises(FilmFailed, match="not a number"):
        asyncio.run(engine.guess(replace(REQUEST, model=bad)))
    assert np.isfinite(asyncio.run(engine.guess(replace(REQUEST, model=good))).error).all()
    engine.close()


def test_guesses_and_films_share_the_engine(asked, model, float32):
    """Thirty guesses beside a film: all are answered, and alike."""
    engine = Engine(ModelStore())
    name = engine.models.add(model)

    async def crowd():
        film = engine.submit(FilmRequest.grid(4, 3, 0, steps=40, model=name))
        answers = await asyncio.gather(*(engine.guess(replace(REQUEST, model=name)) for _ in range(30)))
        while not film.over:
            film.fetch()
            await asyncio.sleep(0.01)
        return film, answers

    film, answers = asyncio.run(crowd())
    assert film.done and film.error is None
    for answer in answers:
        np.testing.assert_allclose(answer.eps_hat, answers[0].eps_hat, rtol=1e-4, atol=1e-4)
    engine.close()


def test_requests_travel():
    """Frozen and picklable, so that they can be sent elsewhere and compared."""
    assert pickle.loads(pickle.dumps(REQUEST)) == REQUEST and hash(REQUEST) == hash(replace(REQUEST))
    with pytest.raises(AttributeError):
        REQUEST.label = 3


def test_the_games_payload(asked):
    """Without an answer the tab can already show x_t; with one, each t has its errors; the key tells pictures, noises
    and labels apart.
    """
    scene = noising.scene(SEVEN, 4, "linear")
    before = guess_value(scene, 10, 300)
    after = guess_value(scene, 10, 300, asked(GuessRequest(SEVEN.grey, TIMES, (4,))))
    assert "error" not in before and before["key"] == after["key"] and before["signal"] == after["signal"]
    assert len(after["error"]) == len(after["x0_error"]) == len(after["t"]) and after["t"][after["start"]] == 300
    others = [
        guess_value(noising.scene(picture, seed, "linear"), label, 300)["key"]
        for picture, seed, label in [(SEVEN, 4, 7), (SEVEN, 5, 10), (pictures.digit(7, 1), 4, 10)]
    ]
    assert len({before["key"], *others}) == 4


def test_the_three_bets_can_all_be_right():
    """With the pretrained network and ordinary digits each of low, medium and high is right at more than a seventh of
    the t.
    """
    engine = Engine(ModelStore())
    error = np.concatenate(
        [
            asyncio.run(engine.guess(GuessRequest(pictures.digit(label, 0).grey, TIMES, (0,)))).error[0]
            for label in range(10)
        ]
    )
    engine.close()
    low, high = BOUNDS
    shares = [(error < low).mean(), ((error >= low) & (error <= high)).mean(), (error > high).mean()]
    assert min(shares) > 0.15, shares
