"""Train: a network with random weights learns to guess the noise, live."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import gradio as gr

from explorer.lab import Busy, Lab
from explorer.render import lab_value
from explorer.state import TRAIN, InvalidSetting, checked
from explorer.widgets import TrainingLab

INTRO = "**Press start.** A network that knows nothing learns to guess the noise in 10,000 real digits. *After how many seconds can you read its own?*"

NOTE = (
    "The loss is the mean of (ε − ε̂)², the squared error of the guess. Always answering zero costs 1, since the noise has variance 1: "
    "whatever lies below the dashed line has been learnt.\n\n"
    "Every few seconds the network draws the digits 0 to 9 from the same ten noises. You see it learn to draw, although all that it is taught is to guess noise."
)


@dataclass(frozen=True)
class Train:
    """What other parts of the page may touch."""

    watch: gr.Button  # "Watch it generate"


def build(lab: Lab, own_model: gr.State) -> Train:
    """Lay the tab out; trainings run in `lab`, and the name of the last model goes to `own_model`."""
    defaults = checked(TRAIN, {})
    limits = TRAIN["seconds"]
    gr.Markdown(INTRO)
    with gr.Row():
        with gr.Column(scale=5, min_width=340):
            with gr.Row(equal_height=True):
                start = gr.Button("▶ Start", variant="primary", elem_id="train-start", min_width=80)
                stop = gr.Button("■ Stop", elem_id="train-stop", min_width=80)
                watch = gr.Button("Watch it generate", interactive=False, elem_id="train-watch", min_width=80)
            display = TrainingLab(value=None, elem_id="lab")
        with gr.Column(scale=2, min_width=300):
            seconds = gr.Slider(limits.low, limits.high, defaults["seconds"], step=5, label="Training time in seconds", elem_id="train-seconds")
            seed = gr.Number(defaults["seed"], label="Seed of the initial weights", precision=0, elem_id="train-seed")
            gr.Markdown(NOTE)

    async def run(data: dict, request: gr.Request):
        try:
            settings = checked(TRAIN, {"seconds": data[seconds], "seed": data[seed]})
            name = uuid.uuid4().hex[:8]
            shown = points = sheets = 0
            async for update in lab.stream(settings["seed"], settings["seconds"], owner=request.session_hash or name):
                if update.run != shown:  # from the training watched while waiting to the own one
                    shown, points, sheets = update.run, 0, 0
                news = {display: lab_value(update, f"{name}-{shown}", points, sheets)}
                points, sheets = points + len(update.steps), sheets + len(update.sheets)
                if update.model:
                    news |= {own_model: update.model, watch: gr.Button(interactive=True)}
                yield news
        except (InvalidSetting, Busy) as error:
            raise gr.Error(str(error), print_exception=False) from None

    def halt(request: gr.Request) -> None:
        lab.stop(request.session_hash)

    start.click(
        run, {seconds, seed}, {display, own_model, watch},
        trigger_mode="multiple", concurrency_limit=None, show_progress="hidden", api_visibility="private",
    )
    stop.click(halt, None, None, queue=False, show_progress="hidden", api_visibility="private")
    return Train(watch)
