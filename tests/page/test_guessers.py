"""What stands beside the network: the perfect guesser's answers, the nearest digit, and who is chosen to draw."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.core.sampling import Step, samples, trajectory_generator
from explorer.data import digits, pictures
from explorer.data.pixels import to_images, to_pixels
from explorer.demos import noising
from explorer.lab.reading import digits_read
from explorer.page import film_requests, guessers, networks
from explorer.page.payloads.films import film_status
from explorer.page.payloads.nearest import nearest_value
from explorer.page.payloads.noising import desk_value
from explorer.page.payloads.races import race_value
from explorer.page.settings import OneLeap
from explorer.serving.film_news import Ended, Queued
from explorer.serving.film_request import FilmRequest
from explorer.serving.guess import TIMES, GuessRequest
from explorer.serving.model_store import PERFECT, PRETRAINED, TAUGHT, UNTAUGHT, WEIGHTS, LoadedModel, ModelStore
from explorer.validation import InvalidSetting
from tests.tiny import tiny_model


def shown(engine, name, picture):
    scene = noising.scene(picture, 4, "linear")
    network = asyncio.run(engine.guess(GuessRequest(picture.grey, TIMES, (4,), model=name)))
    return scene, network, asyncio.run(guessers.compare(engine, scene, 10, 300, network))


def test_four_guessers_of_a_bundled_digit(engine, name):
    """Each with its error at every t: guessing zero costs the noise's own variance, the network's are its own, and who
    knows the digit by heart is right where the noise is small.
    """
    scene, network, value = shown(engine, name, pictures.digit(2, 1))
    error = {guesser["name"]: guesser["error"] for guesser in value["guessers"]}
    assert list(error) == ["zero", "network", "fair", "heart"] and all(len(row) == len(TIMES) for row in error.values())
    np.testing.assert_allclose(error["zero"], float(scene.eps.square().mean()), rtol=1e-5)
    assert error["network"] == network.error[0].tolist()
    assert max(error["heart"][:8]) < 1e-6 < 1 < min(error["fair"][:3])
    assert all(len(base64.b64decode(guesser["x0_hat"])) == len(TIMES) * 784 for guesser in value["guessers"])
    heart = np.frombuffer(base64.b64decode(value["guessers"][-1]["x0_hat"]), np.uint8)[:784]
    assert np.array_equal(heart, scene.picture.pixels().ravel())


def test_nobody_knows_a_picture_of_ones_own_by_heart(engine, name):
    """It is none of the 10,000, so there is nothing to leave out."""
    _, _, value = shown(engine, name, pictures.no_digit("a smiley"))
    assert [guesser["name"] for guesser in value["guessers"]] == ["zero", "network", "heart"]


def step(picture: np.ndarray, t_prev: int) -> Step:
    """A step whose x0_hat and x_prev are this picture, (28, 28) uint8."""
    image = to_images(picture[None])
    return Step(t_prev + 4, t_prev, torch.zeros_like(image), torch.zeros_like(image), image, image)


def test_a_copy_is_called_one():
    """A finished picture that is a bundled digit, and one in which every pixel has moved; before the end it is a
    guess.
    """
    known = digits.bundled().pixels
    copy = nearest_value(step(known[77], 0))
    assert "a copy" in copy["sentence"] and copy["tiles"][1]["note"]["values"] == [77, 2]
    other = nearest_value(step(np.roll(known[77], (3, 3), (0, 1)), 8))
    assert "no copy" in str(other["sentence"])
    assert other["tiles"][0]["note"] == {"text": "the guess at t = {0}", "values": [12]}


def test_who_draws():
    """Each choice is a model; one's own only where there is one."""
    assert [networks.model_for(choice, "mine") for choice in networks.CHOICES] == [PRETRAINED, "mine", PERFECT]
    for choice, own in ((networks.OWN, None), (networks.OWN, ""), ("another", "mine"), (None, "mine")):
        with pytest.raises(InvalidSetting, match="not trained a network"):
            networks.model_for(choice, own)


def test_the_perfect_guesser_is_not_called_a_network():
    """Neither while its film is made nor at its end."""
    request, news = FilmRequest((1,), (4,), steps=20, model=PERFECT), (Queued(0, 0.0, 1.0), Ended(2.0, stopped=False))
    said = [film_status(piece, request) for piece in news]
    assert "perfect guesser is computing" in said[0] and "20 perfect guesses" in said[1]
    assert all("network" in film_status(piece, replace(request, model=PRETRAINED)) for piece in news)


