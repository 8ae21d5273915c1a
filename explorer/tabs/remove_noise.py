"""Remove noise: the reverse process. The engine computes the film, the player shows it while it grows."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from typing import Any

import gradio as gr

from explorer.engine import Engine
from explorer.film import FilmFailed, FilmRequest, Refused
from explorer.models import PRETRAINED
from explorer.render import film_value
from explorer.state import REMOVE_NOISE, InvalidSetting, checked
from explorer.widgets import Film

INTRO = "**Press play.** The network starts from pure noise and removes a little of it at each step. *When do you first see which digit it will be?*"
OWN, OURS = "the one you trained", "the pretrained one"
STRIPS = ("x_t", "x0_hat")


@dataclass(frozen=True)
class RemoveNoise:
    """What other parts of the page may touch: which network to use."""

    network: gr.Radio
    own_model: gr.State  # the name of the model that this viewer has trained, or None


def build(engine: Engine) -> RemoveNoise:
    """Lay the tab out; films come from `engine`."""
    defaults = checked(REMOVE_NOISE, {})
    own_model = gr.State(None)
    gr.Markdown(INTRO)
    with gr.Row():
        with gr.Column(scale=5, min_width=340):
            with gr.Row(equal_height=True):
                play = gr.Button("▶ Play", variant="primary", elem_id="film-play", min_width=80)
                stop = gr.Button("■ Stop", elem_id="film-stop", min_width=80)
                dice = gr.Button("New noise", elem_id="film-dice", min_width=80)
            film = Film(value={"n": defaults["pictures"], "strips": list(STRIPS), "T": REMOVE_NOISE["steps"].high}, elem_id="film")
        with gr.Column(scale=2, min_width=300):
            label = gr.Radio([("any", 10)] + [(str(d), d) for d in range(10)], value=defaults["label"], label="Digit to draw", elem_id="film-label")
            seed = gr.Number(defaults["seed"], label="Seed of the noise", precision=0, elem_id="film-seed")
            sampler = gr.Radio([("DDPM: fresh noise at each step", "ddpm"), ("DDIM: no fresh noise", "ddim")], value=defaults["sampler"], label="Sampler", elem_id="film-sampler")
            steps = gr.Slider(1, REMOVE_NOISE["steps"].high, defaults["steps"], step=1, label="Steps (network evaluations)", elem_id="film-steps")
            pictures = gr.Radio(list(REMOVE_NOISE["pictures"].options), value=defaults["pictures"], label="Pictures", elem_id="film-pictures")
            with gr.Accordion("More", open=False):
                guidance = gr.Slider(0, REMOVE_NOISE["guidance"].high, defaults["guidance"], step=0.1, label="Guidance", info="1: the plain network. Above: more typical digits. 0: the label is ignored.", elem_id="film-guidance")
                eta = gr.Slider(0, 1, defaults["eta"], step=0.05, label="eta (DDIM only)", info="0: no fresh noise. 1: as much as DDPM.", elem_id="film-eta")
                network = gr.Radio([OURS, OWN], value=OURS, label="Network", info="Train one in the Train tab to use your own.", elem_id="film-network")

    fields = {"label": label, "pictures": pictures, "sampler": sampler, "steps": steps, "guidance": guidance, "eta": eta, "seed": seed}

    async def run(data: dict, request: gr.Request):
        try:
            settings = checked(REMOVE_NOISE, {name: data[component] for name, component in fields.items()})
            film_request = film_for(settings, model_for(data[network], data[own_model]))
            name = uuid.uuid4().hex[:8]
            async for chunk in engine.stream(film_request, owner=request.session_hash or name):
                yield film_value(chunk, film_request, name, STRIPS)
        except (InvalidSetting, Refused, FilmFailed) as error:
            raise gr.Error(str(error), print_exception=False) from None

    def halt(request: gr.Request) -> None:
        engine.stop(request.session_hash)

    play.click(
        run, set(fields.values()) | {network, own_model}, film,
        trigger_mode="multiple", concurrency_limit=None, show_progress="hidden", api_visibility="private",
    )
    stop.click(halt, None, None, queue=False, show_progress="hidden", api_visibility="private")
    dice.click(lambda: random.randrange(1_000_000), None, seed, show_progress="hidden", api_visibility="private").then(
        None, None, None, js="() => document.querySelector('#film-play').click()"
    )

    async def generate(label: int = 10, seed: int = 7, sampler: str = "ddpm", steps: int = 250, guidance: float = 1.0, eta: float = 0.0, pictures: int = 1) -> dict:
        """Make digits out of noise with the pretrained network.

        label: 0 to 9, or 10 for any; seed: 0 to 2^31 - 1; sampler: ddpm or ddim; steps: 1 to 1000; guidance: 0 to 10 (1 is
        the plain network); eta: 0 to 1 (ddim only); pictures: 1, 4 or 16. Returns images, each 28 rows of 28 grey levels 0 to 255, and their labels.
        """
        values = {"label": label, "seed": seed, "sampler": sampler, "steps": steps, "guidance": guidance, "eta": eta, "pictures": pictures}
        try:
            film_request, last = film_for(checked(REMOVE_NOISE, values), PRETRAINED), None
            async for chunk in engine.stream(film_request, owner=uuid.uuid4().hex):
                last = chunk.pixels[-1:] if len(chunk.t) else last
        except (InvalidSetting, Refused, FilmFailed) as error:
            raise gr.Error(str(error), print_exception=False) from None
        return {"images": last[0, 0].tolist(), "labels": list(film_request.labels)}

    gr.api(generate, api_name="generate", concurrency_limit=None)
    return RemoveNoise(network, own_model)


def film_for(settings: dict[str, Any], model: str) -> FilmRequest:
    """The request for checked settings."""
    rest = {name: settings[name] for name in ("sampler", "steps", "guidance", "eta")}
    return FilmRequest.grid(settings["pictures"], settings["label"], settings["seed"], model=model, **rest)


def model_for(choice: Any, own_model: str | None) -> str:
    """The model's name. Raises InvalidSetting where the viewer asks for a model of their own without having trained one."""
    if choice == OURS:
        return PRETRAINED
    if choice == OWN and own_model:
        return own_model
    raise InvalidSetting("you have not trained a network yet: open the Train tab, or choose the pretrained one")
