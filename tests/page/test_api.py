"""The page's public endpoints, called as a stranger would: right answers, and a sentence for every bad value."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from gradio_client import Client
from gradio_client.exceptions import AppError

from explorer.core.sampling import samples, timesteps, trajectory_generator
from explorer.data import pictures
from explorer.data.pixels import to_pixels
from explorer.demos import noising
from explorer.page import film_requests
from explorer.page.settings import Generate, NoiseGuess, NoiseImage, Rescue
from explorer.serving.film_request import beginning
from explorer.serving.model_store import PRETRAINED, ModelStore
from explorer.validation import defaults


@pytest.fixture(scope="module")
def client(served):
    return Client(served, verbose=False)


PARAMETERS = {
    "/noise_image": {"label": "int", "t": "int", "example": "int", "noise_seed": "int", "schedule": "str"},
    "/guess_noise": {"label": "int", "t": "int", "example": "int", "noise_seed": "int", "told": "str"},
    "/generate": {
        "label": "int",
        "seed": "int",
        "sampler": "str",
        "steps": "int",
        "guidance": "float",
        "eta": "float",
        "pictures": "int",
    },
    "/rescue": {"label": "int", "t": "int", "example": "int", "noise_seed": "int"},
    "/status": {},
}
SETTINGS = {"/noise_image": NoiseImage, "/guess_noise": NoiseGuess, "/generate": Generate, "/rescue": Rescue}


def test_only_the_useful_functions_are_public(client):
    """The view-API page: these endpoints, each with its parameters' names, types and defaults, and what it returns and
    does in words.
    """
    shown = client.view_api(print_info=False, return_format="dict")
    assert shown["unnamed_endpoints"] == {} and set(shown["named_endpoints"]) == set(PARAMETERS)
    for name, endpoint in shown["named_endpoints"].items():
        assert {p["parameter_name"]: p["python_type"]["type"] for p in endpoint["parameters"]} == PARAMETERS[name]
        assert all(p["parameter_has_default"] for p in endpoint["parameters"])
        assert [r["python_type"]["type"].split("(")[0] for r in endpoint["returns"]] == ["dict"]
        told = endpoint["description"]
        assert len(told) > 40 and all(parameter in told for parameter in PARAMETERS[name])
        assert {p["parameter_name"]: p["parameter_default"] for p in endpoint["parameters"]} == {
            p: defaults(SETTINGS[name])[p] for p in PARAMETERS[name]
        }


def test_noise_image_is_q_sample(client):
    answer = client.predict(3, 500, 2, 9, "cosine", api_name="/noise_image")
    scene, schedule = noising.scene(pictures.digit(3, 2), 9, "cosine"), noising.schedule("cosine")
    x_t = schedule.q_sample(scene.picture.image(), 500, scene.eps)
    np.testing.assert_allclose(answer["x_t"], x_t[0].numpy(), atol=1e-6)
    assert answer["alpha_bar"] == pytest.approx(float(schedule.alpha_bar[500]))


def test_generate_is_the_cores_picture(client):
    answer = client.predict(10, 5, "ddim", 12, 1.0, 0.0, 4, api_name="/generate")
    model = ModelStore().get(PRETRAINED)
    generators = [trajectory_generator(5 + i) for i in range(4)]
    for step in samples(model.network, model.schedule, generators, timesteps(1000, 12), sampler="ddim"):
        pass
    assert answer["labels"] == [10] * 4
    assert np.abs(np.array(answer["images"]) - to_pixels(step.x_prev)[:, 0].astype(int)).max() <= 1


@pytest.mark.parametrize("told, label", [("nothing", 10), ("the digit", 3)])
def test_guess_noise_is_the_networks_answer(client, told, label):
    answer = client.predict(3, 400, 2, 9, told, api_name="/guess_noise")
    model, scene = ModelStore().get(PRETRAINED), noising.scene(pictures.digit(3, 2), 9, "linear")
    x_t = model.schedule.q_sample(scene.picture.image(), 400, scene.eps)
    eps_hat = model.network(x_t[None], torch.tensor([400]), torch.tensor([label]))[0]
    np.testing.assert_allclose(answer["x_t"], x_t[0], atol=1e-6)
    np.testing.assert_allclose(answer["eps_hat"], eps_hat[0], atol=1e-3)
    assert answer["mse"] == pytest.approx(float((scene.eps - eps_hat).square().mean()), rel=1e-2)
    np.testing.assert_allclose(
        np.subtract(answer["eps"], answer["eps_hat"]).ravel().dot(np.subtract(answer["eps"], answer["eps_hat"]).ravel())
        / 784,
        answer["mse"],
        rtol=1e-4,
    )


@pytest.mark.parametrize(
    "name, value",
    [
        ("label", 10),
        ("t", 0),
        ("t", 1001),
        ("t", None),
        ("example", -1),
        ("noise_seed", 2**31),
        ("told", "everything"),
        ("told", []),
    ],
)
def test_bad_guesses_get_one_sentence(client, name, value):
    with pytest.raises(AppError) as caught:
        client.predict(**{"label": 3, "t": 10, name: value}, api_name="/guess_noise")
    assert "must be" in str(caught.value) and "\n" not in str(caught.value)


def test_rescue_is_the_cores_walk_from_the_noised_digit(client):
    answer = client.predict(7, 300, 0, 5, api_name="/rescue")
    model, wanted = ModelStore().get(PRETRAINED), film_requests.rescue(pictures.digit(7, 0), 300, 5)
    generators = [trajectory_generator(5)]
    start = beginning(wanted, model.schedule, generators)
    for step in samples(model.network, model.schedule, generators, wanted.visited(1000), x_start=start):
        pass
    assert answer["original"] == pictures.digit(7, 0).pixels().tolist() and answer["read_as"][0] == 7
    assert np.abs(np.array(answer["noised"]) - to_pixels(start)[0, 0].astype(int)).max() <= 1
    assert np.abs(np.array(answer["rescued"]) - to_pixels(step.x_prev)[0, 0].astype(int)).max() <= 1


@pytest.mark.parametrize(
    "values", [(7, 0), (7, 1001), (10, 300), ("seven", 300), (7, None), (7, 300, -1), (7, 300, 0, 1e99)]
)
def test_bad_rescues_get_one_sentence(client, values):
    with pytest.raises(AppError) as caught:
        client.predict(*values, api_name="/rescue")
    assert "must be" in str(caught.value) and "\n" not in str(caught.value)


GOOD = {"label": 3, "seed": 1, "sampler": "ddpm", "steps": 2, "guidance": 1.0, "eta": 0.0, "pictures": 1}


@pytest.mark.parametrize(
    "name, value",
    [
        ("label", 11),
        ("label", -1),
        ("label", 2.5),
        ("label", "three"),
        ("label", None),
        ("label", [3]),
        ("label", True),
        ("seed", -1),
        ("seed", 1e300),
        ("steps", 0),
        ("steps", 1001),
        ("steps", "many"),
        ("steps", {}),
        ("sampler", "euler"),
        ("sampler", 3),
        ("guidance", -0.1),
        ("guidance", 1e9),
        ("guidance", "nan"),
        ("eta", 2),
        ("pictures", 2),
        ("pictures", 10_000),
    ],
)
def test_bad_values_get_one_sentence(client, name, value):
    with pytest.raises(AppError) as caught:
        client.predict(**{**GOOD, name: value}, api_name="/generate")
    said = str(caught.value)
    assert "must be" in said and "\n" not in said and "Traceback" not in said


def test_afterwards_the_server_is_as_before(client):
    status = client.predict(api_name="/status")
    assert status["films"] == status["waiting"] == status["trainings"] == 0
    assert np.array(client.predict(**GOOD, api_name="/generate")["images"]).shape == (1, 28, 28)
