"""What the device tells of films, steps and guesses is what the server tells of the same."""

from __future__ import annotations

import base64
import json
import subprocess
from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.core.sampling import Step, samples, trajectory_generator
from explorer.core.schedule import NoiseSchedule
from explorer.data import digits, pictures
from explorer.data.digit_map import places_of, whole_numbers
from explorer.data.pixels import to_base64, to_pixels
from explorer.demos import noising
from explorer.demos.step_parts import anatomy
from explorer.device.export import export, export_reader
from explorer.lab.reading import digits_read, shipped
from explorer.page.likeness import likeness
from explorer.page.payloads.device_jobs import Wanted, device_job, guess_job
from explorer.page.payloads.futures import fork_verdict, futures_value
from explorer.page.payloads.guesses import guess_value
from explorer.page.payloads.nearest import nearest_value
from explorer.page.payloads.rescues import BETS, rescue_verdict
from explorer.page.payloads.steps import anatomy_value
from explorer.page.payloads.texts import told
from explorer.serving.film_request import FilmRequest
from explorer.serving.guess import GuessRequest, guess
from explorer.serving.model_store import LoadedModel
from explorer.widgets.modules import FILES
from tests.device.node import HERE, needs_node
from tests.tiny import tiny_model

pytestmark = needs_node
MODEL = tiny_model()
SCHEDULE: NoiseSchedule = MODEL.schedule
FILM = FilmRequest((7, 8), (3, 10), steps=6)
DDIM = replace(FILM, seeds=(7,), labels=(3,), sampler="ddim", guidance=2.0)
FORK = replace(FILM, seeds=(7,), labels=(3,), fork_t=500, fork_seeds=(1, 2, 3))
SCENE = noising.scene(pictures.digit(7, 0), 5, SCHEDULE.kind, SCHEDULE.T)
DIGITS = digits.bundled().pixels
TEN = DIGITS[[3, 5, 0, 1, 2, 3, 4, 60, 70, 80]]  # an average, one guess, eight futures
RESCUES = [(DIGITS[:2], None), (DIGITS[[0, 17]], BETS[0]), (DIGITS[[0, 17]], BETS[1])]


def steps_of(request: FilmRequest) -> list[Step]:
    """By torch."""
    label = torch.tensor(request.labels)
    options = {"sampler": request.sampler, "guidance": request.guidance}
    generators = [trajectory_generator(seed) for seed in request.seeds]
    return list(samples(MODEL.network, SCHEDULE, generators, request.visited(1000), label=label, **options))


def asked_of(pixels: np.ndarray) -> dict:
    """What the page's server function answers, as it travels."""
    return json.loads(json.dumps(likeness({"pictures": to_base64(pixels)})))


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    """All that is asked of node, at once: [{news, evaluations}], and what is said."""
    folder = tmp_path_factory.mktemp("tasks")
    model = str(folder / "model.bin")
    (folder / "model.bin").write_bytes(export(MODEL, dtype="f32"))
    reader = str(folder / "reader.bin")
    (folder / "reader.bin").write_bytes(export_reader(shipped()))
    film, ddim = (device_job(each, SCHEDULE, model, {}, Wanted(("x_t",), places=True)) for each in (FILM, DDIM))

    def look(number: int, job: dict, t: int, picture: int = 0) -> dict:
        asked = {"model": model, "film": job, "number": number, "t": t, "picture": picture}
        return {"task": "look", "number": 99, "job": asked}

    tasks = [
        {"task": "film", "number": 1, "job": film},
        look(1, film, 500, 1),  # of a film whose x_t the worker has
        look(5, film, 500, 1),  # and of one that it has not
        look(5, film, FILM.visited(1000)[-1]),
        look(5, ddim, 833),
        {"task": "film", "number": 2, "job": device_job(FORK, SCHEDULE, model, {})},
        {"task": "guess", "number": 3, "job": guess_job(SCENE, 10, SCHEDULE, model)},
        {"task": "read", "number": 4, "job": {"model": reader, "pictures": to_base64(DIGITS[:50])}},
    ]
    looked = [steps_of(FILM.alone(1))[3], steps_of(FILM.alone(0))[-1], steps_of(DDIM)[1]]
    shown = [step.x_prev if step.t_prev == 0 else step.x0_hat for step in looked]
    said = [{"about": "anatomy", "step": k, "t": sampler} for k, sampler in ((2, "ddpm"), (3, "ddpm"), (4, "ddim"))]
    said += [{"about": "nearest", "step": k, "like": asked_of(to_pixels(x)[0])} for k, x in zip((2, 3, 4), shown)]
    said += [{"about": "fork", "t": 500, "like": asked_of(TEN[k:])} for k in (2, 9)]
    said += [{"about": "futures", "like": asked_of(TEN)}]
    said += [{"about": "rescue", "like": asked_of(both), "bet": bet and bet == BETS[0]} for both, bet in RESCUES]
    said += [{"about": "average", "step": to_base64(TEN[2:])}]
    for name, content in (("tasks", tasks), ("said", said)):
        (folder / name).write_text(json.dumps(content))
    command = ["node", str(HERE / "run_tasks.js"), str(folder / "tasks"), str(folder / "said")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) | {"looked": looked}


def test_the_device_reads_digits_as_the_server_does(answer):
    (news,) = answer["told"][7]["news"]
    assert news["done"] and tuple(news["digits"]) == digits_read(DIGITS[:50])