def test_captions_name_who_draws(store):
    """Where it is not the pretrained network: the perfect guesser, one's own network, that of a file; nobody where the
    model is no longer held. Files are named in plain letters.
    """
    mine = store.add(replace(tiny_model(seed=7), notes={"steps": 1234}))
    brought = store.add(replace(tiny_model(seed=8), notes={"steps": "many"}), from_file=True)
    told = {model: networks.drawer(model, store) for model in (PRETRAINED, PERFECT, mine, brought, "gone")}
    assert told[PRETRAINED] is None and told["gone"] is None
    assert told[PERFECT].name == networks.EXACT and told[mine].name.values == ("1,234",)
    assert told[brought].name == "your file's network"
    assert [told[model].tag for model in (PERFECT, mine, brought)] == [
        "perfect guesser",
        "own network 1234",
        "own file",
    ]
    value = {}
    film_requests.note_model(value, FilmRequest((0,), (3,), model=mine), store)
    assert value["drawer"]["values"] == ["1,234"] and value["tag"] == "own network 1234"
    captions = race_value(film_requests.race(OneLeap(), PERFECT), "run", drawer=networks.EXACT)
    assert captions["captions"][:2] == ["perfect guess", "perfect guesses"] and captions["drawer"] == networks.EXACT


def test_a_race_of_a_network_of_few_steps():
    """It starts at its own T where the page says 1000, and takes at most as many steps."""
    columns = film_requests.race(OneLeap(), "mine", 200)
    assert [column.steps for column in columns] == [1, 5, 20, 100, 200]
    assert all(column.model == "mine" and column.t_start is None for column in columns)
    assert film_requests.race(OneLeap(t=150), "mine", 200)[-1].t_start == 150


def test_a_network_trained_for_one_leap_has_a_column_of_its_own(store, name):
    """The first one, with one step from the same noise; not where the race begins later, at another T, or is its own,
    and not for a network that was trained for every t.
    """
    leaper = store.add(replace(tiny_model(seed=5), notes={"times": "only T"}))
    assert store.leapers(leaper, 1000) == (leaper, TAUGHT) and store.leapers(leaper, 200) == ()
    assert [store.leapers(other, 1000) for other in (name, None, "x")] == [(UNTAUGHT, TAUGHT)] * 3
    columns = film_requests.race(OneLeap(), PRETRAINED, 1000, (leaper,))
    assert [(column.model, column.steps) for column in columns[:2]] == [(leaper, 1), (PRETRAINED, 1)]
    assert columns[0].seeds == columns[1].seeds and columns[0].labels == columns[1].labels
    value = race_value(columns, "run")
    assert (
        value["captions"][:2] == ["call, yours for T alone", "network call"]
        and value["columns"][:2] == [1, 1]
        and value["t_start"] == 1000
    )
    for settings, model in ((OneLeap(t=400), PRETRAINED), (OneLeap(), leaper)):
        captions = race_value(film_requests.race(settings, model, 1000, (leaper,)), "run")["captions"]
        assert set(captions) == {"network call", "network calls"}


def test_the_shipped_models_that_leap():
    """They have columns beside the shipped pretrained model, a viewer's own in place of the first. The one that was
    taught draws what is asked for in one step; the one that learnt from digits draws each label's average, whatever the
    noise. All weights together are small enough to ship.
    """
    shipped = ModelStore()
    both = shipped.leapers(None, 1000)
    assert both == (UNTAUGHT, TAUGHT) and shipped.leapers(None, 200) == ()
    value = race_value(film_requests.race(OneLeap(), PRETRAINED, 1000, both), "run")
    assert value["captions"][:3] == ["call, trained for T alone", "call, taught to leap", "network call"]
    own = shipped.add(replace(tiny_model(seed=5), notes={"times": "only T"}))
    assert shipped.leapers(own, 1000) == (own, TAUGHT)
    labels = np.arange(40) % 10
    (step,) = leaps(shipped.get(TAUGHT), labels)
    assert (np.array(digits_read(to_pixels(step.x_prev)[:, 0])) == labels).mean() > 0.9
    assert shipped.schedule_of(TAUGHT).T == 1000 and shipped.get(UNTAUGHT).only_leaps
    (step,) = leaps(shipped.get(UNTAUGHT), labels)
    known = digits.bundled()
    averages = np.stack([known.images()[known.label_tensor() == k].mean(dim=0) for k in range(10)])[labels]
    assert np.sqrt(np.square(step.x_prev.numpy() - averages).mean(axis=(1, 2, 3))).max() * 127.5 < 5  # grey levels
    assert sum(file.stat().st_size for file in WEIGHTS.glob("*.safetensors")) < 12_000_000


def leaps(loaded: LoadedModel, labels: np.ndarray) -> Iterator[Step]:
    """One step from pure noise, a seed each."""
    generators = [trajectory_generator(seed) for seed in range(len(labels))]
    return samples(loaded.network, loaded.schedule, generators, [1000], label=torch.from_numpy(labels))


def test_the_rule_that_shrinks_nothing_says_why_the_paper_does():
    """In place of the warning that x_T is no noise; the desk's picture is x_0 itself at every t, and the noise 1000% at
    the end.
    """
    scene = noising.scene(pictures.digit(5, 0), 0, noising.ADD)
    value = desk_value(scene, 100)
    assert "shrinks the picture" in str(value["warning"]) and "'100'" in str(value["warning"])
    (rule,) = value["schedules"]
    assert set(rule["signal"]) == {1.0} and rule["noise"][100] == 1.0 and rule["noise"][-1] == 10.0