def test_the_worker_as_it_is_served(tmp_path):
    """One file with all that it needs. A network that did not arrive is told, and the next task is done; a patient one
    waits for it.
    """
    file, cut = export(MODEL), export(MODEL)[:-1]
    given = {name.rpartition("/")[2]: content for name, content in FILES.items() if name.endswith(".wasm")}
    given |= {"net": file, "cut": cut, "worker.mjs": FILES["device/worker.js"]}
    for name, content in given.items():
        (tmp_path / name).write_bytes(content)
    files = {name: f"file:{tmp_path / name}" for name in given}
    jobs = [device_job(FILM, SCHEDULE, name, {}, Wanted(("x_t",), places=True)) for name in ("cut", "net")]
    patient = {"number": 3, "task": "film", "job": jobs[1] | {"patient": True}}
    asked = ({"number": k + 1, "task": "film", "job": job} for k, job in enumerate(jobs))
    messages = [{"files": files}, patient, *asked]
    (tmp_path / "messages").write_text(json.dumps(messages))
    command = ["node", str(HERE / "run_worker.js"), str(tmp_path / "worker.mjs"), str(tmp_path / "messages")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [news["trouble"] for news in told if news["number"] == 1] == ["fetch"]
    assert [t for news in told if news["number"] == 2 for t in news["t"]] == [1000, 833, 667, 500, 333, 167, 0]
    assert 3 not in {news["number"] for news in told}


def alike(device: dict, server: dict) -> None:
    """Two values of tiles: the same texts, the same pictures but for rounding."""
    assert device["sentence"] == server["sentence"]
    for ours, theirs in zip(device["tiles"], server["tiles"], strict=True):
        assert {**ours, "data": ""} == {**theirs, "data": ""}
        a, b = (np.frombuffer(base64.b64decode(tile["data"]), np.uint8).astype(int) for tile in (ours, theirs))
        assert a.shape == b.shape and np.abs(a - b).max() <= 1


def test_a_film_with_its_places_on_the_map(answer):
    news, steps = answer["told"][0]["news"], steps_of(FILM)
    assert news[-1]["done"] and [t for part in news for t in part["t"]] == [step.t for step in steps] + [0]
    pixels = np.concatenate([part["pixels"] for part in news]).reshape(-1, 2, 28, 28)
    wanted = to_pixels(torch.stack([step.x_t for step in steps] + [steps[-1].x_prev])).squeeze(2)
    assert np.abs(pixels.astype(int) - wanted).max() <= 1
    guesses = to_pixels(torch.stack([step.x0_hat for step in steps] + [steps[-1].x_prev])).squeeze(2)
    places = np.concatenate([part["places"] for part in news]).reshape(-1, 2, 2)
    assert np.abs(places - whole_numbers(places_of(guesses)).astype(int)).max() < 200  # of 8192, for a grey level
    assert np.abs(np.reshape(news[0]["guess"], (2, 28, 28)) - guesses[0].astype(int)).max() <= 1


def test_a_step_costs_one_guess_where_the_film_is_still_there(answer):
    told_first, told_again = (answer["told"][k] for k in (1, 2))
    assert (told_first["evaluations"], told_again["evaluations"]) == (1, 4)
    for name in ("x_t", "epsHat", "x0Hat", "xPrev"):
        first, again = (np.array(each["news"][0]["step"][name]) for each in (told_first, told_again))
        assert np.abs(first - again).max() < 1e-4, name


def test_a_step_is_taken_apart_as_the_server_does(answer):
    requests = [FILM.alone(1), FILM.alone(0), DDIM]
    for found, step, request in zip(answer["said"][:3], answer["looked"], requests):
        alike(found, anatomy_value(anatomy(step, request, SCHEDULE), request.sampler))
    for found, step in zip(answer["said"][3:6], answer["looked"]):
        alike(found, nearest_value(step))


def test_verdicts_are_the_servers(answer):
    many, one, futures, *rescues, average = answer["said"][6:]
    assert many == told(fork_verdict(FORK, TEN[2:])) and one == told(fork_verdict(FORK, TEN[9:]))
    value = futures_value(FORK, TEN[0], TEN[1], TEN[2:])
    assert average == np.round(TEN[2:].mean(axis=0)).astype(np.uint8).ravel().tolist()
    kinds = value["sentence"]["values"][0]
    assert futures["values"][0] == kinds and futures["text"] == value["sentence"]["text"]
    for found, ((original, rescued), bet) in zip(rescues, RESCUES):
        theirs = rescue_verdict(replace(pictures.digit(0, 0), grey=original.tobytes()), rescued, bet)
        assert found == told(theirs)


def test_a_fork_is_shown_from_where_it_parts(answer):
    news = answer["told"][5]["news"]
    assert [t for part in news for t in part["t"]] == [500, 333, 167, 0]
    assert sum(len(part["pixels"]) for part in news) == 4 * 3 * 3 * 784


def test_guesses_are_the_servers(answer):
    (news,) = answer["told"][6]["news"]
    job = guess_job(SCENE, 10, SCHEDULE, "")
    request = GuessRequest(SCENE.picture.grey, tuple(job["t"]), (SCENE.noise_seed,))
    found = guess(request, LoadedModel(MODEL.network, SCHEDULE), lambda batch: batch())
    value = guess_value(SCENE, 10, 300, found)
    theirs = np.frombuffer(base64.b64decode(value["eps_hat"]), np.float32)
    assert np.abs(np.array(news["eps_hat"]) - theirs).max() < 1e-3
    assert news["error"] == pytest.approx(value["error"], rel=1e-3, abs=1e-5)
    assert news["x0_error"] == pytest.approx(value["x0_error"], rel=1e-3, abs=1e-5)
    assert np.abs(np.reshape(news["x0_hat"], (-1, 28, 28)) - found.x0_hat[0]).max() < 1e-3 / SCHEDULE.signal[-1].item()
